//! A student's answer to one question, as found on the pages.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Error, Result,
    reading::{Alternative, Quad, Reading},
};

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

/// Lines of one page that a person assigns to a question, or to none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineMove {
    /// Number of the page, from 1.
    #[schema(minimum = 1)]
    pub page: u32,
    /// Index of the first line on the page, from 0.
    pub first_line: u32,
    /// Index of the last one; the same for a single line.
    pub last_line: u32,
    /// Label of the question whose answer they are; none puts them into the tray.
    #[schema(max_length = 10)]
    pub question: Option<String>,
}

impl LineMove {
    fn has(&self, line: &LineRef) -> bool {
        line.page == self.page && (self.first_line..=self.last_line).contains(&line.line)
    }
}

impl Split {
    /// The split after these moves, the later ones after the earlier ones, and the questions whose answers are others
    /// than before. An answer keeps the order in which its lines were read.
    ///
    /// # Errors
    /// `question_unknown`; `lines_unknown` if a line isn't there.
    pub fn moved(&self, moves: &[LineMove]) -> Result<(Self, BTreeSet<String>)> {
        let mut next = self.clone();
        for lines in moves {
            next.take(lines)?;
        }
        let changed = self.answers.iter().zip(&next.answers).filter(|(before, after)| before != after);
        let changed = changed.map(|(before, _)| before.question.clone()).collect();
        Ok((next, changed))
    }

    fn take(&mut self, moved: &LineMove) -> Result<()> {
        let mut lines = Vec::new();
        for place in self.answers.iter_mut().map(|answer| &mut answer.lines).chain([&mut self.tray]) {
            lines.extend(place.extract_if(.., |line| moved.has(line)));
        }
        let wanted = u64::from(moved.last_line) + 1;
        if lines.is_empty() || lines.len() as u64 + u64::from(moved.first_line) != wanted {
            let message = format!(
                "Page {} has no lines {} to {}. Look at the split again.",
                moved.page, moved.first_line, moved.last_line
            );
            return Err(Error::invalid("lines_unknown", message));
        }
        let target = match &moved.question {
            None => &mut self.tray,
            Some(question) => {
                let answer = self.answers.iter_mut().find(|answer| answer.question == *question);
                let unknown = || Error::invalid("question_unknown", "The marking guide has no such question.");
                &mut answer.ok_or_else(unknown)?.lines
            }
        };
        target.extend(lines);
        target.sort_by_key(|line| (line.page, line.line));
        Ok(())
    }
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
    /// Other readings of it, the more probable first.
    pub alternatives: Vec<Alternative>,
}

impl Answer {
    /// Collects the words of these lines, but for those that the writer has crossed out. A reference to a line that isn't in
    /// the reading is passed over.
    #[must_use]
    pub fn collect(reading: &Reading, lines: &[LineRef]) -> Self {
        let mut answer = Self::default();
        for reference in lines {
            let page = reading.pages.iter().find(|page| page.page == reference.page);
            let Some(line) = page.and_then(|page| page.lines.get(reference.line as usize)) else { continue };
            let counted = line.words.iter().skip(reference.first_word as usize).filter(|word| !word.struck_out);
            for (number, word) in counted.enumerate() {
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
                    alternatives: word.alternatives.clone(),
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
            let end = start + word.len();
            AnswerWord { start, end, confidence: 1.0, page: 1, quad: None, alternatives: Vec::new() }
        });
        Self { text: text.to_owned(), words: words.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Line, PageReading, Source, Word};

    fn line(page: u32, line: u32) -> LineRef {
        LineRef { page, line, first_word: 0 }
    }

    fn split() -> Split {
        let answer = |question: &str, lines| SplitAnswer { question: question.to_owned(), lines };
        let answers = vec![answer("1", vec![line(1, 1), line(1, 2)]), answer("2", vec![line(1, 4), line(2, 0)])];
        Split { answers, tray: vec![line(1, 0), line(1, 3)] }
    }

    fn to(page: u32, first_line: u32, last_line: u32, question: Option<&str>) -> LineMove {
        LineMove { page, first_line, last_line, question: question.map(ToOwned::to_owned) }
    }

    #[test]
    fn lines_go_where_a_person_puts_them_and_keep_their_order() {
        let (next, changed) = split().moved(&[to(1, 3, 3, Some("1")), to(1, 2, 2, None)]).unwrap();
        assert_eq!(next.answers[0].lines, [line(1, 1), line(1, 3)]);
        assert_eq!(next.tray, [line(1, 0), line(1, 2)]);
        assert_eq!(changed, BTreeSet::from(["1".to_owned()]));
        // A range from several places, and from one question to another.
        let (next, changed) = split().moved(&[to(1, 2, 4, Some("2"))]).unwrap();
        assert_eq!(next.answers[1].lines, [line(1, 2), line(1, 3), line(1, 4), line(2, 0)]);
        assert_eq!(changed.len(), 2);
        // There and back changes nothing.
        let (next, changed) = split().moved(&[to(2, 0, 0, None), to(2, 0, 0, Some("2"))]).unwrap();
        assert_eq!((next, changed.len()), (split(), 0));
    }

    #[test]
    fn what_is_not_there_is_not_moved() {
        let code = |moved: LineMove| split().moved(&[moved]).unwrap_err().code();
        assert_eq!(code(to(1, 0, 0, Some("3"))), "question_unknown");
        for moved in [to(1, 4, 5, None), to(3, 0, 0, None), to(1, 3, 2, None), to(1, 0, u32::MAX, None)] {
            assert_eq!(code(moved), "lines_unknown");
        }
    }

    #[test]
    fn what_is_crossed_out_is_no_part_of_the_answer() {
        let mut words: Vec<Word> = ["2.", "anode", "cathode"].map(|word| Word::new(word, 0.9, None)).into();
        words[1].struck_out = true;
        let line = Line { text: "2. anode cathode".to_owned(), confidence: 0.9, quad: None, words };
        let source = Source::Recognized;
        let page = PageReading { page: 1, file: 1, width: 10, height: 10, source, lines: vec![line], failure: None };
        let reading = Reading { schema_version: 1, engine: "test".to_owned(), pages: vec![page] };
        let answer = Answer::collect(&reading, &[LineRef { page: 1, line: 0, first_word: 1 }]);
        assert_eq!((answer.text.as_str(), answer.words.len()), ("cathode", 1));
    }

    #[test]
    fn typed_words_point_into_the_text() {
        let answer = Answer::typed("  water flows\nthrough é ");
        let words: Vec<&str> = answer.words.iter().map(|word| &answer.text[word.start..word.end]).collect();
        assert_eq!(words, ["water", "flows", "through", "é"]);
    }
}
