//! The marking guide: questions, what is asked, and what earns marks.

use std::{
    collections::{BTreeMap, HashSet},
    ops::RangeInclusive,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Error, Marks, Result, formula,
    totals::{CriterionGroup, Earned, GroupRule, Totals},
};

/// A teacher's marking guide. Kept as `guides/{org}/{assessment}/{version}.json`; its JSON Schema is
/// `uploads-schema/guide.schema.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Version of this document's form.
    pub schema_version: u32,
    /// What the assessment is called.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// The sum of the questions' marks, stated so that a slip of the pen is noticed. Of questions of which only the best
    /// ones count, as many are in it as count.
    pub total_marks: Marks,
    /// In the order of the paper.
    #[schema(min_items = 1, max_items = 100)]
    pub questions: Vec<Question>,
    /// Questions of which only the best answers count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub best_of: Vec<BestOf>,
}

/// Questions of the same marks of which only the best answers count: "answer any four of these six".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BestOf {
    /// How many count.
    #[schema(minimum = 1)]
    pub count: u32,
    /// Labels of the questions.
    #[schema(min_items = 2, max_items = 100)]
    pub questions: Vec<String>,
}

/// One question that is answered and marked on its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What stands before the question on the paper and before the answer on the script: `1`, `2a`.
    #[schema(min_length = 1, max_length = 10, pattern = "^[0-9A-Za-z]+$")]
    pub label: String,
    /// The question as the student sees it.
    #[schema(max_length = 4000)]
    pub text: String,
    /// Marks to be had.
    pub marks: Marks,
    /// The fewest marks that an answer can have: 0, or less where a wrong answer may cost marks.
    #[serde(default, skip_serializing_if = "Marks::is_zero")]
    pub minimum: Marks,
    /// What kind of answer is asked for, and what earns the marks.
    pub marking: Marking,
}

/// How a question is marked, told apart by `kind`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Marking {
    /// A phrase or a sentence or two.
    ShortAnswer(Criteria),
    /// A longer explanation, marked by several criteria.
    Explanation(Criteria),
    /// A number, usually with a unit.
    Numeric(Numeric),
    /// One option is right.
    SingleChoice(Choice),
    /// Several options are right; each right one chosen earns its share, each wrong one chosen takes a share away.
    MultipleChoice(Choice),
    /// Whether a statement is true, and why.
    TrueFalse(TrueFalse),
    /// A calculation or an argument, marked step by step.
    Steps(Steps),
}

/// Criteria with the answers a teacher would give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// Model answers, if there are any.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub reference_answers: Vec<String>,
    /// What earns marks. With all of them fulfilled, their marks add up to the question's. Empty where the answer is
    /// compared with the model answers alone.
    #[schema(max_items = 50)]
    pub criteria: Vec<Criterion>,
    /// Criteria whose marks are not simply added up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub groups: Vec<CriterionGroup>,
}

/// One thing that earns marks, or costs them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Unique within the question.
    #[schema(min_length = 1, max_length = 40)]
    pub id: String,
    /// What the answer must say or do.
    #[schema(min_length = 1, max_length = 1000)]
    pub description: String,
    /// Marks for it; less than 0 for what is taken off where the answer says it.
    pub marks: Marks,
    /// Phrasings of which each alone fulfils the criterion.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub accepted_phrasings: Vec<String>,
    /// How well it can be fulfilled, from the worst to the best, which has the criterion's marks. Without levels, marks
    /// are given in steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub levels: Vec<Level>,
}

/// How well a criterion is fulfilled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// What it is called: `poor`, `good`.
    #[schema(min_length = 1, max_length = 40)]
    pub name: String,
    /// What an answer of this level says or does.
    #[schema(max_length = 1000)]
    pub description: String,
    /// Marks for it.
    pub marks: Marks,
}

