//! Finds writing on a page: one turned box for each run of writing on a line.
//!
//! The detector is PP-OCRv6 small, a `DBNet`: it marks the middle of each line, and what it marks must be grown again by
//! `area × ratio / perimeter`. It is run by `rten` at a size that follows the page; `ocrs`, which knows one size only, takes
//! the small first look that tells which way up a page is.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use image::{GenericImageView, GrayImage, Luma, imageops};
use ocrs::{ImageSource, OcrEngine, OcrEngineParams};
use rten::{Model, RunOptions, ThreadPool};
use rten_imageproc::{RetrievalMode, RotatedRect, find_contours, min_area_rect};
use rten_tensor::{AsView, Layout, NdTensor, NdTensorView};
use smartscripts_domain::{Error, Result};

use crate::{boxes::TextBox, models, paper};

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
/// Pixels at which a whole page is shown; only the part of it that is written on is run. A4 is then 704 × 992, on which
/// 12-point print is 13 pixels high.
const PIXELS: f32 = 700_000.0;
/// The network halves its input five times.
const MULTIPLE: u32 = 32;
/// Side of the square on which the first look is taken: `LOOK` in `infra/models/prepare.py`.
const LOOK: u32 = 640;

/// The model's files: for any size, and for the first look.
const MODEL: &str = "text-detection.onnx";
const LOOK_MODEL: &str = "first-look.onnx";

/// Finds writing.
pub(crate) struct Detector {
    model: Model,
    pool: Arc<ThreadPool>,
    models: PathBuf,
    /// Loaded when the first page comes that needs it.
    first_look: OnceLock<OcrEngine>,
}

impl Detector {
    /// With the model in this folder, to run on these threads.
    pub(crate) fn load(models: &Path, pool: Arc<ThreadPool>) -> Result<Self> {
        let model = models::model(models, MODEL)?;
        Ok(Self { model, pool, models: models.to_owned(), first_look: OnceLock::new() })
    }

    /// The boxes of all writing on the page, in no particular order.
    pub(crate) fn find(&self, page: &GrayImage) -> Result<Vec<TextBox>> {
        let Some([left, top, right, bottom]) = paper::written(page) else { return Ok(Vec::new()) };
        let scale = (PIXELS / (page.width() * page.height()) as f32).sqrt().min(1.0);
        let scaled = |side: u32| ((side as f32 * scale).round() as u32).max(1);
        let part = imageops::crop_imm(page, left, top, right - left, bottom - top);
        let (width, height) = (scaled(part.width()), scaled(part.height()));
        let shown = if (width, height) == (part.width(), part.height()) {
            part.to_image()
        } else {
            imageops::resize(&*part, width, height, imageops::FilterType::Triangle)
        };
        let map = self.run(&shown, paper::brightness(page))?;
        // Each direction is scaled by itself because the sides were rounded. On the map a pixel's middle has whole numbers.
        let (x, y) = ((right - left) as f32 / width as f32, (bottom - top) as f32 / height as f32);
        let on_page = |[u, v]: [f32; 2]| [(u + 0.5) * x + left as f32, (v + 0.5) * y + top as f32];
        let boxes = boxes(map.slice((0, 0, ..height as usize, ..width as usize)));
        Ok(boxes.into_iter().filter_map(|found| TextBox::around(found.corners().map(on_page), found.along)).collect())
    }

    /// The probability that a pixel is text; the picture is filled up with paper to the next size that the network takes.
    fn run(&self, shown: &GrayImage, paper: u8) -> Result<NdTensor<f32, 4>> {
        let level = |value: u8| f32::from(value) / 255.0 - 0.5;
        let (width, height) = (shown.width().next_multiple_of(MULTIPLE), shown.height().next_multiple_of(MULTIPLE));
        let mut input = NdTensor::full([1, 1, height as usize, width as usize], level(paper));
        for (y, row) in shown.rows().enumerate() {
            for (x, pixel) in row.enumerate() {
                input[[0, 0, y, x]] = level(pixel.0[0]);
            }
        }
        let options = RunOptions::default().with_thread_pool(Some(self.pool.clone()));
        let map = self.model.run_one(input.view().into(), Some(options)).map_err(Error::internal)?;
        map.try_into().map_err(Error::internal)
    }

    /// A first look at a page that may lie on its side or upside down: roughly where lines are, whatever their direction.
    /// Each box's direction is along its longer side, to the right or downwards.
    pub(crate) fn look(&self, page: &GrayImage) -> Result<Vec<TextBox>> {
        let scale = (LOOK as f32 / page.width().max(page.height()) as f32).min(1.0);
        let scaled = |side: u32| ((side as f32 * scale).round() as u32).clamp(1, LOOK);
        let small = imageops::thumbnail(page, scaled(page.width()), scaled(page.height()));
        let mut shown = GrayImage::from_pixel(LOOK, LOOK, Luma([paper::brightness(page)]));
        imageops::replace(&mut shown, &small, 0, 0);
        let engine = self.first_look()?;
        let image = ImageSource::from_bytes(shown.as_raw(), shown.dimensions()).map_err(Error::internal)?;
        let input = engine.prepare_input(image).map_err(Error::internal)?;
        let words = engine.detect_words(&input).map_err(Error::internal)?;
        Ok(words.iter().map(|word| lengthwise(word, scale)).collect())
    }

    fn first_look(&self) -> Result<&OcrEngine> {
        if let Some(engine) = self.first_look.get() {
            return Ok(engine);
        }
        let detection_model = Some(models::model(&self.models, LOOK_MODEL)?);
        let parameters = OcrEngineParams { detection_model, ..OcrEngineParams::default() };
        let engine = OcrEngine::new(parameters).map_err(Error::internal)?;
        Ok(self.first_look.get_or_init(|| engine))
    }
}

/// A word that `ocrs` found on the page at this scale, as a box along its longer side.
fn lengthwise(word: &RotatedRect, scale: f32) -> TextBox {
    let (up, center) = (word.up_axis(), word.center());
    let (along, width, height) = if word.width() >= word.height() {
        ([up.y, -up.x], word.width(), word.height())
    } else {
        ([up.x, up.y], word.height(), word.width())
    };
    let backwards = along[0] + along[1] < 0.0;
    let along = along.map(|value| if backwards { -value } else { value });
    TextBox { center: [center.x / scale, center.y / scale], along, width: width / scale, height: height / scale }
}

/// Whether most of the writing in these boxes stands on end.
pub(crate) fn stands(boxes: &[TextBox]) -> bool {
    let (mut standing, mut lying) = (0.0, 0.0);
    for found in boxes {
        let (width, height) = if found.along[0].abs() >= found.along[1].abs() {
            (found.width, found.height)
        } else {
            (found.height, found.width)
        };
        if height > 2.0 * width {
            standing += height;
        } else if width > 2.0 * height {
            lying += width;
        }
    }
    standing > lying
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
    fn lines_that_stand_on_end_are_told_from_those_that_lie() {
        let line = |width, height| TextBox { center: [0.0, 0.0], along: [1.0, 0.0], width, height };
        assert!(stands(&[line(20.0, 300.0), line(30.0, 200.0), line(90.0, 30.0)]));
        assert!(!stands(&[line(300.0, 20.0), line(20.0, 60.0)]));
        assert!(stands(&[TextBox { along: [0.0, 1.0], ..line(300.0, 20.0) }]));
        assert!(!stands(&[]));
    }

    #[test]
    fn a_faint_mark_is_no_writing() {
        let map = map_with_strip(200.0, 150.0, 300.0, 10.0, 0.0).map(|value| value * 0.5);
        assert!(boxes(map.view()).is_empty());
    }
}
