//! Tells which words have been crossed out: a straight stroke runs through the middle of the word, from one end to the
//! other, and crosses its letters.

use image::GrayImage;
use smartscripts_domain::reading::{Line, Quad, Word};

use crate::recognize::brightness;

/// Height in pixels at which a word is looked at.
const HEIGHT: usize = 40;
/// Width over height of a word that is looked at: in a shorter one, a letter's own bar is as long as the word.
const LEAST_WIDTH: f32 = 1.6;
/// Contrast under which nothing is told, in levels of grey.
const FAINT: f32 = 50.0;
/// Rows between which a stroke may begin, as shares of the height: the middle of small letters, not the line under them.
const MIDDLE: [f32; 2] = [0.34, 0.66];
/// Largest rise of the stroke over the word, as a share of its height.
const RISE: f32 = 0.35;
/// Share of the word's width, without its ends, that the stroke covers.
const COVERED: f32 = 0.94;
/// The ends of a word's box are often paper: share of its width.
const ENDS: f32 = 0.06;
/// Rows above and below the stroke in which the letters that it crosses have ink.
const BESIDE: i32 = 5;
/// Share of the columns in which there is ink on both sides of the stroke. Words have about a third; a fraction's bar,
/// a dash or an underline have none.
const CROSSED: f32 = 0.12;
/// Share of the columns that have paper beside the stroke: a blot is no stroke.
const CLEAR: f32 = 0.35;

/// Marks the words of these lines that have been crossed out.
pub(crate) fn mark(page: &GrayImage, lines: &mut [Line]) {
    for word in lines.iter_mut().flat_map(|line| &mut line.words) {
        word.struck_out = is_struck(page, word);
    }
}

fn is_struck(page: &GrayImage, word: &Word) -> bool {
    // A row of dashes or a rule that was read as signs is no word.
    if !word.text.chars().any(char::is_alphanumeric) {
        return false;
    }
    word.quad.and_then(|quad| patch(page, quad)).is_some_and(|patch| patch.is_struck())
}

/// A word's ink, upright, at a fixed height.
struct Patch {
    width: usize,
    ink: Vec<bool>,
}

/// The ink in these corners; none when the word is too short or too faint to tell.
fn patch(page: &GrayImage, Quad([corner, right, _, below]): Quad) -> Option<Patch> {
    let vector = |to: [i32; 2]| [(to[0] - corner[0]) as f32, (to[1] - corner[1]) as f32];
    let (right, down) = (vector(right), vector(below));
    let (length, height) = (right[0].hypot(right[1]), down[0].hypot(down[1]).max(1.0));
    if length < LEAST_WIDTH * height {
        return None;
    }
    let width = (length / height * HEIGHT as f32) as usize;
    let mut levels = Vec::with_capacity(width * HEIGHT);
    for row in 0..HEIGHT {
        for column in 0..width {
            let (along, across) = ((column as f32 + 0.5) / width as f32, (row as f32 + 0.5) / HEIGHT as f32);
            let [x, y] = [0, 1].map(|axis| corner[axis] as f32 + along * right[axis] + across * down[axis]);
            levels.push(brightness(page, x, y));
        }
    }
    let mut sorted = levels.clone();
    sorted.sort_by(f32::total_cmp);
    let (ink, paper) = (sorted[sorted.len() / 50], sorted[sorted.len() * 4 / 5]);
    (paper - ink >= FAINT).then(|| {
        let middle = f32::midpoint(ink, paper);
        Patch { width, ink: levels.iter().map(|level| *level < middle).collect() }
    })
}

impl Patch {
    fn has_ink(&self, column: usize, row: i32) -> bool {
        usize::try_from(row).is_ok_and(|row| row < HEIGHT && self.ink[row * self.width + column])
    }

    /// Whether a straight stroke crosses the word, whichever way it rises.
    fn is_struck(&self) -> bool {
        let rows = |share: f32| (share * HEIGHT as f32) as i32;
        let (first, last, rise) = (rows(MIDDLE[0]), rows(MIDDLE[1]), rows(RISE));
        (first..=last).any(|left| (left - rise..=left + rise).any(|right| self.is_stroke(left, right)))
    }

    /// Whether the straight line from this row on the left to that one on the right is such a stroke.
    fn is_stroke(&self, left: i32, right: i32) -> bool {
        let end = (ENDS * self.width as f32) as usize;
        let (mut covered, mut crossed, mut clear, mut all) = (0.0, 0.0, 0.0, 0.0);
        for column in end..self.width - end {
            let share = column as f32 / self.width as f32;
            let row = left + (share * (right - left) as f32).round() as i32;
            let has_ink = (-1..=1).any(|offset| self.has_ink(column, row + offset));
            all += 1.0;
            covered += f32::from(u8::from(has_ink));
            let above = self.has_ink(column, row - BESIDE);
            let below = self.has_ink(column, row + BESIDE);
            crossed += f32::from(u8::from(has_ink && above && below));
            clear += f32::from(u8::from(has_ink && !above && !below));
        }
        covered >= COVERED * all && crossed >= CROSSED * all && clear >= CLEAR * all
    }
}
