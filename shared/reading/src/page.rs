//! The reader: one page of pixels in, its lines out.

use std::{path::Path, sync::Arc, time::Duration, time::Instant};

use image::{GrayImage, RgbImage, imageops};
use rten::{Model, ThreadPool};
use smartscripts_domain::{
    Error, Result,
    guide::Guide,
    reading::{Alternative, Character, Line, Word, round_confidence},
};

use crate::{
    boxes::TextBox,
    ctc::Rival,
    detect::{Detector, stands},
    insertion, label,
    language::Language,
    models::{missing, model},
    order, paper,
    recognize::{self, ReadCharacter, ReadWord, Recognizer},
    sheet, strike, terms,
};

/// Share of characters expected to be right from which a page is certainly the right way up.
const SURE: f64 = 0.8;
/// Lines that are read both ways to tell which way up a page is, and how long a part of each, in heights.
const TRIED: usize = 6;
const TRIED_LENGTH: f32 = 12.0;
/// How many times as many characters must be readable upside down.
const CLEARLY: f64 = 1.5;
/// Boxes that are read between two looks at the clock.
const BATCH: usize = 16;
/// A page that takes longer is given up. One of 60 full lines takes ten seconds on a shared processor.
const TIME_LIMIT: Duration = Duration::from_mins(1);

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
    /// The page upright and flat, in whose space all boxes are given; none when the page that was given is.
    pub image: Option<RgbImage>,
    /// Lines in reading order.
    pub lines: Vec<Line>,
    /// Time to find the writing.
    pub detecting: Duration,
    /// Time to read it.
    pub recognizing: Duration,
}

/// How a page must be turned, clockwise, to be upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl Turn {
    /// The direction of writing on the page before it is turned.
    fn along(self) -> [f32; 2] {
        match self {
            Self::None => [1.0, 0.0],
            Self::Quarter => [0.0, -1.0],
            Self::Half => [-1.0, 0.0],
            Self::ThreeQuarters => [0.0, 1.0],
        }
    }

    fn apply(self, page: &RgbImage) -> RgbImage {
        match self {
            Self::None => page.clone(),
            Self::Quarter => imageops::rotate90(page),
            Self::Half => imageops::rotate180(page),
            Self::ThreeQuarters => imageops::rotate270(page),
        }
    }
}

impl Reader {
    /// Name and version of the engine, with its weights. Changes whenever the same page may read differently.
    pub const ENGINE: &str =
        concat!("smartscripts-reading ", env!("CARGO_PKG_VERSION"), "; PP-OCRv6 small for handwriting; language 1");

