//! What was released to the students of an assessment, and what of it a student sees.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Marks,
    feedback::{AnswerGrade, CriterionGrade, Feedback},
    id::{AssessmentId, StudentId, SubmissionId},
};

/// One release of an assessment: which version of whose feedback. It never changes, and neither does what it names. Kept as
/// `feedback/{org}/{assessment}/release-{number}-{sha256}.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedFeedback {
    /// Version of this document's form.
    pub schema_version: u32,
    /// The assessment.
    pub assessment: AssessmentId,
    /// Counted from 1 within the assessment.
    pub number: u32,
    /// The scripts, in the order of their ids.
    pub submissions: Vec<ReleasedSubmission>,
}

impl ReleasedFeedback {
    /// The form that this code writes.
    pub const SCHEMA_VERSION: u32 = 1;
}

/// A script in a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedSubmission {
    /// The submission.
    pub submission: SubmissionId,
    /// The student on the roster whose script it is, and who may see it; none if the roster has no such number.
    pub student: Option<StudentId>,
    /// The version of its feedback, by the hash under which that is kept. The feedback says with which versions of the
    /// guide, the reading and the grading it was made.
    pub feedback: String,
}

/// The feedback on a script as its student sees it: not what the machine had said before a person decided, nor what
/// somebody should still have looked at.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StudentFeedback {
    /// Version of the guide that it was graded with.
    pub guide_version: u32,
    /// Engine that read the pages.
    pub reading_engine: String,
    /// Engine that graded the answers.
    pub grading_engine: String,
    /// Sum of the questions' marks.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
    /// One entry per question, in the guide's order.
    pub questions: Vec<StudentAnswer>,
}

/// The grade of one answer as its student sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StudentAnswer {
    /// The question's label.
    pub question: String,
    /// The answer as it was read.
    pub answer: String,
    /// Marks given.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
    /// Why the marks are not the plain sum of the criteria's, in one sentence; none where they are.
    pub total_reason: Option<String>,
    /// Whether the script's total has these marks: of questions of which only the best count, some are left out.
    pub counts: bool,
    /// Whether a person has decided about it.
    pub decided_by_a_person: bool,
    /// What that person says about it.
    pub comment: Option<String>,
    /// One entry per criterion, in the guide's order.
    pub criteria: Vec<CriterionGrade>,
}

impl From<Feedback> for StudentFeedback {
    fn from(feedback: Feedback) -> Self {
        let Feedback { guide_version, reading_engine, grading_engine, marks, max_marks, questions, .. } = feedback;
        let questions = questions.into_iter().map(StudentAnswer::from).collect();
        Self { guide_version, reading_engine, grading_engine, marks, max_marks, questions }
    }
}

impl From<AnswerGrade> for StudentAnswer {
    fn from(grade: AnswerGrade) -> Self {
        let decision = grade.decision();
        let (decided_by_a_person, comment) =
            (decision.is_some(), decision.and_then(|decision| decision.comment.clone()));
        let AnswerGrade { question, answer, marks, max_marks, total_reason, counts, criteria, .. } = grade;
        Self { question, answer, marks, max_marks, total_reason, counts, decided_by_a_person, comment, criteria }
    }
}
