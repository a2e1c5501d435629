//! Numeric answers: which number is the answer, is it near enough, is its unit right.

use smartscripts_domain::{
    Marks,
    answer::Answer,
    feedback::CriterionGrade,
    guide::{Criterion, Numeric, Question},
};

use crate::{
    evidence::{evidence, opening, words},
    judged,
    numbers::{Number, numbers},
    quantity::{self, Conversion},
    quote,
    text::Folded,
    units::{self, Found},
};

/// Confidence where the number and its meaning are plain; a rule decides, so what is left is the odd unforeseen case.
pub const PLAIN: f64 = 0.97;
/// Confidence where a teacher might be kinder: just outside the tolerance, or the right value in another unit.
pub const ARGUABLE: f64 = 0.7;
/// Confidence where it is open which number is meant; below the threshold of review.
pub const OPEN: f64 = 0.5;

/// A number that could be the answer.
pub struct Candidate {
    pub number: Number,
    pub unit: Found,
    /// Whether it stands behind an equals sign.
    pub is_result: bool,
    /// From its unit to the one asked for, where it is given in another of the same quantity.
    conversion: Option<Conversion>,
    /// Whether a unit is asked for at all.
    is_unit_asked: bool,
}

impl Candidate {
    /// How much speaks for it: a right unit most, then an equals sign.
    fn rank(&self) -> u8 {
        2 * u8::from(self.has_unit()) + u8::from(self.is_result)
    }

    /// Whether it is in the unit asked for, or in another of the same quantity.
    pub fn has_unit(&self) -> bool {
        matches!(self.unit, Found::Right(_)) || self.is_converted()
    }

    fn is_converted(&self) -> bool {
        self.conversion.is_some() && matches!(self.unit, Found::Other(_))
    }

    /// The values that it may have in the unit asked for, the likelier one first.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        // Where no unit is asked for, 5 % may be meant as 5 and as 0.05.
        let plain = self.number.values().filter(|_| !self.is_converted() || !self.is_unit_asked);
        plain.chain(self.conversion.into_iter().flat_map(|by| self.number.values().map(move |value| by.apply(value))))
    }

    /// Where the number and its unit end in the folded text.
    pub fn end(&self) -> usize {
        match self.unit {
            Found::Right(end) | Found::Other(end) => end.max(self.number.end),
            Found::Nothing => self.number.end,
        }
    }
}

/// What is asked of a number: its units, and whether it may be given in others of the same quantity.
pub struct Asked<'a> {
    units: &'a [String],
    canonical: Vec<String>,
    converts: bool,
}

impl<'a> Asked<'a> {
    pub fn new(units: &'a [String], converts: bool) -> Self {
        Self { units, canonical: units.iter().filter_map(|unit| units::canonical(unit)).collect(), converts }
    }

    fn conversion(&self, chars: &[char], number: &Number, unit: &Found) -> Option<Conversion> {
        let asked = self.units.first().map_or("", String::as_str);
        let written: String = match unit {
            Found::Other(end) => chars.get(number.end..*end)?.iter().collect(),
            Found::Nothing => String::new(),
            Found::Right(_) => return None,
        };
        quantity::conversion(&written, asked).filter(|conversion| self.converts && !conversion.is_identity())
    }
}

/// All numbers of an answer with what stands around them.
pub fn all_candidates(text: &Folded, asked: &Asked) -> Vec<Candidate> {
    let chars = &text.chars;
    let candidate = |number: Number| {
        let before = (0..number.start).rev().find(|&at| chars[at] != ' ').map(|at| chars[at]);
        let is_result = matches!(before, Some('=' | '≈' | '~'));
        let mut unit = units::behind(chars, number.end, &asked.canonical);
        if units::before(chars, number.start, &asked.canonical) {
            unit = Found::Right(number.end);
        }
        let conversion = asked.conversion(chars, &number, &unit);
        Candidate { number, unit, is_result, conversion, is_unit_asked: !asked.units.is_empty() }
    };
    numbers(text).into_iter().map(candidate).collect()
}

/// Grades the value and, where they have marks of their own, the unit and the significant figures. The second part is a
/// doubt that a person must settle.
pub fn grade(question: &Question, numeric: &Numeric, answer: &Answer) -> (Vec<CriterionGrade>, Option<String>) {
    let text = Folded::new(&answer.text);
    let asked = Asked::new(&numeric.units, numeric.converts_units);
    let all = candidates(&text, &asked, &question.text);
    let best_rank = all.iter().map(Candidate::rank).max().unwrap_or(0);
    let Some(chosen) = all.iter().rfind(|candidate| candidate.rank() == best_rank) else {
        let reason = "No number was found in the answer.";
        let refuse =
            |criterion: &Criterion| judged(criterion, Marks::ZERO, ARGUABLE, reason.to_owned(), opening(answer));
        return (question.criteria().iter().map(refuse).collect(), Some(reason.to_owned()));
    };

    let number = text.span(chosen.number.start, chosen.number.end);
    let unit = match chosen.unit {
        Found::Right(end) | Found::Other(end) => Some(text.span(chosen.number.end, end)),
        Found::Nothing => None,
    };
    let rivals = rivals(&all, chosen, &text);
    let criteria = question.criteria();
    let grades = criteria.iter().map(|criterion| match criterion.id.as_str() {
        "unit" => grade_unit(criterion, numeric, chosen, number, unit, answer),
        "figures" => grade_figures(criterion, numeric, chosen, number, answer),
        _ => grade_value(criterion, numeric, chosen, number, unit, rivals.is_some(), answer),
    });
    let grades: Vec<CriterionGrade> = grades.collect();
    let doubt = rivals.or_else(|| doubt_of(numeric, chosen, &quote(&answer.text[number.0..number.1])));
    (grades, doubt)
}

