//! Reads one box of writing: pixels to words with confidence and place.
//!
//! The recognizer is PP-OCRv6 small, read through `rten` directly because `ocrs` hides the probabilities. Each box is
//! run by itself at its own width, on as many threads as there are: batches would have to be padded to the widest box,
//! and the padding changes what is read (the network looks at the whole line). So the result depends neither on the
//! other boxes nor on the threads.

use std::sync::Arc;

use image::GrayImage;
use rayon::prelude::*;
use rten::{Model, RunOptions, ThreadPool};
use rten_tensor::{AsView, Layout, NdTensor, NdTensorView};
use smartscripts_domain::{Error, Result};

use crate::boxes::TextBox;

/// Height in pixels at which the recognizer was trained.
const HEIGHT: usize = 48;
/// Narrower boxes are filled up to this: the network has seldom seen a narrower one.
const NARROWEST: usize = 96;
/// Wider boxes are squeezed to this. A line of 150 characters is about 2,000 wide.
const WIDEST: usize = 3200;
/// Steps are eight pixels wide.
const STEP: usize = 8;

/// A word as it was read in a box.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReadWord {
    /// Its characters, each with the probability that it is right.
    pub(crate) characters: Vec<(char, f64)>,
    /// Where it stands.
    pub(crate) place: TextBox,
}

/// Reads all boxes; one list of words per box, in the same order.
pub(crate) fn read(
    model: &Model,
    alphabet: &[char],
    pool: &Arc<ThreadPool>,
    page: &GrayImage,
    boxes: &[TextBox],
) -> Result<Vec<Vec<ReadWord>>> {
    pool.run(|| boxes.par_iter().map(|place| read_box(model, alphabet, pool, page, place)).collect())
}

fn read_box(
    model: &Model,
    alphabet: &[char],
    pool: &Arc<ThreadPool>,
    page: &GrayImage,
    place: &TextBox,
) -> Result<Vec<ReadWord>> {
    let width = (place.width * HEIGHT as f32 / place.height.max(1.0)).round() as usize;
    let width = width.clamp(STEP, WIDEST);
    let strip = strip(page, place, width);
    let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
    let output = model.run_one(strip.view().into(), Some(options)).map_err(Error::internal)?;
    let output: NdTensor<f32, 3> = output.try_into().map_err(Error::internal)?;
    if output.size(2) != alphabet.len() + 1 {
        return Err(Error::internal("the alphabet is not the recognizer's; prepare the models anew"));
    }
    let characters = decode(output.slice((.., 0)), alphabet);
    Ok(words(&characters, place, width))
}

/// The box cut out of the page, turned upright and brought to the recognizer's height; −0.5 (black) to 0.5 (white).
fn strip(page: &GrayImage, place: &TextBox, width: usize) -> NdTensor<f32, 4> {
    // 0 is what PP-OCR pads with.
    let mut strip = NdTensor::zeros([1, 1, HEIGHT, width.next_multiple_of(STEP).max(NARROWEST)]);
    let (step_u, step_v) = (place.width / width as f32, place.height / HEIGHT as f32);
    // Where the page is larger than the strip, several samples are averaged, or thin strokes would fall between them.
    let samples = (step_v.max(step_u).ceil() as usize).clamp(1, 4);
    let share = 1.0 / (samples * samples) as f32;
    let origin = place.point(0.0, 0.0);
    let [cosine, sine] = place.along;
    for row in 0..HEIGHT {
        for column in 0..width {
            let mut sum = 0.0;
            for sample in 0..samples * samples {
                let within = |index: usize| (index as f32 + 0.5) / samples as f32;
                let u = (column as f32 + within(sample % samples)) * step_u;
                let v = (row as f32 + within(sample / samples)) * step_v;
                sum += brightness(page, origin[0] + u * cosine - v * sine, origin[1] + u * sine + v * cosine);
            }
            strip[[0, 0, row, column]] = sum * share / 255.0 - 0.5;
        }
    }
    strip
}

/// The page's brightness at a point, between the four nearest pixels; beyond its edge that of the edge.
pub(crate) fn brightness(page: &GrayImage, x: f32, y: f32) -> f32 {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right_share, bottom_share) = (x - left, y - top);
    let column = |value: f32| (value.max(0.0) as usize).min(width - 1);
    let row = |value: f32| (value.max(0.0) as usize).min(height - 1) * width;
    let pixels = page.as_raw();
    let at = |row: usize, column: usize| f32::from(pixels[row + column]);
    let (top, bottom, left, right) = (row(top), row(top + 1.0), column(left), column(left + 1.0));
    let upper = at(top, left) + (at(top, right) - at(top, left)) * right_share;
    let lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * right_share;
    upper + (lower - upper) * bottom_share
}

/// A character, the step at which it was seen first, the one at which it was seen last, and its probability.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    character: char,
    first: usize,
    last: usize,
    probability: f64,
}

