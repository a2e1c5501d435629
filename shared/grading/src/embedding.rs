//! What words mean where they stand: all-MiniLM-L6-v2 with int8 weights, run by rten.
//!
//! A text is read behind its question, `[CLS] question [SEP] text [SEP]`, because "the second one" means nothing without
//! it; measured by question, that told right from wrong answers one to two points better than the text alone.

use std::{
    collections::HashMap,
    ops::Range,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rten::{Model, ModelOptions, NodeId, NodeInfo, RunOptions, ThreadPool, Value};
use smartscripts_domain::{Error, Result};
use tokenizers::Tokenizer;

/// Length of an embedding.
pub const DIMENSIONS: usize = 384;
/// Word pieces of the question that stand before a text: its last ones, where most questions ask.
const QUESTION_PIECES: usize = 48;
/// Word pieces of the text that are read at once; with the question they stay within the 256 that the model is good for.
const WINDOW_PIECES: usize = 160;
/// Pieces that begin, and separate, texts, and a full stop.
const BEGIN: i32 = 101;
const SEPARATOR: i32 = 102;
const STOP: i32 = 1012;
/// Pieces of the vocabulary before the first word; from there on it is sorted by how common they are.
const FIRST_WORD: u32 = 1990;
/// How many pieces there are.
const PIECES: f64 = 30_522.0;
/// Rarity of the commonest words.
const LEAST_RARE: f64 = 0.05;

/// Texts of guides that are remembered; then all are forgotten. The longest take half a megabyte each.
const REMEMBERED: usize = 400;

/// A vector of length one, so that the dot product of two is the cosine of their angle.
pub type Embedding = Vec<f32>;

/// The language model with its tokenizer.
pub struct Embedder {
    model: Model,
    inputs: Vec<(NodeId, Input)>,
    output: NodeId,
    tokenizer: Tokenizer,
    threads: Arc<ThreadPool>,
    guide_texts: Mutex<HashMap<String, Arc<Contextual>>>,
}

/// What an input of the model wants for each word piece.
#[derive(Clone, Copy)]
enum Input {
    Pieces,
    Ones,
    Zeros,
}

/// A text read in the light of its question: a vector of length one for each of its words, none where the model was not
/// asked.
#[derive(Clone, Default)]
pub struct Contextual {
    /// The words' vectors, one after another; zeros where the model was not asked.
    vectors: Vec<f32>,
}

impl Contextual {
    /// For so many words, none of them read yet.
    pub fn unread(words: usize) -> Self {
        Self { vectors: vec![0.0; words * DIMENSIONS] }
    }

    /// The vector of the word with this number; zeros where the model was not asked.
    pub fn word(&self, index: usize) -> &[f32] {
        &self.vectors[index * DIMENSIONS..(index + 1) * DIMENSIONS]
    }

    /// The mean of the vectors of these words, scaled to length one; zeros where none was read.
    pub fn mean(&self, from: usize, to: usize) -> Embedding {
        mean_of_length_one(&self.vectors[from * DIMENSIONS..to * DIMENSIONS])
    }

    fn set(&mut self, index: usize, pieces: &[f32]) {
        let vector = mean_of_length_one(pieces);
        self.vectors[index * DIMENSIONS..(index + 1) * DIMENSIONS].copy_from_slice(&vector);
    }
}

/// A text as the model reads it: its words, and behind which of them a sentence ends.
pub struct Words<'a> {
    /// The words in lower case.
    pub words: Vec<&'a str>,
    /// For each of them, whether a sentence ends behind it.
    pub ends: Vec<bool>,
}

impl Embedder {
    /// Loads `sentence-embedding.onnx` and `tokenizer.json` of this folder.
    pub fn load(models: &Path) -> Result<Self> {
        let wrong = |file: &Path, error: &dyn std::fmt::Display| {
            Error::internal(format!("cannot load {}: {error}; infra/models/prepare.py makes it", file.display()))
        };
        let file = models.join("sentence-embedding.onnx");
        // Weights are laid out for the processor once, not at every run: the same numbers, in three quarters of the time.
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load_file(&file)
            .map_err(|error| wrong(&file, &error))?;
        let mut inputs = Vec::new();
        for &id in model.input_ids() {
            let info = model.node_info(id);
            let input = match info.as_ref().and_then(NodeInfo::name) {
                Some("input_ids") => Input::Pieces,
                Some("attention_mask") => Input::Ones,
                Some("token_type_ids") => Input::Zeros,
                name => return Err(wrong(&file, &format!("it has an unexpected input {name:?}"))),
            };
            inputs.push((id, input));
        }
        let Some(&output) = model.output_ids().first() else {
            return Err(wrong(&file, &"it has no output"));
        };

        let file = models.join("tokenizer.json");
        let mut tokenizer = Tokenizer::from_file(&file).map_err(|error| wrong(&file, &error))?;
        tokenizer.with_truncation(None).map_err(|error| wrong(&file, &error))?;
        tokenizer.with_padding(None);
        // One thread: a sentence is too short to be worth sharing out, and the sums are then always in the same order.
        let threads = Arc::new(ThreadPool::with_num_threads(1));
        Ok(Self { model, inputs, output, tokenizer, threads, guide_texts: Mutex::default() })
    }

