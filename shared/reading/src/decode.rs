//! Image files to upright pages, within limits that are checked before anything is allocated.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, Limits, RgbImage,
    codecs::{jpeg::JpegDecoder, png::PngDecoder},
};
use smartscripts_domain::{
    Error, Result,
    submission::{FileType, limits},
};

/// Decodes a JPEG or PNG and turns it upright by its EXIF orientation. What is transparent becomes white paper.
///
/// # Errors
/// `file_empty`, `file_wrong_type`, `image_too_large` or `image_damaged`, each with what to do.
pub fn image(kind: FileType, content: &[u8]) -> Result<RgbImage> {
    kind.check_magic(content)?;
    match kind {
        FileType::Jpeg => {
            let decoder = JpegDecoder::new(Cursor::new(content)).map_err(damaged)?;
            check_size(&decoder)?;
            // The decoder fills what is missing with grey, so half a page would be graded as if it were all.
            if !jpeg_is_whole(content) {
                return Err(damaged("no end-of-image marker"));
            }
            upright(decoder)
        }
        FileType::Png => {
            // The decoder takes it as it is, and panics at colours that are not whole.
            if !png_palette_is_whole(content) {
                return Err(damaged("a palette of no whole colours"));
            }
            let decoder = PngDecoder::with_limits(Cursor::new(content), decoder_limits()).map_err(refused)?;
            check_size(&decoder)?;
            upright(decoder)
        }
        FileType::Pdf | FileType::Text => Err(Error::internal(format!("{} is no image", kind.media_type()))),
    }
}

fn decoder_limits() -> Limits {
    let mut decoder = Limits::default();
    decoder.max_image_width = Some(limits::SIDE);
    decoder.max_image_height = Some(limits::SIDE);
    decoder.max_alloc = Some(limits::DECODED_BYTES);
    decoder
}

/// Refuses by the size that the header declares.
fn check_size(decoder: &impl ImageDecoder) -> Result<()> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width > limits::SIDE || height > limits::SIDE || pixels > limits::PIXELS {
        return Err(too_large(&format!("{width} × {height} pixels")));
    }
    if decoder.total_bytes() > limits::DECODED_BYTES {
        return Err(too_large(&format!("{} MiB unpacked", decoder.total_bytes() >> 20)));
    }
    Ok(())
}

fn upright(mut decoder: impl ImageDecoder) -> Result<RgbImage> {
    let orientation = decoder.orientation().map_err(refused)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    if image.color().has_alpha() {
        image = DynamicImage::ImageRgb8(on_white(image));
    }
    image.apply_orientation(orientation);
    Ok(image.into_rgb8())
}

fn on_white(image: DynamicImage) -> RgbImage {
    let image = image.into_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u16::from);
        image::Rgb([red, green, blue].map(|value| ((value * alpha + 255 * (255 - alpha)) / 255) as u8))
    })
}

/// Whether a JPEG goes on to its end-of-image marker. Segments are passed over by their length, because a thumbnail in
/// one has such a marker of its own.
fn jpeg_is_whole(content: &[u8]) -> bool {
    let mut at = 2;
    loop {
        let Some([0xFF, marker]) = content.get(at..at + 2) else { return false };
        match marker {
            0xD9 => return true,
            // Fill bytes before a marker.
            0xFF => at += 1,
            // Markers that stand alone.
            0x01 | 0xD0..=0xD8 => at += 2,
            _ => {
                let Some([high, low]) = content.get(at + 2..at + 4) else { return false };
                at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
                if *marker == 0xDA {
                    // Compressed data: up to the next marker that is neither a stuffed zero nor a restart.
                    let rest = content.get(at..).unwrap_or_default();
                    let next = rest.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7));
                    let Some(next) = next else { return false };
                    at += next;
                }
            }
        }
    }
}

/// Whether a PNG's palette, if it has one, holds from 1 to 256 colours of three bytes (PNG, 11.2.2).
fn png_palette_is_whole(content: &[u8]) -> bool {
    let mut at = 8;
    while let Some([a, b, c, d, name @ ..]) = content.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        match name {
            b"PLTE" => return (3..=768).contains(&length) && length.is_multiple_of(3),
            b"IDAT" => return true,
            _ => at = at.saturating_add(length).saturating_add(12),
        }
    }
    true
}

fn too_large(found: &str) -> Error {
    let megapixels = limits::PIXELS / 1_000_000;
    let message = format!(
        "The image is too large: {found}. Allowed are {} pixels a side and {megapixels} million pixels in all. Please \
         scan at a lower resolution (300 dpi is plenty) and upload it again.",
        limits::SIDE
    );
    Error::invalid("image_too_large", message)
}

fn damaged(context: impl std::fmt::Display) -> Error {
    let message = "The image is damaged or cut off, so part of the page would be missing. Please upload it again.";
    Error::invalid("image_damaged", message).with_context(context)
}

