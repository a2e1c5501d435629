//! # grading
//!
//! A student's answer and a question of the guide in; marks with their reasons, evidence and confidence out. Pure and
//! deterministic: the same bytes whatever the thread count. Short answers and explanations are matched criterion by
//! criterion, by words and by what they mean (`written`, `features`), and weighed by a trained head (`head`, `marks`); after
//! the teacher's first marks by what these say, too (`adapt`). Numbers and choices are graded by rules
//! (`numeric`, `choices`, `true_false`, `steps`). Where a doubtful word could be read otherwise, the other reading is graded,
//! too (`readings`). What a student writes is data throughout: no part of it is ever followed as an instruction.

mod adapt;
mod choices;
mod criteria;
mod embedding;
mod evidence;
mod features;
mod groups;
mod head;
mod marks;
mod numbers;
mod numeric;
mod opposites;
mod quantity;
mod readings;
mod steps;
mod suspicion;
mod text;
mod true_false;
mod units;
mod vocabulary;
mod written;

use std::{borrow::Cow, path::Path};

use smartscripts_domain::{
    Marks, Result,
    answer::Answer,
    feedback::{AnswerGrade, CriterionGrade, Evidence},
    guide::{Criteria, Criterion, Marking, Question},
    reading::round_confidence,
    totals::Totals,
};

pub use crate::{
    adapt::{Expected, Sketch, adapt, choose},
    features::NAMES as FEATURE_NAMES,
    groups::{Comparable, SAME_MEANING, groups},
};

use crate::{embedding::Embedder, head::Head, suspicion::Suspicion, written::Written};

/// Confidence below which a person must look at a decision. What a confidence promises was seen on questions that the head
/// was not trained on (`infra/training/grading`), and is promised with a margin.
const REVIEW_BELOW: f64 = 0.6;
/// Mean confidence of an answer's reading below which a person must look at it: more than every fourth character is
/// then expected to be wrong, and even its recognized words may be others.
const HARD_TO_READ: f64 = 0.75;
/// Confidence that an answer which was not found was not given.
const NOT_FOUND: f64 = 0.5;
/// Most confidence in marks that another reading of a doubtful word would change.
const READ_OTHERWISE: f64 = 0.5;

/// Grades answers. Load it once and share it among threads.
pub struct Grader {
    embedder: Embedder,
    head: Head,
}

impl Grader {
    /// Name and version of the engine, kept with every grade. Change it with anything that can change a grade.
    pub const ENGINE: &str =
        concat!("smartscripts-grading 4 (MiniLM-L6-v2, head ", include_str!("../assets/head.version"), ")");

    /// Loads the model files `sentence-embedding.onnx` and `tokenizer.json` from this folder.
    ///
    /// # Errors
    /// `internal` when a file is missing or is no such model.
    pub fn load(models: &Path) -> Result<Self> {
        Ok(Self { embedder: Embedder::load(models)?, head: Head::load()? })
    }

    /// What is measured of an answer for each criterion, and last, where there are several criteria and a model answer,
    /// for the model answers as a whole. The names are [`FEATURE_NAMES`]. Training and measuring need it, grading does
    /// the same inside.
    ///
    /// # Errors
    /// `internal` when the model fails.
    pub fn features(&self, question: &Question, answer: &Answer) -> Result<Vec<Option<Vec<f64>>>> {
        let (Marking::ShortAnswer(part) | Marking::Explanation(part)) = &question.marking else {
            return Ok(Vec::new());
        };
        let part = whole(question, part);
        let found = written::find(&self.embedder, question, &part, answer)?;
        let all = found.criteria.into_iter().chain([found.whole]);
        Ok(all.map(|finding| finding.map(|finding| finding.features.to_vec())).collect())
    }

    /// What of an answer is compared with other answers to the same question by [`adapt`] and [`choose`]. None where the
    /// answer holds no words, or the question is no short answer or explanation.
    ///
    /// # Errors
    /// `internal` when the model fails.
    pub fn sketch(&self, question: &Question, answer: &Answer) -> Result<Option<Sketch>> {
        let (Marking::ShortAnswer(part) | Marking::Explanation(part)) = &question.marking else { return Ok(None) };
        let part = whole(question, part);
        let found = written::find(&self.embedder, question, &part, answer)?;
        Ok(written::sketch(&found, &self.head, &part))
    }

