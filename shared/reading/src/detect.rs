//! Finds writing on a page: one turned box for each run of writing on a line.
//!
//! The detector is PP-OCRv6 small, a `DBNet`: it marks the middle of each line, and what it marks must be grown again by
//! `area × ratio / perimeter`. It runs through `rten` directly: `ocrs` resizes every page to one fixed size, which
//! costs twice the time on a page, and crushes a long receipt.

use std::sync::Arc;

use image::{GrayImage, imageops};
use rten::{Model, RunOptions, ThreadPool};
use rten_imageproc::{RetrievalMode, find_contours, min_area_rect};
use rten_tensor::{AsView, Layout, NdTensor, NdTensorView};
use smartscripts_domain::{Error, Result};

use crate::boxes::TextBox;

/// Pixels that the detector looks at; a larger page is scaled down to that. A page of A4 is then about 700 × 990, on
/// which 12-point print is 13 pixels high.
const PIXELS: f32 = 700_000.0;
/// The network halves its input five times.
const MULTIPLE: u32 = 32;
/// Probability from which a pixel counts as text, as PP-OCR uses it.
const PIXEL_THRESHOLD: f32 = 0.3;
/// Mean probability that a box must have, as PP-OCR uses it.
const BOX_THRESHOLD: f32 = 0.5;
/// By how much a marked box is shrunk in training.
const GROW: f32 = 1.6;
/// Shorter sides are specks, in pixels of the detector's input.
const SHORTEST_SIDE: f32 = 3.0;
/// Width over height from which a box shows the direction of its writing by itself.
const LONG: f32 = 3.0;
/// Largest difference to the page's direction that a line may have: tangent of 15°.
const STRAY: f32 = 0.268;

/// The boxes of all writing on the page, in no particular order.
pub(crate) fn find(model: &Model, pool: &Arc<ThreadPool>, page: &GrayImage) -> Result<Vec<TextBox>> {
    let scale = (PIXELS / (page.width() as f32 * page.height() as f32)).sqrt().min(1.0);
    let scaled = |side: u32| ((side as f32 * scale).round() as u32).max(1);
    let (width, height) = (scaled(page.width()), scaled(page.height()));
    let small;
    let shown = if scale < 1.0 {
        small = imageops::resize(page, width, height, imageops::FilterType::Triangle);
        &small
    } else {
        page
    };
    let input = input(shown);
    let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
    let output = model.run_one(input.view().into(), Some(options)).map_err(Error::internal)?;
    let output: NdTensor<f32, 4> = output.try_into().map_err(Error::internal)?;
    let map = output.slice((0, 0));
    let map = map.slice((..height as usize, ..width as usize));
    let boxes = boxes(map);
    // Each direction is scaled by itself because the sides were rounded. On the map a pixel's middle has whole numbers.
    let (x, y) = (page.width() as f32 / width as f32, page.height() as f32 / height as f32);
    Ok(boxes
        .into_iter()
        .filter_map(|found| TextBox::around(found.corners().map(|[u, v]| [(u + 0.5) * x, (v + 0.5) * y]), found.along))
        .collect())
}

/// The page as the detector wants it: −0.5 (black) to 0.5 (white), on a canvas whose sides it can halve, filled up with
/// the brightness of the paper.
fn input(page: &GrayImage) -> NdTensor<f32, 4> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let canvas = |side: u32| side.next_multiple_of(MULTIPLE) as usize;
    let paper = f32::from(paper(page)) / 255.0 - 0.5;
    let mut input = NdTensor::full([1, 1, canvas(page.height()), canvas(page.width())], paper);
    for (y, row) in page.as_raw().chunks_exact(width).enumerate().take(height) {
        for (x, value) in row.iter().enumerate() {
            input[[0, 0, y, x]] = f32::from(*value) / 255.0 - 0.5;
        }
    }
    input
}

/// The brightness that 90 % of the pixels don't exceed: paper, where the rest is writing and shadow.
fn paper(page: &GrayImage) -> u8 {
    let mut histogram = [0_usize; 256];
    for value in page.as_raw() {
        histogram[usize::from(*value)] += 1;
    }
    let mut below = 0;
    for (value, count) in (0_u8..=255).zip(histogram) {
        below += count;
        if below * 10 >= page.as_raw().len() * 9 {
            return value;
        }
    }
    255
}

