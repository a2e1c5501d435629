//! Sheets as they are printed, scanned in the ways in which scanners and phones do it, and found again.

#![allow(clippy::unwrap_used, clippy::panic)] // a test ends at the first thing that is not as it must be

use std::sync::OnceLock;

use hayro::{
    RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    vello_cpu::color::palette::css::WHITE,
};
use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};
use qrcode::{QrCode, types::Color};
use rand::{Rng, SeedableRng, rngs::StdRng};
use smartscripts_domain::{
    id::{AssessmentId, StudentId},
    separator::{Separator, Whose},
};
use smartscripts_reading::separator::find;
use smartscripts_sheets::{SHEETS, Sheet, print};
use ulid::Ulid;

const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const DESK: Rgb<u8> = Rgb([110, 90, 70]);

fn sheet(number: u128) -> Sheet {
    let student = StudentId::new(Ulid::from(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)));
    let separator =
        Separator { assessment: AssessmentId::new(Ulid::from(u128::MAX / 3)), whose: Whose::Student(student) };
    Sheet { separator, name: "Zoë Łukasz-Ștefănescu Nguyễn".to_owned(), number: "A-12345".to_owned() }
}

/// Draws the first page of a PDF.
fn draw(pdf: Vec<u8>, dpi: f32) -> RgbImage {
    let pdf = Pdf::new(pdf).unwrap();
    let settings = hayro::PixmapSettings { x_scale: dpi / 72.0, y_scale: dpi / 72.0, bg_color: WHITE };
    let (cache, interpreter) = (RenderCache::new(), InterpreterSettings::default());
    let pixmap = hayro::render(&pdf.pages()[0], &cache, &interpreter, &RenderSettings::default(), &settings);
    let pixels = pixmap.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    RgbImage::from_raw(u32::from(pixmap.width()), u32::from(pixmap.height()), pixels).unwrap()
}

/// What a scanner makes of a printed sheet at this resolution.
fn scanned(dpi: u32) -> RgbImage {
    static PAGE: OnceLock<RgbImage> = OnceLock::new();
    let page = PAGE.get_or_init(|| draw(print("Biology – Übung 3", &[sheet(1)]).unwrap(), 300.0));
    let size = |length: u32| length * dpi / 300;
    imageops::resize(page, size(page.width()), size(page.height()), imageops::FilterType::Triangle)
}

/// The page turned by so many degrees about its middle, its upper edge shorter by the share `tilt`.
fn skewed(page: &RgbImage, degrees: f32, tilt: f32) -> RgbImage {
    let (width, height) = (page.width() as f32, page.height() as f32);
    let inset = width * tilt / 2.0;
    let from = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    let to = [(inset, inset), (width - inset, inset), (width, height), (0.0, height)];
    let (x, y) = (width / 2.0, height / 2.0);
    let turned = Projection::translate(x, y) * Projection::rotate(degrees.to_radians()) * Projection::translate(-x, -y);
    let projection = turned * Projection::from_control_points(from, to).unwrap();
    let mut seen = RgbImage::new(page.width(), page.height());
    warp_into(page, projection, Interpolation::Bilinear, Border::Constant(DESK), &mut seen);
    seen
}

