//! Splitting by labels: what starts an answer, what stays text, and that nothing is lost.

use std::collections::HashSet;

use proptest::prelude::*;
use smartscripts_domain::{
    Marks,
    answer::{Answer, Split},
    guide::{Criteria, Guide, Marking, Question},
    reading::{Line, PageReading, Quad, Reading, Source, Word},
};
use smartscripts_reading::split;

fn guide(labels: &[&str]) -> Guide {
    let question = |label: &&str| Question {
        label: (*label).to_owned(),
        text: String::new(),
        marks: Marks::ZERO,
        minimum: Marks::ZERO,
        marking: Marking::ShortAnswer(Criteria {
            reference_answers: Vec::new(),
            criteria: Vec::new(),
            groups: Vec::new(),
        }),
    };
    Guide {
        schema_version: Guide::SCHEMA_VERSION,
        title: "Test".to_owned(),
        total_marks: Marks::ZERO,
        questions: labels.iter().map(question).collect(),
        best_of: Vec::new(),
    }
}

/// A line of words, 10 pixels a character, that begins at `left`; without a place when that is none.
fn line(text: &str, left: Option<i32>, row: i32) -> Line {
    let mut x = left.unwrap_or(0);
    let quad = |x0, x1| left.map(|_| Quad::rectangle(x0, row * 50, x1, row * 50 + 40));
    let start = x;
    let words = text
        .split_whitespace()
        .map(|word| {
            let end = x + 10 * word.chars().count() as i32;
            let word = Word::new(word, 1.0, quad(x, end));
            x = end + 10;
            word
        })
        .collect();
    Line { text: text.to_owned(), confidence: 1.0, quad: quad(start, x), words }
}

fn reading(pages: Vec<Vec<Line>>) -> Reading {
    let page = |(number, lines): (usize, Vec<Line>)| PageReading {
        page: number as u32 + 1,
        file: 1,
        width: 1000,
        height: 2000,
        source: Source::Recognized,
        lines,
        failure: None,
    };
    Reading {
        schema_version: Reading::SCHEMA_VERSION,
        engine: "test".to_owned(),
        pages: pages.into_iter().enumerate().map(page).collect(),
    }
}

/// Pages of typed text, lines separated by line feeds.
fn typed(pages: &[&str]) -> Reading {
    reading(pages.iter().map(|page| page.lines().map(|text| line(text, None, 0)).collect()).collect())
}

/// A page of lines with their left edges.
fn placed(lines: &[(i32, &str)]) -> Reading {
    reading(vec![lines.iter().enumerate().map(|(row, (left, text))| line(text, Some(*left), row as i32)).collect()])
}

/// The answers' texts with a bar between lines, and the tray's last.
fn texts(reading: &Reading, split: &Split) -> Vec<String> {
    let text = |lines: &[_]| Answer::collect(reading, lines).text.replace('\n', "|");
    split.answers.iter().map(|answer| text(&answer.lines)).chain([text(&split.tray)]).collect()
}

fn split_texts(reading: &Reading, labels: &[&str]) -> Vec<String> {
    texts(reading, &split::split(reading, &guide(labels)))
}

