//! Answers that are no answers: the question copied back, orders to the grader, another language, gibberish.

use std::collections::BTreeSet;

use whatlang::Lang;

use smartscripts_domain::guide::{Marking, Question};

use crate::{
    embedding::Embedder,
    features::Prepared,
    text::{Token, tokens},
};

/// Share of the question's words with content from which an answer that adds none of its own copies it.
const COPIED: f64 = 0.6;
/// The same where an answer is looked at for numbers, letters or a verdict alone: of a short question its answer may repeat
/// much.
const COPIED_WHOLE: f64 = 0.85;
/// Words of a question from which that is asked.
const QUESTION_WORDS: usize = 3;
/// Share of the words that must be words, or stand in the guide.
const KNOWN: f64 = 0.4;
/// Words of an answer from which its language can be told.
const SENTENCE: usize = 8;
/// Confidence from which a language is told. Related ones share it: Spanish sentences have .75 beside Catalan; of keywords in
/// a row without grammar, taken for a language that they are not, it is below .1.
const TOLD: f64 = 0.5;
/// Least share of words like `the` and `is` in English, where it is two in five in prose; in another language one in eight
/// may happen to be such a word (`die`, `in`, `her`).
const FUNCTION_WORDS: f64 = 0.16;
/// Characters of a guide by which its language is told: some eighty words.
const GUIDE_CHARACTERS: usize = 500;
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

/// The language of these texts of a guide; none where it can't be told.
pub fn language<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Lang> {
    let mut all = String::new();
    for text in texts {
        if all.len() > GUIDE_CHARACTERS {
            break;
        }
        all.push_str(text);
        all.push('\n');
    }
    told(&all)
}

/// The language of a text; none where it can't be told well enough.
fn told(text: &str) -> Option<Lang> {
    whatlang::detect(text).filter(|info| info.confidence() >= TOLD).map(|info| info.lang())
}

/// Looks for what is wrong with an answer that has words. `question_words` are the first numbers of the vocabulary. The
/// guide's language is asked for only where it matters.
pub fn of(
    text: &str,
    answer: &Prepared,
    question: &[Token],
    question_words: usize,
    guide_language: impl FnOnce() -> Option<Lang>,
    embedder: &Embedder,
) -> Option<Suspicion> {
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
    let has_english = (words - with_content) as f64 >= FUNCTION_WORDS * words as f64;
    let is_another = |of_answer: Lang| {
        guide_language().is_some_and(|of_guide| of_guide != of_answer && !(of_guide == Lang::Eng && has_english))
    };
    // Words in common prove little: `carbono` passes for `carbon`.
    if words >= SENTENCE && of_guide * 2 < words && told(text).is_some_and(is_another) {
        return Some(Suspicion {
            earns_nothing: true,
            reason: "The answer seems to be in another language than the guide.",
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

/// Looks for the same in an answer that is looked at for numbers, letters or a verdict alone: whether it repeats the question,
/// in which all of these may stand, or speaks to the grader.
pub fn of_other_kinds(question: &Question, answer: &str) -> Option<Suspicion> {
    let (asked, said) = (tokens(&question.text), tokens(answer));
    if repeats(question, &asked, &said) {
        return Some(Suspicion {
            earns_nothing: true,
            reason: "The answer only repeats the question.",
            review: "The answer only repeats the question.",
        });
    }
    let criteria = question.criteria();
    let options = match &question.marking {
        Marking::SingleChoice(choice) | Marking::MultipleChoice(choice) => choice.options.as_slice(),
        _ => &[],
    };
    let texts =
        criteria.iter().map(|criterion| &criterion.description).chain(options.iter().map(|option| &option.text));
    let of_guide: BTreeSet<String> = texts.flat_map(|text| tokens(text)).chain(asked).map(|token| token.word).collect();
    let is_order = |word: &&str| ORDERS.contains(word) && !of_guide.contains(*word);
    let orders: BTreeSet<&str> = said.iter().map(|token| token.word.as_str()).filter(is_order).collect();
    (orders.len() >= ORDER_WORDS).then_some(Suspicion {
        earns_nothing: true,
        reason: "The answer speaks to the grader instead of answering.",
        review: "The answer seems to speak to the grader. Nothing of that was followed.",
    })
}

/// Whether nearly all of the question stands in the answer, and nothing else. One of two verdicts that the question offers
/// is an answer, also behind the statement.
fn repeats(question: &Question, asked: &[Token], said: &[Token]) -> bool {
    let stems = |tokens: &[Token]| -> BTreeSet<String> {
        tokens.iter().filter(|token| token.is_content()).map(|token| token.stem.clone()).collect()
    };
    let verdicts = ["true", "false"].iter().filter(|verdict| said.iter().any(|token| token.word == **verdict)).count();
    if matches!(question.marking, Marking::TrueFalse(_)) && verdicts == 1 {
        return false;
    }
    let (asked, said) = (stems(asked), stems(said));
    let is_most = said.len() as f64 >= COPIED_WHOLE * asked.len() as f64;
    asked.len() >= QUESTION_WORDS && is_most && said.is_subset(&asked)
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
