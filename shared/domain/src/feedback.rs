//! The graded submission, and what of it a student is told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Marks,
    decision::Decided,
    guide::BestOf,
    id::{AssessmentId, SubmissionId},
    reading::Quad,
    totals::{Earned, Totals},
};

/// The graded submission. Kept under the hash of its bytes, as
/// `feedback/{org}/{assessment}/{submission}/feedback-{sha256}.json`, so that each version stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// Version of this document's form.
    pub schema_version: u32,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The submission.
    pub submission: SubmissionId,
    /// Version of the guide that it was graded with.
    pub guide_version: u32,
    /// Engine that read the pages.
    pub reading_engine: String,
    /// Engine that graded the answers.
    pub grading_engine: String,
    /// Sum of the marks of the questions that count; never less than 0.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
    /// The lowest confidence among the questions.
    pub confidence: f64,
    /// Why a person must look at it; empty when none need.
    pub review_reasons: Vec<String>,
    /// One grade per question, in the guide's order.
    pub questions: Vec<AnswerGrade>,
    /// Questions of which only the best answers count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub best_of: Vec<BestOf>,
    /// Lines that fit no question.
    pub tray: Vec<TrayLine>,
}

impl Feedback {
    /// The form that this code writes.
    pub const SCHEMA_VERSION: u32 = 1;
}

/// A line that fits no question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrayLine {
    /// Number of the page, from 1.
    pub page: u32,
    /// What it says.
    pub text: String,
}

/// The grade of one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerGrade {
    /// The question's label.
    pub question: String,
    /// The answer as it was read.
    pub answer: String,
    /// The criteria's marks, added up by the question's rules.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
    /// How the criteria's marks add up; absent where they are simply added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// Why the marks are not the plain sum of the criteria's, in one sentence; absent where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_reason: Option<String>,
    /// Whether the script's total has these marks: of questions of which only the best count, some are left out.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub counts: bool,
    /// Probability that a teacher would give the same marks, 0–1.
    pub confidence: f64,
    /// Why a person must look at it, in words a teacher understands; absent when none need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_reason: Option<String>,
    /// One entry per criterion, in the guide's order.
    pub criteria: Vec<CriterionGrade>,
    /// What persons have decided, and what the machine had said before; absent while the machine's grade stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_true(value: &bool) -> bool {
    *value
}

impl AnswerGrade {
    /// What each criterion has earned.
    fn earned(&self) -> Vec<Earned<'_>> {
        let criteria = self.criteria.iter();
        criteria
            .map(|grade| Earned { criterion: &grade.criterion, marks: grade.marks, max_marks: grade.max_marks })
            .collect()
    }

    /// Adds the criteria's marks up, by the question's rules.
    pub fn add_up(&mut self) {
        let plain = Totals::default();
        let totals = self.totals.as_ref().unwrap_or(&plain);
        let earned = self.earned();
        let (marks, reason) = (totals.add_up(&earned, self.max_marks), totals.explain(&earned, self.max_marks));
        (self.marks, self.total_reason) = (marks, reason);
    }
}

/// The grade of one criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionGrade {
    /// The criterion's id.
    pub criterion: String,
    /// What the criterion asks for.
    pub description: String,
    /// Marks given.
    pub marks: Marks,
    /// Marks to be had; 0 for what can only take marks off.
    pub max_marks: Marks,
    /// The fewest marks that it can have: 0, or less for what takes marks off.
    #[serde(default, skip_serializing_if = "Marks::is_zero")]
    pub min_marks: Marks,
    /// Name of the level that was reached, of a criterion that has levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Probability that a teacher would decide the same, 0–1.
    pub confidence: f64,
    /// Why, in one plain sentence.
    pub reason: String,
    /// What the answer lacks, in words of the guide, the weightiest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The same said to the student, about this answer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub feedback: String,
    /// The words that decided it: for a refused criterion the nearest ones. Absent only when the answer is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// A span of the answer and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Byte offset of the span in the answer.
    pub start: usize,
    /// Byte offset behind the span.
    pub end: usize,
    /// The span itself.
    pub text: String,
    /// Where its words stand; empty for a typed text.
    pub boxes: Vec<EvidenceBox>,
}

/// A box on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceBox {
    /// Number of the page, from 1.
    pub page: u32,
    /// Corners on the upright page.
    pub quad: Quad,
}
