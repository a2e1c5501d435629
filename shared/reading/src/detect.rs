//! Finds writing on a page: one turned box for each run of writing on a line.
//!
//! The detector is PP-OCRv6 small, a `DBNet`, run by `ocrs`: it marks the middle of each line, and what it marks must be
//! grown again by `area × ratio / perimeter`. The boxes are made here, since those of `ocrs` are grown by a fixed three
//! pixels.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use image::{GrayImage, Luma, imageops};
use ocrs::{ImageSource, OcrEngine, OcrEngineParams};
use rten_imageproc::{RetrievalMode, find_contours, min_area_rect};
use rten_tensor::{AsView, Layout, NdTensorView};
use smartscripts_domain::{Error, Result};

use crate::{boxes::TextBox, models};

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

/// The sizes of page that the detector's models are made for, width and height: `CANVASES` in `infra/models/prepare.py`.
const CANVASES: [(&str, u32, u32); 3] = [
    ("text-detection-portrait.onnx", 704, 992),
    ("text-detection-landscape.onnx", 992, 704),
    ("text-detection-strip.onnx", 448, 1568),
];

/// Finds writing. Each model is loaded when the first page of its shape comes.
pub(crate) struct Detector {
    models: PathBuf,
    engines: [OnceLock<OcrEngine>; CANVASES.len()],
}

impl Detector {
    /// With the models in this folder.
    pub(crate) fn new(models: &Path) -> Self {
        Self { models: models.to_owned(), engines: Default::default() }
    }

    /// The boxes of all writing on the page, in no particular order.
    pub(crate) fn find(&self, page: &GrayImage) -> Result<Vec<TextBox>> {
        let (canvas, scale) = fitting_canvas(page.width(), page.height());
        let engine = self.engine(canvas)?;
        let scaled = |side: u32| ((side as f32 * scale).round() as u32).max(1);
        let (width, height) = (scaled(page.width()), scaled(page.height()));
        let (_, canvas_width, canvas_height) = CANVASES[canvas];
        // `ocrs` fills up with black, on which the edge of the page looks like a rule, so the canvas is filled here.
        let mut shown = GrayImage::from_pixel(canvas_width, canvas_height, Luma([paper(page)]));
        if (width, height) == page.dimensions() {
            imageops::replace(&mut shown, page, 0, 0);
        } else {
            imageops::replace(&mut shown, &imageops::resize(page, width, height, imageops::FilterType::Triangle), 0, 0);
        }
        let image = ImageSource::from_bytes(shown.as_raw(), shown.dimensions()).map_err(Error::internal)?;
        let input = engine.prepare_input(image).map_err(Error::internal)?;
        let map = engine.detect_text_pixels(&input).map_err(Error::internal)?;
        let boxes = boxes(map.slice((..height as usize, ..width as usize)));
        // Each direction is scaled by itself because the sides were rounded. On the map a pixel's middle has whole numbers.
        let (x, y) = (page.width() as f32 / width as f32, page.height() as f32 / height as f32);
        Ok(boxes
            .into_iter()
            .filter_map(|found| {
                TextBox::around(found.corners().map(|[u, v]| [(u + 0.5) * x, (v + 0.5) * y]), found.along)
            })
            .collect())
    }

    fn engine(&self, canvas: usize) -> Result<&OcrEngine> {
        if let Some(engine) = self.engines[canvas].get() {
            return Ok(engine);
        }
        let detection_model = Some(models::model(&self.models, CANVASES[canvas].0)?);
        let parameters = OcrEngineParams { detection_model, ..OcrEngineParams::default() };
        let engine = OcrEngine::new(parameters).map_err(Error::internal)?;
        Ok(self.engines[canvas].get_or_init(|| engine))
    }
}

/// Index of the canvas on which a page of this size is shown largest, and by how much it is scaled for it; a page that is
/// smaller is not enlarged.
fn fitting_canvas(width: u32, height: u32) -> (usize, f32) {
    let scales = CANVASES.map(|(_, canvas_width, canvas_height)| {
        (canvas_width as f32 / width as f32).min(canvas_height as f32 / height as f32).min(1.0)
    });
    let mut best = 0;
    for (index, scale) in scales.iter().enumerate() {
        if *scale > scales[best] {
            best = index;
        }
    }
    (best, scales[best])
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
    use rten_tensor::NdTensor;

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
    fn each_page_has_the_canvas_that_shows_it_largest() {
        for (size, canvas) in [((1240, 1754), 0), ((1754, 1240), 1), ((600, 2000), 2), ((300, 200), 0)] {
            let (found, scale) = fitting_canvas(size.0, size.1);
            assert_eq!(found, canvas, "{size:?}");
            let (_, width, height) = CANVASES[canvas];
            let shown = |side: u32| (side as f32 * scale).round() as u32;
            assert!(scale <= 1.0 && shown(size.0) <= width && shown(size.1) <= height, "{size:?}");
        }
    }

    #[test]
    fn a_faint_mark_is_no_writing() {
        let map = map_with_strip(200.0, 150.0, 300.0, 10.0, 0.0).map(|value| value * 0.5);
        assert!(boxes(map.view()).is_empty());
    }
}