/// The number that is right, how near is near enough, and its unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Numeric {
    /// The right value.
    pub value: f64,
    /// How far the answer may lie from it, in the same unit.
    #[schema(minimum = 0.0)]
    pub tolerance: f64,
    /// The unit asked for, and its other accepted spellings; the first is shown to students. Empty: none is asked for.
    #[serde(default)]
    pub units: Vec<String>,
    /// Marks of the question that are for the unit alone.
    #[serde(default)]
    pub unit_marks: Marks,
    /// Whether the value counts in another unit of the same quantity too: 250 cm for 2.5 m.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub converts_units: bool,
    /// How many significant figures the number must have; any, where it doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 15)]
    pub significant_figures: Option<u32>,
    /// Marks of the question that are for the number of significant figures alone. With none, a number with others isn't
    /// the right value.
    #[serde(default, skip_serializing_if = "Marks::is_zero")]
    pub significant_figures_marks: Marks,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_true(value: &bool) -> bool {
    *value
}

/// Options to choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What can be chosen.
    #[schema(min_items = 2, max_items = 26)]
    pub options: Vec<ChoiceOption>,
    /// Keys of the right options.
    #[schema(min_items = 1)]
    pub correct: Vec<String>,
    /// Marks that each wrong option costs. Without it a wrong one costs nothing in a single choice, and the share of a right
    /// one in a multiple choice. How far below 0 an answer can fall, the question's `minimum` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrong_option_costs: Option<Marks>,
}

/// A statement that is true or false.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrueFalse {
    /// Whether the statement is true.
    pub is_true: bool,
    /// Marks of the question for saying so; the others are for the reason.
    pub verdict_marks: Marks,
    /// What the reason must say; absent where none is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Criteria>,
    /// Whether the reason earns something beside a wrong verdict.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reason_counts_alone: bool,
}

/// Steps in the order in which they are taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// The steps. Their marks add up to the question's.
    #[schema(min_items = 1, max_items = 30)]
    pub steps: Vec<Step>,
}

/// One step: a value that is worked out, or something that is said or done (a method mark).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Unique within the question: a letter, then letters, digits or `_`, so that formulas can name it.
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z][A-Za-z0-9_]*$")]
    pub id: String,
    /// What is done in it.
    #[schema(min_length = 1, max_length = 1000)]
    pub description: String,
    /// Marks for it.
    pub marks: Marks,
    /// Phrasings of which each alone shows that the step was taken. Only where it has no result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub accepted_phrasings: Vec<String>,
    /// The value that comes out of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<StepResult>,
}

/// The value that comes out of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepResult {
    /// The right value.
    pub value: f64,
    /// How far it may lie from that.
    #[schema(minimum = 0.0)]
    pub tolerance: f64,
    /// Accepted spellings of its unit; empty where none is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// How it follows from the steps before, by their ids: `force / mass`. With it, a value that follows from an earlier
    /// mistake earns the step's marks (error carried forward). `+ - * / ^`, brackets and functions like `sqrt` and `sin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub formula: Option<String>,
}

/// One option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// One letter, as printed before the option.
    #[schema(min_length = 1, max_length = 1, pattern = "^[A-Z]$")]
    pub key: String,
    /// What the option says.
    pub text: String,
}

impl Guide {
    /// The form that this code writes.
    pub const SCHEMA_VERSION: u32 = 1;

