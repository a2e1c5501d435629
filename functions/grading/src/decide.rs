//! A decision about a graded script, from the request to the table: the next version of the feedback is written under its
//! hash, then one transaction names it as the one in force and appends the audit event.

use serde::Serialize;
use smartscripts_domain::{
    Error, Kind, Marks, Result,
    decision::By,
    feedback::{AnswerGrade, Feedback},
    id::SubmissionId,
    submission::State,
};
use smartscripts_files::SubmissionKeys;
use smartscripts_http::{App, OfAssessment, Permit};
use smartscripts_jobs::{DrawPages, RescoreQuestion};
use smartscripts_store::{AuditEvent, Outcome, Submission, now, was_changed};
use utoipa::ToSchema;

/// How often a decision is tried when others decide about other answers of the same script at the same time.
const TRIES: u32 = 8;
/// Seconds until the pages are drawn anew, so that they are drawn once for a person who decides about one answer after
/// another.
const DRAW_AFTER: i32 = 5;

/// Seconds until the other answers are scored again, for the same reason.
const LEARN_AFTER: i32 = 15;

/// An answer after a decision.
#[derive(Serialize, ToSchema)]
pub struct DecidedAnswer {
    /// The grade of the answer.
    pub answer: AnswerGrade,
    /// The version of the answer that the next decision must name.
    pub version: u32,
    /// Where the script stands.
    pub state: State,
    /// Marks of the whole script.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
}

/// The path's ids, and the version that the caller has seen.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The submission.
    pub submission: SubmissionId,
    /// The question's label.
    pub question: &'a str,
    /// The version of the answer.
    pub version: u32,
}

/// Has the other answers to the question scored again with what was decided, once for many decisions in a row.
pub async fn learn(app: &App, of: &OfAssessment<impl Permit>, question: &str) {
    if let Err(error) = ask_to_learn(app, of, question).await {
        // The decisions count all the same; the next one asks again.
        tracing::error!(code = error.code(), context = error.context(), "the other answers are not scored again");
    }
}

async fn ask_to_learn(app: &App, of: &OfAssessment<impl Permit>, question: &str) -> Result<()> {
    let (org, assessment) = (of.tenant.org(), of.assessment.id);
    if !app.store()?.ask_to_learn(of.tenant, assessment, question).await? {
        return Ok(());
    }
    let job = RescoreQuestion { org, assessment, question: question.to_owned() };
    app.queue("LEARN_QUEUE_URL")?.send_later(&of.origin.request_id, job, LEARN_AFTER).await
}

/// Why nothing was done with one of several answers.
#[derive(Serialize, ToSchema)]
pub struct Refusal {
    /// Stable code, as a request about this answer alone would have it.
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
}

impl Refusal {
    /// What may be told of this error. What may not goes to the log.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        if matches!(error.kind(), Kind::Unavailable | Kind::Internal) {
            tracing::error!(code = error.code(), context = error.context(), "one of several answers was left out");
        }
        Self { code: error.code().to_owned(), detail: error.message().to_owned() }
    }
}

/// Makes a decision about one answer. `change` gives the answer its new grade, knowing the version of the guide that it was
/// graded with; it may be called more than once.
///
/// # Errors
/// `not_found`, `not_graded_yet`; `answer_changed` if the answer is at another version than the one seen; what `change`
/// fails with.
pub async fn decide(
    app: &App,
    of: &OfAssessment<impl Permit>,
    seen: Seen<'_>,
    action: &'static str,
    change: impl Fn(&mut AnswerGrade, By, u32) -> Result<()>,
) -> Result<DecidedAnswer> {
    for _ in 0..TRIES {
        let script = Script::load(app, of, seen.submission).await?;
        check_version(&script.outcome, seen)?;
        match decide_once(app, of, &script, seen, action, &change).await {
            Err(error) if was_changed(&error) => {}
            other => return other,
        }
    }
    Err(Error::unavailable("many decisions about one script at the same time"))
}

