//! Answers to one question that say the same, so that a teacher decides about them together.
//!
//! Leader clustering in a fixed order: each answer joins the first leader that it says the same as, or leads a group of its
//! own. So the groups are the same each time, and a new answer never parts those that were there.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use smartscripts_domain::{
    Error, Marks, Result,
    answer::Answer,
    feedback::AnswerGrade,
    guide::Question,
    sketch::{AnswerSketch, Meaning},
};
use unicode_normalization::UnicodeNormalization;

use crate::{
    Grader,
    adapt::Sketch,
    embedding::cosine,
    numbers::{Number, numbers},
    text::{Folded, Token, tokens},
};

/// Cosine from which on two answers mean the same. Chosen on the training sets with `bench groups`, as is the next: there
/// nine of ten members have their leader's mark (of Short Answer Feedback, with its finer marks, .78, but .96 within a
/// quarter of the maximum).
pub const SAME_MEANING: f64 = 0.9;
/// How far the measurements of two answers that say the same lie apart at most, chosen likewise.
const SAME_MEASURED: f64 = 0.07;
/// With or without them an answer says the same.
const ARTICLES: [&str; 3] = ["a", "an", "the"];
/// Letters of a symbol or a unit at most: the case of its letters tells which one it is.
const SYMBOL: usize = 3;
/// What the greatest number of an embedding becomes, in one byte.
const GREATEST: f32 = 127.0;
/// Bytes of a hash that are kept: enough that no two answers of an assessment ever share one.
const HASH_BYTES: usize = 16;

impl Grader {
    /// What is kept of an answer and its grade so that it can be compared with others to the same question. `within` names
    /// what the question belongs to; hashes made within something else differ.
    ///
    /// # Errors
    /// `internal` when the model fails.
    pub fn answer_sketch(
        &self,
        question: &Question,
        answer: &Answer,
        grade: &AnswerGrade,
        within: &str,
    ) -> Result<AnswerSketch> {
        let tokens = tokens(&answer.text);
        let mut facts: Vec<f64> = numbers(&Folded::new(&answer.text)).iter().flat_map(Number::values).collect();
        facts.sort_by(f64::total_cmp);
        let denies = tokens.iter().any(Token::is_negator);
        let literal = literal(&answer.text);
        Ok(AnswerSketch {
            words: hash([within, &question.label, "words", &words(&tokens)]),
            literal: if literal.is_empty() { literal } else { hash([within, &question.label, "literal", &literal]) },
            facts: hash([
                within,
                &question.label,
                "facts",
                &format!("{facts:?} {denies}{}", comparisons(&answer.text)),
            ]),
            marks: grade.marks,
            meaning: self.sketch(question, answer)?.as_ref().map(meaning),
        })
    }
}

/// The words as they are compared: their stems, without articles. The option A of a choice is no article.
fn words(tokens: &[Token]) -> String {
    let stems = || tokens.iter().map(|token| token.stem.as_str());
    let said: Vec<&str> = stems().filter(|stem| !ARTICLES.contains(stem)).collect();
    if said.is_empty() { stems().collect::<Vec<_>>().join(" ") } else { said.join(" ") }
}

/// What is written, with one space between words, in lower case and without the punctuation of sentences. What may carry a
/// meaning stays: `.5`, `5'`, `5!`, `1 : 2`, and the capitals of symbols, `CO` and `mW`.
fn literal(text: &str) -> String {
    let plain: String = text.nfc().collect();
    plain.split_whitespace().map(literal_word).collect::<Vec<_>>().join(" ")
}

fn literal_word(word: &str) -> String {
    let ended = |word: &str| word.trim_end_matches(['.', ',', ';', ':', '?']).to_owned();
    let is_of_letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let mut said = ended(word);
    let quoted = said.trim_matches(['!', '"', '\'', '“', '”', '„', '‘', '’']);
    if is_of_letters(quoted) {
        said = ended(quoted);
    }
    if said.is_empty() {
        return word.to_owned();
    }
    let is_symbol = said.chars().count() <= SYMBOL && said.chars().skip(1).any(char::is_uppercase);
    let is_letter = said.chars().count() == 1 && said != "A";
    if is_symbol || is_letter { said } else { said.to_lowercase() }
}

