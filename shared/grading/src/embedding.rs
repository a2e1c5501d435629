//! Sentence embeddings: all-MiniLM-L6-v2 with int8 weights, run by rten.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rten::{Model, NodeId, NodeInfo, RunOptions, ThreadPool, Value};
use smartscripts_domain::{Error, Result};
use tokenizers::{Tokenizer, TruncationParams};

/// Length of an embedding.
pub const DIMENSIONS: usize = 384;
/// Word pieces of a text that are looked at. The model was trained with 128, and its tokenizer says so too.
const MAX_PIECES: usize = 128;

/// Embeddings of guide texts that are remembered, at 1.5 KB each; then all are forgotten.
const REMEMBERED: usize = 2_000;

/// A text as a vector of length one, so that the dot product of two is the cosine of their angle.
pub type Embedding = Vec<f32>;

/// The sentence embedding model with its tokenizer.
pub struct Embedder {
    model: Model,
    inputs: Vec<(NodeId, Input)>,
    output: NodeId,
    tokenizer: Tokenizer,
    threads: Arc<ThreadPool>,
    guide_texts: Mutex<HashMap<String, Arc<Embedding>>>,
}

/// What an input of the model wants for each word piece.
#[derive(Clone, Copy)]
enum Input {
    Pieces,
    Ones,
    Zeros,
}

impl Embedder {
    /// Loads `sentence-embedding.onnx` and `tokenizer.json` of this folder.
    pub fn load(models: &Path) -> Result<Self> {
        let wrong = |file: &Path, error: &dyn std::fmt::Display| {
            Error::internal(format!("cannot load {}: {error}; infra/models/prepare.py makes it", file.display()))
        };
        let file = models.join("sentence-embedding.onnx");
        let model = Model::load_file(&file).map_err(|error| wrong(&file, &error))?;
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
        let truncation = TruncationParams { max_length: MAX_PIECES, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(|error| wrong(&file, &error))?;
        tokenizer.with_padding(None);
        // One thread: a sentence is too short to be worth sharing out, and the sums are then always in the same order.
        let threads = Arc::new(ThreadPool::with_num_threads(1));
        Ok(Self { model, inputs, output, tokenizer, threads, guide_texts: Mutex::default() })
    }

    /// The embedding of one text, of length one. Texts go in one at a time, so that none depends on its neighbours:
    /// the model quantizes its activations by the range that it sees.
    pub fn embed(&self, text: &str) -> Result<Embedding> {
        let encoding =
            self.tokenizer.encode(text, true).map_err(|error| Error::internal(format!("tokenizer: {error}")))?;
        let pieces: Vec<i32> = encoding.get_ids().iter().map(|&id| id as i32).collect();
        let length = pieces.len();
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for &(id, input) in &self.inputs {
            let row = match input {
                Input::Pieces => pieces.clone(),
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
        let ([_, _, width], values) = value.into_shape_vec::<f32, 3>().map_err(Error::internal)?;
        if width != DIMENSIONS {
            return Err(Error::internal(format!("the sentence embedding model is {width} wide, not {DIMENSIONS}")));
        }
        Ok(mean_of_length_one(&values))
    }

    /// The same, remembered: the guide's texts come again with every answer.
    pub fn embed_cached(&self, text: &str) -> Result<Arc<Embedding>> {
        let known = |cache: &HashMap<String, Arc<Embedding>>| cache.get(text).map(Arc::clone);
        if let Some(embedding) = known(&self.guide_texts.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(embedding);
        }
        let embedding = Arc::new(self.embed(text)?);
        let mut cache = self.guide_texts.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= REMEMBERED {
            cache.clear();
        }
        cache.insert(text.to_owned(), Arc::clone(&embedding));
        Ok(embedding)
    }

    /// Whether the word, in lower case, is common enough to have a word piece of its own.
    pub fn knows(&self, word: &str) -> bool {
        self.tokenizer.token_to_id(word).is_some()
    }
}

/// The mean of the word pieces' vectors, scaled to length one: the pooling that the model was trained with.
fn mean_of_length_one(pieces: &[f32]) -> Embedding {
    let mut mean = vec![0.0_f32; DIMENSIONS];
    for piece in pieces.chunks_exact(DIMENSIONS) {
        for (sum, value) in mean.iter_mut().zip(piece) {
            *sum += value;
        }
    }
    let length = mean.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    for value in &mut mean {
        *value /= length;
    }
    mean
}

/// Cosine similarity of two embeddings, rounded to a thousandth so that a decision does not hang on the last bit.
pub fn similarity(a: &Embedding, b: &Embedding) -> f64 {
    let cosine: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    (f64::from(cosine) * 1000.0).round() / 1000.0
}
