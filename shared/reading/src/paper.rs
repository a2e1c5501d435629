//! The paper of a page: where it is written on, how it is lit, and how to make faint writing dark.

use image::{GrayImage, imageops};

/// Tiles along the longer side of a page, in which the brightness of the paper is taken.
const TILES: u32 = 48;
/// Tiles along the longer side of a page, in which writing is looked for, and how many of them are its margin.
const WRITTEN_TILES: u32 = 100;
const MARGIN: u32 = 2;
/// Difference of brightness within a tile from which something is on it.
const TRACE: u8 = 24;
/// Difference of brightness between places of the paper from which it counts as unevenly lit.
const UNEVEN: u8 = 40;
/// Paper that is darker than this, or writing that is brighter, is brought apart.
const DIM: u8 = 150;
const FAINT: u8 = 130;
/// Levels of grey to which paper and writing are brought.
const PAPER: f32 = 240.0;
const INK: f32 = 60.0;

/// The page as if it were evenly lit; none when it is as good as that already, because a clean page must not change.
pub(crate) fn even(page: &GrayImage) -> Option<GrayImage> {
    let paper = paper(page);
    let mut levels = paper.as_raw().clone();
    levels.sort_unstable();
    let at = |share: usize| levels[(levels.len() - 1) * share / 100];
    let (dark, bright) = (at(5), at(95));
    let mut lit = page.clone();
    let uneven = bright.saturating_sub(dark) >= UNEVEN || bright < DIM;
    if uneven {
        // A pixel's brightness is a share of the paper's around it.
        let around = imageops::resize(&paper, page.width(), page.height(), imageops::FilterType::Triangle);
        for (pixel, paper) in lit.iter_mut().zip(around.iter()) {
            *pixel = (f32::from(*pixel) * PAPER / f32::from((*paper).max(1))).min(255.0) as u8;
        }
    }
    let faint = stretched(&lit);
    match (uneven, faint) {
        (_, Some(stretched)) => Some(stretched),
        (true, None) => Some(lit),
        (false, None) => None,
    }
}

/// The part of the page that has anything on it, a little margin included: left, top, right, bottom. None when the page is
/// empty.
pub(crate) fn written(page: &GrayImage) -> Option<[u32; 4]> {
    let side = page.width().max(page.height()).div_ceil(WRITTEN_TILES).max(1);
    let (columns, rows) = (page.width().div_ceil(side), page.height().div_ceil(side));
    let has_ink = |column: u32, row: u32| {
        let (mut darkest, mut brightest) = (255, 0);
        for y in row * side..((row + 1) * side).min(page.height()) {
            for x in column * side..((column + 1) * side).min(page.width()) {
                let value = page.get_pixel(x, y).0[0];
                (darkest, brightest) = (value.min(darkest), value.max(brightest));
            }
        }
        brightest - darkest >= TRACE
    };
    let inked = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
    let mut found: Option<[u32; 4]> = None;
    for (column, row) in inked.filter(|(column, row)| has_ink(*column, *row)) {
        let [left, top, right, bottom] = found.unwrap_or([column, row, column, row]);
        found = Some([left.min(column), top.min(row), right.max(column), bottom.max(row)]);
    }
    let [left, top, right, bottom] = found?;
    Some([
        left.saturating_sub(MARGIN) * side,
        top.saturating_sub(MARGIN) * side,
        ((right + MARGIN + 1) * side).min(page.width()),
        ((bottom + MARGIN + 1) * side).min(page.height()),
    ])
}

/// The brightness that 90 % of the pixels don't exceed: paper, where the rest is writing and shadow.
pub(crate) fn brightness(page: &GrayImage) -> u8 {
    let mut histogram = [0_u32; 256];
    for value in page.iter() {
        histogram[usize::from(*value)] += 1;
    }
    percentile(&histogram, page.width() * page.height(), 90)
}

/// The brightness of the paper, one pixel for each tile of the page.
fn paper(page: &GrayImage) -> GrayImage {
    let side = page.width().max(page.height()).div_ceil(TILES).max(1);
    let (columns, rows) = (page.width().div_ceil(side), page.height().div_ceil(side));
    let mut tiles = GrayImage::from_fn(columns, rows, |column, row| {
        let mut histogram = [0_u32; 256];
        let mut count = 0;
        for y in (row * side..((row + 1) * side).min(page.height())).step_by(2) {
            for x in (column * side..((column + 1) * side).min(page.width())).step_by(2) {
                histogram[usize::from(page.get_pixel(x, y).0[0])] += 1;
                count += 1;
            }
        }
        image::Luma([percentile(&histogram, count, 85)])
    });
    // A tile full of writing has the paper of its neighbours; then steps between tiles are made slopes.
    tiles = imageproc::filter::median_filter(&tiles, 1, 1);
    imageops::blur(&tiles, 1.0)
}

/// With writing and paper brought apart; none when they are apart, or when there is no writing.
fn stretched(page: &GrayImage) -> Option<GrayImage> {
    let mut histogram = [0_u32; 256];
    for value in page.iter() {
        histogram[usize::from(*value)] += 1;
    }
    let count = page.width() * page.height();
    let (paper, ink) = (percentile(&histogram, count, 80), per_mille(&histogram, count, 5));
    if ink < FAINT || paper.saturating_sub(ink) < 12 {
        return None;
    }
    let scale = (PAPER - INK) / f32::from(paper - ink);
    let mut page = page.clone();
    for pixel in page.iter_mut() {
        *pixel = ((f32::from(*pixel) - f32::from(ink)) * scale + INK).clamp(0.0, 255.0) as u8;
    }
    Some(page)
}

fn percentile(histogram: &[u32; 256], count: u32, share: u32) -> u8 {
    per_mille(histogram, count, share * 10)
}

/// The brightness that this share of the pixels, in thousandths, doesn't exceed.
fn per_mille(histogram: &[u32; 256], count: u32, share: u32) -> u8 {
    let mut below = 0_u64;
    for (value, number) in (0_u8..=255).zip(histogram) {
        below += u64::from(*number);
        if below * 1000 >= u64::from(count) * u64::from(share) {
            return value;
        }
    }
    255
}
