//! What persons decide about graded scripts: which answers wait for one, and the decision itself.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use smartscripts_domain::{
    Error, Marks, Result,
    id::{AssessmentId, StudentId, SubmissionId},
    submission::State,
};
use utoipa::ToSchema;

use crate::{
    AnswerProgress, AnswerState, AuditEvent, GuideRef, Outcome, Page, Sketches, SplitRef, Store, Submission, Tenant,
    item::{attribute, decode, number, text, unavailable},
    keys, now,
    sketches::were_moved,
    transaction::Transaction,
};

/// Something that a person must decide.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Doubt {
    /// The submission.
    pub submission: SubmissionId,
    /// The student on the roster, if the number is on it.
    pub student: Option<StudentId>,
    /// The question's label; none if it is about files that could not be read.
    pub question: Option<String>,
    /// Why a person must look.
    pub reason: String,
    /// Marks given for now: of the answer, or of the whole script.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
    /// Probability that a teacher would give the same marks, 0–1; 0 for a file that could not be read.
    pub confidence: f64,
    /// The version that a decision must name.
    pub version: u32,
}

impl Doubt {
    /// Its place in the queue: the most doubtful first, then by script and question, so that no two have the same.
    fn place(&self) -> String {
        let thousandths = (self.confidence.clamp(0.0, 1.0) * 1000.0).round() as u32;
        format!("{thousandths:04}#{}#{}", self.submission, self.question.as_deref().unwrap_or_default())
    }
}

/// A script as it was graded with another version of the guide.
#[derive(Clone, Copy, Debug)]
pub struct Regraded<'a> {
    /// The version.
    pub guide: &'a GuideRef,
    /// How lines were assigned to questions, if not as they were found.
    pub split: Option<&'a SplitRef>,
    /// What came out.
    pub outcome: &'a Outcome,
    /// What its answers are compared by.
    pub sketches: &'a Sketches,
}

/// What a person must decide about one script.
fn doubts(submission: &Submission) -> Vec<Doubt> {
    let Some(outcome) = &submission.outcome else { return Vec::new() };
    let (id, student) = (submission.id, submission.student);
    let files = submission.unread_files().into_iter().next().map(|_| Doubt {
        submission: id,
        student,
        question: None,
        reason: submission.unread_files().join(" "),
        marks: outcome.marks,
        max_marks: outcome.max_marks,
        confidence: 0.0,
        version: outcome.revision,
    });
    let answers = outcome.answers.iter().filter_map(|(question, answer)| {
        Some(Doubt {
            submission: id,
            student,
            question: Some(question.clone()),
            reason: answer.review_reason.clone()?,
            marks: answer.marks,
            max_marks: answer.max_marks,
            confidence: answer.confidence,
            version: answer.version,
        })
    });
    files.into_iter().chain(answers).collect()
}

/// The part of the queue behind `cursor`.
fn page(mut queue: Vec<Doubt>, limit: usize, cursor: Option<&str>) -> Result<Page<Doubt>> {
    queue.sort_by_key(Doubt::place);
    if let Some(cursor) = cursor {
        let behind = read_cursor(cursor)?;
        queue.retain(|doubt| doubt.place() > behind);
    }
    let is_more = queue.len() > limit;
    queue.truncate(limit);
    let cursor = queue.last().filter(|_| is_more).map(|last| URL_SAFE_NO_PAD.encode(last.place()));
    Ok(Page { items: queue, cursor })
}

fn read_cursor(cursor: &str) -> Result<String> {
    let invalid = || Error::invalid("cursor_invalid", "`cursor` is not one that this list has given out.");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    String::from_utf8(bytes).ok().filter(|place| place.matches('#').count() == 2).ok_or_else(invalid)
}

