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
use rten_tensor::{AsView, Layout, NdTensor};
use smartscripts_domain::{Error, Result};

use crate::{
    boxes::TextBox,
    ctc::{Decoder, Rival, Seen, SeenWord},
    exponent,
    language::Language,
};

/// Height in pixels at which the recognizer was trained.
const HEIGHT: usize = 48;
/// Narrower boxes are filled up to this: the network has seldom seen a narrower one.
const NARROWEST: usize = 96;
/// Wider boxes are squeezed to this. A line of 150 characters is about 2,000 wide.
const WIDEST: usize = 3200;
/// Shares of a box's pixels that are darker than its ink and than its paper at their usual.
const INK: f32 = 0.01;
const PAPER: f32 = 0.75;
/// Less difference between paper and ink is not made more than this one would be: it may be nothing but noise.
const LEAST_CONTRAST: f32 = 0.12;
/// How far apart paper and ink are brought.
const WHITE: f32 = 0.95;
/// Steps are eight pixels wide.
const STEP: usize = 8;

/// A word as it was read in a box.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReadWord {
    pub(crate) characters: Vec<ReadCharacter>,
    /// Probability that all of its characters are right.
    pub(crate) probability: f64,
    /// Other readings, the more probable first.
    pub(crate) alternatives: Vec<Rival>,
    /// What the ink alone says, where that is something else.
    pub(crate) ink: Option<String>,
    /// Where it stands.
    pub(crate) place: TextBox,
}

/// A character of a word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReadCharacter {
    pub(crate) character: char,
    /// Probability that it is right.
    pub(crate) probability: f64,
    /// Where it stands.
    pub(crate) place: TextBox,
}

impl ReadWord {
    /// Its text.
    pub(crate) fn text(&self) -> String {
        self.characters.iter().map(|character| character.character).collect()
    }
}

/// Reads all boxes; one list of words per box, in the same order.
pub(crate) fn read(recognizer: &Recognizer, page: &GrayImage, boxes: &[TextBox]) -> Result<Vec<Vec<ReadWord>>> {
    recognizer.pool.run(|| boxes.par_iter().map(|place| recognizer.read_box(page, place)).collect())
}

/// What all boxes are read with.
pub(crate) struct Recognizer<'a> {
    pub(crate) model: &'a Model,
    pub(crate) alphabet: &'a [char],
    pub(crate) language: &'a Language,
    /// Words of the marking guide, lower case.
    pub(crate) guide: &'a [String],
    pub(crate) pool: &'a Arc<ThreadPool>,
}

impl Recognizer<'_> {
    fn read_box(&self, page: &GrayImage, place: &TextBox) -> Result<Vec<ReadWord>> {
        let width = (place.width * HEIGHT as f32 / place.height.max(1.0)).round() as usize;
        let width = width.clamp(STEP, WIDEST);
        let steps = self.look(page, place, width)?;
        let decoder = Decoder {
            steps: steps.slice((.., 0)),
            alphabet: self.alphabet,
            language: self.language,
            guide: self.guide,
        };
        let mut words = places(decoder.read(), place, width);
        exponent::raise(page, &mut words);
        Ok(words)
    }

    /// The recognizer's steps for a box brought to this width.
    fn look(&self, page: &GrayImage, place: &TextBox, width: usize) -> Result<NdTensor<f32, 3>> {
        let mut strip = strip(page, place, width);
        stretch(&mut strip, width);
        let options = RunOptions::default().with_thread_pool(Some(self.pool.clone()));
        let output = self.model.run_one(strip.view().into(), Some(options)).map_err(Error::internal)?;
        let steps: NdTensor<f32, 3> = output.try_into().map_err(Error::internal)?;
        if steps.size(2) != self.alphabet.len() + 1 {
            return Err(Error::internal("the alphabet is not the recognizer's; prepare the models anew"));
        }
        Ok(steps)
    }
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

