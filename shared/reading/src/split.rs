//! Finds each question's answer among the lines that were read.
//!
//! A line that begins with a question's label starts its answer; the lines after it belong to it, over the end of the
//! page too, until the next label. What looks like a label is believed by its form (`Question 3`, `3.`, `3`), by its
//! place (further left than the text, or indented like an item of a list) and by the order of the guide: the most
//! believable increasing sequence of labels is found first; labels outside it count only when their form is plain,
//! so answers may be out of order, but `3 apples` and the items of a list stay text.

use std::collections::HashMap;

use smartscripts_domain::{
    answer::{LineRef, Split, SplitAnswer},
    guide::Guide,
    reading::{Line, PageReading, Reading},
};

use crate::{
    boxes::turn,
    label::{self, Label},
};

/// Assigns every line of the reading to one question or to the tray.
///
/// Lines before the first label (a name, a heading) go to the tray. When the guide has one question and no label is
/// found, all lines are its answer.
#[must_use]
pub fn split(reading: &Reading, guide: &Guide) -> Split {
    let labels: Vec<String> = guide.questions.iter().map(|question| question.label.to_lowercase()).collect();
    let candidates = candidates(reading, &labels);
    let starts = starts(&candidates, labels.len());
    let mut lines: Vec<Vec<LineRef>> = vec![Vec::new(); labels.len()];
    let mut tray = Vec::new();
    let mut current = (labels.len() == 1 && starts.is_empty()).then_some(0);
    for page in &reading.pages {
        for number in 0..page.lines.len() {
            let position = (page.page, number);
            let mut first_word = 0;
            let mut here = (0..candidates.len()).filter(|index| candidates[*index].position == position);
            let start = here.clone().find(|index| starts.contains(index));
            let going_on = || here.find(|index| candidates[*index].continues(current, &starts, &candidates));
            if let Some(index) = start.or_else(going_on) {
                current = Some(candidates[index].question);
                first_word = candidates[index].words;
            }
            let line = LineRef { page: page.page, line: number as u32, first_word: first_word as u32 };
            match current {
                Some(question) => lines[question].push(line),
                None => tray.push(line),
            }
        }
    }
    let answers = guide
        .questions
        .iter()
        .zip(lines)
        .map(|(question, lines)| SplitAnswer { question: question.label.clone(), lines })
        .collect();
    Split { answers, tray }
}

/// A line that begins with what may be the label of a question.
struct Candidate {
    /// Page number and index of the line.
    position: (u32, usize),
    /// Index of the question.
    question: usize,
    /// Words of the label.
    words: usize,
    /// How believable it is.
    weight: u32,
    /// Whether it can only be believed when the question before it was answered just before.
    only_in_order: bool,
    /// Whether its form and place are plain enough to be believed in any order.
    plain: bool,
    /// Whether it may take up a question again that was left before.
    may_resume: bool,
}

impl Candidate {
    /// Whether a label that starts no answer takes one up again: `Question 2, continued`, or a label repeated at the top
    /// of a page. Elsewhere a second `1.` is an item of a list.
    fn continues(&self, current: Option<usize>, starts: &[usize], all: &[Self]) -> bool {
        let begun =
            starts.iter().any(|start| all[*start].question == self.question && all[*start].position < self.position);
        self.may_resume && begun && current.is_some()
    }
}