fn refused(error: ImageError) -> Error {
    match error {
        ImageError::Limits(limit) => too_large("more than the limits allow").with_context(limit),
        other => damaged(other),
    }
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgb, Rgba, RgbaImage};

    use super::*;

    fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_palette_that_is_not_whole_is_damage() {
        let of = |length: u32| {
            let chunk = |name: &[u8; 4], content: &[u8]| {
                let checksum = !name.iter().chain(content).fold(u32::MAX, |sum, byte| {
                    (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 * (sum & 1)))
                });
                [&(content.len() as u32).to_be_bytes()[..], name, content, &checksum.to_be_bytes()].concat()
            };
            let header = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
            // One pixel of the first colour, stored without compression.
            let pixel = [0x78, 1, 1, 2, 0, 0xFD, 0xFF, 0, 0, 0, 2, 0, 1];
            let palette = chunk(b"PLTE", &vec![7; length as usize]);
            let chunks = [header, palette, chunk(b"IDAT", &pixel), chunk(b"IEND", &[])].concat();
            image(FileType::Png, &[&b"\x89PNG\r\n\x1A\n"[..], &chunks].concat())
        };
        for length in [3, 6, 768] {
            assert_eq!(of(length).unwrap().get_pixel(0, 0), &Rgb([7, 7, 7]), "{length}");
        }
        for length in [0, 1, 2, 4, 5, 608, 769, 771, 900] {
            assert_eq!(of(length).unwrap_err().code(), "image_damaged", "{length}");
        }
    }

    /// Red on the left, blue on the right.
    fn two_colours() -> DynamicImage {
        let colour = |x| if x < 32 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
        DynamicImage::ImageRgb8(RgbImage::from_fn(64, 16, |x, _| colour(x)))
    }

    /// A JPEG with an EXIF segment that says this orientation.
    fn oriented_jpeg(orientation: u8) -> Vec<u8> {
        let jpeg = encode(&two_colours(), ImageFormat::Jpeg);
        let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        let length = (exif.len() + 2) as u16;
        let mut file = jpeg[..2].to_vec();
        file.extend([0xFF, 0xE1]);
        file.extend(length.to_be_bytes());
        file.extend(exif);
        file.extend(&jpeg[2..]);
        file
    }

    /// A PNG that declares this size and holds no pixels.
    fn declared_png(width: u32, height: u32) -> Vec<u8> {
        fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
            let body = [&kind[..], data].concat();
            let crc = body.iter().fold(u32::MAX, |crc, byte| {
                (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
            });
            [&(data.len() as u32).to_be_bytes(), &body[..], &(!crc).to_be_bytes()].concat()
        }
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(*b"IHDR", &header), chunk(*b"IDAT", &[]), chunk(*b"IEND", &[])].concat()
    }

    fn code(kind: FileType, content: &[u8]) -> &'static str {
        image(kind, content).unwrap_err().code()
    }

    #[test]
    fn a_photo_is_turned_upright() {
        let straight = image(FileType::Jpeg, &oriented_jpeg(1)).unwrap();
        assert_eq!(straight.dimensions(), (64, 16));
        // 6: the camera was held upright, so the left of the picture is the top of the page.
        let turned = image(FileType::Jpeg, &oriented_jpeg(6)).unwrap();
        assert_eq!(turned.dimensions(), (16, 64));
        assert!(turned.get_pixel(8, 4).0[0] > 200 && turned.get_pixel(8, 60).0[2] > 200);
        let upside_down = image(FileType::Jpeg, &oriented_jpeg(3)).unwrap();
        assert!(upside_down.get_pixel(4, 8).0[2] > 200);
    }

    #[test]
    fn transparent_paper_is_white() {
        let mut scan = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
        scan.put_pixel(3, 3, Rgba([0, 0, 0, 255]));
        let page = image(FileType::Png, &encode(&DynamicImage::ImageRgba8(scan), ImageFormat::Png)).unwrap();
        assert_eq!((page.get_pixel(0, 0).0, page.get_pixel(3, 3).0), ([255; 3], [0; 3]));
    }

    #[test]
    fn a_cut_off_file_is_refused_wherever_it_was_cut() {
        let page = DynamicImage::ImageRgb8(RgbImage::from_fn(200, 200, |x, y| Rgb([(x * y % 251) as u8; 3])));
        for (kind, format) in [(FileType::Jpeg, ImageFormat::Jpeg), (FileType::Png, ImageFormat::Png)] {
            let whole = encode(&page, format);
            assert!(image(kind, &whole).is_ok());
            for end in [whole.len() / 10, whole.len() / 2, whole.len() * 9 / 10] {
                assert_eq!(code(kind, &whole[..end]), "image_damaged", "{kind:?} cut at {end} of {}", whole.len());
            }
        }
        // A thumbnail's end is not the photo's end.
        let mut with_thumbnail = oriented_jpeg(1);
        let exif_end = 4 + usize::from(u16::from_be_bytes([with_thumbnail[4], with_thumbnail[5]]));
        with_thumbnail[exif_end - 2..exif_end].copy_from_slice(&[0xFF, 0xD9]);
        with_thumbnail.truncate(with_thumbnail.len() - 2);
        assert_eq!(code(FileType::Jpeg, &with_thumbnail), "image_damaged");
    }

    #[test]
    fn declared_sizes_are_refused_before_they_are_believed() {
        assert_eq!(code(FileType::Png, &declared_png(60_000, 60_000)), "image_too_large");
        assert_eq!(code(FileType::Png, &declared_png(12_001, 1)), "image_too_large");
        assert_eq!(code(FileType::Png, &declared_png(12_000, 4_000)), "image_too_large");
        assert_eq!(code(FileType::Png, &declared_png(100, 100)), "image_damaged");
    }

    #[test]
    fn other_content_than_announced_is_refused() {
        assert_eq!(code(FileType::Jpeg, &declared_png(1, 1)), "file_wrong_type");
        assert_eq!(code(FileType::Png, b""), "file_empty");
        assert_eq!(code(FileType::Jpeg, &[0xFF, 0xD8, 0xFF]), "image_damaged");
    }
}