impl Store {
    /// What a person must decide in an assessment, the most doubtful first; with `question`, only about the answers to it.
    /// It is put together from the scripts that wait for a review, so it is never out of step with them.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn review_queue(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        question: Option<&str>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Doubt>> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.tenants)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .filter_expression("#state = :needs_review")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":pk", text(keys::submissions_of(tenant.org(), assessment)))
            .expression_attribute_values(":prefix", text(keys::SUBMISSIONS))
            .expression_attribute_values(":needs_review", attribute(&State::NeedsReview)?)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut queue = Vec::new();
        while let Some(item) = pages.next().await {
            let found = doubts(&decode(item.map_err(unavailable)?)?);
            let is_wanted = |doubt: &Doubt| question.is_none() || doubt.question.as_deref() == question;
            queue.extend(found.into_iter().filter(is_wanted));
        }
        page(queue, limit, cursor)
    }

    /// Keeps what a person has decided, if nobody else has decided anything about the script since `before` was read. The
    /// script needs a review as long as there is a reason for one.
    ///
    /// # Errors
    /// `submission_changed`: read it again.
    pub async fn decide(
        &self,
        tenant: Tenant,
        before: &Submission,
        outcome: &Outcome,
        event: &AuditEvent,
    ) -> Result<Submission> {
        let changed = Error::conflict(CHANGED, "The script was changed meanwhile. Load it again.");
        let seen = before.outcome.as_ref().ok_or_else(|| Error::internal("a decision about an ungraded script"))?;
        let state = if outcome.review_reasons.is_empty() { State::Graded } else { State::NeedsReview };
        let after = Submission { state, outcome: Some(outcome.clone()), updated_at: now(), ..before.clone() };
        let (state, kept) = (attribute(&state)?, attribute(outcome)?);
        let (graded, needs_review) = (attribute(&State::Graded)?, attribute(&State::NeedsReview)?);
        let at = keys::submission(tenant.org(), before.assessment, before.id);
        Transaction::default()
            .update(self, &at, changed, |update| {
                update
                    .update_expression("SET #state = :state, outcome = :outcome, updated_at = :now")
                    .condition_expression(
                        "run = :run AND #state IN (:graded, :needs_review) AND outcome.revision = :before",
                    )
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":state", state)
                    .expression_attribute_values(":outcome", kept)
                    .expression_attribute_values(":graded", graded)
                    .expression_attribute_values(":needs_review", needs_review)
                    .expression_attribute_values(":run", number(before.run))
                    .expression_attribute_values(":before", number(seen.revision))
                    .expression_attribute_values(":now", text(after.updated_at.to_string()))
            })?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(after)
    }

    /// Puts a script into force that was graded with another version of the guide, if nobody has decided anything about it
    /// since `before` was read.
    ///
    /// # Errors
    /// `submission_changed`: read it again.
    pub async fn regrade(
        &self,
        tenant: Tenant,
        before: &Submission,
        Regraded { guide, split, outcome, sketches }: Regraded<'_>,
        event: &AuditEvent,
    ) -> Result<()> {
        let changed = Error::conflict(CHANGED, "The script was changed meanwhile. Load it again.");
        let seen = before.outcome.as_ref().ok_or_else(|| Error::internal("an ungraded script is graded again"))?;
        let state = if outcome.review_reasons.is_empty() { State::Graded } else { State::NeedsReview };
        let graded = AnswerProgress { state: AnswerState::Graded, attempts: 1 };
        let answers: BTreeMap<&String, AnswerProgress> = outcome
            .answers
            .keys()
            .map(|question| (question, before.answers.get(question).unwrap_or(&graded).clone()))
            .collect();
        let (state, outcome) = (attribute(&state)?, attribute(outcome)?);
        let (guide, split, answers) = (attribute(guide)?, attribute(&split)?, attribute(&answers)?);
        let (is_graded, needs_review) = (attribute(&State::Graded)?, attribute(&State::NeedsReview)?);
        let at = keys::submission(tenant.org(), before.assessment, before.id);
        let transaction = Transaction::default().update(self, &at, changed, |update| {
            update
                .update_expression(
                    "SET #state = :state, outcome = :outcome, guide = :guide, #split = :split, answers = :answers, \
                     updated_at = :now",
                )
                .condition_expression(
                    "run = :run AND #state IN (:graded, :needs_review) AND outcome.revision = :before",
                )
                .expression_attribute_names("#state", "state")
                .expression_attribute_names("#split", "split")
                .expression_attribute_values(":state", state)
                .expression_attribute_values(":outcome", outcome)
                .expression_attribute_values(":guide", guide)
                .expression_attribute_values(":split", split)
                .expression_attribute_values(":answers", answers)
                .expression_attribute_values(":graded", is_graded)
                .expression_attribute_values(":needs_review", needs_review)
                .expression_attribute_values(":run", number(before.run))
                .expression_attribute_values(":before", number(seen.revision))
                .expression_attribute_values(":now", text(now().to_string()))
        })?;
        let transaction = self.replacing_sketches(transaction, tenant, before.assessment, sketches)?;
        match transaction.audit(self, event)?.commit(self).await {
            Err(error) if were_moved(&error) => Err(Error::conflict(CHANGED, error.message().to_owned())),
            other => other,
        }
    }

    /// Notes which pages are drawn for this version of the feedback. Nothing if another version is in force by now, or the
    /// pages are deleted because their retention period is over.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn note_pages(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        id: SubmissionId,
        feedback: &str,
        pages: &[u32],
    ) -> Result<()> {
        let noted = self
            .update_if(&keys::submission(tenant.org(), assessment, id), |update| {
                Ok(update
                    .update_expression("SET outcome.annotated_pages = :pages")
                    .condition_expression("outcome.feedback = :feedback AND NOT contains(expired, :pages_expired)")
                    .expression_attribute_values(":pages", attribute(&pages)?)
                    .expression_attribute_values(":feedback", text(feedback))
                    .expression_attribute_values(":pages_expired", text(crate::Period::Pages.name())))
            })
            .await?;
        if noted.is_none() {
            tracing::info!("the pages are another version's by now");
        }
        Ok(())
    }
}

const CHANGED: &str = "submission_changed";

/// Whether a decision was refused because somebody else has decided something about the same script meanwhile.
#[must_use]
pub fn was_changed(error: &Error) -> bool {
    error.code() == CHANGED
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    fn doubt(number: u128, question: &str, confidence: f64) -> Doubt {
        Doubt {
            submission: SubmissionId::new(Ulid::from(number)),
            student: None,
            question: Some(question.to_owned()),
            reason: "Unclear.".to_owned(),
            marks: Marks::ZERO,
            max_marks: Marks::whole(1),
            confidence,
            version: 1,
        }
    }

    #[test]
    fn the_most_doubtful_come_first_and_every_one_comes_once() {
        let queue = vec![doubt(2, "1", 0.31), doubt(1, "2", 0.5), doubt(1, "1", 0.31), doubt(3, "1", 0.0)];
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let next = page(queue.clone(), 2, cursor.as_deref()).unwrap();
            seen.extend(next.items);
            match next.cursor {
                Some(given) => cursor = Some(given),
                None => break,
            }
        }
        assert_eq!(seen, [doubt(3, "1", 0.0), doubt(1, "1", 0.31), doubt(2, "1", 0.31), doubt(1, "2", 0.5)]);
        assert_eq!(page(queue, 2, Some("!")).unwrap_err().code(), "cursor_invalid");
    }
}