    /// The question with this label.
    #[must_use]
    pub fn question(&self, label: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.label == label)
    }

    /// The step in which a person gives marks: the largest of which half a mark and the marks of every criterion, and of
    /// every level of it, are multiples.
    #[must_use]
    pub fn step(&self) -> Marks {
        let criteria = self.questions.iter().flat_map(Question::criteria);
        let marks = criteria.flat_map(|one| one.levels.into_iter().map(|level| level.marks).chain([one.marks]));
        Marks::from_thousandths(marks.fold(500, |step, marks| greatest_common_divisor(step, marks.thousandths())))
    }

    /// Marks of the questions, where of some only the best ones count.
    fn sum_of_questions(&self) -> Marks {
        let all: Marks = self.questions.iter().map(|question| question.marks).sum();
        let too_many = self.best_of.iter().map(|best| {
            let marks =
                best.questions.first().and_then(|label| self.question(label)).map_or(0, |q| q.marks.thousandths());
            Marks::from_thousandths(marks * (best.questions.len() as i64 - i64::from(best.count)).max(0))
        });
        all - too_many.sum()
    }

    fn check_best_of(&self, problems: &mut Vec<String>) {
        let mut seen = HashSet::new();
        for best in &self.best_of {
            let mut problem = |text: String| problems.push(format!("`best_of` {}: {text}", best.questions.join(", ")));
            if best.count < 1 || best.count as usize >= best.questions.len() {
                problem("`count` must be at least 1 and less than the number of its questions.".to_owned());
            }
            let found: Vec<&Question> = best.questions.iter().filter_map(|label| self.question(label)).collect();
            if found.len() != best.questions.len() {
                problem("it names a question that the guide doesn't have.".to_owned());
            }
            if found.windows(2).any(|pair| pair[0].marks != pair[1].marks) {
                problem("its questions must have the same marks.".to_owned());
            }
            if best.questions.iter().any(|label| !seen.insert(label)) {
                problem("a question may stand in it once, and in no other.".to_owned());
            }
        }
    }

    /// Checks all that the JSON Schema asks for beyond the types, and what a schema cannot: that marks add up, labels and
    /// ids are unique, right options exist.
    ///
    /// # Errors
    /// `guide_invalid`, with every problem found, each naming its question.
    pub fn check(&self) -> Result<()> {
        let mut problems = Vec::new();
        if self.schema_version != Self::SCHEMA_VERSION {
            problems.push(format!("`schema_version` must be {}.", Self::SCHEMA_VERSION));
        }
        if !has_characters(&self.title, 1..=200) {
            problems.push("The title must have 1 to 200 characters.".to_owned());
        }
        if !(1..=100).contains(&self.questions.len()) {
            problems.push(format!("The guide has {} questions; it must have 1 to 100.", self.questions.len()));
        }
        if self.total_marks > Marks::LIMIT {
            problems.push(format!("`total_marks` may be at most {}.", Marks::LIMIT));
        }
        self.check_best_of(&mut problems);
        let sum = self.sum_of_questions();
        if sum != self.total_marks {
            problems
                .push(format!("The questions' marks add up to {sum}, but `total_marks` says {}.", self.total_marks));
        }
        let mut labels = HashSet::new();
        for question in &self.questions {
            if !labels.insert(question.label.to_lowercase()) {
                problems.push(format!("Question {}: the label is used twice.", question.label));
            }
            question.check(&mut problems);
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::invalid("guide_invalid", problems.join(" "))) }
    }
}

impl Question {
    /// What the question is worth per criterion: id, description and marks, in the order in which a grade lists them.
    #[must_use]
    pub fn criteria(&self) -> Vec<Criterion> {
        match &self.marking {
            Marking::ShortAnswer(part) | Marking::Explanation(part) => part.criteria_or_whole(self.marks),
            Marking::Numeric(numeric) => {
                let value = format!("Value {} within {}", numeric.value, numeric.tolerance);
                let rest = self.marks - numeric.unit_marks - numeric.significant_figures_marks;
                let mut all = vec![Criterion::plain("value", value, rest)];
                if let (Some(unit), true) = (numeric.units.first(), numeric.unit_marks > Marks::ZERO) {
                    all.push(Criterion::plain("unit", format!("Unit {unit}"), numeric.unit_marks));
                }
                if let (Some(figures), true) =
                    (numeric.significant_figures, !numeric.significant_figures_marks.is_zero())
                {
                    let marks = numeric.significant_figures_marks;
                    all.push(Criterion::plain("figures", format!("{figures} significant figures"), marks));
                }
                all
            }
            Marking::SingleChoice(choice) | Marking::MultipleChoice(choice) => {
                vec![Criterion::plain("choice", format!("Chooses {}", choice.correct.join(", ")), self.marks)]
            }
            Marking::TrueFalse(statement) => {
                let verdict = if statement.is_true { "Says that it is true" } else { "Says that it is false" };
                let verdict = Criterion::plain("verdict", verdict.to_owned(), statement.verdict_marks);
                let rest = self.marks - statement.verdict_marks;
                let reason = statement.reason.iter().flat_map(|reason| reason.criteria_or_whole(rest));
                [verdict].into_iter().chain(reason).collect()
            }
            Marking::Steps(part) => part.steps.iter().map(Step::as_criterion).collect(),
        }
    }

