//! The marking guide: questions, what is asked, and what earns marks.

use std::{collections::HashSet, ops::RangeInclusive};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Marks, Result};

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
    /// The sum of the questions' marks, stated so that a slip of the pen is noticed.
    pub total_marks: Marks,
    /// In the order of the paper.
    #[schema(min_items = 1, max_items = 100)]
    pub questions: Vec<Question>,
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
}

/// Criteria with the answers a teacher would give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// Model answers, if there are any.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub reference_answers: Vec<String>,
    /// What earns marks. Their marks add up to the question's.
    #[schema(min_items = 1, max_items = 50)]
    pub criteria: Vec<Criterion>,
}

/// One thing that earns marks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Unique within the question.
    #[schema(min_length = 1, max_length = 40)]
    pub id: String,
    /// What the answer must say or do.
    #[schema(min_length = 1, max_length = 1000)]
    pub description: String,
    /// Marks for it.
    pub marks: Marks,
    /// Phrasings of which each alone fulfils the criterion.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub accepted_phrasings: Vec<String>,
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

    /// The step in which a person gives marks: the largest of which half a mark and the marks of every criterion are
    /// multiples.
    #[must_use]
    pub fn step(&self) -> Marks {
        let criteria = self.questions.iter().flat_map(Question::criteria);
        let step = criteria.fold(500, |step, criterion| greatest_common_divisor(step, criterion.marks.thousandths()));
        Marks::from_thousandths(step)
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
        let sum: Marks = self.questions.iter().map(|question| question.marks).sum();
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
        let single = |id: &str, description: String, marks: Marks| Criterion {
            id: id.to_owned(),
            description,
            marks,
            accepted_phrasings: Vec::new(),
        };
        match &self.marking {
            Marking::ShortAnswer(criteria) | Marking::Explanation(criteria) => criteria.criteria.clone(),
            Marking::Numeric(numeric) => {
                let unit = numeric.units.first();
                let value = format!("Value {} within {}", numeric.value, numeric.tolerance);
                let mut all = vec![single("value", value, self.marks - numeric.unit_marks)];
                if let (Some(unit), true) = (unit, numeric.unit_marks > Marks::ZERO) {
                    all.push(single("unit", format!("Unit {unit}"), numeric.unit_marks));
                }
                all
            }
            Marking::SingleChoice(choice) | Marking::MultipleChoice(choice) => {
                vec![single("choice", format!("Chooses {}", choice.correct.join(", ")), self.marks)]
            }
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
        if !has_characters(&self.text, 0..=4000) {
            problem("its text may have 4000 characters.".to_owned());
        }
        match &self.marking {
            Marking::ShortAnswer(part) | Marking::Explanation(part) => {
                let sum: Marks = part.criteria.iter().map(|criterion| criterion.marks).sum();
                if sum != self.marks {
                    problem(format!("its criteria add up to {sum}, but the question has {} marks.", self.marks));
                }
                if !(1..=50).contains(&part.criteria.len()) || part.reference_answers.len() > 20 {
                    problem("it must have 1 to 50 criteria and at most 20 reference answers.".to_owned());
                }
                let mut ids = HashSet::new();
                for criterion in &part.criteria {
                    if !ids.insert(&criterion.id) {
                        problem(format!("the criterion id `{}` is used twice.", criterion.id));
                    }
                    criterion.check(&mut problem);
                }
            }
            Marking::Numeric(numeric) => {
                if !numeric.value.is_finite() || !numeric.tolerance.is_finite() || numeric.tolerance < 0.0 {
                    problem("value and tolerance must be finite, the tolerance not negative.".to_owned());
                }
                if numeric.unit_marks < Marks::ZERO || numeric.unit_marks > self.marks {
                    problem("`unit_marks` must lie between 0 and the question's marks.".to_owned());
                }
                if numeric.unit_marks > Marks::ZERO && numeric.units.is_empty() {
                    problem("`unit_marks` are given, but no unit.".to_owned());
                }
            }
            Marking::SingleChoice(choice) | Marking::MultipleChoice(choice) => {
                if !(2..=26).contains(&choice.options.len()) {
                    problem("it must have 2 to 26 options.".to_owned());
                }
                if let Some(option) = choice.options.iter().find(|option| !is_key(&option.key)) {
                    problem(format!("the option's key `{}` must be one letter from A to Z.", option.key));
                }
                let keys: HashSet<_> = choice.options.iter().map(|option| option.key.as_str()).collect();
                if keys.len() != choice.options.len() {
                    problem("an option's key is used twice.".to_owned());
                }
                if let Some(unknown) = choice.correct.iter().find(|key| !keys.contains(key.as_str())) {
                    problem(format!("the right option `{unknown}` is not among its options."));
                }
                if choice.correct.iter().collect::<HashSet<_>>().len() != choice.correct.len() {
                    problem("a right option is named twice.".to_owned());
                }
                let single = matches!(self.marking, Marking::SingleChoice(_));
                if choice.correct.is_empty() || (single && choice.correct.len() != 1) {
                    problem("a single choice has exactly one right option, a multiple choice at least one.".to_owned());
                }
            }
        }
    }
}

impl Criterion {
    fn check(&self, problem: &mut impl FnMut(String)) {
        if !has_characters(&self.id, 1..=40) {
            problem(format!("the criterion id `{}` must have 1 to 40 characters.", self.id));
        }
        if !is_positive(self.marks) {
            problem(format!("criterion `{}` must have more than 0 marks and at most {}.", self.id, Marks::LIMIT));
        }
        if self.description.trim().is_empty() || !has_characters(&self.description, 1..=1000) {
            problem(format!("the description of criterion `{}` must have 1 to 1000 characters.", self.id));
        }
        if self.accepted_phrasings.len() > 50 {
            problem(format!("criterion `{}` may have 50 accepted phrasings.", self.id));
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
        let criterion = |thousandths: &i64| Criterion {
            id: thousandths.to_string(),
            description: "Says it".to_owned(),
            marks: Marks::from_thousandths(*thousandths),
            accepted_phrasings: Vec::new(),
        };
        let criteria = Criteria { reference_answers: Vec::new(), criteria: marks.iter().map(criterion).collect() };
        let total_marks = marks.iter().map(|thousandths| Marks::from_thousandths(*thousandths)).sum();
        let marking = Marking::Explanation(criteria);
        let question = Question { label: "1".to_owned(), text: String::new(), marks: total_marks, marking };
        Guide { schema_version: 1, title: "Test".to_owned(), total_marks, questions: vec![question] }
    }

    #[test]
    fn marks_go_in_halves_or_in_what_the_guide_needs() {
        for (marks, step) in
            [(&[1000, 2000][..], "0.5"), (&[1000, 1500], "0.5"), (&[750, 1000], "0.25"), (&[200], "0.1")]
        {
            assert_eq!(guide(marks).step().to_string(), step, "{marks:?}");
        }
    }
}
