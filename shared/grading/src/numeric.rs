//! Numeric answers: which number is the answer, is it near enough, is its unit right.

use smartscripts_domain::{
    Marks,
    answer::Answer,
    feedback::{CriterionGrade, Evidence},
    guide::{Criterion, Numeric, Question},
    reading::round_confidence,
};

use crate::{
    evidence::{evidence, opening, words},
    numbers::{Number, numbers},
    quote,
    text::Folded,
    units::{self, Found},
};

/// Confidence where the number and its meaning are plain; a rule decides, so what is left is the odd unforeseen case.
const PLAIN: f64 = 0.97;
/// Confidence where a teacher might be kinder: just outside the tolerance, or the right value in another unit.
const ARGUABLE: f64 = 0.7;
/// Confidence where it is open which number is meant; below the threshold of review.
const OPEN: f64 = 0.5;

/// A number that could be the answer.
struct Candidate {
    number: Number,
    unit: Found,
    /// Whether it stands behind an equals sign.
    is_result: bool,
}

impl Candidate {
    /// How much speaks for it: a right unit most, then an equals sign.
    fn rank(&self) -> u8 {
        2 * u8::from(matches!(self.unit, Found::Right(_))) + u8::from(self.is_result)
    }
}

/// Grades the value and, where it has marks of its own, the unit. The second part is a doubt that a person must settle.
pub fn grade(question: &Question, numeric: &Numeric, answer: &Answer) -> (Vec<CriterionGrade>, Option<String>) {
    let text = Folded::new(&answer.text);
    let asked: Vec<String> = numeric.units.iter().filter_map(|unit| units::canonical(unit)).collect();
    let all = candidates(&text, &asked, &question.text);
    let best_rank = all.iter().map(Candidate::rank).max().unwrap_or(0);
    let Some(chosen) = all.iter().rfind(|candidate| candidate.rank() == best_rank) else {
        let reason = "No number was found in the answer.";
        let refuse = |criterion: &Criterion| graded(criterion, false, ARGUABLE, reason.to_owned(), opening(answer));
        return (question.criteria().iter().map(refuse).collect(), Some(reason.to_owned()));
    };

    let number = text.span(chosen.number.start, chosen.number.end);
    let unit = match chosen.unit {
        Found::Right(end) | Found::Other(end) => Some(text.span(chosen.number.end, end)),
        Found::Nothing => None,
    };
    let rivals = rivals(&all, chosen, &text);
    let criteria = question.criteria();
    let grades = criteria.iter().map(|criterion| {
        if criterion.id == "unit" {
            grade_unit(criterion, numeric, chosen, number, unit, answer)
        } else {
            grade_value(criterion, numeric, chosen, number, unit, rivals.is_some(), answer)
        }
    });
    let grades: Vec<CriterionGrade> = grades.collect();
    let doubt = rivals.or_else(|| doubt_of(numeric, chosen, &quote(&answer.text[number.0..number.1])));
    (grades, doubt)
}

/// The numbers that could be the answer. Numbers given in the question and the numbering of a list are left out, unless
/// an equals sign or the right unit marks them, or nothing else is left.
fn candidates(text: &Folded, asked: &[String], question: &str) -> Vec<Candidate> {
    let given: Vec<f64> = numbers(&Folded::new(question)).into_iter().map(|number| number.value).collect();
    let chars = &text.chars;
    let all = numbers(text).into_iter().map(|number| {
        let before = (0..number.start).rev().find(|&at| chars[at] != ' ').map(|at| chars[at]);
        let is_result = matches!(before, Some('=' | '≈' | '~'));
        let mut unit = units::behind(chars, number.end, asked);
        if units::before(chars, number.start, asked) {
            unit = Found::Right(number.end);
        }
        Candidate { number, unit, is_result }
    });
    let (likely, unlikely): (Vec<Candidate>, Vec<Candidate>) = all.partition(|candidate| {
        let is_given = given.iter().any(|value| equal(*value, candidate.number.value));
        candidate.rank() > 0 || !(is_given || numbers_a_list(chars, &candidate.number))
    });
    if likely.is_empty() { unlikely } else { likely }
}

/// `1.` or `2)` at the beginning of a line.
fn numbers_a_list(chars: &[char], number: &Number) -> bool {
    let begins_line = number.start == 0 || chars[number.start - 1] == '\n';
    let is_followed = chars.get(number.end + 1).is_some_and(|c| c.is_whitespace());
    begins_line && is_followed && matches!(chars.get(number.end), Some('.' | ')'))
}

/// Says so when another number could be meant just as well. In a chain of equals signs the last one is meant.
fn rivals(all: &[Candidate], chosen: &Candidate, text: &Folded) -> Option<String> {
    let mut peers = all.iter().filter(|other| other.rank() == chosen.rank());
    let rival = peers.rfind(|other| !equal(other.number.value, chosen.number.value))?;
    let between: String = text.chars[rival.number.end..chosen.number.start].iter().collect();
    if chosen.is_result && !between.to_lowercase().contains(" or ") {
        return None;
    }
    let written = |number: &Number| quote(&text.chars[number.start..number.end].iter().collect::<String>());
    let (rival, chosen) = (written(&rival.number), written(&chosen.number));
    Some(format!("More than one number could be meant: {rival} or {chosen}."))
}

