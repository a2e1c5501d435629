//! Whose script a submission is. Of one assessment a student has one script: an item of its own says which, and is made in
//! the transaction that says so on the submission, so that of two scripts that claim a student at once one is refused.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{AssessmentId, Principal, StudentId, SubmissionId},
    submission::State,
};
use utoipa::ToSchema;

use crate::{
    AuditEvent, Person, Store, Submission, Tenant,
    item::{attribute, encode, number, text},
    keys, now,
    transaction::Transaction,
};

/// How the student of a script was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StudentMatch {
    /// How sure that is.
    pub outcome: MatchOutcome,
    /// Who may be meant, the likeliest first; for a person to choose from.
    pub proposals: Vec<ProposedStudent>,
    /// Who has decided; none if it is what the script itself says.
    pub by: Option<Principal>,
}

/// How sure the student of a script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchOutcome {
    /// The separator sheet, or the name and the number on the first page, mean this student beyond doubt.
    Sure,
    /// One of those proposed may be meant.
    Proposed,
    /// Nobody on the roster comes near, or the first page names nobody.
    None,
    /// A person has said whose it is, or that it is nobody's.
    Decided,
}

/// A student who may be meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProposedStudent {
    /// The student.
    pub student: StudentId,
    /// How well name and number fit, 0–1.
    pub score: f64,
}

impl StudentMatch {
    /// What the first page or a separator sheet says: a student beyond doubt.
    #[must_use]
    pub const fn sure() -> Self {
        Self { outcome: MatchOutcome::Sure, proposals: Vec::new(), by: None }
    }

    /// What the first page or a separator sheet says: one of these, or nobody.
    #[must_use]
    pub const fn doubtful(proposals: Vec<ProposedStudent>) -> Self {
        let outcome = if proposals.is_empty() { MatchOutcome::None } else { MatchOutcome::Proposed };
        Self { outcome, proposals, by: None }
    }
}

/// Which script of an assessment is the student's.
#[derive(Serialize, Deserialize)]
pub(crate) struct ScriptOfStudent {
    pub submission: SubmissionId,
}

impl Submission {
    /// Whether a person has said whose script it is.
    #[must_use]
    pub fn is_student_decided(&self) -> bool {
        self.student_match.as_ref().is_some_and(|found| found.outcome == MatchOutcome::Decided)
    }
}