/// The signs that compare or point, in their order: `a < b` says something else than `a > b`, of the same words.
fn comparisons(text: &str) -> String {
    text.nfc().filter(|c| "<>=≤≥≠≈→←↑↓⇒⇌".contains(*c)).collect()
}

/// The parts with their lengths, so that no two lists of parts run into the same bytes.
fn hash(parts: [&str; 4]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    hex::encode(&hasher.finalize()[..HASH_BYTES])
}

/// A sketch as it is kept: an eighth of a percent of an embedding's greatest number is lost, which changes no cosine by
/// more than a hundredth.
fn meaning(sketch: &Sketch) -> Meaning {
    let greatest = sketch.meaning.iter().fold(f32::MIN_POSITIVE, |greatest, value| greatest.max(value.abs()));
    let bytes = sketch.meaning.iter().map(|value| ((value / greatest * GREATEST).round() as i8).to_be_bytes()[0]);
    Meaning {
        embedding: STANDARD.encode(bytes.collect::<Vec<u8>>()),
        measured: sketch.measured.clone(),
        expected: sketch.expected,
    }
}

impl TryFrom<&Meaning> for Sketch {
    type Error = Error;

    fn try_from(kept: &Meaning) -> Result<Self> {
        let bytes = STANDARD.decode(&kept.embedding).map_err(|error| Error::internal(format!("a sketch: {error}")))?;
        let values: Vec<f32> = bytes.into_iter().map(|byte| f32::from(i8::from_be_bytes([byte]))).collect();
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        let meaning = values.into_iter().map(|value| value / length).collect();
        Ok(Self { meaning, measured: kept.measured.clone(), expected: kept.expected })
    }
}

/// An answer, as it is put into a group.
#[derive(Clone, Debug)]
pub struct Comparable<'a> {
    words: &'a str,
    facts: &'a str,
    marks: Marks,
    sketch: Option<Sketch>,
}

impl<'a> TryFrom<&'a AnswerSketch> for Comparable<'a> {
    type Error = Error;

    fn try_from(kept: &'a AnswerSketch) -> Result<Self> {
        let sketch = kept.meaning.as_ref().map(Sketch::try_from).transpose()?;
        Ok(Self { words: &kept.words, facts: &kept.facts, marks: kept.marks, sketch })
    }
}

/// For each answer the index of the one that leads its group. Answers in a group have the same numbers, deny or affirm
/// alike, and were given the same marks; their words are the same, or the same was measured of them, nearly, and the cosine
/// of their meanings is `same_meaning` at least.
#[must_use]
pub fn groups(answers: &[Comparable], same_meaning: f64) -> Vec<usize> {
    let mut leaders: HashMap<(&str, Marks), Vec<usize>> = HashMap::new();
    let mut by_words: HashMap<(&str, &str, Marks), usize> = HashMap::new();
    let mut found = Vec::with_capacity(answers.len());
    for (index, answer) in answers.iter().enumerate() {
        let alike = leaders.entry((answer.facts, answer.marks)).or_default();
        let of_words = by_words.entry((answer.words, answer.facts, answer.marks));
        let leader = *of_words.or_insert_with(|| {
            let says_the_same = |other: &&usize| match (&answer.sketch, &answers[**other].sketch) {
                (Some(one), Some(other)) => {
                    are_alike(one, other) && cosine(&one.meaning, &other.meaning) >= same_meaning
                }
                _ => false,
            };
            let leader = alike.iter().find(says_the_same).copied();
            leader.unwrap_or_else(|| {
                alike.push(index);
                index
            })
        });
        found.push(leader);
    }
    found
}