fn candidates(reading: &Reading, labels: &[String]) -> Vec<Candidate> {
    let mut found = Vec::new();
    // The number that parts like `(b)` belong to.
    let mut number = String::new();
    for page in &reading.pages {
        let places = Places::of(page);
        for (index, line) in page.lines.iter().enumerate() {
            let Some(label) = label::parse(line.words.iter().map(|word| word.text.as_str())) else { continue };
            let stands_apart = places.place(line, label.words) == Place::Hanging;
            let Some(hit) = Hit::find(&label, &number, labels, stands_apart) else { continue };
            number = labels[hit.question].chars().take_while(char::is_ascii_digit).collect();
            let next = line.words.get(hit.words).map(|word| word.text.as_str());
            let place = places.place(line, hit.words);
            let bare = !label.announced && !label.punctuated;
            if bare && place == Place::Indented {
                continue;
            }
            let goes_on_small = next.is_some_and(|next| next.starts_with(char::is_lowercase));
            if bare && place != Place::Hanging && goes_on_small {
                continue; // `3 apples`
            }
            let form = if label.announced {
                6
            } else if label.punctuated {
                4
            } else {
                2
            };
            let weight = match place {
                Place::Hanging => form + 2,
                Place::Flush => form,
                Place::Indented => form - 3,
            };
            let continued = next.is_some_and(|next| next.to_lowercase().trim_start_matches('(').starts_with("cont"));
            found.push(Candidate {
                position: (page.page, index),
                question: hit.question,
                words: hit.words,
                weight,
                only_in_order: bare && place != Place::Hanging,
                plain: label.announced || place == Place::Hanging || (label.punctuated && place == Place::Flush),
                may_resume: label.announced || hit.is_part || continued || (label.punctuated && index == 0),
            });
            // A digit in the margin may have been taken for another one; the order of the others tells.
            let misread = if stands_apart { label::misread(&label.number) } else { Vec::new() };
            for other in misread.iter().filter_map(|number| labels.iter().position(|own| own == number)) {
                found.push(Candidate {
                    position: (page.page, index),
                    question: other,
                    words: label.number_words,
                    weight: 1,
                    only_in_order: true,
                    plain: false,
                    may_resume: false,
                });
            }
        }
    }
    found
}

/// The question that a label means.
struct Hit {
    question: usize,
    words: usize,
    is_part: bool,
}

impl Hit {
    /// `number` is the number that was seen last, for parts alone; `stands_apart` says that the label hangs in the margin.
    fn find(label: &Label, number: &str, labels: &[String], stands_apart: bool) -> Option<Self> {
        let firm = label.announced || label.punctuated || stands_apart;
        let position = |read: &str| {
            let exact = labels.iter().position(|own| label::matches(read, own) == Some(true));
            // Letters pass for digits only where the form says that it is a label: `I think` is not question 1.
            exact.or_else(|| firm.then(|| labels.iter().position(|own| label::matches(read, own).is_some())).flatten())
        };
        if let Some(part) = label.part {
            let alone = label.number == part.to_string();
            let whole = if alone { format!("{number}{part}") } else { format!("{}{part}", label.number) };
            if let Some(question) = position(&whole) {
                return Some(Self { question, words: label.words, is_part: alone });
            }
        }
        if label.number.chars().all(char::is_alphabetic) && !firm {
            return None; // `A plant` is not question A
        }
        if let Some(question) = position(&label.number) {
            return Some(Self { question, words: label.number_words, is_part: false });
        }
        // The number alone, above its parts: the first part begins here.
        let is_first_part = |own: &String| own.strip_prefix(&label.number).is_some_and(|part| part.len() == 1);
        let is_number = label.number.chars().all(|c| c.is_ascii_digit());
        let question = labels.iter().position(|own| is_number && is_first_part(own))?;
        Some(Self { question, words: label.number_words, is_part: false })
    }
}

/// Where a label stands in comparison with the text of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Further left than the text.
    Hanging,
    /// Where the text begins, or unknown.
    Flush,
    /// Further right.
    Indented,
}

/// Where lines begin on a page.
struct Places {
    along: [f32; 2],
    /// The usual left edge, and the usual height of a line; none without pixels.
    usual: Option<(f32, f32)>,
}

