//! The reader: one page of pixels in, its lines out.

use std::{path::Path, sync::Arc, time::Duration, time::Instant};

use image::{GrayImage, RgbImage, imageops};
use rten::{Model, ThreadPool};
use smartscripts_domain::{
    Result,
    reading::{Line, Word, round_confidence},
};

use crate::{
    boxes::TextBox,
    detect::Detector,
    insertion, label,
    models::{missing, model},
    order,
    recognize::{self, ReadWord},
};

/// Reads pages. Holds the models; load it once per process.
pub struct Reader {
    detector: Detector,
    recognizer: Model,
    alphabet: Vec<char>,
    pool: Arc<ThreadPool>,
}

/// What was read on a page of pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageText {
    /// Lines in reading order.
    pub lines: Vec<Line>,
    /// Time to find the writing.
    pub detecting: Duration,
    /// Time to read it.
    pub recognizing: Duration,
}

impl Reader {
    /// Name and version of the engine, with its weights. Changes whenever the same page may read differently.
    pub const ENGINE: &str = concat!("smartscripts-reading ", env!("CARGO_PKG_VERSION"), "; PP-OCRv6 small");

    /// Loads the models that `infra/models/prepare.py` made, to run on all processors.
    pub fn load(models: &Path) -> Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::load_with_threads(models, threads)
    }

    /// Loads the models, the recognizer to run on this number of threads. (The detector runs inside `ocrs`, on as many as
    /// `RTEN_NUM_THREADS` says.) What is read is the same with any number.
    pub fn load_with_threads(models: &Path, threads: usize) -> Result<Self> {
        let alphabet = std::fs::read_to_string(models.join("alphabet.json"))
            .map_err(|error| missing(models, "alphabet.json", error))?;
        let alphabet: String =
            serde_json::from_str(&alphabet).map_err(|error| missing(models, "alphabet.json", error))?;
        Ok(Self {
            detector: Detector::new(models),
            recognizer: model(models, "text-recognition.onnx")?,
            alphabet: alphabet.chars().collect(),
            pool: Arc::new(ThreadPool::with_num_threads(threads)),
        })
    }

    /// Reads one upright page.
    pub fn read_page(&self, page: &RgbImage) -> Result<PageText> {
        let start = Instant::now();
        let grey = imageops::grayscale(page);
        let boxes = self.find_writing(&grey)?;
        let found = Instant::now();
        let lines = self.read_writing(&grey, &boxes)?;
        Ok(PageText { lines, detecting: found - start, recognizing: found.elapsed() })
    }

    /// Reads an image that is one line of writing and nothing else; none when there is nothing on it.
    pub fn read_line(&self, line: &RgbImage) -> Result<Option<Line>> {
        let grey = imageops::grayscale(line);
        let (width, height) = (grey.width() as f32, grey.height() as f32);
        let whole = TextBox { center: [width / 2.0, height / 2.0], along: [1.0, 0.0], width, height };
        Ok(self.read_writing(&grey, &[whole])?.pop())
    }

    /// The boxes of all writing on a page.
    pub(crate) fn find_writing(&self, page: &GrayImage) -> Result<Vec<TextBox>> {
        self.detector.find(page)
    }

    /// Reads what stands in these boxes.
    pub(crate) fn read_writing(&self, page: &GrayImage, boxes: &[TextBox]) -> Result<Vec<Line>> {
        let words = recognize::read(&self.recognizer, &self.alphabet, &self.pool, page, boxes)?;
        let lines = order::lines(boxes).into_iter().filter_map(|line| {
            let mut words: Vec<ReadWord> = line.iter().flat_map(|index| words[*index].iter().cloned()).collect();
            if let Some(first) = words.first()
                && let Some(parts) = split_label(first)
            {
                words.splice(..1, parts);
            }
            let boxes: Vec<TextBox> = line.iter().map(|index| boxes[*index]).collect();
            assemble(&words, &boxes)
        });
        Ok(insertion::resolve(lines.collect()))
    }
}

/// A line's first word as two, when a question's label was written so close that the two were read as one.
fn split_label(word: &ReadWord) -> Option<[ReadWord; 2]> {
    let text: String = word.characters.iter().map(|(character, _)| character).collect();
    let length = label::glued(&text)?;
    let share = word.place.width * length as f32 / word.characters.len() as f32;
    let (label, rest) = word.characters.split_at(length);
    Some([
        ReadWord { characters: label.to_vec(), place: word.place.part(0.0, share) },
        ReadWord { characters: rest.to_vec(), place: word.place.part(share, word.place.width) },
    ])
}

/// A line of these words, standing in these boxes from left to right; none when nothing was read.
fn assemble(words: &[ReadWord], boxes: &[TextBox]) -> Option<Line> {
    let widest = boxes.iter().max_by(|a, b| a.width.total_cmp(&b.width))?;
    let around = TextBox::around(boxes.iter().flat_map(TextBox::corners), widest.along)?;
    let characters: Vec<(char, f64)> = words.iter().flat_map(|word| word.characters.iter().copied()).collect();
    if characters.is_empty() {
        return None;
    }
    let words: Vec<Word> = words
        .iter()
        .map(|word| {
            let text: String = word.characters.iter().map(|(character, _)| character).collect();
            Word::new(text, confidence(&word.characters), Some(word.place.quad()))
        })
        .collect();
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    Some(Line { text, confidence: confidence(&characters), quad: Some(around.quad()), words })
}

/// The expected share of right characters.
fn confidence(characters: &[(char, f64)]) -> f64 {
    let sum: f64 = characters.iter().map(|(_, probability)| probability).sum();
    round_confidence(sum / characters.len().max(1) as f64)
}
