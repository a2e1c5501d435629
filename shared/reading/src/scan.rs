//! Looks through a class's scan: which pages are separator sheets, which are blank, and which have a name at the top.

use image::{GrayImage, RgbImage, imageops};
use smartscripts_domain::{
    Error, Result,
    reading::{PageReading, Source},
    scan::PageMark,
    submission::FileType,
};

use crate::{Reader, decode, file::unless_it_panics, pdf, separator, student};

/// Longer side in pixels at which a page is looked at for ink. Grain averages out; the stroke of a pen stays.
const LOOK: u32 = 600;
/// Share of each side where shadows and the edges of the paper are not looked at.
const EDGE: f32 = 0.04;
/// By how much ink is darker than the paper.
const INK: u8 = 30;
/// Pixels of ink on a blank page at most, of some 250,000: a speck of dust, not a letter.
const SPECKS: usize = 12;
/// Share of the page's height at the top where the name is looked for.
const TOP: f32 = 0.35;

/// Gives the pages of a scanned file one by one with what each is, so that only one is in memory. Names are looked for
/// as long as there was no separator sheet in the file: with sheets nobody needs them. Stops at the first error.
///
/// # Errors
/// As for [`Reader::read_file`]; `file_wrong_type` for a typed text.
pub fn look_through(
    reader: &Reader,
    kind: FileType,
    content: &[u8],
    mut on_page: impl FnMut(PageMark, RgbImage) -> Result<()>,
) -> Result<()> {
    let mut has_sheets = false;
    let mut take = |page: RgbImage| {
        let mark = mark(reader, &page, has_sheets)?;
        has_sheets |= matches!(mark, PageMark::Separator(_));
        on_page(mark, page)
    };
    match kind {
        FileType::Jpeg | FileType::Png => take(decode::image(kind, content)?),
        FileType::Pdf => pdf::pages(content, |page| take(page.image)),
        FileType::Text => Err(Error::invalid("file_wrong_type", "A typed text is no scan. Hand it in as one script.")),
    }
}

fn mark(reader: &Reader, page: &RgbImage, has_sheets: bool) -> Result<PageMark> {
    if let Some(separator) = separator::find(page) {
        return Ok(PageMark::Separator(separator));
    }
    if is_blank(page) {
        return Ok(PageMark::Blank);
    }
    let is_named = !has_sheets && has_name(reader, page)?;
    Ok(if is_named { PageMark::Named } else { PageMark::Plain })
}

/// Whether a field for the name stands at the top of the page, with something in it. A page that can't be read has
/// none.
fn has_name(reader: &Reader, page: &RgbImage) -> Result<bool> {
    let height = ((page.height() as f32 * TOP) as u32).max(1);
    let top = imageops::crop_imm(page, 0, 0, page.width(), height).to_image();
    let lines = match unless_it_panics(|| reader.read_page(&top)) {
        Ok(text) => text.lines,
        Err(error) if error.is_retryable() => return Err(error),
        Err(_) => Vec::new(),
    };
    let (width, height, source) = (top.width(), top.height(), Source::Recognized);
    Ok(student::names_somebody(&PageReading { page: 1, file: 1, width, height, source, lines, failure: None }))
}

/// Whether there is nothing on a page but paper. In doubt it isn't blank: a page too many does no harm.
fn is_blank(page: &RgbImage) -> bool {
    let scale = (LOOK as f32 / page.width().max(page.height()) as f32).min(1.0);
    let side = |length: u32| ((length as f32 * scale) as u32).max(1);
    let small = imageops::grayscale(&imageops::thumbnail(page, side(page.width()), side(page.height())));
    let paper = imageops::blur(&small, 12.0);
    ink(&small, &paper) <= SPECKS
}

/// How many pixels are darker than the paper about them.
fn ink(page: &GrayImage, paper: &GrayImage) -> usize {
    let margin = |length: u32| (length as f32 * EDGE) as u32;
    let (x, y) = (margin(page.width()), margin(page.height()));
    let inside = |at: (u32, u32)| at.0 >= x && at.0 < page.width() - x && at.1 >= y && at.1 < page.height() - y;
    let pixels = page.enumerate_pixels().filter(|(x, y, _)| inside((*x, *y)));
    pixels.filter(|(x, y, pixel)| pixel.0[0].saturating_add(INK) < paper.get_pixel(*x, *y).0[0]).count()
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use imageproc::drawing::draw_hollow_circle_mut;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::*;

    /// A page as a scanner at 150 dpi sees it: grain, and a shadow towards one side.
    fn paper() -> RgbImage {
        let mut random = StdRng::seed_from_u64(7);
        RgbImage::from_fn(1240, 1754, |x, _| {
            let value = 250.0 - 60.0 * x as f32 / 1240.0 + random.random_range(-12.0_f32..12.0);
            Rgb([value.clamp(0.0, 255.0) as u8; 3])
        })
    }

    #[test]
    fn paper_is_blank_and_a_small_drawing_in_pencil_is_not() {
        let mut page = paper();
        assert!(is_blank(&page));
        for radius in 100..103 {
            draw_hollow_circle_mut(&mut page, (500, 900), radius, Rgb([120, 120, 120]));
        }
        assert!(!is_blank(&page));
        assert!(is_blank(&RgbImage::new(1, 1)));
    }
}
