//! Answers that are no answers: the question copied back, orders to the grader, another language, gibberish.

use std::collections::BTreeSet;

use crate::{embedding::Embedder, features::Prepared, text::Token};

/// Share of the question's words with content from which an answer that adds none of its own copies it.
const COPIED: f64 = 0.6;
/// Words of a question from which that is asked.
const QUESTION_WORDS: usize = 3;
/// Share of the words that must be words, or stand in the guide.
const KNOWN: f64 = 0.4;
/// Words of an answer from which it must have one like `the` or `is` to pass for English.
const SENTENCE: usize = 8;
/// Words with which one speaks to a grader; two of them are an order, unless the question or guide has them.
const ORDERS: [&str; 14] = [
    "award",
    "confidence",
    "correct",
    "criterion",
    "full",
    "grade",
    "grader",
    "ignore",
    "instructions",
    "marks",
    "points",
    "rubric",
    "score",
    "system",
];
const ORDER_WORDS: usize = 2;

/// What is wrong with an answer.
pub struct Suspicion {
    /// Whether it earns nothing, whatever else is found in it.
    pub earns_nothing: bool,
    /// Why a criterion is refused.
    pub reason: &'static str,
    /// Why a person must look at it.
    pub review: &'static str,
}

/// Looks for what is wrong with an answer that has words. `question_words` are the first numbers of the vocabulary.
pub fn of(answer: &Prepared, question: &[Token], question_words: usize, embedder: &Embedder) -> Option<Suspicion> {
    let words = answer.tokens.len();
    let is_known = |index: usize| answer.ids[index].is_some() || embedder.knows(&answer.tokens[index].word);
    let known = (0..words).filter(|&index| is_known(index)).count();
    if (known as f64) < KNOWN * words as f64 {
        return Some(Suspicion {
            earns_nothing: true,
            reason: "The answer holds hardly any words that are known.",
            review: "Hardly any word of the answer is known: it may be in another language, or misread.",
        });
    }
    let of_guide = (0..words).filter(|&index| answer.tokens[index].is_content() && answer.ids[index].is_some()).count();
    let with_content = answer.tokens.iter().filter(|token| token.is_content()).count();
    if words >= SENTENCE && with_content == words && of_guide * 4 < words {
        return Some(Suspicion {
            earns_nothing: true,
            reason: "The answer does not seem to be in English.",
            review: "The answer seems to be in another language than the guide.",
        });
    }
    if copies(answer, question, question_words) {
        return Some(Suspicion {
            earns_nothing: true,
            reason: "The answer only repeats the question.",
            review: "The answer only repeats the question.",
        });
    }
    let orders: BTreeSet<&str> = (0..words)
        .filter(|&index| answer.ids[index].is_none())
        .map(|index| answer.tokens[index].word.as_str())
        .filter(|word| ORDERS.contains(word))
        .collect();
    (orders.len() >= ORDER_WORDS).then_some(Suspicion {
        earns_nothing: of_guide * 4 < with_content,
        reason: "The answer speaks to the grader instead of answering.",
        review: "The answer seems to speak to the grader. Nothing of that was followed.",
    })
}

/// Whether most of the question stands in the answer, and nothing else.
fn copies(answer: &Prepared, question: &[Token], question_words: usize) -> bool {
    let with_content = |token: &&Token| token.is_content();
    let asked: BTreeSet<&str> = question.iter().filter(with_content).map(|token| token.stem.as_str()).collect();
    let is_repeated = |token: &&Token| asked.contains(token.stem.as_str());
    let tokens = answer.tokens.iter();
    let repeated: BTreeSet<&str> = tokens.filter(is_repeated).map(|token| token.stem.as_str()).collect();
    let adds = answer.tokens.iter().zip(&answer.ids);
    let adds = adds.filter(|(token, id)| token.is_content() && !id.is_some_and(|id| id < question_words)).count();
    adds == 0 && asked.len() >= QUESTION_WORDS && repeated.len() as f64 >= COPIED * asked.len() as f64
}