impl Places {
    fn of(page: &PageReading) -> Self {
        let ends = |line: &Line| {
            line.quad.map(|quad| {
                let [left, right] = [quad.0[0], quad.0[1]].map(|corner| corner.map(|value| value as f32));
                [right[0] - left[0], right[1] - left[1]]
            })
        };
        let sum = page.lines.iter().filter_map(ends).fold([0.0, 0.0], |sum, end| [sum[0] + end[0], sum[1] + end[1]]);
        let length = (sum[0] * sum[0] + sum[1] * sum[1]).sqrt();
        let along = if length > 0.0 { [sum[0] / length, sum[1] / length] } else { [1.0, 0.0] };
        let mut heights = Vec::new();
        // Where text begins: the left ends of the lines without a label, if there are enough of them; else those of the
        // words behind the labels.
        let (mut plain, mut behind) = (Vec::new(), Vec::new());
        for line in &page.lines {
            let Some(quad) = line.quad else { continue };
            let [top, bottom] = [quad.0[0], quad.0[3]].map(|corner| corner.map(|value| value as f32));
            heights.push(((bottom[0] - top[0]).powi(2) + (bottom[1] - top[1]).powi(2)).sqrt());
            let label = label::parse(line.words.iter().map(|word| word.text.as_str()));
            let label = label.filter(|label| label.announced || label.number.contains(|c: char| c.is_ascii_digit()));
            match label.and_then(|label| line.words.get(label.words)?.quad) {
                Some(next) => behind.push(turn(next.0[0].map(|value| value as f32), along)[0]),
                None => plain.push(turn(top, along)[0]),
            }
        }
        let mut lefts = if plain.len() >= 2 { plain } else { [plain, behind].concat() };
        heights.sort_by(f32::total_cmp);
        lefts.sort_by(f32::total_cmp);
        let middle = |values: &[f32]| values.get(values.len() / 2).copied();
        Self { along, usual: middle(&lefts).zip(middle(&heights)) }
    }

    /// The place of a line's label of this many words.
    fn place(&self, line: &Line, words: usize) -> Place {
        let (Some((left, height)), Some(quad)) = (self.usual, line.quad) else { return Place::Flush };
        let at = |corner: [i32; 2]| turn(corner.map(|value| value as f32), self.along)[0];
        let begins = at(quad.0[0]) - left;
        // A wide gap after the label is a margin, even when every line has a label.
        let end = words.checked_sub(1).and_then(|last| line.words.get(last)?.quad).map(|quad| at(quad.0[1]));
        let next = line.words.get(words).and_then(|word| word.quad).map(|quad| at(quad.0[0]));
        let gap = end.zip(next).map_or(0.0, |(end, next)| next - end);
        if begins < -0.6 * height || (begins < 0.6 * height && gap > 1.2 * height) {
            Place::Hanging
        } else if begins > height {
            Place::Indented
        } else {
            Place::Flush
        }
    }
}

/// Indices of the candidates that start an answer, at most one for each question.
fn starts(candidates: &[Candidate], questions: usize) -> Vec<usize> {
    let mut starts = sequence(candidates);
    let mut taken: HashMap<usize, usize> = starts.iter().map(|index| (candidates[*index].question, *index)).collect();
    for (index, candidate) in candidates.iter().enumerate() {
        let is_free = starts.iter().all(|start| candidates[*start].position != candidate.position);
        if candidate.plain && is_free && candidate.question < questions && !taken.contains_key(&candidate.question) {
            taken.insert(candidate.question, index);
            starts.push(index);
        }
    }
    starts
}

/// The most believable sequence of candidates in the guide's order: the greatest sum of weights, the earlier one when
/// two are equal.
fn sequence(candidates: &[Candidate]) -> Vec<usize> {
    // best[i]: greatest sum of a sequence that ends with candidate i, and the one before it.
    let mut best: Vec<Option<(u32, Option<usize>)>> = Vec::with_capacity(candidates.len());
    for (index, candidate) in candidates.iter().enumerate() {
        let may_begin = !candidate.only_in_order || candidate.question == 0;
        let mut own = may_begin.then_some((candidate.weight, None));
        for (before, earlier) in candidates[..index].iter().enumerate() {
            let fits = earlier.question < candidate.question
                && earlier.position < candidate.position
                && (!candidate.only_in_order || earlier.question + 1 == candidate.question);
            if let (true, Some((sum, _))) = (fits, best[before])
                && own.is_none_or(|(own, _)| sum + candidate.weight > own)
            {
                own = Some((sum + candidate.weight, Some(before)));
            }
        }
        best.push(own);
    }
    let mut last = None;
    for (index, own) in best.iter().enumerate() {
        if own.is_some_and(|(sum, _)| last.is_none_or(|(greatest, _)| sum > greatest)) {
            last = own.map(|(sum, _)| (sum, index));
        }
    }
    let mut found = Vec::new();
    let mut at = last.map(|(_, index)| index);
    while let Some(index) = at {
        found.push(index);
        at = best[index].and_then(|(_, before)| before);
    }
    found.reverse();
    found
}