    /// Grades one answer. Every criterion gets a reason and, unless the answer is empty, the words that decided it.
    ///
    /// The time is bounded whatever the answer's length: at most 720 words of the answer, those with the most of the
    /// guide's words around them, and 64 texts of the guide are read by the model; everything else is linear in the
    /// answer's words.
    ///
    /// # Errors
    /// `internal` when the model fails.
    pub fn grade(&self, question: &Question, answer: &Answer) -> Result<AnswerGrade> {
        self.grade_with(question, answer, None)
    }

    /// The same, with what [`adapt`] says about the answer after the teacher's marks of others.
    ///
    /// # Errors
    /// `internal` when the model fails.
    pub fn grade_with(&self, question: &Question, answer: &Answer, learned: Option<Expected>) -> Result<AnswerGrade> {
        let grade = self.grade_as_read(question, answer, learned)?;
        if answer.text.trim().is_empty() || grade.review_reason.is_some() {
            return Ok(grade);
        }
        // Other readings are tried only where nothing else calls for a person already.
        let Some(doubt) =
            readings::doubt(question, answer, &grade, |other| self.grade_as_read(question, other, learned))?
        else {
            return Ok(grade);
        };
        let confidence = grade.confidence.min(READ_OTHERWISE);
        Ok(AnswerGrade { confidence, review_reason: Some(doubt), ..grade })
    }

    /// Grades the answer as it was read, without a look at other readings.
    fn grade_as_read(&self, question: &Question, answer: &Answer, learned: Option<Expected>) -> Result<AnswerGrade> {
        if answer.text.trim().is_empty() {
            return Ok(empty(question, answer));
        }
        let is_written = matches!(question.marking, Marking::ShortAnswer(_) | Marking::Explanation(_));
        let suspicion = (!is_written).then(|| suspicion::of_other_kinds(question, &answer.text)).flatten();
        if let Some(suspicion) = suspicion.as_ref().filter(|suspicion| suspicion.earns_nothing) {
            return Ok(suspect(question, answer, suspicion));
        }
        let (criteria, doubt) = match &question.marking {
            Marking::ShortAnswer(part) | Marking::Explanation(part) => {
                let written = self.written(question, part, answer, learned)?;
                let doubt = written.doubt.or_else(|| hard_to_read(answer));
                let doubt = doubt.or_else(|| doubtful(&written.criteria, written.confidence));
                let grade = total(question, answer, written.criteria, doubt);
                return Ok(AnswerGrade { confidence: written.confidence, ..grade });
            }
            Marking::Numeric(numeric) => numeric::grade(question, numeric, answer),
            Marking::SingleChoice(choice) => choices::grade(question, choice, true, answer),
            Marking::MultipleChoice(choice) => choices::grade(question, choice, false, answer),
            Marking::TrueFalse(statement) => {
                let reason = match &statement.reason {
                    Some(part) => Some(self.written(question, part, answer, None)?),
                    None => None,
                };
                true_false::grade(question, statement, answer, reason)
            }
            Marking::Steps(part) => {
                let said = match steps::said(part) {
                    Some(criteria) => self.written(question, &criteria, answer, None)?.criteria,
                    None => Vec::new(),
                };
                steps::grade(question, part, answer, said)
            }
        };
        let confidence = criteria.iter().map(|criterion| criterion.confidence).fold(1.0, f64::min);
        let doubt = suspicion.map(|suspicion| suspicion.review.to_owned()).or(doubt);
        let review_reason = doubt.or_else(|| hard_to_read(answer)).or_else(|| doubtful(&criteria, confidence));
        Ok(total(question, answer, criteria, review_reason))
    }

    fn written(
        &self,
        question: &Question,
        part: &Criteria,
        answer: &Answer,
        learned: Option<Expected>,
    ) -> Result<Written> {
        let part = whole(question, part);
        let found = written::find(&self.embedder, question, &part, answer)?;
        Ok(written::grade(&found, &self.head, &part, answer, learned))
    }
}

