//! A student's answer to one question, as found on the pages.

use serde::{Deserialize, Serialize};

use crate::reading::{Quad, Reading};

/// Which lines of the reading answer which question. What fits nowhere is in the tray, never lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// One entry for each question of the guide, in the guide's order, with no lines where nothing was found.
    pub answers: Vec<SplitAnswer>,
    /// Lines that belong to no question (a name, a heading, a stray line).
    pub tray: Vec<LineRef>,
}

/// The lines that answer one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitAnswer {
    /// The question's label in the guide.
    pub question: String,
    /// Where the answer's lines are, in reading order.
    pub lines: Vec<LineRef>,
}

/// A line of the reading, from its word number `first_word` on (what stands before it is the question's label).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRef {
    /// Number of the page, from 1.
    pub page: u32,
    /// Index of the line on the page, from 0.
    pub line: u32,
    /// Index of the first word that counts, from 0.
    pub first_word: u32,
}

/// An answer ready to be graded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The words joined by spaces, lines by line feeds.
    pub text: String,
    /// The words in order.
    pub words: Vec<AnswerWord>,
}

/// A word of an answer and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerWord {
    /// Byte offset of its first character in the answer's text.
    pub start: usize,
    /// Byte offset behind its last character.
    pub end: usize,
    /// Confidence of the reading, 0–1.
    pub confidence: f64,
    /// Number of the page, from 1.
    pub page: u32,
    /// Its corners on the upright page; none for a typed text.
    pub quad: Option<Quad>,
}

impl Answer {
    /// Collects the words of these lines. A reference to a line that isn't in the reading is passed over.
    #[must_use]
    pub fn collect(reading: &Reading, lines: &[LineRef]) -> Self {
        let mut answer = Self::default();
        for reference in lines {
            let page = reading.pages.iter().find(|page| page.page == reference.page);
            let Some(line) = page.and_then(|page| page.lines.get(reference.line as usize)) else { continue };
            for (number, word) in line.words.iter().skip(reference.first_word as usize).enumerate() {
                if !answer.text.is_empty() {
                    answer.text.push(if number == 0 { '\n' } else { ' ' });
                }
                let start = answer.text.len();
                answer.text.push_str(&word.text);
                answer.words.push(AnswerWord {
                    start,
                    end: answer.text.len(),
                    confidence: word.confidence,
                    page: reference.page,
                    quad: word.quad,
                });
            }
        }
        answer
    }

    /// A typed answer that stands on no page.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        let words = text.split_whitespace().map(|word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            AnswerWord { start, end: start + word.len(), confidence: 1.0, page: 1, quad: None }
        });
        Self { text: text.to_owned(), words: words.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_words_point_into_the_text() {
        let answer = Answer::typed("  water flows\nthrough é ");
        let words: Vec<&str> = answer.words.iter().map(|word| &answer.text[word.start..word.end]).collect();
        assert_eq!(words, ["water", "flows", "through", "é"]);
    }
}