/// The page in a shadow that falls across it, with grain, and squeezed into a JPEG of this quality.
fn worn(mut page: RgbImage, quality: u8, random: &mut StdRng) -> RgbImage {
    let width = page.width() as f32;
    for (x, _, pixel) in page.enumerate_pixels_mut() {
        let light = 1.0 - 0.45 * x as f32 / width;
        let grain: f32 = random.random_range(-25.0..25.0);
        pixel.0 = pixel.0.map(|value| (f32::from(value) * light + grain).clamp(0.0, 255.0) as u8);
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(&page).unwrap();
    image::load_from_memory(&jpeg).unwrap().into_rgb8()
}

#[test]
fn found_at_every_resolution_and_whichever_way_up() {
    for dpi in [75, 100, 150, 200, 300] {
        let page = scanned(dpi);
        let ways_up = [page.clone(), imageops::rotate90(&page), imageops::rotate180(&page), imageops::rotate270(&page)];
        for (turns, page) in ways_up.iter().enumerate() {
            assert_eq!(find(page), Some(sheet(1).separator), "{dpi} dpi, {turns} quarter turns");
        }
    }
}

#[test]
fn found_though_skewed_tilted_shadowed_grainy_and_squeezed() {
    let mut random = StdRng::seed_from_u64(20_261_124);
    for dpi in [100, 150, 200] {
        let page = scanned(dpi);
        for degrees in [-12.0, -4.0, 2.0, 8.0, 15.0] {
            for (tilt, quality) in [(0.0, 30), (0.06, 50), (0.12, 75)] {
                let seen = worn(skewed(&page, degrees, tilt), quality, &mut random);
                let found = find(&seen);
                assert_eq!(found, Some(sheet(1).separator), "{dpi} dpi, {degrees}°, tilt {tilt}, quality {quality}");
            }
        }
    }
}

#[test]
fn found_small_on_a_photo_of_the_desk() {
    let mut desk = RgbImage::from_pixel(4000, 3000, DESK);
    imageops::overlay(&mut desk, &scanned(150), 2400, 600);
    assert_eq!(find(&desk), Some(sheet(1).separator));
}

#[test]
fn a_page_without_a_sheets_code_is_none() {
    assert_eq!(find(&RgbImage::from_pixel(1240, 1754, PAPER)), None);
    assert_eq!(find(&RgbImage::from_pixel(1, 1, PAPER)), None);
    // Somebody else's code.
    let code = QrCode::new("https://school.example").unwrap();
    let (width, colors) = (code.width() as u32, code.to_colors());
    let mut page = RgbImage::from_pixel(1240, 1754, PAPER);
    for (index, _) in (0_u32..).zip(colors).filter(|(_, color)| *color == Color::Dark) {
        let module = RgbImage::from_pixel(12, 12, Rgb([0, 0, 0]));
        imageops::overlay(&mut page, &module, i64::from(200 + index % width * 12), i64::from(200 + index / width * 12));
    }
    assert_eq!(find(&page), None);
    // The sheets of two at once.
    let mut both = RgbImage::from_pixel(2480, 1754, PAPER);
    for (number, left) in [(1, 0), (2, 1240)] {
        imageops::overlay(&mut both, &draw(print("Test", &[sheet(number)]).unwrap(), 150.0), left, 0);
    }
    assert_eq!(find(&both), None);
}

#[test]
fn a_thousand_sheets_are_an_answer_and_the_same_ones_the_same_bytes() {
    let sheets: Vec<Sheet> = (0..SHEETS as u128).map(sheet).collect();
    let pdf = print("Biology", &sheets).unwrap();
    // The gateway takes 6 MB, of which base64 leaves three quarters.
    assert!(pdf.len() < 4_400_000, "{} bytes", pdf.len());
    assert_eq!(pdf, print("Biology", &sheets).unwrap());
    assert_eq!(Pdf::new(pdf).unwrap().pages().len(), SHEETS);
}

#[test]
fn a_long_name_is_printed_smaller_and_a_strange_one_with_question_marks() {
    let long = Sheet { name: "A very long name ".repeat(20), ..sheet(3) };
    let strange = Sheet { name: "李小龍\u{0}\n".to_owned(), number: String::new(), ..sheet(4) };
    for sheet in [long, strange] {
        let page = draw(print("", &[sheet]).unwrap(), 100.0);
        let ink = |x: u32| (0..page.height()).any(|y| page.get_pixel(x, y).0[0] < 128);
        assert!((0..60).chain(page.width() - 60..page.width()).all(|x| !ink(x)), "the margins stay white");
        assert!(ink(page.width() / 2));
    }
}