    /// How the marks of the criteria add up.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let groups = self.written().map(|part| part.groups.clone()).unwrap_or_default();
        Totals { groups, minimum: self.minimum }
    }

    /// The criteria that a written answer, or the written part of one, is compared with.
    fn written(&self) -> Option<&Criteria> {
        match &self.marking {
            Marking::ShortAnswer(part) | Marking::Explanation(part) => Some(part),
            Marking::TrueFalse(statement) => statement.reason.as_ref(),
            _ => None,
        }
    }

    fn check(&self, problems: &mut Vec<String>) {
        let label = &self.label;
        let mut problem = |text: String| problems.push(format!("Question {label}: {text}"));
        if label.is_empty() || label.len() > 10 || !label.chars().all(|c| c.is_ascii_alphanumeric()) {
            problem("a label is one to ten letters or digits.".to_owned());
        }
        if !is_positive(self.marks) {
            problem(format!("marks must be more than 0 and at most {}.", Marks::LIMIT));
        }
        if self.minimum > Marks::ZERO || self.minimum < Marks::ZERO - self.marks {
            problem(format!("`minimum` must lie between -{} and 0.", self.marks));
        }
        if !has_characters(&self.text, 0..=4000) {
            problem("its text may have 4000 characters.".to_owned());
        }
        match &self.marking {
            Marking::ShortAnswer(part) | Marking::Explanation(part) => part.check(&mut problem),
            Marking::Numeric(numeric) => numeric.check(self.marks, &mut problem),
            Marking::SingleChoice(choice) => {
                choice.check(true, &mut problem);
                if choice.wrong_option_costs.is_some_and(|costs| costs > Marks::ZERO) && self.minimum.is_zero() {
                    problem("a wrong option costs marks, but with a `minimum` of 0 none can be taken off.".to_owned());
                }
            }
            Marking::MultipleChoice(choice) => choice.check(false, &mut problem),
            Marking::TrueFalse(statement) => {
                if !is_positive(statement.verdict_marks) {
                    problem("`verdict_marks` must be more than 0.".to_owned());
                }
                if let Some(reason) = &statement.reason {
                    if reason.criteria.iter().any(|criterion| criterion.id == "verdict") {
                        problem("the id `verdict` is the verdict's own.".to_owned());
                    }
                    reason.check(&mut problem);
                }
            }
            Marking::Steps(part) => part.check(&mut problem),
        }
        let criteria = self.criteria();
        let best = |criterion: &'_ Criterion| criterion.marks.max(Marks::ZERO);
        let earned: Vec<Earned> =
            criteria.iter().map(|one| Earned { criterion: &one.id, marks: best(one), max_marks: best(one) }).collect();
        let sum = self.totals().add_up(&earned, Marks::from_thousandths(i64::MAX));
        if sum != self.marks {
            problem(format!("its criteria add up to {sum}, but the question has {} marks.", self.marks));
        }
    }
}

impl Criteria {
    /// The criteria; where there are none, one for the whole of the first model answer, with these marks.
    #[must_use]
    pub fn criteria_or_whole(&self, marks: Marks) -> Vec<Criterion> {
        match self.reference_answers.first() {
            Some(answer) if self.criteria.is_empty() => {
                let description: String = answer.chars().take(1000).collect();
                vec![Criterion::plain("answer", description, marks)]
            }
            _ => self.criteria.clone(),
        }
    }

    fn check(&self, problem: &mut impl FnMut(String)) {
        let has_reference = self.reference_answers.first().is_some_and(|answer| !answer.trim().is_empty());
        if self.criteria.len() > 50 || self.reference_answers.len() > 20 {
            problem("it may have 50 criteria and 20 reference answers.".to_owned());
        }
        if self.criteria.is_empty() && !has_reference {
            problem("it must have 1 to 50 criteria, or a reference answer to compare with.".to_owned());
        }
        let mut ids = HashSet::new();
        for criterion in self.criteria.iter().take(50) {
            if !ids.insert(&criterion.id) {
                problem(format!("the criterion id `{}` is used twice.", criterion.id));
            }
            criterion.check(problem);
        }
        self.check_groups(problem);
    }