#[test]
fn all_forms_of_labels() {
    let page =
        typed(&["Jane Doe\n1. Water\nmoves\n2) Salt\nQ3 Heat\nQuestion 4: Light\nAns 5: Sound\n(6) Air\n7 Iron"]);
    let found = split_texts(&page, &["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(found, ["Water|moves", "Salt", "Heat", "Light", "Sound", "Air", "Iron", "Jane Doe"]);
}

#[test]
fn parts_belong_to_the_number_above() {
    let page = typed(&["1a) Water\n(b) Salt\n2.\n(a) Heat\nb. Light\n3 (a) first"]);
    assert_eq!(split_texts(&page, &["1a", "1b", "2a", "2b", "3"]), ["Water", "Salt", "Heat", "Light", "(a) first", ""]);
}

#[test]
fn misread_labels_are_understood_where_the_form_is_plain() {
    let page = typed(&["l. Water\nZ) Salt\nQ I0 Heat\nI think it is warm"]);
    assert_eq!(split_texts(&page, &["1", "2", "10"]), ["Water", "Salt", "Heat|I think it is warm", ""]);
}

#[test]
fn numbers_in_the_text_are_text() {
    let page = typed(&["1. I count\n3 apples and\n3.5 pears and\n4 Apples\n2. Salt\n10 grams"]);
    let found = split_texts(&page, &["1", "2", "3", "4", "10"]);
    assert_eq!(found, ["I count|3 apples and|3.5 pears and|4 Apples", "Salt|10 grams", "", "", "", ""]);
}

#[test]
fn answers_may_be_out_of_order_and_go_on_overleaf() {
    let pages = typed(&["3. Heat\n1. Water\nruns", "downhill\n2. Salt", "1. (continued) to the sea"]);
    assert_eq!(
        split_texts(&pages, &["1", "2", "3"]),
        ["Water|runs|downhill|(continued) to the sea", "Salt", "Heat", ""]
    );
}

#[test]
fn items_of_a_list_stay_in_their_answer() {
    let page = placed(&[
        (50, "1. Three steps:"),
        (120, "1. heat it"),
        (120, "2. stir it"),
        (120, "3. cool it"),
        (50, "and that is all there is"),
        (50, "2. Salt"),
        (50, "because it dissolves"),
        (50, "3. Heat"),
    ]);
    let found = split_texts(&page, &["1", "2", "3"]);
    assert_eq!(found[0], "Three steps:|1. heat it|2. stir it|3. cool it|and that is all there is");
    assert_eq!(found[1..], ["Salt|because it dissolves", "Heat", ""]);
    // In a typed text nothing is indented, but a second `1.` does not go back to question 1.
    let page = typed(&["1. Water\n2. Two steps:\n1. heat it\n3. Salt"]);
    assert_eq!(split_texts(&page, &["1", "2", "3"]), ["Water", "Two steps:|1. heat it", "Salt", ""]);
}

#[test]
fn a_bare_digit_in_the_margin_is_a_label() {
    let page = placed(&[(100, "Some name"), (20, "3 because"), (100, "it is"), (20, "1 water"), (100, "runs down")]);
    assert_eq!(split_texts(&page, &["1", "2", "3"]), ["water|runs down", "", "because|it is", "Some name"]);
}

#[test]
fn bare_labels_in_the_margin_are_believed_although_most_lines_have_one() {
    let page = placed(&[
        (107, "Jane Doe"),
        (107, "Year 9"),
        (75, "1 water"),
        (65, "36 75"),
        (75, "7 Salt"),
        (107, "and light"),
        (107, "3 apples"),
        (75, "4 B"),
        (75, "9 Heat"),
    ]);
    let found = split_texts(&page, &["1", "3b", "4", "7", "9"]);
    assert_eq!(found, ["water", "75", "B", "Salt|and light|3 apples", "Heat", "Jane Doe|Year 9"]);
}

#[test]
fn a_label_taken_for_another_is_known_by_the_order() {
    let page = placed(&[
        (107, "Jane Doe"),
        (107, "Year 9"),
        (75, "7 water"),
        (75, "2 Salt"),
        (75, "7 Light"),
        (107, "and heat"),
        (75, "4 Air"),
    ]);
    let found = split_texts(&page, &["1", "2", "4", "7"]);
    assert_eq!(found, ["water", "Salt", "Air", "Light|and heat", "Jane Doe|Year 9"]);
}

#[test]
fn one_question_needs_no_label() {
    assert_eq!(split_texts(&typed(&["Water runs\ndownhill"]), &["1"]), ["Water runs|downhill", ""]);
    assert_eq!(split_texts(&typed(&["Jane\n1. Water"]), &["1"]), ["Water", "Jane"]);
    assert_eq!(split_texts(&typed(&["Water runs"]), &["1", "2"]), ["", "", "Water runs"]);
}

proptest! {
    #[test]
    fn each_line_is_in_exactly_one_place(
        pages in proptest::collection::vec(
            proptest::collection::vec(("(Q|Question |Ans |\\()?[0-9lIO]{0,2}[a-c]?[.):]?( \\([a-c]\\))?( [A-Za-z]{1,4}){0,3}", 0_i32..300), 0..12),
            0..4,
        ),
        labels in proptest::sample::subsequence(vec!["1", "2", "2a", "2b", "3", "10", "A", "b"], 0..8),
    ) {
        let pages = pages
            .into_iter()
            .map(|lines| lines.iter().enumerate().map(|(row, (text, left))| line(text, Some(*left), row as i32)).collect())
            .collect();
        let reading = reading(pages);
        let split = split::split(&reading, &guide(&labels));
        prop_assert_eq!(split.answers.iter().map(|answer| answer.question.as_str()).collect::<Vec<_>>(), labels);
        let all: Vec<_> = split.answers.iter().flat_map(|answer| &answer.lines).chain(&split.tray).collect();
        let places: HashSet<(u32, u32)> = all.iter().map(|line| (line.page, line.line)).collect();
        prop_assert_eq!(places.len(), all.len());
        prop_assert_eq!(all.len(), reading.pages.iter().map(|page| page.lines.len()).sum::<usize>());
        for line in all {
            let words = reading.pages[line.page as usize - 1].lines[line.line as usize].words.len();
            prop_assert!(line.first_word as usize <= words);
        }
    }
}
