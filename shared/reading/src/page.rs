//! The reader: one page of pixels in, its lines out.

use std::{path::Path, sync::Arc, time::Duration, time::Instant};

use image::{GrayImage, RgbImage, imageops};
use rten::{Model, ThreadPool};
use smartscripts_domain::{
    Result,
    guide::Guide,
    reading::{Alternative, Character, Line, Word, round_confidence},
};

use crate::{
    boxes::TextBox,
    ctc::Rival,
    detect::Detector,
    label,
    language::Language,
    models::{missing, model},
    order,
    recognize::{self, ReadCharacter, ReadWord, Recognizer},
    terms,
};

/// Reads pages. Holds the models; load it once per process.
#[derive(Clone)]
pub struct Reader {
    detector: Arc<Detector>,
    recognizer: Arc<Model>,
    alphabet: Arc<[char]>,
    language: Arc<Language>,
    pool: Arc<ThreadPool>,
    /// Words of the marking guide, lower case.
    guide: Arc<[String]>,
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
            detector: Arc::new(Detector::new(models)),
            recognizer: Arc::new(model(models, "text-recognition.onnx")?),
            alphabet: alphabet.chars().collect(),
            language: Arc::new(Language::load(models)?),
            pool: Arc::new(ThreadPool::with_num_threads(threads)),
            guide: Arc::new([]),
        })
    }

    /// The same reader, models shared, that knows the words of a marking guide: where something was read that is no word
    /// and the ink supports one of these, it is offered as an alternative. The text itself stays what it is without.
    #[must_use]
    pub fn for_guide(&self, guide: &Guide) -> Self {
        Self { guide: terms::words(guide).into(), ..self.clone() }
    }

    /// As [`for_guide`](Self::for_guide), with these words and phrases.
    #[must_use]
    pub fn for_terms(&self, terms: &[String]) -> Self {
        Self { guide: terms::words_of(terms.iter().map(String::as_str)).into(), ..self.clone() }
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
        let recognizer = Recognizer {
            model: &self.recognizer,
            alphabet: &self.alphabet,
            language: &self.language,
            guide: &self.guide,
            pool: &self.pool,
        };
        let words = recognize::read(&recognizer, page, boxes)?;
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
        Ok(lines.collect())
    }
}

/// A line's first word as two, when a question's label was written so close that the two were read as one.
fn split_label(word: &ReadWord) -> Option<[ReadWord; 2]> {
    let length = label::glued(&word.text())?;
    let share = word.characters[..length].iter().map(|character| character.place.width).sum();
    let part = |characters: &[ReadCharacter], place| ReadWord {
        characters: characters.to_vec(),
        probability: characters.iter().map(|character| character.probability).product(),
        alternatives: Vec::new(),
        ink: None,
        place,
    };
    let (label, rest) = word.characters.split_at(length);
    Some([part(label, word.place.part(0.0, share)), part(rest, word.place.part(share, word.place.width))])
}

/// A line of these words, standing in these boxes from left to right; none when nothing was read.
fn assemble(words: &[ReadWord], boxes: &[TextBox]) -> Option<Line> {
    let widest = boxes.iter().max_by(|a, b| a.width.total_cmp(&b.width))?;
    let around = TextBox::around(boxes.iter().flat_map(TextBox::corners), widest.along)?;
    let count: usize = words.iter().map(|word| word.characters.len()).sum();
    if count == 0 {
        return None;
    }
    // The expected share of right characters.
    let sum: f64 = words.iter().flat_map(|word| &word.characters).map(|character| character.probability).sum();
    let words: Vec<Word> = words.iter().map(word).collect();
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    Some(Line { text, confidence: round_confidence(sum / count as f64), quad: Some(around.quad()), words })
}

/// A word as it is kept.
fn word(read: &ReadWord) -> Word {
    let character = |character: &ReadCharacter| Character {
        confidence: round_confidence(character.probability),
        quad: character.place.quad(),
    };
    let alternative = |rival: &Rival| Alternative {
        text: rival.text.clone(),
        confidence: round_confidence(rival.probability),
        of_guide: rival.of_guide,
    };
    Word {
        characters: read.characters.iter().map(character).collect(),
        alternatives: read.alternatives.iter().map(alternative).collect(),
        ink: read.ink.clone(),
        ..Word::new(read.text(), round_confidence(read.probability), Some(read.place.quad()))
    }
}
