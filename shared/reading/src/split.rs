//! Finds each question's answer among the lines that were read.
//!
//! A line that begins with a question's label starts its answer; the lines after it belong to it, over the end of the
//! page too, until the next label. What looks like a label is believed by its form (`Question 3`, `3.`, `3`), by its
//! place (further left than the text, or indented like an item of a list) and by the order of the guide: of all chains of
//! labels the most believable is found, in which one that goes on with the next question counts more and one that goes
//! back counts less, and only when its form is plain. So answers may be out of order, but `3 apples` and the items of a
//! list stay text. A label that was read as another one, or as none, is known by the labels before and after it.

use std::collections::HashSet;

use smartscripts_domain::{
    answer::{LineRef, Split, SplitAnswer},
    guide::Guide,
    reading::{Line, PageReading, Reading},
};

use crate::{
    boxes::turn,
    label::{self, Label},
    student,
};

/// Assigns every line of the reading to one question or to the tray.
///
/// Lines before the first label (a name, a heading) and what repeats on every page (its number, a name) go to the tray.
/// When the guide has one question and no label is found, all other lines are its answer.
#[must_use]
pub fn split(reading: &Reading, guide: &Guide) -> Split {
    let labels: Vec<String> = guide.questions.iter().map(|question| question.label.to_lowercase()).collect();
    let candidates = candidates(reading, &labels);
    let starts = starts(&candidates, labels.len());
    let mut lines: Vec<Vec<LineRef>> = vec![Vec::new(); labels.len()];
    let mut tray = Vec::new();
    let mut current = (labels.len() == 1 && starts.is_empty()).then_some(0);
    let mut edges = Edges::default();
    for page in &reading.pages {
        for (number, read) in page.lines.iter().enumerate() {
            let position = (page.page, number);
            let mut first_word = 0;
            let mut here = (0..candidates.len()).filter(|index| candidates[*index].position == position);
            let start = here.clone().find(|index| starts.contains(index));
            let going_on = || here.find(|index| candidates[*index].continues(current, &starts, &candidates));
            let label = start.or_else(going_on);
            if let Some(index) = label {
                current = Some(candidates[index].question);
                first_word = candidates[index].words;
            }
            let line = LineRef { page: page.page, line: number as u32, first_word: first_word as u32 };
            let is_edge = edges.is_edge(page, number, read) && label.is_none();
            match current.filter(|_| !is_edge) {
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

/// Lines at the top and the bottom of pages that are no answer.
#[derive(Default)]
struct Edges {
    /// The lines at the top of the first page.
    header: Vec<String>,
}

/// Lines at the top of a page that may be its header, and those of them that may be its number.
const HEADER: usize = 3;
const TOP: usize = 2;

impl Edges {
    /// Whether a line is a page's number, or the fields or the heading that stand on the first page already.
    fn is_edge(&mut self, page: &PageReading, index: usize, line: &Line) -> bool {
        let is_last = index + 1 == page.lines.len();
        let text = line.text.to_lowercase();
        let is_top = index < HEADER;
        if page.page == 1 && is_top {
            self.header.push(text.clone());
        }
        let repeats =
            || self.header.iter().any(|own| own.len() > 3 && strsim::normalized_levenshtein(own, &text) > 0.7);
        (is_top && (student::is_field(line) || (page.page > 1 && repeats())))
            || ((index < TOP || is_last) && is_page_number(&text, page.page))
    }
}

/// `2` on page 2, `- 2 -`, `Page 2`, `page 2 of 4`, `2/4`, `p. 2`.
fn is_page_number(text: &str, page: u32) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_number = |word: &str| word.parse::<u32>().is_ok_and(|number| number < 1000);
    let is_page = |word: &str| {
        matches!(word, "p" | "pg" | "seite") || (word.len() >= 4 && strsim::levenshtein(word, "page") <= 1)
    };
    match words.as_slice() {
        [word, number] if is_page(word) => is_number(number),
        [word, number, "of" | "von", all] if is_page(word) => is_number(number) && is_number(all),
        [number] => page > 1 && number.parse() == Ok(page),
        [number, all] => text.contains('/') && page > 1 && number.parse() == Ok(page) && is_number(all),
        _ => false,
    }
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
    weight: i32,
    order: Order,
    /// Whether its form and place are plain enough to be believed in any order.
    plain: bool,
    /// Whether it may take up a question again that was left before.
    may_resume: bool,
}

/// What must be answered before and after for a label to be believed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Anything.
    Any,
    /// The question before it just before.
    Next,
    /// The question before it just before, and the question after it just after.
    Between,
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
    let mut lists = Lists::default();
    // The label that parts like `(b)` stand below, and the line of a number that was written above its parts.
    let mut above = String::new();
    let mut number_alone = None;
    for page in &reading.pages {
        let places = Places::of(page);
        for (index, line) in page.lines.iter().enumerate() {
            let Some(label) = label::parse(line.words.iter().map(|word| word.text.as_str())) else { continue };
            let position = (page.page, index);
            let first = label.parts.first().map_or(0, |part| part.words);
            let stands_apart = places.place(index, line, first) == Place::Hanging;
            let is_last = index + 1 == page.lines.len();
            let is_edge = (index < TOP || is_last) && is_page_number(&line.text.to_lowercase(), page.page);
            let hits = Hit::find(&label, &above, labels, stands_apart);
            let Some(hit) = hits.first() else {
                let is_unlike = Unlike { label: &label, line, stands_apart }.is_label();
                if is_unlike && !is_edge {
                    let words = label.words();
                    let wild =
                        |question| Candidate { order: Order::Between, ..Candidate::guessed(position, question, words) };
                    found.extend((0..labels.len()).map(wild));
                }
                continue;
            };
            let next = line.words.get(hit.words).map(|word| word.text.as_str());
            let place = places.place(index, line, hit.words);
            let bare = !label.announced && !label.parts.iter().take(hit.parts).any(|part| part.punctuated);
            if bare && place == Place::Indented {
                continue;
            }
            let goes_on_small = next.is_some_and(|next| next.starts_with(char::is_lowercase));
            let continued = next.is_some_and(is_continued);
            if bare && place != Place::Hanging && goes_on_small && !continued {
                continue; // `3 apples`
            }
            let form = match (label.announced, bare) {
                (true, _) => 6,
                (false, false) => 4,
                (false, true) => 2,
            };
            let weight = match place {
                Place::Hanging => form + 2,
                Place::Flush => form,
                Place::Indented => form - 3,
            };
            let is_top = index < HEADER && page.page > 1;
            let is_repeated = (is_top || continued) && lists.begun.contains(&hit.question);
            let is_item = lists.is_item(&label, hit.question, is_top) && !label.announced && place != Place::Hanging;
            let is_exact = hit.certainty == Certainty::Exact;
            if place == Place::Indented && !label.announced && (is_item || !is_exact) {
                continue; // an item of a list
            }
            let is_firm = label.announced || place == Place::Hanging || (!bare && place == Place::Flush);
            let repeats = hit.is_part && number_alone.is_some_and(|(p, l)| p == page.page && index <= l + 2);
            for hit in &hits {
                let is_exact = hit.certainty == Certainty::Exact;
                let (weight, is_guessed) = match hit.certainty {
                    Certainty::Exact => (weight.max(1), false),
                    Certainty::Alike => ((weight - 1).max(1), false),
                    Certainty::Guessed(weight) => (weight, true),
                };
                let may_resume = continued
                    || (label.announced && is_exact && !goes_on_small)
                    || (!bare && is_top && is_exact)
                    || (repeats && !hit.is_first_part);
                found.push(Candidate {
                    position,
                    question: hit.question,
                    words: hit.words,
                    weight: if is_item || is_edge || is_repeated { weight.min(1) } else { weight },
                    order: if is_guessed || is_edge || (bare && place != Place::Hanging && next.is_some()) {
                        Order::Next
                    } else {
                        Order::Any
                    },
                    plain: !is_guessed
                        && is_firm
                        && !is_item
                        && !is_edge
                        && (is_exact || label.announced || stands_apart),
                    may_resume: !is_guessed && may_resume,
                });
            }
            if !is_item && !matches!(hit.certainty, Certainty::Guessed(_)) {
                labels[hit.question].clone_into(&mut above);
                number_alone = hit.is_first_part.then_some(position);
            }
            // A digit may have been taken for another one; the order of the others tells.
            let may_be_misread = !is_edge && (stands_apart || label.is_plain());
            let misread = if may_be_misread { label::misread(label.number()) } else { Vec::new() };
            for other in misread.iter().filter_map(|number| labels.iter().position(|own| own == number)) {
                found.push(Candidate::guessed(position, other, first));
            }
        }
    }
    found
}

impl Candidate {
    /// One that nothing but the order speaks for.
    fn guessed(position: (u32, usize), question: usize, words: usize) -> Self {
        Self { position, question, words, weight: 1, order: Order::Next, plain: false, may_resume: false }
    }
}

/// `contd`, `(continued)`, `cont.`, `- continued from page 1`.
fn is_continued(word: &str) -> bool {
    let word = word.to_lowercase();
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    ["cont", "c0nt", "conl", "ctd"].iter().any(|begin| word.starts_with(begin)) && !word.starts_with("conta")
}

/// A label that is none of the guide's: one that was badly read, or an item of a list.
struct Unlike<'a> {
    label: &'a Label,
    line: &'a Line,
    stands_apart: bool,
}

impl Unlike<'_> {
    /// Whether it has the form and the place of a label all the same.
    fn is_label(&self) -> bool {
        let core = self.label.number();
        let length = core.chars().count();
        let is_item = matches!(core, "a" | "b" | "c" | "d" | "e" | "i" | "ii" | "iii" | "iv");
        let is_word =
            core.chars().all(char::is_alphabetic) && !self.label.announced && (length > 1 || !self.stands_apart);
        let has_text = self.line.words.len() > self.label.words();
        let is_formed =
            self.label.announced || self.label.parts.iter().any(|part| part.punctuated) || self.stands_apart;
        length <= 3 && !is_item && !is_word && is_formed && has_text
    }
}