/// The numbers that could be the answer. Numbers given in the question and the numbering of a list are left out, unless
/// an equals sign or the right unit marks them, or nothing else is left.
fn candidates(text: &Folded, asked: &Asked, question: &str) -> Vec<Candidate> {
    let given: Vec<f64> = numbers(&Folded::new(question)).into_iter().map(|number| number.value).collect();
    let all = all_candidates(text, asked).into_iter();
    let (likely, unlikely): (Vec<Candidate>, Vec<Candidate>) = all.partition(|candidate| {
        let is_given = given.iter().any(|value| equal(*value, candidate.number.value));
        candidate.rank() > 0 || !(is_given || numbers_a_list(&text.chars, &candidate.number))
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
    let is_right = chosen.values().next().is_some_and(|value| within(numeric, value));
    if chosen.values().any(|other| within(numeric, other) != is_right) && chosen.number.other_value.is_some() {
        return Some(format!("The number {written} can be read in two ways."));
    }
    let other_unit = !numeric.units.is_empty() && matches!(chosen.unit, Found::Other(_)) && !chosen.is_converted();
    if other_unit && (!is_right || numeric.unit_marks == Marks::ZERO) {
        return Some(format!("The number {written} is given in another unit than the one asked for."));
    }
    let any_is_right = chosen.values().any(|value| within(numeric, value));
    if !any_is_right && chosen.values().any(|value| shifted(numeric.value, value)) {
        return Some(format!("The digits of {written} are right, but the decimal point or the power of ten is not."));
    }
    None
}

/// Whether the number has as many significant figures as are asked for, or may have.
fn has_figures(numeric: &Numeric, number: &Number) -> bool {
    let Some(asked) = numeric.significant_figures else { return true };
    number.figures.is_some_and(|(fewest, most)| (fewest..=most).contains(&asked))
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
    let is_right = chosen.values().any(|value| within(numeric, value));
    let lacks_figures = numeric.significant_figures_marks.is_zero() && !has_figures(numeric, &chosen.number);
    let awarded = is_right && !lacks_figures;
    let end = unit.map_or(number.1, |unit| unit.1).max(number.1);
    let shown = if chosen.is_converted() { (number.0, end) } else { number };
    let written = quote(&answer.text[shown.0..shown.1]);
    let expected = match numeric.units.first() {
        Some(unit) => format!("{} {unit}", numeric.value),
        None => numeric.value.to_string(),
    };
    let reason = match (is_right, numeric.tolerance > 0.0) {
        (true, _) if lacks_figures => {
            let figures = numeric.significant_figures.unwrap_or_default();
            format!("The answer gives {written}, which is near enough, but not to {figures} significant figures.")
        }
        (true, true) => format!("The answer gives {written}, within {} of {expected}.", numeric.tolerance),
        (true, false) => format!("The answer gives {written}, which is {expected}."),
        (false, true) => format!("The answer gives {written}, not within {} of {expected}.", numeric.tolerance),
        (false, false) => format!("The answer gives {written}, not {expected}."),
    };
    let is_near = chosen.values().next().is_some_and(|value| nearly(numeric, value));
    let confidence = if has_rivals {
        OPEN
    } else if doubt_of(numeric, chosen, "").is_some() || is_near || (is_right && lacks_figures) {
        ARGUABLE
    } else {
        PLAIN
    };
    let marks = if awarded { criterion.marks } else { Marks::ZERO };
    judged(criterion, marks, confidence * surest(answer, number), reason, evidence(answer, number.0, end))
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
        Found::Other(_) if chosen.is_converted() => {
            (true, format!("The unit {written} can be turned into {expected}."))
        }
        Found::Other(_) => (false, format!("The unit is {written}, not {expected}.")),
        Found::Nothing if chosen.conversion.is_some() => {
            let as_number = chosen.values().nth(1).is_some_and(|value| within(numeric, value));
            (as_number, format!("No unit stands with the number; {expected} is asked for."))
        }
        Found::Nothing => (false, format!("No unit stands with the number; {expected} is asked for.")),
    };
    let marks = if awarded { criterion.marks } else { Marks::ZERO };
    judged(criterion, marks, PLAIN * surest(answer, span), reason, evidence(answer, span.0, span.1))
}

fn grade_figures(
    criterion: &Criterion,
    numeric: &Numeric,
    chosen: &Candidate,
    number: (usize, usize),
    answer: &Answer,
) -> CriterionGrade {
    let (written, asked) = (quote(&answer.text[number.0..number.1]), numeric.significant_figures.unwrap_or_default());
    let awarded = has_figures(numeric, &chosen.number);
    let reason = match chosen.number.figures {
        Some((fewest, most)) if awarded && fewest < most => {
            format!("The number {written} can be meant to {asked} significant figures.")
        }
        Some(_) if awarded => format!("The number {written} has {asked} significant figures."),
        Some((_, most)) => format!("The number {written} has {most} significant figures, not {asked}."),
        None => format!("The number {written} is a fraction; {asked} significant figures are asked for."),
    };
    let is_plain = chosen.number.figures.is_some_and(|(fewest, most)| fewest == most);
    let confidence = if is_plain { PLAIN } else { ARGUABLE };
    let marks = if awarded { criterion.marks } else { Marks::ZERO };
    judged(criterion, marks, confidence * surest(answer, number), reason, evidence(answer, number.0, number.1))
}

/// Confidence of the reading at its weakest word: one wrong digit makes another number.
pub fn surest(answer: &Answer, span: (usize, usize)) -> f64 {
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