async fn decide_once(
    app: &App,
    of: &OfAssessment<impl Permit>,
    script: &Script,
    seen: Seen<'_>,
    action: &'static str,
    change: impl Fn(&mut AnswerGrade, By, u32) -> Result<()>,
) -> Result<DecidedAnswer> {
    let mut feedback = script.feedback(app).await?;
    let guide_version = feedback.guide_version;
    let answer = feedback.answer_mut(seen.question)?;
    let (marks_before, before) = (answer.marks, answer.marks_in_words());
    change(answer, By { principal: of.principal, at: now() }, guide_version)?;
    let event = of
        .event(action, seen.submission)
        .with("assessment", of.assessment.id)
        .with("question", seen.question)
        .with("marks_before", marks_before)
        .with("marks_after", answer.marks)
        .with("criteria_before", before)
        .with("criteria_after", answer.marks_in_words());
    let answer = answer.clone();
    feedback.add_up(&script.submission.unread_files());
    let after = script.keep(app, of, &feedback, Some(seen.question), event).await?;
    let outcome = after.outcome.ok_or_else(|| Error::internal("a decision without an outcome"))?;
    let version = outcome.answers.get(seen.question).map_or(0, |answer| answer.version);
    Ok(DecidedAnswer { answer, version, state: after.state, marks: outcome.marks, max_marks: outcome.max_marks })
}

fn check_version(outcome: &Outcome, seen: Seen) -> Result<()> {
    let current = outcome.answers.get(seen.question).ok_or_else(Error::not_found)?.version;
    if current == seen.version {
        return Ok(());
    }
    let message = format!(
        "Somebody has decided about this answer meanwhile, or it was graded again: it is at version {current}, and you have \
         seen version {}. Look at it again, and decide then.",
        seen.version
    );
    Err(Error::conflict("answer_changed", message))
}

/// A graded script.
pub struct Script {
    /// As it was read.
    pub submission: Submission,
    /// What came of grading it.
    pub outcome: Outcome,
    keys: SubmissionKeys,
}

impl Script {
    /// The script, if it is graded.
    ///
    /// # Errors
    /// `not_found`, `not_graded_yet`.
    pub async fn load(app: &App, of: &OfAssessment<impl Permit>, id: SubmissionId) -> Result<Self> {
        let submission = app.store()?.submission(of.tenant, of.assessment.id, id).await?;
        let keys = of.keys(id);
        let is_graded = matches!(submission.state, State::Graded | State::NeedsReview);
        let outcome = submission.outcome.clone().filter(|_| is_graded);
        let outcome = outcome.ok_or_else(|| {
            let message = "This script is not graded, so there is nothing to decide. Look at its `state`.";
            Error::conflict("not_graded_yet", message)
        })?;
        Ok(Self { submission, outcome, keys })
    }

    /// The feedback that is in force.
    ///
    /// # Errors
    /// `feedback_expired` if it is deleted because its retention period is over.
    pub async fn feedback(&self, app: &App) -> Result<Feedback> {
        let kept = app.files()?.get_json(&self.keys.feedback(&self.outcome.feedback)).await;
        kept.map_err(|error| match error.kind() {
            Kind::NotFound => {
                let message = "The feedback on this script is deleted, because its retention period is over.";
                Error::conflict("feedback_expired", message)
            }
            _ => error,
        })
    }

    /// Puts the next version of the feedback into force, and has its pages drawn.
    ///
    /// # Errors
    /// `submission_changed` if somebody else has decided something about the script meanwhile.
    pub async fn keep(
        &self,
        app: &App,
        of: &OfAssessment<impl Permit>,
        feedback: &Feedback,
        question: Option<&str>,
        event: AuditEvent,
    ) -> Result<Submission> {
        let sha256 = app.files()?.put_version(feedback, |sha256| self.keys.feedback(sha256)).await?;
        let outcome = self.outcome.decided(feedback, sha256.clone(), question);
        let event = event.with("version", outcome.revision);
        let after = app.store()?.decide(of.tenant, &self.submission, &outcome, &event).await?;
        let SubmissionKeys { org, assessment, submission } = self.keys;
        let job = DrawPages { org, assessment, submission, feedback: sha256, is_released: false };
        let sent = app.queue("DRAW_QUEUE_URL")?.send_later(&of.origin.request_id, job, DRAW_AFTER).await;
        if let Err(error) = sent {
            // The decision counts all the same; pages that are missing are drawn when the script is released.
            tracing::error!(code = error.code(), context = error.context(), "the pages are not drawn anew");
        }
        Ok(after)
    }
}