/// The most likely label of each step, repetitions and blanks taken out (CTC, greedy).
fn decode(steps: NdTensorView<f32, 2>, alphabet: &[char]) -> Vec<Seen> {
    let mut seen: Vec<Seen> = Vec::new();
    let mut previous = 0;
    for step in 0..steps.size(0) {
        let mut best = (0, f32::NEG_INFINITY);
        for label in 0..steps.size(1) {
            if steps[[step, label]] > best.1 {
                best = (label, steps[[step, label]]);
            }
        }
        let (label, probability) = (best.0, f64::from(best.1).exp());
        if label > 0 {
            match seen.last_mut() {
                Some(last) if label == previous => {
                    last.last = step;
                    last.probability = last.probability.max(probability);
                }
                _ => seen.push(Seen { character: alphabet[label - 1], first: step, last: step, probability }),
            }
        }
        previous = label;
    }
    seen
}

/// The characters between spaces, each word with the part of the box where it stands. `width` is how wide the box was
/// for the recognizer.
fn words(characters: &[Seen], place: &TextBox, width: usize) -> Vec<ReadWord> {
    let scale = place.width / width as f32;
    let groups: Vec<&[Seen]> =
        characters.split(|seen| seen.character == ' ').filter(|group| !group.is_empty()).collect();
    // The middles of a word's outermost characters, in pixels of the recognizer.
    let middle = |seen: &Seen| (seen.first + seen.last + 1) as f32 * STEP as f32 / 2.0;
    let ends: Vec<(f32, f32)> =
        groups.iter().map(|group| (middle(&group[0]), middle(&group[group.len() - 1]))).collect();
    let mut words = Vec::with_capacity(groups.len());
    for (number, group) in groups.iter().enumerate() {
        let (first, last) = ends[number];
        // The network sees a character near its middle: the word reaches half a character further on both sides, but
        // not beyond the middle between two words.
        let half = if group.len() > 1 { (last - first) / (group.len() - 1) as f32 / 2.0 } else { HEIGHT as f32 / 4.0 };
        let least = if number == 0 { 0.0 } else { f32::midpoint(ends[number - 1].1, first) };
        let most = ends.get(number + 1).map_or(width as f32, |next| f32::midpoint(last, next.0));
        let left = (first - half).max(least).min(width as f32);
        let right = (last + half).min(most).max(left);
        words.push(ReadWord {
            characters: group.iter().map(|seen| (seen.character, seen.probability)).collect(),
            place: place.part(left * scale, right * scale),
        });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Log-probabilities in which these labels win.
    fn steps(labels: &[usize]) -> NdTensor<f32, 2> {
        let mut steps = NdTensor::full([labels.len(), 4], (0.1_f32).ln());
        for (step, label) in labels.iter().enumerate() {
            steps[[step, *label]] = (0.7_f32).ln();
        }
        steps
    }

    #[test]
    fn repetitions_fall_together_unless_a_blank_stands_between() {
        let seen = decode(steps(&[0, 1, 1, 0, 1, 2, 0, 3, 2]).view(), &['a', 'b', ' ']);
        let text: String = seen.iter().map(|seen| seen.character).collect();
        assert_eq!(text, "aab b");
        assert_eq!((seen[0].first, seen[0].last), (1, 2));
        assert!((seen[0].probability - 0.7).abs() < 1e-6);
    }

    #[test]
    fn words_stand_where_their_characters_were_seen() {
        let place = TextBox { center: [200.0, 24.0], along: [1.0, 0.0], width: 400.0, height: 48.0 };
        let seen = |character, first| Seen { character, first, last: first, probability: 0.9 };
        let line = [seen('a', 2), seen('b', 4), seen(' ', 20), seen('c', 40)];
        let words = words(&line, &place, 400);
        assert_eq!(words.len(), 2);
        // middles at 20 and 36, half a character is 8
        assert_eq!(words[0].place.quad().bounds(), [12, 0, 44, 48]);
        assert_eq!(words[1].place.quad().bounds(), [312, 0, 336, 48]);
    }

    #[test]
    fn a_strip_is_cut_along_the_writing() {
        let mut page = GrayImage::from_pixel(200, 200, image::Luma([255]));
        let along = [0.8, 0.6];
        let dark = TextBox { center: [100.0, 100.0], along, width: 100.0, height: 48.0 };
        for (x, y, pixel) in page.enumerate_pixels_mut() {
            let [u, v] = crate::boxes::turn([x as f32 + 0.5 - 100.0, y as f32 + 0.5 - 100.0], along);
            if u.abs() < 52.0 && v.abs() < 26.0 {
                pixel.0 = [0];
            }
        }
        let strip = strip(&page, &dark, 100);
        assert!((0..HEIGHT).all(|row| (0..100).all(|column| strip[[0, 0, row, column]] < -0.45)));
    }
}