    /// Loads the models that `infra/models/prepare.py` made, to run on all processors.
    pub fn load(models: &Path) -> Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::load_with_threads(models, threads)
    }

    /// Loads the models, to run on this number of threads. What is read is the same with any number.
    pub fn load_with_threads(models: &Path, threads: usize) -> Result<Self> {
        let alphabet = std::fs::read_to_string(models.join("alphabet.json"))
            .map_err(|error| missing(models, "alphabet.json", error))?;
        let alphabet: String =
            serde_json::from_str(&alphabet).map_err(|error| missing(models, "alphabet.json", error))?;
        let pool = Arc::new(ThreadPool::with_num_threads(threads));
        Ok(Self {
            detector: Arc::new(Detector::load(models, pool.clone())?),
            recognizer: Arc::new(model(models, "text-recognition.onnx")?),
            alphabet: alphabet.chars().collect(),
            language: Arc::new(Language::load(models)?),
            pool,
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

    /// Reads one page, whichever way up it lies and however it was photographed.
    ///
    /// # Errors
    /// `page_too_slow` when it takes too long.
    pub fn read_page(&self, page: &RgbImage) -> Result<PageText> {
        let clock = Instant::now();
        let first = self.read_upright(page, clock)?;
        let recognizing = first.text.recognizing;
        if first.is_sure {
            return Ok(first.text);
        }
        let turn = self.turn(page)?;
        if turn == Turn::None && !first.stands {
            return Ok(PageText { detecting: clock.elapsed().saturating_sub(recognizing), ..first.text });
        }
        let turned = turn.apply(page);
        let mut second = self.read_upright(&turned, clock)?.text;
        second.image = second.image.or(Some(turned));
        second.recognizing += recognizing;
        second.detecting = clock.elapsed().saturating_sub(second.recognizing);
        Ok(second)
    }

    /// Reads a page as if it were the right way up.
    fn read_upright(&self, page: &RgbImage, clock: Instant) -> Result<Attempt> {
        let start = Instant::now();
        let image = sheet::flat(page);
        let grey = imageops::grayscale(image.as_ref().unwrap_or(page));
        let grey = paper::even(&grey).unwrap_or(grey);
        let boxes = self.detector.find(&grey)?;
        let found = Instant::now();
        let stands = stands(&boxes);
        let mut lines = if stands { Vec::new() } else { self.read_in_time(&grey, &boxes, clock)? };
        strike::mark(&grey, &mut lines);
        let is_sure = boxes.is_empty() || (!stands && share_right(&lines) >= SURE);
        let text = PageText { image, lines, detecting: found - start, recognizing: found.elapsed() };
        Ok(Attempt { text, stands, is_sure })
    }

    /// How the page must be turned: a few lines are read both ways.
    fn turn(&self, page: &RgbImage) -> Result<Turn> {
        let grey = imageops::grayscale(page);
        let grey = paper::even(&grey).unwrap_or(grey);
        let mut lines = self.detector.look(&grey)?;
        let is_standing = |line: &TextBox| line.along[1] > line.along[0].abs();
        let standing = stands(&lines);
        lines.retain(|line| is_standing(line) == standing);
        lines.sort_by(|a, b| b.width.total_cmp(&a.width));
        lines.truncate(TRIED);
        let turns = if standing { [Turn::Quarter, Turn::ThreeQuarters] } else { [Turn::None, Turn::Half] };
        let mut best = (turns[0], f64::NEG_INFINITY);
        for turn in turns {
            let mut right = 0.0;
            for line in &lines {
                let direction = turn.along();
                let forward = line.along[0] * direction[0] + line.along[1] * direction[1] > 0.0;
                let along = line.along.map(|value| if forward { value } else { -value });
                let part = TextBox { along, width: line.width.min(TRIED_LENGTH * line.height), ..*line };
                right += self.read_writing(&grey, &[part])?.iter().map(expected_right).sum::<f64>();
            }
            // Most pages are upright: to turn one over takes more than a page that nobody can read.
            let needed = if turn == Turn::Half { CLEARLY * best.1 } else { best.1 };
            if right > needed {
                best = (turn, right);
            }
        }
        Ok(best.0)
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
        self.read_in_time(page, boxes, Instant::now())
    }

    /// Reads what stands in these boxes, as long as the page has time left.
    fn read_in_time(&self, page: &GrayImage, boxes: &[TextBox], clock: Instant) -> Result<Vec<Line>> {
        let recognizer = Recognizer {
            model: &self.recognizer,
            alphabet: &self.alphabet,
            language: &self.language,
            guide: &self.guide,
            pool: &self.pool,
        };
        let mut words = Vec::with_capacity(boxes.len());
        for batch in boxes.chunks(BATCH) {
            if clock.elapsed() > TIME_LIMIT {
                return Err(too_slow());
            }
            words.extend(recognize::read(&recognizer, page, batch)?);
        }
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

/// A page read as if it were upright.
struct Attempt {
    text: PageText,
    /// Whether its lines stand on end, and so were not read.
    stands: bool,
    /// Whether it certainly was upright.
    is_sure: bool,
}

/// The number of characters of a line that are expected to be right.
fn expected_right(line: &Line) -> f64 {
    line.confidence * line.text.chars().count() as f64
}

/// The share of characters that are expected to be right.
fn share_right(lines: &[Line]) -> f64 {
    let all: usize = lines.iter().map(|line| line.text.chars().count()).sum();
    lines.iter().map(expected_right).sum::<f64>() / all.max(1) as f64
}

fn too_slow() -> Error {
    let message = format!(
        "The page takes more than {} seconds to read. Please photograph or scan it anew, with one page on each image.",
        TIME_LIMIT.as_secs()
    );
    Error::invalid("page_too_slow", message)
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