    fn check_groups(&self, problem: &mut impl FnMut(String)) {
        let (mut chosen, mut capped) = (HashSet::new(), HashSet::new());
        for group in &self.groups {
            let is_cap = group.rule == GroupRule::AtMost;
            if is_cap != group.marks.is_some_and(is_positive) {
                problem("an `at_most` group has `marks` of more than 0, and no other group has any.".to_owned());
            }
            let seen = if is_cap { &mut capped } else { &mut chosen };
            for id in &group.criteria {
                match self.criteria.iter().find(|criterion| criterion.id == *id) {
                    None => problem(format!("a group names the criterion `{id}`, which the question doesn't have.")),
                    Some(found) if found.marks < Marks::ZERO => {
                        problem(format!("the criterion `{id}` takes marks off and can't be in a group."));
                    }
                    Some(_) => {}
                }
                if !seen.insert(id) {
                    problem(format!("the criterion `{id}` is in two groups of the same kind."));
                }
            }
        }
        let chosen = self.groups.iter().filter(|group| group.rule != GroupRule::AtMost);
        for group in chosen {
            let under_cap = group.criteria.iter().filter(|id| capped.contains(id)).count();
            if under_cap != 0 && under_cap != group.criteria.len() {
                problem("a group must lie wholly within an `at_most` group, or wholly outside.".to_owned());
            }
        }
    }
}

impl Numeric {
    fn check(&self, marks: Marks, problem: &mut impl FnMut(String)) {
        if !self.value.is_finite() || !self.tolerance.is_finite() || self.tolerance < 0.0 {
            problem("value and tolerance must be finite, the tolerance not negative.".to_owned());
        }
        if self.unit_marks < Marks::ZERO || self.unit_marks > marks {
            problem("`unit_marks` must lie between 0 and the question's marks.".to_owned());
        }
        if self.unit_marks > Marks::ZERO && self.units.is_empty() {
            problem("`unit_marks` are given, but no unit.".to_owned());
        }
        if self.significant_figures.is_some_and(|figures| !(1..=15).contains(&figures)) {
            problem("`significant_figures` must be 1 to 15.".to_owned());
        }
        let figures = self.significant_figures_marks;
        if figures < Marks::ZERO || self.unit_marks + figures > marks {
            problem("`significant_figures_marks` and `unit_marks` must fit into the question's marks.".to_owned());
        }
        if figures > Marks::ZERO && self.significant_figures.is_none() {
            problem("`significant_figures_marks` are given, but not how many figures.".to_owned());
        }
    }
}

impl Choice {
    fn check(&self, is_single: bool, problem: &mut impl FnMut(String)) {
        if !(2..=26).contains(&self.options.len()) {
            problem("it must have 2 to 26 options.".to_owned());
        }
        if let Some(option) = self.options.iter().find(|option| !is_key(&option.key)) {
            problem(format!("the option's key `{}` must be one letter from A to Z.", option.key));
        }
        let keys: HashSet<_> = self.options.iter().map(|option| option.key.as_str()).collect();
        if keys.len() != self.options.len() {
            problem("an option's key is used twice.".to_owned());
        }
        if let Some(unknown) = self.correct.iter().find(|key| !keys.contains(key.as_str())) {
            problem(format!("the right option `{unknown}` is not among its options."));
        }
        if self.correct.iter().collect::<HashSet<_>>().len() != self.correct.len() {
            problem("a right option is named twice.".to_owned());
        }
        if self.correct.is_empty() || (is_single && self.correct.len() != 1) {
            problem("a single choice has exactly one right option, a multiple choice at least one.".to_owned());
        }
        if self.wrong_option_costs.is_some_and(|costs| costs < Marks::ZERO) {
            problem("`wrong_option_costs` can't be less than 0.".to_owned());
        }
    }
}