/// A doubt about the chosen number itself.
fn doubt_of(numeric: &Numeric, chosen: &Candidate, written: &str) -> Option<String> {
    let is_right = within(numeric, chosen.number.value);
    if chosen.number.other_value.is_some_and(|other| within(numeric, other) != is_right) {
        return Some(format!("The number {written} can be read in two ways."));
    }
    let other_unit = !numeric.units.is_empty() && matches!(chosen.unit, Found::Other(_));
    if other_unit && (!is_right || numeric.unit_marks == Marks::ZERO) {
        return Some(format!("The number {written} is given in another unit than the one asked for."));
    }
    if !is_right && shifted(numeric.value, chosen.number.value) {
        return Some(format!("The digits of {written} are right, but the decimal point or the power of ten is not."));
    }
    None
}

fn grade_value(
    criterion: &Criterion,
    numeric: &Numeric,
    chosen: &Candidate,
    number: (usize, usize),
    unit: Option<(usize, usize)>,
    has_rivals: bool,
    answer: &Answer,
) -> CriterionGrade {
    let awarded = chosen.number.values().any(|value| within(numeric, value));
    let written = quote(&answer.text[number.0..number.1]);
    let expected = match numeric.units.first() {
        Some(unit) => format!("{} {unit}", numeric.value),
        None => numeric.value.to_string(),
    };
    let reason = match (awarded, numeric.tolerance > 0.0) {
        (true, true) => format!("The answer gives {written}, within {} of {expected}.", numeric.tolerance),
        (true, false) => format!("The answer gives {written}, which is {expected}."),
        (false, true) => format!("The answer gives {written}, not within {} of {expected}.", numeric.tolerance),
        (false, false) => format!("The answer gives {written}, not {expected}."),
    };
    let confidence = if has_rivals {
        OPEN
    } else if doubt_of(numeric, chosen, "").is_some() || nearly(numeric, chosen.number.value) {
        ARGUABLE
    } else {
        PLAIN
    };
    let end = unit.map_or(number.1, |unit| unit.1).max(number.1);
    graded(criterion, awarded, confidence * surest(answer, number), reason, evidence(answer, number.0, end))
}

fn grade_unit(
    criterion: &Criterion,
    numeric: &Numeric,
    chosen: &Candidate,
    number: (usize, usize),
    unit: Option<(usize, usize)>,
    answer: &Answer,
) -> CriterionGrade {
    let expected = quote(numeric.units.first().map_or("", String::as_str));
    let span = unit.filter(|unit| unit.1 > unit.0).unwrap_or(number);
    let written = quote(answer.text.get(span.0..span.1).unwrap_or_default().trim());
    let (awarded, reason) = match chosen.unit {
        Found::Right(_) => (true, format!("The unit {written} is {expected}.")),
        Found::Other(_) => (false, format!("The unit is {written}, not {expected}.")),
        Found::Nothing => (false, format!("No unit stands with the number; {expected} is asked for.")),
    };
    graded(criterion, awarded, PLAIN * surest(answer, span), reason, evidence(answer, span.0, span.1))
}

fn graded(
    criterion: &Criterion,
    awarded: bool,
    confidence: f64,
    reason: String,
    evidence: Option<Evidence>,
) -> CriterionGrade {
    CriterionGrade {
        criterion: criterion.id.clone(),
        description: criterion.description.clone(),
        marks: if awarded { criterion.marks } else { Marks::ZERO },
        max_marks: criterion.marks,
        confidence: round_confidence(confidence),
        reason,
        evidence,
    }
}

/// Confidence of the reading at its weakest word: one wrong digit makes another number.
fn surest(answer: &Answer, span: (usize, usize)) -> f64 {
    words(answer, span.0, span.1).map(|word| word.confidence).fold(1.0, f64::min)
}

/// Whether the value is near enough. The slack is for decimal fractions that a float cannot hold.
fn within(numeric: &Numeric, value: f64) -> bool {
    (value - numeric.value).abs() <= numeric.tolerance + 1e-9 * numeric.value.abs()
}

/// Whether the value lies outside the tolerance, but within twice that.
fn nearly(numeric: &Numeric, value: f64) -> bool {
    !within(numeric, value) && (value - numeric.value).abs() <= 2.0 * numeric.tolerance
}

fn equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Whether one value is the other times a power of ten.
fn shifted(a: f64, b: f64) -> bool {
    if a == 0.0 || b == 0.0 {
        return false;
    }
    let powers = (a / b).abs().log10();
    (powers - powers.round()).abs() < 1e-9 && powers.abs() > 0.5
}