/// The boxes around what is marked on the map of probabilities, grown to the size of the writing.
fn boxes(map: NdTensorView<f32, 2>) -> Vec<TextBox> {
    let mask = map.map(|probability| *probability > PIXEL_THRESHOLD);
    let contours: Vec<Vec<[f32; 2]>> = find_contours(mask.view(), RetrievalMode::External)
        .iter()
        .map(|contour| contour.iter().map(|point| [point.x as f32, point.y as f32]).collect())
        .collect();
    let own: Vec<Option<TextBox>> = contours.iter().map(|contour| smallest_box(contour)).collect();
    let page = page_direction(own.iter().flatten());
    let mut found = Vec::new();
    for (contour, own) in contours.iter().zip(own) {
        let directed = own.filter(|own| own.width >= LONG * own.height && is_near(own.along, page));
        let Some(marked) = directed.or_else(|| TextBox::around(contour.iter().copied(), page)) else { continue };
        // A contour runs through the middles of its outermost pixels.
        let marked = marked.grown(0.5);
        if marked.height.min(marked.width) < SHORTEST_SIDE || mean(map, &marked) < BOX_THRESHOLD {
            continue;
        }
        found.push(marked.grown(marked.width * marked.height * GROW / (2.0 * (marked.width + marked.height))));
    }
    found
}

/// The box of least area around a contour, its writing along the longer side and to the right.
fn smallest_box(contour: &[[f32; 2]]) -> Option<TextBox> {
    let points: Vec<_> = contour.iter().map(|[x, y]| rten_imageproc::Point::from_yx(*y, *x)).collect();
    let rect = min_area_rect(&points)?;
    let up = rect.up_axis();
    let along = if rect.width() >= rect.height() { [up.y, -up.x] } else { [up.x, up.y] };
    let along = if along[0] < 0.0 { along.map(|value| -value) } else { along };
    TextBox::around(contour.iter().copied(), along)
}

/// The direction in which most of the page is written: the median over the long boxes, weighted by their width.
/// Horizontal when there are none.
fn page_direction<'a>(boxes: impl Iterator<Item = &'a TextBox>) -> [f32; 2] {
    let mut slopes: Vec<(f32, f32)> = boxes
        .filter(|own| own.width >= LONG * own.height && own.along[0] > own.along[1].abs())
        .map(|own| (own.along[1] / own.along[0], own.width))
        .collect();
    slopes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = slopes.iter().map(|(_, width)| width).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    for (slope, width) in slopes {
        sum += width;
        if sum >= half {
            let length = (1.0 + slope * slope).sqrt();
            return [1.0 / length, slope / length];
        }
    }
    [1.0, 0.0]
}

/// Whether two directions differ little.
fn is_near(a: [f32; 2], b: [f32; 2]) -> bool {
    let (cosine, sine) = (a[0] * b[0] + a[1] * b[1], a[0] * b[1] - a[1] * b[0]);
    cosine > 0.0 && sine.abs() <= STRAY * cosine
}

/// The mean of the map in a box.
fn mean(map: NdTensorView<f32, 2>, marked: &TextBox) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    let (columns, rows) = (marked.width.ceil() as usize, marked.height.ceil() as usize);
    for row in 0..rows {
        for column in 0..columns {
            let [x, y] = marked.point(column as f32 + 0.5, row as f32 + 0.5);
            let (x, y) = (x.round(), y.round());
            if x >= 0.0 && y >= 0.0 && (x as usize) < map.size(1) && (y as usize) < map.size(0) {
                sum += map[[y as usize, x as usize]];
                count += 1.0;
            }
        }
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map with one marked strip from (x0, y0), `length` long and `thick` thick, falling by `slope`.
    fn map_with_strip(x0: f32, y0: f32, length: f32, thick: f32, slope: f32) -> NdTensor<f32, 2> {
        let norm = (1.0 + slope * slope).sqrt();
        let along = [1.0 / norm, slope / norm];
        let strip = TextBox { center: [x0, y0], along, width: length, height: thick };
        let mut map = NdTensor::zeros([300, 400]);
        for y in 0..300 {
            for x in 0..400 {
                let [u, v] = crate::boxes::turn([x as f32 - strip.center[0], y as f32 - strip.center[1]], along);
                if u.abs() <= length / 2.0 && v.abs() <= thick / 2.0 {
                    map[[y, x]] = 0.9;
                }
            }
        }
        map
    }

    #[test]
    fn a_skewed_line_gets_a_skewed_grown_box() {
        let map = map_with_strip(200.0, 150.0, 300.0, 10.0, -0.12);
        let found = boxes(map.view());
        assert_eq!(found.len(), 1);
        let slope = found[0].along[1] / found[0].along[0];
        assert!((slope + 0.12).abs() < 0.01, "{slope}");
        // 300 × 10 / 620 × 1.6 = 7.7 on each side
        assert!((found[0].height - 26.0).abs() < 3.0, "{:?}", found[0]);
    }

    #[test]
    fn a_faint_mark_is_no_writing() {
        let map = map_with_strip(200.0, 150.0, 300.0, 10.0, 0.0).map(|value| value * 0.5);
        assert!(boxes(map.view()).is_empty());
    }
}