/// The lists within answers: a count that begins anew.
#[derive(Default)]
struct Lists {
    /// Questions of which a label was seen.
    begun: HashSet<usize>,
    /// The last item of the list that goes on.
    last: Option<String>,
}

impl Lists {
    /// Whether the label is an item of a list: a second `1`, or what comes next in the count after one. At the top of a
    /// page a second `1` goes on with the answer.
    fn is_item(&mut self, label: &Label, question: usize, is_top: bool) -> bool {
        let is_begun = !self.begun.insert(question);
        let [part] = label.parts.as_slice() else {
            self.last = None;
            return false;
        };
        let core = &part.core;
        let begins = matches!(core.as_str(), "1" | "a" | "i") && is_begun && !is_top;
        let goes_on = self.last.as_ref().is_some_and(|last| follows(last, core));
        self.last = (begins || goes_on).then(|| core.clone());
        begins || goes_on
    }
}

/// Whether `next` comes after `last` in a count by numbers or letters.
fn follows(last: &str, next: &str) -> bool {
    if let (Ok(last), Ok(next)) = (last.parse::<u32>(), next.parse::<u32>()) {
        return last + 1 == next;
    }
    match (last.as_bytes(), next.as_bytes()) {
        ([last], [next]) => *last + 1 == *next,
        _ => last.len() < next.len() && next.starts_with(last),
    }
}

