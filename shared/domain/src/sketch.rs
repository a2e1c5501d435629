//! What is kept of a graded answer so that it can be compared with the others to the same question: hashes and
//! measurements, none of its words.

use serde::{Deserialize, Serialize};

use crate::{Marks, feedback::AnswerGrade};

/// An answer, as far as it is compared with others to the same question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerSketch {
    /// Hash of its words, folded and stemmed, in their order; of the assessment and the question too, so that nobody sees
    /// that two answers to different questions are the same.
    pub words: String,
    /// Hash, made likewise, of what is written, but for the case of words, spaces, and the punctuation of sentences: the same
    /// only where a reader would say that both have written the same. Empty where nothing is, and of answers sketched before
    /// it was kept.
    #[serde(default)]
    pub literal: String,
    /// Hash, made likewise, of its numbers, its signs of comparison, and of whether it denies something.
    pub facts: String,
    /// The marks that the machine gave before it knew of any that a teacher had given to others.
    pub marks: Marks,
    /// What it means; none where it holds no words, or the question asks for no short answer or explanation.
    pub meaning: Option<Meaning>,
}

/// What an answer means and what was measured of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meaning {
    /// Its sentence embedding, each number in one byte, in base64.
    pub embedding: String,
    /// What was measured that tells most, all between 0 and 1.
    pub measured: Vec<f64>,
    /// The share of the marks that the machine expects.
    pub expected: f64,
}

/// An answer's grade with its sketch, as a step of grading leaves them to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SketchedGrade {
    /// The grade.
    pub grade: AnswerGrade,
    /// The sketch; none if the answer is the same as before, so that the sketch of it that is kept still holds.
    pub sketch: Option<AnswerSketch>,
}