impl Steps {
    fn check(&self, problem: &mut impl FnMut(String)) {
        if !(1..=30).contains(&self.steps.len()) {
            problem("it must have 1 to 30 steps.".to_owned());
        }
        let mut ids = HashSet::new();
        let mut values = BTreeMap::new();
        for step in self.steps.iter().take(30) {
            let is_name = step.id.starts_with(|c: char| c.is_ascii_alphabetic())
                && step.id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                problem(format!("the step id `{}` must be a letter, then letters, digits or `_`.", step.id));
            }
            if !ids.insert(step.id.as_str()) {
                problem(format!("the step id `{}` is used twice.", step.id));
            }
            step.as_criterion().check(problem);
            if step.marks < Marks::ZERO {
                problem(format!("step `{}` must have more than 0 marks.", step.id));
            }
            let Some(result) = &step.result else { continue };
            if !step.accepted_phrasings.is_empty() {
                problem(format!("step `{}` has a result and can't have accepted phrasings.", step.id));
            }
            if !result.value.is_finite() || !result.tolerance.is_finite() || result.tolerance < 0.0 {
                problem(format!("value and tolerance of step `{}` must be finite.", step.id));
            }
            if let Some(formula) = &result.formula {
                match formula::evaluate(formula, &values) {
                    _ if !has_characters(formula, 1..=200) => {
                        problem(format!("the formula of step `{}` must have 1 to 200 characters.", step.id));
                    }
                    Err(error) => problem(format!("step `{}`: {}", step.id, error.message())),
                    Ok(value) if (value - result.value).abs() > result.tolerance + 1e-9 * value.abs() => {
                        problem(format!(
                            "the formula of step `{}` comes to {value}, which isn't within {} of its value {}.",
                            step.id, result.tolerance, result.value
                        ));
                    }
                    Ok(_) => {}
                }
            }
            values.insert(step.id.as_str(), result.value);
        }
    }
}

impl Step {
    /// The step as a criterion of the grade.
    fn as_criterion(&self) -> Criterion {
        Criterion {
            accepted_phrasings: self.accepted_phrasings.clone(),
            ..Criterion::plain(&self.id, self.description.clone(), self.marks)
        }
    }
}

impl Criterion {
    /// One with neither phrasings nor levels.
    #[must_use]
    pub fn plain(id: &str, description: String, marks: Marks) -> Self {
        Self { id: id.to_owned(), description, marks, accepted_phrasings: Vec::new(), levels: Vec::new() }
    }

    /// The fewest and the most marks that an answer can have for it.
    #[must_use]
    pub fn range(&self) -> RangeInclusive<Marks> {
        self.marks.min(Marks::ZERO)..=self.marks.max(Marks::ZERO)
    }

    fn check(&self, problem: &mut impl FnMut(String)) {
        if !has_characters(&self.id, 1..=40) {
            problem(format!("the criterion id `{}` must have 1 to 40 characters.", self.id));
        }
        if self.marks.is_zero() || self.marks > Marks::LIMIT || self.marks < Marks::ZERO - Marks::LIMIT {
            problem(format!(
                "criterion `{}` must have more than 0 marks and at most {}, or less than 0 to take marks off.",
                self.id,
                Marks::LIMIT
            ));
        }
        if self.description.trim().is_empty() || !has_characters(&self.description, 1..=1000) {
            problem(format!("the description of criterion `{}` must have 1 to 1000 characters.", self.id));
        }
        if self.accepted_phrasings.len() > 50 {
            problem(format!("criterion `{}` may have 50 accepted phrasings.", self.id));
        }
        self.check_levels(problem);
    }

    fn check_levels(&self, problem: &mut impl FnMut(String)) {
        let (Some(lowest), Some(highest)) = (self.levels.first(), self.levels.last()) else { return };
        let rise = self.levels.windows(2).all(|pair| pair[0].marks < pair[1].marks);
        if !(2..=10).contains(&self.levels.len()) || !rise || lowest.marks < Marks::ZERO || highest.marks != self.marks
        {
            problem(format!(
                "the levels of criterion `{}` must be 2 to 10, from the fewest marks to the most, which are the criterion's.",
                self.id
            ));
        }
        let is_named =
            |level: &Level| has_characters(&level.name, 1..=40) && has_characters(&level.description, 0..=1000);
        if !self.levels.iter().all(is_named) {
            problem(format!(
                "a level of criterion `{}` must have a name of 1 to 40 characters and a description of at most 1000.",
                self.id
            ));
        }
    }
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { greatest_common_divisor(b, a % b) }
}