/// The criteria as a grade lists them: where the guide has none, one for the model answers as a whole.
fn whole<'a>(question: &Question, part: &'a Criteria) -> Cow<'a, Criteria> {
    if !part.criteria.is_empty() {
        return Cow::Borrowed(part);
    }
    let verdict = match &question.marking {
        Marking::TrueFalse(statement) => statement.verdict_marks,
        _ => Marks::ZERO,
    };
    let criteria = part.criteria_or_whole(question.marks - verdict);
    Cow::Owned(Criteria { criteria, ..part.clone() })
}

/// Marks and confidence of the whole answer. The decisions are taken to be independent, so the probability that a
/// teacher would make all of them is their product.
fn total(
    question: &Question,
    answer: &Answer,
    criteria: Vec<CriterionGrade>,
    review_reason: Option<String>,
) -> AnswerGrade {
    let totals = question.totals();
    let mut grade = AnswerGrade {
        question: question.label.clone(),
        answer: answer.text.clone(),
        marks: Marks::ZERO,
        max_marks: question.marks,
        totals: (totals != Totals::default()).then_some(totals),
        total_reason: None,
        counts: true,
        confidence: round_confidence(criteria.iter().map(|criterion| criterion.confidence).product()),
        review_reason,
        criteria,
        decided: None,
    };
    grade.add_up();
    grade
}

/// A decision about one criterion, told to the teacher by its reason and to the student by the same about their answer.
fn judged(
    criterion: &Criterion,
    marks: Marks,
    confidence: f64,
    reason: String,
    evidence: Option<Evidence>,
) -> CriterionGrade {
    CriterionGrade {
        criterion: criterion.id.clone(),
        description: criterion.description.clone(),
        marks,
        max_marks: *criterion.range().end(),
        min_marks: *criterion.range().start(),
        level: None,
        confidence: round_confidence(confidence),
        missing: Vec::new(),
        feedback: reason.replacen("The answer", "Your answer", 1),
        reason,
        evidence,
    }
}

fn empty(question: &Question, answer: &Answer) -> AnswerGrade {
    let refuse =
        |criterion: &Criterion| judged(criterion, Marks::ZERO, NOT_FOUND, "No answer was found.".to_owned(), None);
    let criteria: Vec<CriterionGrade> = question.criteria().iter().map(refuse).collect();
    let label = &question.label;
    let reason = format!("No answer was found for question {label}. Please check the pages and the lines left over.");
    AnswerGrade { confidence: NOT_FOUND, ..total(question, answer, criteria, Some(reason)) }
}

/// An answer that is none: nothing for any criterion, and a person looks at it.
fn suspect(question: &Question, answer: &Answer, suspicion: &Suspicion) -> AnswerGrade {
    let evidence = || evidence::opening(answer);
    let refuse =
        |criterion: &Criterion| judged(criterion, Marks::ZERO, NOT_FOUND, suspicion.reason.to_owned(), evidence());
    let criteria: Vec<CriterionGrade> = question.criteria().iter().map(refuse).collect();
    let review = Some(suspicion.review.to_owned());
    AnswerGrade { confidence: NOT_FOUND, ..total(question, answer, criteria, review) }
}

fn hard_to_read(answer: &Answer) -> Option<String> {
    let mean = evidence::reading_confidence(answer, 0, answer.text.len());
    (mean < HARD_TO_READ).then(|| "The writing was hard to read, so words may have been taken for others.".to_owned())
}

/// Names the least certain decision when the answer's confidence is below the threshold.
fn doubtful(criteria: &[CriterionGrade], confidence: f64) -> Option<String> {
    let least = criteria.iter().min_by(|a, b| a.confidence.total_cmp(&b.confidence))?;
    (confidence < REVIEW_BELOW)
        .then(|| format!("It is uncertain whether the answer fulfils {}.", quote(&least.description)))
}

/// Longest quotation in a reason, in characters.
const QUOTE_CHARACTERS: usize = 120;

/// A text in quotation marks on one line, cut to a length that fits a sentence.
fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTE_CHARACTERS) {
        Some((cut, _)) => format!("“{}…”", line[..cut].trim_end()),
        None => format!("“{line}”"),
    }
}
