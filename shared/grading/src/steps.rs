//! Steps of a calculation or an argument, each marked on its own. A value that follows from an earlier mistake earns its
//! step's marks: the error is carried forward.

use std::collections::BTreeMap;

use smartscripts_domain::{
    Marks,
    answer::Answer,
    feedback::CriterionGrade,
    formula,
    guide::{Criteria, Criterion, Question, Step, StepResult, Steps},
};

use crate::{
    evidence::{evidence, opening},
    judged,
    numeric::{ARGUABLE, Asked, Candidate, OPEN, PLAIN, all_candidates, surest},
    quote,
    text::Folded,
};

/// How far a carried value may lie from what the formula gives with the student's own numbers, where the step allows no
/// more: rounding on the way to three figures.
const CARRIED: f64 = 0.005;

/// The steps without a result, as criteria of a written answer; none where every step has one.
pub fn said(part: &Steps) -> Option<Criteria> {
    let criteria = part.steps.iter().filter(|step| step.result.is_none());
    let criteria: Vec<Criterion> = criteria
        .map(|step| Criterion {
            accepted_phrasings: step.accepted_phrasings.clone(),
            ..Criterion::plain(&step.id, step.description.clone(), step.marks)
        })
        .collect();
    (!criteria.is_empty()).then(|| Criteria { reference_answers: Vec::new(), criteria, groups: Vec::new() })
}

/// How a step's value was found.
enum Way {
    /// It is the right one.
    Right,
    /// It follows from the student's own earlier values, which are wrong: the value that follows.
    Carried(f64),
    /// It is given for this step, and is wrong.
    Wrong,
}

/// A value that stands for a step.
struct Placed {
    way: Way,
    /// Which of the step's candidates.
    candidate: usize,
    value: f64,
    /// Whether it stands before the value of an earlier step.
    is_out_of_order: bool,
}

/// Grades every step; `said` are the grades of those without a result, in their order. The second part is a doubt that a
/// person must settle.
pub fn grade(
    question: &Question,
    part: &Steps,
    answer: &Answer,
    said: Vec<CriterionGrade>,
) -> (Vec<CriterionGrade>, Option<String>) {
    let text = Folded::new(&answer.text);
    let mut said = said.into_iter();
    let mut own: BTreeMap<&str, f64> = BTreeMap::new();
    let (mut behind, mut doubt) = (0, None);
    let mut grades = Vec::with_capacity(part.steps.len());
    for (number, (step, criterion)) in part.steps.iter().zip(question.criteria()).enumerate() {
        let Some(result) = &step.result else {
            let refused = || judged(&criterion, Marks::ZERO, OPEN, "The answer doesn't show it.".to_owned(), None);
            grades.push(said.next().unwrap_or_else(refused));
            continue;
        };
        let candidates = all_candidates(&text, &Asked::new(&result.units, true));
        let later = &part.steps[number + 1..];
        let placed = place(result, &candidates, behind, &own, later);
        let Some(placed) = placed else {
            let reason = format!("The answer shows no value for this step; {} is right.", shown(result));
            grades.push(judged(&criterion, Marks::ZERO, ARGUABLE, reason, opening(answer)));
            // What follows from it is worked out with the right value: nothing says that the student had another.
            own.insert(&step.id, result.value);
            continue;
        };
        let candidate = &candidates[placed.candidate];
        let (start, end) = text.span(candidate.number.start, candidate.end());
        let written = quote(answer.text[start..end].trim());
        let (marks, confidence, reason) = match placed.way {
            Way::Right => (criterion.marks, PLAIN, format!("The answer gives {written}, which is {}.", shown(result))),
            Way::Carried(value) => {
                let follows = format!(
                    "The answer gives {written}, not {}, but {} follows from the answer's own earlier values.",
                    shown(result),
                    short(value)
                );
                (criterion.marks, ARGUABLE, follows)
            }
            Way::Wrong => (Marks::ZERO, ARGUABLE, format!("The answer gives {written}, not {}.", shown(result))),
        };
        let confidence = if placed.is_out_of_order { OPEN } else { confidence };
        if placed.is_out_of_order && doubt.is_none() {
            doubt = Some(format!("The value {written} stands out of order: before the step that it follows."));
        }
        grades.push(judged(
            &criterion,
            marks,
            confidence * surest(answer, (start, end)),
            reason,
            evidence(answer, start, end),
        ));
        own.insert(&step.id, placed.value);
        behind = behind.max(candidate.number.end);
    }
    (grades, doubt)
}

/// The value that stands for a step: the right one, else one that follows from the student's own earlier values, else the
/// next result that is in the step's unit and is no later step's.
fn place(
    result: &StepResult,
    candidates: &[Candidate],
    behind: usize,
    own: &BTreeMap<&str, f64>,
    later: &[Step],
) -> Option<Placed> {
    let in_order = |candidate: &Candidate| candidate.number.start >= behind;
    let near = |candidate: &Candidate, value: f64, tolerance: f64| {
        candidate.values().find(|given| (given - value).abs() <= tolerance + 1e-9 * value.abs())
    };
    let find = |value: f64, tolerance: f64, ordered: bool| {
        let mut open = candidates.iter().enumerate().filter(|(_, candidate)| in_order(candidate) == ordered);
        open.find_map(|(index, candidate)| Some((index, near(candidate, value, tolerance)?)))
    };
    let carried = result.formula.as_ref().and_then(|formula| formula::evaluate(formula, own).ok());
    let carried = carried.filter(|value| (value - result.value).abs() > result.tolerance + 1e-9 * value.abs());
    let slack = |value: f64| result.tolerance.max(CARRIED * value.abs());
    if let Some((candidate, value)) = find(result.value, result.tolerance, true) {
        return Some(Placed { way: Way::Right, candidate, value, is_out_of_order: false });
    }
    if let Some((candidate, value)) = carried.and_then(|value| find(value, slack(value), true)) {
        return Some(Placed { way: Way::Carried(value), candidate, value, is_out_of_order: false });
    }
    if let Some((candidate, value)) = find(result.value, result.tolerance, false) {
        return Some(Placed { way: Way::Right, candidate, value, is_out_of_order: true });
    }
    let is_later = |candidate: &Candidate| {
        let results = later.iter().filter_map(|step| step.result.as_ref());
        results.into_iter().any(|other| near(candidate, other.value, other.tolerance).is_some())
    };
    let is_given = |candidate: &Candidate| {
        let has_unit = result.units.is_empty() || candidate.has_unit();
        candidate.is_result && has_unit && in_order(candidate) && !is_later(candidate)
    };
    let candidate = candidates.iter().position(is_given)?;
    let value = candidates[candidate].values().next()?;
    Some(Placed { way: Way::Wrong, candidate, value, is_out_of_order: false })
}

fn shown(result: &StepResult) -> String {
    let unit = result.units.first().map_or_else(String::new, |unit| format!(" {unit}"));
    format!("{}{unit}", result.value)
}

/// A value as far as it matters in a sentence: four significant figures.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    rounded.to_string()
}
