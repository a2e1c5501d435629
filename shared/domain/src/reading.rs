//! What was read on the pages of a submission: `reading.json`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything read on one submission, pages in order. Kept as `answers/{org}/{assessment}/{submission}/reading.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Version of this document's form.
    pub schema_version: u32,
    /// Name and version of the engine that read it, weights included.
    pub engine: String,
    /// One entry per page, numbered from 1 without gaps.
    pub pages: Vec<PageReading>,
}

impl Reading {
    /// The form that this code writes.
    pub const SCHEMA_VERSION: u32 = 1;
}

/// What was read on one page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageReading {
    /// Number of the page in the submission, from 1.
    pub page: u32,
    /// Number of the uploaded file that the page came from, from 1.
    pub file: u32,
    /// Width in pixels of the upright page, the space in which all boxes are given. 0 for a typed text, which has no page.
    pub width: u32,
    /// Height in pixels of the upright page. 0 for a typed text.
    pub height: u32,
    /// Where the text comes from.
    pub source: Source,
    /// Lines in reading order. None when the page could not be read.
    pub lines: Vec<Line>,
    /// Why the page could not be read, in words for a teacher. Absent when it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl PageReading {
    /// Whether the page was read and nothing was found on it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.failure.is_none() && self.lines.iter().all(|line| line.text.trim().is_empty())
    }
}

/// Where the text of a page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Read from pixels.
    Recognized,
    /// Taken from the text layer of a PDF.
    TextLayer,
    /// A typed text file.
    Typed,
}

/// One line of writing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The words joined by single spaces.
    pub text: String,
    /// Probability that a character of the line is read right, 0–1, rounded to thousandths.
    pub confidence: f64,
    /// The line's corners on the upright page. Absent for a typed text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quad: Option<Quad>,
    /// The words from left to right.
    pub words: Vec<Word>,
}

/// One word, or a run of characters without a space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The reading, mistakes of the writer included. Where the ink leaves room, knowledge of the language has tipped the
    /// scales; the words of a guide never have.
    pub text: String,
    /// Probability that the word is read right, every character of it, 0–1, rounded to thousandths.
    pub confidence: f64,
    /// The word's corners on the upright page. Absent for a typed text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quad: Option<Quad>,
    /// One entry per character of `text`, in order. Empty where the text is certain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub characters: Vec<Character>,
    /// Other readings of the word, the more probable first. Empty where the reader does not hesitate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    /// What the ink alone says, where that is something else than `text`. Spelling is judged by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ink: Option<String>,
    /// Whether the writer seems to have crossed it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub struck_out: bool,
}

impl Word {
    /// A word of which nothing more is known.
    #[must_use]
    pub fn new(text: impl Into<String>, confidence: f64, quad: Option<Quad>) -> Self {
        let text = text.into();
        Self { text, confidence, quad, characters: Vec::new(), alternatives: Vec::new(), ink: None, struck_out: false }
    }
}

/// How a character of a word was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Character {
    /// Probability that it is read right, 0–1, rounded to thousandths.
    pub confidence: f64,
    /// Where it stands on the upright page.
    pub quad: Quad,
}

/// Another reading of a word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// The reading.
    pub text: String,
    /// Probability that this is what was written, 0–1, rounded to thousandths.
    pub confidence: f64,
    /// Whether it is a word of the marking guide that the ink supports: then it stands here even if it is improbable in the
    /// language.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_guide: bool,
}

/// Four corners `[x, y]` in pixels of the upright page, clockwise from the top left of the writing (which may be skewed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quad(pub [[i32; 2]; 4]);

impl Quad {
    /// An upright rectangle.
    #[must_use]
    pub const fn rectangle(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self([[left, top], [right, top], [right, bottom], [left, bottom]])
    }

    /// The upright rectangle around it: left, top, right, bottom.
    #[must_use]
    pub fn bounds(&self) -> [i32; 4] {
        let [a, b, c, d] = self.0;
        [
            a[0].min(b[0]).min(c[0]).min(d[0]),
            a[1].min(b[1]).min(c[1]).min(d[1]),
            a[0].max(b[0]).max(c[0]).max(d[0]),
            a[1].max(b[1]).max(c[1]).max(d[1]),
        ]
    }
}

/// A probability as it is kept: clamped to 0–1 and rounded to thousandths, so that the same result has the same bytes.
#[must_use]
pub fn round_confidence(probability: f64) -> f64 {
    if probability.is_nan() {
        return 0.0;
    }
    (probability.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}