fn has_characters(text: &str, allowed: RangeInclusive<usize>) -> bool {
    allowed.contains(&text.chars().count())
}

fn is_positive(marks: Marks) -> bool {
    marks > Marks::ZERO && marks <= Marks::LIMIT
}

fn is_key(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'Z'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide(marks: &[i64]) -> Guide {
        let criterion = |thousandths: &i64| {
            Criterion::plain(&thousandths.to_string(), "Says it".to_owned(), Marks::from_thousandths(*thousandths))
        };
        let criteria = marks.iter().map(criterion).collect();
        let criteria = Criteria { reference_answers: Vec::new(), criteria, groups: Vec::new() };
        let total_marks = marks.iter().map(|thousandths| Marks::from_thousandths(*thousandths)).sum();
        let marking = Marking::Explanation(criteria);
        let (label, text) = ("1".to_owned(), String::new());
        let question = Question { label, text, marks: total_marks, minimum: Marks::ZERO, marking };
        Guide {
            schema_version: 1,
            title: "Test".to_owned(),
            total_marks,
            questions: vec![question],
            best_of: Vec::new(),
        }
    }

    #[test]
    fn marks_go_in_halves_or_in_what_the_guide_needs() {
        for (marks, step) in
            [(&[1000, 2000][..], "0.5"), (&[1000, 1500], "0.5"), (&[750, 1000], "0.25"), (&[200], "0.1")]
        {
            assert_eq!(guide(marks).step().to_string(), step, "{marks:?}");
        }
    }

    fn parsed(question: &str) -> Guide {
        let text = format!(r#"{{"schema_version":1,"title":"T","total_marks":2,"questions":[{question}]}}"#);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn problems(question: &str) -> String {
        parsed(question).check().err().map(|error| error.message().to_owned()).unwrap_or_default()
    }

    fn criteria(rest: &str) -> String {
        format!(r#"{{"label":"1","text":"Why?","marks":2,"marking":{{"kind":"explanation",{rest}}}}}"#)
    }

    #[test]
    fn rubrics_that_do_not_add_up_are_refused_by_name() {
        let one = |id: &str, marks: &str| format!(r#"{{"id":"{id}","description":"Says {id}","marks":{marks}}}"#);
        let (a, b, c) = (one("a", "1"), one("b", "1"), one("c", "1"));
        let (any, all) = (r#""rule":"any_of""#, r#""rule":"all_of""#);
        let cap = r#""rule":"at_most","marks":2"#;
        for (rest, problem) in [
            (format!(r#""criteria":[{a},{b}]"#), ""),
            (format!(r#""criteria":[{a},{b},{c}]"#), "add up to 3"),
            (r#""criteria":[],"reference_answers":["Because."]"#.to_owned(), ""),
            (r#""criteria":[],"reference_answers":[" "]"#.to_owned(), "a reference answer"),
            (r#""criteria":[]"#.to_owned(), "a reference answer"),
            (format!(r#""criteria":[{a},{b},{c}],"groups":[{{{any},"criteria":["b","c"]}}]"#), ""),
            (format!(r#""criteria":[{a},{b}],"groups":[{{{all},"criteria":["a","b"]}}]"#), ""),
            (format!(r#""criteria":[{a},{b},{c}],"groups":[{{{cap},"criteria":["a","b","c"]}}]"#), ""),
            (format!(r#""criteria":[{a},{b},{c}],"groups":[{{{cap},"criteria":["a","b"]}}]"#), "add up to 3"),
            (format!(r#""criteria":[{a},{b}],"groups":[{{{any},"criteria":["a","z"]}}]"#), "`z`"),
            (format!(r#""criteria":[{a},{b}],"groups":[{{{all},"criteria":["a","a"]}}]"#), "two groups"),
            (format!(r#""criteria":[{a},{b}],"groups":[{{{all},"marks":1,"criteria":["a"]}}]"#), "at_most"),
            (format!(r#""criteria":[{a},{b},{}]"#, one("d", "-1")), ""),
            (format!(r#""criteria":[{a},{b},{}]"#, one("d", "0")), "`d`"),
        ] {
            let found = problems(&criteria(&rest));
            assert!(if problem.is_empty() { found.is_empty() } else { found.contains(problem) }, "{rest}: {found}");
        }
    }

    #[test]
    fn a_wrong_option_that_could_cost_nothing_is_refused() {
        let choice = |minimum: &str| {
            let options = r#"[{"key":"A","text":"a"},{"key":"B","text":"b"}]"#;
            format!(
                r#"{{"label":"1","text":"","marks":2,"minimum":{minimum},"marking":{{"kind":"single_choice",
                "options":{options},"correct":["A"],"wrong_option_costs":0.5}}}}"#
            )
        };
        assert_eq!(problems(&choice("-0.5")), "");
        assert!(problems(&choice("0")).contains("`minimum`"));
    }

    #[test]
    fn levels_rise_to_the_criterion_s_marks() {
        let levels = |marks: &[f64]| {
            let level = |marks: &f64| format!(r#"{{"name":"n","description":"d","marks":{marks}}}"#);
            let levels = marks.iter().map(level).collect::<Vec<_>>().join(",");
            criteria(&format!(r#""criteria":[{{"id":"a","description":"A","marks":2,"levels":[{levels}]}}]"#))
        };
        assert_eq!(problems(&levels(&[0.0, 0.75, 2.0])), "");
        assert_eq!(parsed(&levels(&[0.0, 0.75, 2.0])).step().to_string(), "0.25");
        for wrong in [&[2.0][..], &[0.0, 1.0], &[0.0, 2.0, 1.0], &[-1.0, 2.0]] {
            assert!(problems(&levels(wrong)).contains("levels of criterion `a`"), "{wrong:?}");
        }
    }

    #[test]
    fn a_formula_must_come_to_its_step_s_value() {
        let steps = |formula: &str| {
            format!(
                r#"{{"label":"1","text":"","marks":2,"marking":{{"kind":"steps","steps":[
                {{"id":"force","description":"F","marks":1,"result":{{"value":12,"tolerance":0}}}},
                {{"id":"a","description":"a","marks":1,"result":{{"value":3,"tolerance":0,"formula":"{formula}"}}}}]}}}}"#
            )
        };
        assert_eq!(problems(&steps("force / 4")), "");
        assert!(problems(&steps("force / 3")).contains("comes to 4"));
        assert!(problems(&steps("mass / 3")).contains("`mass`"));
        assert!(problems(&steps("a / 3")).contains("`a`"));
    }

    #[test]
    fn of_optional_questions_as_many_count_as_the_guide_says() {
        let question = |label: &str, marks: u32| {
            let criterion = format!(r#"{{"id":"a","description":"A","marks":{marks}}}"#);
            format!(
                r#"{{"label":"{label}","text":"","marks":{marks},"marking":{{"kind":"short_answer","criteria":[{criterion}]}}}}"#
            )
        };
        let guide = |questions: &[String], count: u32, labels: &str| -> String {
            let mut guide = parsed(&questions.join(","));
            let labels = labels.split(' ').map(ToOwned::to_owned).collect();
            guide.best_of = vec![BestOf { count, questions: labels }];
            guide.check().err().map(|error| error.message().to_owned()).unwrap_or_default()
        };
        let three = [question("1", 1), question("2", 1), question("3", 1)];
        assert_eq!(guide(&three, 2, "1 2 3"), "");
        assert!(guide(&three, 3, "1 2 3").contains("`count`"));
        assert!(guide(&three, 2, "1 2 4").contains("doesn't have"));
        assert!(guide(&three, 1, "1 1").contains("once"));
        assert!(guide(&[question("1", 1), question("2", 2)], 1, "1 2").contains("same marks"));
    }

    #[test]
    fn a_thousand_criteria_are_refused_at_once() {
        let all: Vec<String> =
            (0..1000).map(|id| format!(r#"{{"id":"{id}","description":"Says {id}","marks":0.002}}"#)).collect();
        let found = problems(&criteria(&format!(r#""criteria":[{}]"#, all.join(","))));
        assert!(found.contains("50 criteria"), "{found}");
    }
}
