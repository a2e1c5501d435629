//! Answers that are no answers: the question copied back, orders to the grader, another language, gibberish.

use std::{borrow::Cow, collections::BTreeSet};

use smartscripts_domain::guide::{Criterion, Marking, Question};
use whatlang::Lang;

use crate::{
    embedding::Embedder,
    features::Prepared,
    text::{Token, tokens},
    true_false,
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

/// Looks for the same in an answer that is looked at for numbers, letters or a verdict alone: whether it repeats the
/// question, in which all of these may stand, or speaks to the grader.
pub fn of_other_kinds(question: &Question, answer: &str) -> Option<Suspicion> {
    let (asked, said) = (tokens(&question.text), tokens(answer));
    if repeats(question, answer, &asked, &said) {
        return Some(Suspicion {
            earns_nothing: true,
            reason: "The answer only repeats the question.",
            review: "The answer only repeats the question.",
        });
    }
    let of_guide: BTreeSet<String> =
        guide_texts(question).flat_map(|text| tokens(&text)).map(|token| token.stem).collect();
    let with_content: Vec<&Token> = said.iter().filter(|token| token.is_content()).collect();
    let of_guide = |token: &Token| of_guide.contains(&token.stem);
    // `Correct` is a verdict.
    let is_verdict = |token: &Token| matches!(question.marking, Marking::TrueFalse(_)) && token.word == "correct";
    let is_order = |token: &&&Token| ORDERS.contains(&token.word.as_str()) && !of_guide(token) && !is_verdict(token);
    let orders: BTreeSet<&str> = with_content.iter().filter(is_order).map(|token| token.word.as_str()).collect();
    let fits = with_content.iter().filter(|token| of_guide(token)).count();
    (orders.len() >= ORDER_WORDS).then_some(Suspicion {
        earns_nothing: fits * 4 < with_content.len(),
        reason: "The answer speaks to the grader instead of answering.",
        review: "The answer seems to speak to the grader. Nothing of that was followed.",
    })
}

/// What a guide says about a question and its criteria, its options and model answers.
fn guide_texts(question: &Question) -> impl Iterator<Item = Cow<'_, str>> {
    let (options, models) = match &question.marking {
        Marking::SingleChoice(choice) | Marking::MultipleChoice(choice) => (choice.options.as_slice(), &[][..]),
        Marking::TrueFalse(statement) => {
            let models = statement.reason.as_ref().map_or(&[][..], |reason| reason.reference_answers.as_slice());
            (&[][..], models)
        }
        _ => (&[][..], &[][..]),
    };
    let of_criterion = |criterion: Criterion| {
        let levels = criterion.levels.into_iter().map(|level| level.description);
        levels.chain(criterion.accepted_phrasings).chain([criterion.description]).collect::<Vec<_>>()
    };
    let criteria = question.criteria().into_iter().flat_map(of_criterion).map(Cow::Owned);
    let options = options.iter().map(|option| Cow::Borrowed(option.text.as_str()));
    let models = models.iter().map(|model| Cow::Borrowed(model.as_str()));
    criteria.chain(options).chain(models).chain([Cow::Borrowed(question.text.as_str())])
}

/// Whether the answer is nearly the whole question, word for word. One of several verdicts that the question offers is an
/// answer, also behind the statement; so is whatever is set equal to something.
fn repeats(question: &Question, answer: &str, asked: &[Token], said: &[Token]) -> bool {
    let verdicts: BTreeSet<bool> = said.iter().filter_map(|token| true_false::says(&token.word)).collect();
    let is_verdict = matches!(question.marking, Marking::TrueFalse(_)) && verdicts.len() == 1;
    if is_verdict || answer.matches('=').count() > question.text.matches('=').count() {
        return false;
    }
    let same = |run: &[Token]| run.iter().zip(said).all(|(one, other)| one.word == other.word);
    let content = |tokens: &[Token]| tokens.iter().filter(|token| token.is_content()).count();
    content(asked) >= QUESTION_WORDS
        && content(said) as f64 >= COPIED_WHOLE * content(asked) as f64
        && asked.windows(said.len().max(1)).any(same)
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