/// The question that a label means.
struct Hit {
    question: usize,
    /// Words of the label.
    words: usize,
    /// Parts of the label that name the question.
    parts: usize,
    /// Whether a number that was written above belongs to it.
    is_part: bool,
    /// Whether it is the number above its parts: the first of them begins.
    is_first_part: bool,
    certainty: Certainty,
}

/// How sure it is that a label means a question.
#[derive(Clone, Copy, PartialEq)]
enum Certainty {
    /// It was read just as the guide writes it.
    Exact,
    /// Characters look like the guide's.
    Alike,
    /// It may be this one or another, which only the order of the others tells.
    Guessed(i32),
}

impl Hit {
    /// The most likely question first; others only where a part may belong to several numbers. `above` is the label that
    /// was seen last; `stands_apart` says that the label hangs in the margin.
    fn find(label: &Label, above: &str, labels: &[String], stands_apart: bool) -> Vec<Self> {
        let is_closed = label.parts.first().is_some_and(|part| part.punctuated);
        let firm = label.announced || is_closed || stands_apart || label.parts.len() > 1;
        if label.number().chars().all(char::is_alphabetic) && !firm {
            return Vec::new(); // `A plant` is not question A
        }
        let exact = |read: &str| labels.iter().position(|own| label::matches(read, own) == Some(true));
        // Letters pass for digits only where the form says that it is a label: `I think` is not question 1, and `b)` is
        // rather an item of a list than question 6.
        let is_item = |read: &str| matches!(read, "a" | "b" | "c" | "d" | "e") && !label.announced && !stands_apart;
        let alike = |read: &str| -> Vec<usize> {
            let alike = labels.iter().enumerate().filter(|(_, own)| firm && label::matches(read, own).is_some());
            alike.map(|(question, _)| question).filter(|_| !is_item(read)).collect()
        };
        let beginnings = label::beginnings(above);
        let is_number = label.number().starts_with(|c: char| c.is_ascii_digit());
        for parts in (1..=label.parts.len()).rev() {
            let read: String = label.parts.iter().take(parts).map(|part| part.core.as_str()).collect();
            let words = label.parts.get(parts - 1).map_or(0, |part| part.words);
            let hit = |question, is_part, certainty| Self {
                question,
                words,
                parts,
                is_part,
                is_first_part: false,
                certainty,
            };
            let several = |questions: Vec<usize>, is_part| -> Vec<Self> {
                let certainty = if questions.len() == 1 { Certainty::Alike } else { Certainty::Guessed(1) };
                questions.into_iter().map(|question| hit(question, is_part, certainty)).collect()
            };
            let below = || {
                beginnings.iter().filter(|begin| !begin.is_empty() && !is_number).map(|begin| format!("{begin}{read}"))
            };
            if let Some(question) = below().find_map(|whole| exact(&whole)) {
                let mut hits = vec![hit(question, true, Certainty::Exact)];
                hits.extend(Self::other_numbers(&read, question, labels, words, parts));
                return hits;
            }
            if let Some(question) = exact(&read) {
                return vec![hit(question, false, Certainty::Exact)];
            }
            if let Some(questions) = below().map(|whole| alike(&whole)).find(|questions| !questions.is_empty()) {
                return several(questions, true);
            }
            let questions = alike(&read);
            if !questions.is_empty() {
                return several(questions, false);
            }
            // The number alone, above its parts: the first part begins here.
            let is_above = |own: &String| label::beginnings(own).contains(&read.as_str());
            if let Some(question) = labels.iter().position(|own| is_number && is_above(own)) {
                return vec![Self { is_first_part: true, ..hit(question, false, Certainty::Exact) }];
            }
            let others: Vec<Self> = Self::other_numbers(&read, usize::MAX, labels, words, parts).collect();
            if firm && !is_number && !others.is_empty() {
                return others;
            }
        }
        Vec::new()
    }