    /// Reads the words of these ranges, at most so many windows of them, behind the question.
    pub fn read(&self, question: &Words, text: &Words, ranges: &[(usize, usize)]) -> Result<Contextual> {
        let mut asked = self.pieces(question, 0, question.words.len())?.0;
        asked.drain(..asked.len().saturating_sub(QUESTION_PIECES));
        let mut context = Contextual::unread(text.words.len());
        for &(start, end) in ranges {
            self.read_window(&asked, text, start, end, &mut context)?;
        }
        Ok(context)
    }

    /// The same for a whole text of the guide, remembered: it comes again with every answer.
    pub fn read_cached(&self, question: &Words, text: &Words, windows: &[(usize, usize)]) -> Result<Arc<Contextual>> {
        let key = format!("{}\n{}\n{:?}", question.words.join(" "), text.words.join(" "), text.ends);
        let known = |cache: &HashMap<String, Arc<Contextual>>| cache.get(&key).map(Arc::clone);
        if let Some(context) = known(&self.guide_texts.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(context);
        }
        let context = Arc::new(self.read(question, text, windows)?);
        let mut cache = self.guide_texts.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= REMEMBERED {
            cache.clear();
        }
        cache.insert(key, Arc::clone(&context));
        Ok(context)
    }

    fn read_window(
        &self,
        asked: &[i32],
        text: &Words,
        start: usize,
        end: usize,
        context: &mut Contextual,
    ) -> Result<()> {
        let (pieces, owners) = self.pieces(text, start, end)?;
        let mut row = vec![BEGIN];
        row.extend(asked);
        row.push(SEPARATOR);
        let before = row.len();
        row.extend(pieces.iter().take(WINDOW_PIECES));
        row.push(SEPARATOR);
        let values = self.run(&row)?;
        for (index, range) in owners.iter().enumerate() {
            let range = range.start.min(WINDOW_PIECES)..range.end.min(WINDOW_PIECES);
            if !range.is_empty() {
                let bytes = (before + range.start) * DIMENSIONS..(before + range.end) * DIMENSIONS;
                context.set(start + index, &values[bytes]);
            }
        }
        Ok(())
    }

    /// The word pieces of these words, and which are each word's.
    fn pieces(&self, text: &Words, start: usize, end: usize) -> Result<(Vec<i32>, Vec<Range<usize>>)> {
        let (mut pieces, mut owners) = (Vec::new(), Vec::new());
        for index in start..end {
            let from = pieces.len();
            let encoding = self.tokenizer.encode_fast(text.words[index], false);
            let encoding = encoding.map_err(|error| Error::internal(format!("tokenizer: {error}")))?;
            pieces.extend(encoding.get_ids().iter().map(|&id| id as i32));
            owners.push(from..pieces.len());
            if text.ends[index] {
                pieces.push(STOP);
            }
        }
        Ok((pieces, owners))
    }

    /// The last layer's vectors, one after another. Texts go in one at a time, so that none depends on its neighbours.
    fn run(&self, pieces: &[i32]) -> Result<Vec<f32>> {
        let length = pieces.len();
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for &(id, input) in &self.inputs {
            let row = match input {
                Input::Pieces => pieces.to_vec(),
                Input::Ones => vec![1; length],
                Input::Zeros => vec![0; length],
            };
            let value = Value::from_shape(&[1, length], row).map_err(Error::internal)?;
            inputs.push((id, value.into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)));
        let outputs = self.model.run(inputs, &[self.output], Some(options)).map_err(Error::internal)?;
        let Some(value) = outputs.into_iter().next() else {
            return Err(Error::internal("the sentence embedding model gave no output"));
        };
        let ([_, rows, width], values) = value.into_shape_vec::<f32, 3>().map_err(Error::internal)?;
        if width != DIMENSIONS || rows != length {
            return Err(Error::internal(format!("the sentence embedding model gave {rows} × {width} numbers")));
        }
        Ok(values)
    }

    /// Whether the word, in lower case, is common enough to have a word piece of its own.
    pub fn knows(&self, word: &str) -> bool {
        self.tokenizer.token_to_id(word).is_some()
    }

    /// How rare a word is, from near 0 (`the`) to 1 (no piece of its own): the logarithm of its rank among the word
    /// pieces, which stands for the logarithm of its frequency (Zipf).
    pub fn rarity(&self, word: &str) -> f64 {
        let rank = |id: u32| f64::from(id.saturating_sub(FIRST_WORD).max(1));
        self.tokenizer.token_to_id(word).map_or(1.0, |id| (rank(id).ln() / PIECES.ln()).clamp(LEAST_RARE, 1.0))
    }
}

/// The mean of these vectors, scaled to length one; zeros when there are none.
fn mean_of_length_one(vectors: &[f32]) -> Embedding {
    let mut mean = vec![0.0_f32; DIMENSIONS];
    for vector in vectors.chunks_exact(DIMENSIONS) {
        for (sum, value) in mean.iter_mut().zip(vector) {
            *sum += value;
        }
    }
    let length = mean.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for value in &mut mean {
            *value /= length;
        }
    }
    mean
}

/// Cosine of two vectors of length one. Eight sums side by side, always the same ones, so that it is fast and repeats.
pub fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0_f32; 8];
    for (x, y) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    f64::from(sums.iter().sum::<f32>())
}