impl Store {
    /// Which script of the assessment is the student's, if one is.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn script_of_student(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        student: StudentId,
    ) -> Result<Option<SubmissionId>> {
        let found: Option<ScriptOfStudent> =
            self.get(&keys::script_of_student(tenant.org(), assessment, student)).await?;
        Ok(found.map(|found| found.submission))
    }

    /// Keeps what the first page says of a student who is not beyond doubt. None if the student was decided about meanwhile,
    /// or the submission has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn propose_students(
        &self,
        tenant: Tenant,
        submission: &Submission,
        found: &StudentMatch,
    ) -> Result<Option<Submission>> {
        self.change(tenant, submission, |update| {
            let update = update
                .update_expression("SET student_match = :match, student_version = :next, updated_at = :now")
                .condition_expression(format!("run = :run AND #state = :reading AND {}", version_is(submission)))
                .expression_attribute_values(":reading", attribute(&State::Reading)?)
                .expression_attribute_values(":match", attribute(found)?)
                .expression_attribute_values(":next", number(submission.student_version + 1));
            Ok(match submission.student_version {
                0 => update,
                before => update.expression_attribute_values(":before", number(before)),
            })
        })
        .await
    }

    /// Says whose script it is, `student` none for nobody's, if nobody has said so since the submission was loaded.
    ///
    /// # Errors
    /// `student_match_changed`; `student_has_script` if another script of the assessment is the student's; `not_found` if
    /// there is no such student on the roster.
    pub async fn match_student(
        &self,
        tenant: Tenant,
        submission: &Submission,
        student: Option<StudentId>,
        found: StudentMatch,
        event: &AuditEvent,
    ) -> Result<Submission> {
        let (org, assessment) = (tenant.org(), submission.assessment);
        let mut next = submission.clone();
        next.student = student;
        next.student_match = Some(found);
        next.student_version += 1;
        next.updated_at = now();
        let at = keys::submission(org, assessment, submission.id);
        let (student_value, match_value) = (attribute(&next.student)?, attribute(&next.student_match)?);
        let mut transaction = Transaction::default().update(self, &at, student_match_changed(), |update| {
            let update = update
                .update_expression(
                    "SET student = :student, student_match = :match, student_version = :next, updated_at = :now",
                )
                .condition_expression(version_is(submission))
                .expression_attribute_values(":student", student_value)
                .expression_attribute_values(":match", match_value)
                .expression_attribute_values(":next", number(next.student_version))
                .expression_attribute_values(":now", text(next.updated_at.to_string()));
            match submission.student_version {
                0 => update,
                before => update.expression_attribute_values(":before", number(before)),
            }
        })?;
        if let Some(student) = student {
            transaction = transaction.check(self, &keys::student(org, student), Error::not_found(), |check| {
                check.condition_expression("attribute_exists(PK)")
            })?;
        }
        if student != submission.student {
            transaction = self.giving_script_up(transaction, tenant, submission)?;
            transaction = self.taking_script(transaction, tenant, &next)?;
        }
        transaction.audit(self, event)?.commit(self).await?;
        Ok(next)
    }

    /// Makes the script the one that its student has in the assessment.
    pub(crate) fn taking_script(
        &self,
        transaction: Transaction,
        tenant: Tenant,
        submission: &Submission,
    ) -> Result<Transaction> {
        let Some(student) = submission.student else { return Ok(transaction) };
        let at = keys::script_of_student(tenant.org(), submission.assessment, student);
        let item = encode(&at, &ScriptOfStudent { submission: submission.id })?;
        transaction.create(self, item, student_has_script())
    }

    /// Makes the script no longer the one that its student has in the assessment.
    pub(crate) fn giving_script_up(
        &self,
        transaction: Transaction,
        tenant: Tenant,
        submission: &Submission,
    ) -> Result<Transaction> {
        let Some(student) = submission.student else { return Ok(transaction) };
        let at = keys::script_of_student(tenant.org(), submission.assessment, student);
        transaction.delete_if(self, &at, student_match_changed(), |delete| {
            delete
                .condition_expression("attribute_not_exists(PK) OR submission = :submission")
                .expression_attribute_values(":submission", text(submission.id.to_string()))
        })
    }

    /// Takes a person who is being erased out of what was proposed for the scripts of others.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn forget_proposals(&self, tenant: Tenant, person: &Person) -> Result<()> {
        let students: BTreeSet<&str> = person.students().collect();
        let mut walk = self.walk_organization(tenant, |entity| entity.name == "submission");
        while let Some(page) = walk.next().await? {
            for found in page {
                let Some((at, mut proposals)) = found.proposals() else { continue };
                let before = proposals.len();
                proposals.retain(|proposed| !students.contains(proposed.student.to_string().as_str()));
                if proposals.len() == before {
                    continue;
                }
                let proposals: AttributeValue = attribute(&proposals)?;
                // One that was deleted meanwhile names nobody.
                self.update_if(at, |update| {
                    Ok(update
                        .update_expression("SET student_match.proposals = :proposals")
                        .condition_expression("attribute_exists(PK)")
                        .expression_attribute_values(":proposals", proposals))
                })
                .await?;
            }
        }
        Ok(())
    }
}

/// The condition under which nobody has said whose script it is since it was loaded.
fn version_is(submission: &Submission) -> &'static str {
    match submission.student_version {
        0 => "attribute_exists(PK) AND attribute_not_exists(student_version)",
        _ => "student_version = :before",
    }
}

/// The code of the refusal when a student would have two scripts in one assessment.
pub const STUDENT_HAS_SCRIPT: &str = "student_has_script";

fn student_has_script() -> Error {
    let message = "Another script of this assessment is this student's already. If both are, delete them and upload all \
                   pages as one script. If the other one isn't, say first whose that is, or that it is nobody's.";
    Error::conflict(STUDENT_HAS_SCRIPT, message)
}

/// Somebody else has said meanwhile whose script it is.
#[must_use]
pub fn student_match_changed() -> Error {
    let message = "Whose script this is was changed meanwhile. Load the submission again.";
    Error::conflict("student_match_changed", message)
}