    /// The questions of other numbers that have this part.
    fn other_numbers<'a>(
        part: &'a str,
        known: usize,
        labels: &'a [String],
        words: usize,
        parts: usize,
    ) -> impl Iterator<Item = Self> + 'a {
        let ends = move |own: &String| {
            label::beginnings(own).iter().any(|begin| !begin.is_empty() && own[begin.len()..] == *part)
        };
        let questions = labels.iter().enumerate().filter(move |(question, own)| *question != known && ends(own));
        let certainty = Certainty::Guessed(0);
        questions.map(move |(question, _)| Self {
            question,
            words,
            parts,
            is_part: true,
            is_first_part: false,
            certainty,
        })
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
    /// For each line the usual left edge in its column, and the usual height of a line; none without pixels.
    usual: Vec<Option<(f32, f32)>>,
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
        let mut usual = Vec::new();
        for column in columns(page, along) {
            let of_column = Self::usual(&page.lines[column.clone()], along);
            usual.extend(column.map(|_| of_column));
        }
        Self { along, usual }
    }

    fn usual(lines: &[Line], along: [f32; 2]) -> Option<(f32, f32)> {
        let mut heights = Vec::new();
        // Where text begins: the left ends of the lines without a label, if there are enough of them; else those of the
        // words behind the labels.
        let (mut plain, mut behind) = (Vec::new(), Vec::new());
        for line in lines {
            let Some(quad) = line.quad else { continue };
            let [top, bottom] = [quad.0[0], quad.0[3]].map(|corner| corner.map(|value| value as f32));
            heights.push(((bottom[0] - top[0]).powi(2) + (bottom[1] - top[1]).powi(2)).sqrt());
            let label = label::parse(line.words.iter().map(|word| word.text.as_str()));
            let label = label.filter(|label| label.announced || label.number().contains(|c: char| c.is_ascii_digit()));
            match label.and_then(|label| line.words.get(label.words())?.quad) {
                Some(next) => behind.push(turn(next.0[0].map(|value| value as f32), along)[0]),
                None => plain.push(turn(top, along)[0]),
            }
        }
        let mut lefts = if plain.len() >= 2 { plain } else { [plain, behind].concat() };
        heights.sort_by(f32::total_cmp);
        lefts.sort_by(f32::total_cmp);
        let middle = |values: &[f32]| values.get(values.len() / 2).copied();
        middle(&lefts).zip(middle(&heights))
    }

    /// The place of a line's label of this many words.
    fn place(&self, index: usize, line: &Line, words: usize) -> Place {
        let usual = self.usual.get(index).copied().flatten();
        let (Some((left, height)), Some(quad)) = (usual, line.quad) else { return Place::Flush };
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

/// The ranges of lines of one column each. A column begins where the lines, in reading order, go up again, or begin much
/// further left: below the right one of two columns.
fn columns(page: &PageReading, along: [f32; 2]) -> Vec<std::ops::Range<usize>> {
    let mut begins = vec![0];
    let mut before: Option<[f32; 2]> = None;
    let far = 0.25 * page.width as f32;
    for (index, line) in page.lines.iter().enumerate() {
        let Some(quad) = line.quad else { continue };
        let [left, top] = turn(quad.0[0].map(|value| value as f32), along);
        let height = (quad.0[3][1] - quad.0[0][1]).abs().max(1) as f32;
        let is_new = before.is_some_and(|[leftmost, above]| top < above - 2.0 * height || left < leftmost - far);
        if is_new {
            begins.push(index);
        }
        let leftmost = before.filter(|_| !is_new).map_or(left, |[leftmost, _]| leftmost.min(left));
        before = Some([leftmost, top]);
    }
    let ends = begins.iter().skip(1).copied().chain([page.lines.len()]).collect::<Vec<_>>();
    begins.into_iter().zip(ends).map(|(begin, end)| begin..end).collect()
}

/// What is taken off a label that stands before one that came earlier in the script.
const BACKWARD: i32 = 2;

/// A chain of candidates that each start an answer.
#[derive(Clone, Copy)]
struct Chain {
    sum: i32,
    /// The candidate before the last one.
    before: Option<usize>,
    /// A bit for each question that it has.
    questions: u128,
    /// Whether its last candidate stands, in the guide, before the one before it.
    goes_back: bool,
}

/// Indices of the candidates that start an answer, at most one for each question: the chain with the greatest sum of
/// weights, one more for each that comes right after the question before it, [`BACKWARD`] less for each that goes back;
/// the earlier one when two are equal.
fn starts(candidates: &[Candidate], questions: usize) -> Vec<usize> {
    // best[i]: the best chain that ends with candidate i. That no question comes twice is checked along the best chains
    // only, which is not all that might be tried, but all that matters.
    let mut best: Vec<Option<Chain>> = Vec::with_capacity(candidates.len());
    for (index, candidate) in candidates.iter().enumerate() {
        let bit = 1_u128 << candidate.question.min(127);
        let may_begin = candidate.order == Order::Any || candidate.question == 0;
        let mut own =
            may_begin.then_some(Chain { sum: candidate.weight, before: None, questions: bit, goes_back: false });
        for (before, earlier) in candidates[..index].iter().enumerate() {
            let Some(chain) = best[before].filter(|chain| chain.questions & bit == 0) else { continue };
            let is_next = earlier.question + 1 == candidate.question;
            let is_back = candidate.question < earlier.question;
            let fits = earlier.position < candidate.position
                && (is_next || (candidate.order == Order::Any && earlier.order != Order::Between))
                && (!is_back || candidate.plain);
            let sum = chain.sum + candidate.weight + i32::from(is_next) - if is_back { BACKWARD } else { 0 };
            // Of two as good, one that goes on is better than one that goes back.
            if fits && own.is_none_or(|own| (sum, !is_back) > (own.sum, !own.goes_back)) {
                own = Some(Chain { sum, before: Some(before), questions: chain.questions | bit, goes_back: is_back });
            }
        }
        best.push(own);
    }
    let mut last = None;
    for (index, own) in best.iter().enumerate() {
        let may_end = candidates[index].order != Order::Between || candidates[index].question + 1 == questions;
        if may_end && own.is_some_and(|own| last.is_none_or(|(greatest, _)| own.sum > greatest)) {
            last = own.map(|own| (own.sum, index));
        }
    }
    let mut found = Vec::new();
    let mut at = last.map(|(_, index)| index);
    while let Some(index) = at {
        found.push(index);
        at = best[index].and_then(|chain| chain.before);
    }
    found.reverse();
    found
}
