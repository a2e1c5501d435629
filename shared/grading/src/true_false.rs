//! Whether a statement is true, and why.

use smartscripts_domain::{
    Marks,
    answer::Answer,
    feedback::CriterionGrade,
    guide::{Question, TrueFalse},
};

use crate::{
    evidence::{evidence, opening, reading_confidence},
    judged, quote,
    text::{Token, tokens},
    written::Written,
};

/// Confidence where the answer says it plainly.
const PLAIN: f64 = 0.97;
/// Confidence where it is open what the answer says; below the threshold of review.
const OPEN: f64 = 0.5;
/// Words at the beginning or end of an answer among which a verdict is looked for. In between, `true` and `right` are
/// words like others.
const REACH: usize = 4;

/// What an answer says of the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Verdict {
    is_true: bool,
    /// Byte range of the word that says it.
    span: (usize, usize),
}

/// Grades the verdict and the reason, whose grades are `reason`. The second part is a doubt that a person must settle.
pub fn grade(
    question: &Question,
    statement: &TrueFalse,
    answer: &Answer,
    reason: Option<Written>,
) -> (Vec<CriterionGrade>, Option<String>) {
    let all = question.criteria();
    let Some(criterion) = all.first() else { return (Vec::new(), None) };
    let named = |is_true: bool| if is_true { "true" } else { "false" };
    let right = named(statement.is_true);
    let found = verdicts(&answer.text);
    let (verdict, mut doubt) = match found.as_slice() {
        [] => {
            let said = "The answer doesn't say whether the statement is true or false.".to_owned();
            (judged(criterion, Marks::ZERO, OPEN, said.clone(), opening(answer)), Some(said))
        }
        [first, rest @ ..] if rest.iter().any(|other| other.is_true != first.is_true) => {
            let said = "The answer says both that the statement is true and that it is false.".to_owned();
            (judged(criterion, Marks::ZERO, OPEN, said.clone(), opening(answer)), Some(said))
        }
        [first, ..] => {
            let (start, end) = first.span;
            let is_right = first.is_true == statement.is_true;
            let marks = if is_right { criterion.marks } else { Marks::ZERO };
            let said = quote(&answer.text[start..end]);
            let reason = if is_right {
                format!("The answer says {said}, and the statement is {right}.")
            } else {
                format!("The answer says {said}, but the statement is {right}.")
            };
            let confidence = PLAIN * reading_confidence(answer, start, end);
            (judged(criterion, marks, confidence, reason, evidence(answer, start, end)), None)
        }
    };
    let (is_wrong, certain) = (verdict.marks.is_zero(), verdict.confidence);
    let mut criteria = vec![verdict];
    if let Some(written) = reason {
        let counts = statement.reason_counts_alone || !is_wrong;
        let asked = all.iter().skip(1);
        criteria.extend(asked.zip(written.criteria).map(|(asked, grade)| {
            if counts || grade.marks <= Marks::ZERO {
                return grade;
            }
            let said = "The reason earns nothing beside a wrong verdict.".to_owned();
            judged(asked, Marks::ZERO, certain, said, grade.evidence)
        }));
        doubt = doubt.or(written.doubt.filter(|_| counts));
    }
    (criteria, doubt)
}

/// Every word of the answer's first and last ones that says whether it is true.
fn verdicts(text: &str) -> Vec<Verdict> {
    let tokens = tokens(text);
    let last = tokens.len().saturating_sub(REACH);
    let edge = (0..tokens.len()).filter(|&at| at < REACH || at >= last);
    edge.filter_map(|at| verdict(text, &tokens, at)).collect()
}

/// What a word says of a statement, wherever it stands: that it is true, or that it is not.
pub fn says(word: &str) -> Option<bool> {
    match word {
        "true" | "correct" | "right" | "yes" | "wahr" | "richtig" | "ja" => Some(true),
        "false" | "incorrect" | "wrong" | "untrue" | "no" | "falsch" | "nein" => Some(false),
        _ => None,
    }
}

fn verdict(text: &str, tokens: &[Token], at: usize) -> Option<Verdict> {
    let token = &tokens[at];
    let written = &text[token.start..token.end];
    let says = match token.word.as_str() {
        // One letter says it only where it stands alone, or first.
        "t" | "f" if (at == 0 || tokens.len() == 1) && written.chars().all(char::is_uppercase) => token.word == "t",
        "t" | "f" if tokens.len() == 1 => token.word == "t",
        word => says(word)?,
    };
    // "The right side is heavier": a word that describes another is no verdict.
    let describes = matches!(token.word.as_str(), "right" | "correct" | "no")
        && tokens.get(at + 1).is_some_and(|next| next.is_content() && !token.ends_sentence)
        && !text[token.end..].starts_with([',', ';', ':', '.', '-', '\n']);
    if describes {
        return None;
    }
    let is_denied = at.checked_sub(1).is_some_and(|before| tokens[before].is_negator() && tokens[before].word != "no");
    Some(Verdict { is_true: says != is_denied, span: (token.start, token.end) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Option<bool> {
        let found = verdicts(text);
        let first = found.first()?.is_true;
        found.iter().all(|verdict| verdict.is_true == first).then_some(first)
    }

    #[test]
    fn a_verdict_is_found_in_the_ways_that_people_give_one() {
        for (text, expected) in [
            ("True", Some(true)),
            ("T", Some(true)),
            ("f", Some(false)),
            ("False.", Some(false)),
            ("F because the sun does not move", Some(false)),
            ("True, because plants need light", Some(true)),
            ("It is not true", Some(false)),
            ("Not correct.", Some(false)),
            ("The statement is false, since water boils at 100 degrees.", Some(false)),
            ("Wrong - mass does not change", Some(false)),
            ("No, the mass stays the same", Some(false)),
            ("Because metals conduct heat it is true", Some(true)),
            ("Falsch, weil Wasser verdampft", Some(false)),
            ("Plants need light", None),
            ("True or false?", None),
            ("The right side is heavier", None),
            ("", None),
        ] {
            assert_eq!(says(text), expected, "{text}");
        }
    }
}