/// Whether the same was measured of both, nearly: the embedding alone hardly tells `connected to the positive terminal` from
/// `connected to the negative terminal`, what was found of the guide's words does.
fn are_alike(one: &Sketch, other: &Sketch) -> bool {
    let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= SAME_MEASURED;
    is_near((&one.expected, &other.expected)) && one.measured.iter().zip(&other.measured).all(is_near)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::embedding::DIMENSIONS;

    fn comparable<'a>(words: &'a str, facts: &'a str, marks: i32, angle: f32) -> Comparable<'a> {
        let mut meaning = vec![0.0; DIMENSIONS];
        (meaning[0], meaning[1]) = (angle.cos(), angle.sin());
        let sketch = Sketch { meaning, measured: vec![0.5], expected: 0.5 };
        Comparable { words, facts, marks: Marks::whole(marks), sketch: Some(sketch) }
    }

    #[test]
    fn the_same_words_or_meaning_with_the_same_facts_and_marks_make_a_group() {
        let answers = [
            comparable("evaporates", "-", 1, 0.0),
            comparable("evaporates", "-", 1, 2.0),
            comparable("it dries up", "-", 1, 0.1),
            comparable("it does not", "denies", 1, 0.1),
            comparable("it dries up a little", "-", 0, 0.1),
            comparable("boils", "-", 1, 1.0),
            Comparable { sketch: None, ..comparable("", "-", 0, 0.0) },
            Comparable { sketch: None, ..comparable("", "-", 0, 0.0) },
        ];
        assert_eq!(groups(&answers, 0.9), [0, 0, 0, 3, 4, 5, 6, 6]);
    }

    #[test]
    fn articles_part_nobody_unless_there_is_nothing_else() {
        let words = |text: &str| words(&tokens(text));
        assert_eq!(words("The mitochondria."), words("mitochondria"));
        assert_ne!(words("the cell"), words("the wall"));
        assert_eq!(words("A"), "a");
        assert_ne!(words("A"), words("B"));
    }

    #[test]
    fn the_same_is_written_only_where_each_word_and_sign_is_the_same() {
        assert_eq!(literal(" The  Mitochondria. "), literal("the mitochondria"));
        assert_eq!(literal("A cell, “the smallest” unit!"), "a cell the smallest unit");
        for (one, other) in [
            ("12.5", "125"),
            ("-3", "3"),
            (".5", "5"),
            ("5'", "5\""),
            ("5!", "5"),
            ("A'", "A"),
            ("1 : 2", "1 2"),
            ("CO", "Co"),
            ("5 mW", "5 MW"),
            ("V", "v"),
            ("walked", "walks"),
            ("a - b", "a + b"),
            ("x²", "x2"),
        ] {
            assert_ne!(literal(one), literal(other));
        }
        assert_eq!(literal(" \n"), "");
        assert_ne!(comparisons("a < b"), comparisons("a > b"));
        assert_eq!(comparisons("more, and -3 + 2"), "");
    }

    #[test]
    fn a_hash_tells_where_one_part_ends() {
        assert_ne!(hash(["a", "b", "", "c"]), hash(["ab", "", "", "c"]));
        assert_eq!(hash(["a", "b", "", "c"]).len(), 2 * HASH_BYTES);
    }

    proptest! {
        #[test]
        fn a_sketch_keeps_its_meaning(values in proptest::collection::vec(-1.0_f32..1.0, 384)) {
            let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
            prop_assume!(length > 0.1);
            let whole: Vec<f32> = values.iter().map(|value| value / length).collect();
            let sketch = Sketch { meaning: whole.clone(), measured: vec![0.25], expected: 0.5 };
            let again = Sketch::try_from(&meaning(&sketch)).unwrap();
            prop_assert!(cosine(&whole, &again.meaning) > 0.999);
            prop_assert_eq!((again.measured, again.expected), (sketch.measured, sketch.expected));
        }

        #[test]
        fn a_leader_leads_itself_and_comes_first_and_more_answers_part_nobody(
            answers in proptest::collection::vec((0_usize..4, 0_usize..2, 0_i32..2, 0.0_f32..6.0), 1..40),
        ) {
            let (words, facts) = (["a", "b", "c", "d"], ["x", "y"]);
            let answers: Vec<Comparable> = answers
                .iter()
                .map(|&(word, fact, marks, angle)| comparable(words[word], facts[fact], marks, angle))
                .collect();
            let found = groups(&answers, 0.9);
            for (index, &leader) in found.iter().enumerate() {
                prop_assert!(leader <= index && found[leader] == leader);
                prop_assert_eq!((answers[leader].facts, answers[leader].marks), (answers[index].facts, answers[index].marks));
            }
            let half = answers.len() / 2;
            prop_assert_eq!(&groups(&answers[..half], 0.9), &found[..half]);
        }
    }
}
