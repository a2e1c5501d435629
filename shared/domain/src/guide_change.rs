//! What a new version of a marking guide changes for scripts that were graded with another.

use std::collections::BTreeSet;

use crate::{
    answer::{Split, SplitAnswer},
    guide::Guide,
};

/// The labels of the questions that must be graded with the new version: those that are new, and those of which anything is
/// other than it was, be it the question, its marks, or what earns them.
#[must_use]
pub fn touched(before: &Guide, after: &Guide) -> BTreeSet<String> {
    let is_touched = |question: &&crate::guide::Question| before.question(&question.label) != Some(question);
    after.questions.iter().filter(is_touched).map(|question| question.label.clone()).collect()
}

/// Whether the versions ask the same questions in the same order, so that a script splits into answers as it did.
#[must_use]
pub fn asks_the_same(before: &Guide, after: &Guide) -> bool {
    let labels = |guide: &Guide| guide.questions.iter().map(|question| question.label.clone()).collect::<Vec<_>>();
    labels(before) == labels(after)
}

/// A guide that asks what either version asks: the new one's questions, and where they stood among them those of the old one
/// that are gone. A script still has their labels, and what stands behind one must not be taken for another's answer.
#[must_use]
pub fn asked_by_either(before: &Guide, after: &Guide) -> Guide {
    let mut either = after.clone();
    let mut place = 0;
    for question in &before.questions {
        let known = either.questions.iter().position(|known| known.label == question.label);
        if known.is_none() {
            either.questions.insert(place, question.clone());
        }
        place = known.unwrap_or(place) + 1;
    }
    either
}

/// A split as it is for the new version: answers to questions that are still asked keep their lines, those of
/// questions that aren't go to the tray, and new questions have none yet.
#[must_use]
pub fn carried_over(split: &Split, after: &Guide) -> Split {
    let mut tray = split.tray.clone();
    let mut answers = Vec::with_capacity(after.questions.len());
    for question in &after.questions {
        let known = split.answers.iter().find(|answer| answer.question == question.label);
        let lines = known.map(|answer| answer.lines.clone()).unwrap_or_default();
        answers.push(SplitAnswer { question: question.label.clone(), lines });
    }
    for answer in split.answers.iter().filter(|answer| after.question(&answer.question).is_none()) {
        tray.extend(answer.lines.iter().copied());
    }
    tray.sort_by_key(|line| (line.page, line.line));
    Split { answers, tray }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Marks,
        answer::LineRef,
        guide::{Marking, Numeric, Question},
    };

    fn question(label: &str, value: f64) -> Question {
        let numeric = Numeric {
            value,
            tolerance: 0.0,
            units: Vec::new(),
            unit_marks: Marks::ZERO,
            converts_units: true,
            significant_figures: None,
            significant_figures_marks: Marks::ZERO,
        };
        Question {
            label: label.to_owned(),
            text: "How many?".to_owned(),
            marks: Marks::whole(1),
            minimum: Marks::ZERO,
            marking: Marking::Numeric(numeric),
        }
    }

    fn guide(title: &str, questions: &[(&str, f64)]) -> Guide {
        Guide {
            schema_version: 1,
            title: title.to_owned(),
            total_marks: Marks::whole(questions.len() as i32),
            questions: questions.iter().map(|(label, value)| question(label, *value)).collect(),
            best_of: Vec::new(),
        }
    }

    fn labels(labels: &[&str]) -> BTreeSet<String> {
        labels.iter().map(|label| (*label).to_owned()).collect()
    }

    #[test]
    fn only_what_is_new_or_other_is_touched() {
        let before = guide("A", &[("1", 1.0), ("2", 2.0), ("3", 3.0)]);
        assert_eq!(touched(&before, &guide("Another title", &[("1", 1.0), ("2", 2.0), ("3", 3.0)])), labels(&[]));
        assert_eq!(touched(&before, &guide("A", &[("1", 1.0), ("2", 2.5), ("4", 4.0)])), labels(&["2", "4"]));
        assert_eq!(touched(&before, &guide("A", &[("3", 3.0), ("1", 1.0)])), labels(&[]));
        assert!(asks_the_same(&before, &guide("B", &[("1", 9.0), ("2", 2.0), ("3", 3.0)])));
        assert!(!asks_the_same(&before, &guide("A", &[("3", 3.0), ("2", 2.0), ("1", 1.0)])));
    }

    #[test]
    fn a_question_that_is_gone_stands_where_it_stood() {
        let before = guide("A", &[("1", 1.0), ("2", 2.0), ("3", 3.0), ("5", 5.0)]);
        let after = guide("A", &[("1", 1.0), ("4", 4.0), ("3", 9.0)]);
        let either = asked_by_either(&before, &after);
        let labels: Vec<&str> = either.questions.iter().map(|question| question.label.as_str()).collect();
        assert_eq!(labels, ["1", "2", "4", "3", "5"]);
        assert_eq!(either.question("3"), after.question("3"));
        assert_eq!(asked_by_either(&before, &before), before);
    }

    #[test]
    fn no_line_of_a_split_is_lost() {
        let line = |line| LineRef { page: 1, line, first_word: 0 };
        let answer = |question: &str, lines| SplitAnswer { question: question.to_owned(), lines };
        let split = Split {
            answers: vec![answer("1", vec![line(1)]), answer("2", vec![line(3), line(4)])],
            tray: vec![line(0), line(5)],
        };
        let next = carried_over(&split, &guide("A", &[("3", 3.0), ("1", 1.0)]));
        assert_eq!(next.answers, [answer("3", vec![]), answer("1", vec![line(1)])]);
        assert_eq!(next.tray, [line(0), line(3), line(4), line(5)]);
    }
}