/// Brings the paper to white and the ink to black, whatever the light and the pen were.
fn stretch(strip: &mut NdTensor<f32, 4>, width: usize) {
    let mut sorted = Vec::with_capacity(HEIGHT * width);
    for row in 0..HEIGHT {
        sorted.extend((0..width).map(|column| strip[[0, 0, row, column]]));
    }
    let mut at = |share: f32| {
        let place = ((sorted.len() - 1) as f32 * share) as usize;
        *sorted.select_nth_unstable_by(place, f32::total_cmp).1
    };
    let (ink, paper) = (at(INK), at(PAPER));
    let gain = WHITE / (paper - ink).max(LEAST_CONTRAST);
    for row in 0..HEIGHT {
        for column in 0..width {
            let value = &mut strip[[0, 0, row, column]];
            *value = (0.5 + (*value - paper) * gain).clamp(-0.5, 0.5);
        }
    }
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

/// Gives each word, and each of its characters, the part of the box where it stands. `width` is how wide the box was for
/// the recognizer.
fn places(words: Vec<SeenWord>, place: &TextBox, width: usize) -> Vec<ReadWord> {
    let scale = place.width / width as f32;
    // The middles of a word's outermost characters, in pixels of the recognizer.
    let middle = |seen: &Seen| (seen.first + seen.last + 1) as f32 * STEP as f32 / 2.0;
    let ends: Vec<(f32, f32)> = words
        .iter()
        .map(|word| (middle(&word.characters[0]), middle(&word.characters[word.characters.len() - 1])))
        .collect();
    let mut read = Vec::with_capacity(words.len());
    for (number, word) in words.into_iter().enumerate() {
        let (first, last) = ends[number];
        let count = word.characters.len();
        // The network sees a character near its middle: the word reaches half a character further on both sides, but
        // not beyond the middle between two words.
        let half = if count > 1 { (last - first) / (count - 1) as f32 / 2.0 } else { HEIGHT as f32 / 4.0 };
        let least = if number == 0 { 0.0 } else { f32::midpoint(ends[number - 1].1, first) };
        let most = ends.get(number + 1).map_or(width as f32, |next| f32::midpoint(last, next.0));
        let left = (first - half).max(least).min(width as f32);
        let right = (last + half).min(most).max(left);
        // A character reaches to the middle between it and the next.
        let mut borders = vec![left];
        for pair in word.characters.windows(2) {
            borders.push(f32::midpoint(middle(&pair[0]), middle(&pair[1])).clamp(left, right));
        }
        borders.push(right);
        let characters = word.characters.iter().zip(borders.windows(2)).map(|(seen, ends)| ReadCharacter {
            character: seen.character,
            probability: seen.probability,
            place: place.part(ends[0] * scale, ends[1] * scale),
        });
        read.push(ReadWord {
            characters: characters.collect(),
            probability: word.probability,
            alternatives: word.alternatives,
            ink: word.ink,
            place: place.part(left * scale, right * scale),
        });
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_where_their_characters_were_seen() {
        let place = TextBox { center: [200.0, 24.0], along: [1.0, 0.0], width: 400.0, height: 48.0 };
        let seen = |character, first| Seen { character, first, last: first, probability: 0.9 };
        let word = |characters| SeenWord { characters, probability: 0.8, alternatives: Vec::new(), ink: None };
        let words = places(vec![word(vec![seen('a', 2), seen('b', 4)]), word(vec![seen('c', 40)])], &place, 400);
        assert_eq!(words.len(), 2);
        // middles at 20 and 36, half a character is 8
        assert_eq!(words[0].place.quad().bounds(), [12, 0, 44, 48]);
        assert_eq!(words[0].characters[1].place.quad().bounds(), [28, 0, 44, 48]);
        assert_eq!(words[1].place.quad().bounds(), [312, 0, 336, 48]);
    }

    #[test]
    fn pencil_in_the_shade_is_brought_to_black_on_white() {
        let mut strip = NdTensor::full([1, 1, HEIGHT, 100], 0.1);
        for row in 20..28 {
            for column in 10..30 {
                strip[[0, 0, row, column]] = -0.1;
            }
        }
        stretch(&mut strip, 100);
        assert!(
            strip[[0, 0, 24, 20]] < -0.44 && strip[[0, 0, 2, 2]] > 0.49,
            "{} {}",
            strip[[0, 0, 24, 20]],
            strip[[0, 0, 2, 2]]
        );
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
