//! `POST /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/split`: a teacher assigns lines of the tray, or of
//! another answer, to a question. Only the answers that this changes are graded again.

use std::{collections::BTreeSet, process::ExitCode};

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    answer::LineMove,
    feedback::Feedback,
    id::{AssessmentId, OrgId, SubmissionId},
    sketch::SketchedGrade,
    submission::State as SubmissionState,
};
use smartscripts_files::SubmissionKeys;
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, StatusCode, ToSchema, may, routes, serve};
use smartscripts_jobs::GradeAnswer;
use smartscripts_store::{AnswerState, SplitRef, Submission, split_changed};
use smartscripts_submissions::split_in_force;
use ulid::Ulid;

/// Moves in one request.
const MOVES: usize = 100;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LineAssignment {
    /// The version of the split that the moves were made to.
    #[schema(minimum = 1)]
    version: u32,
    /// Made one after the other.
    #[schema(min_items = 1, max_items = 100)]
    moves: Vec<LineMove>,
}

/// Assign lines to questions
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/split",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    request_body = LineAssignment,
    responses((status = 202, body = Submission)),
    security(("access_token" = []))
)]
async fn assign(
    State(app): State<App>,
    of: OfAssessment<may::ManageSubmissions>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
    Json(input): Json<LineAssignment>,
) -> Result<(StatusCode, Json<Submission>)> {
    if input.moves.is_empty() || input.moves.len() > MOVES {
        return Err(Error::invalid("moves_invalid", format!("`moves` must have 1 to {MOVES} entries.")).into());
    }
    let submission = app.store()?.submission(of.tenant, assessment, id).await?;
    let keys = of.keys(id);
    let split = split_in_force(app.files()?, &submission, keys).await?;
    let (next, changed) = split.moved(&input.moves)?;
    if is_repeated(&submission, &input, &changed) {
        // The call that made these moves may have ended before it sent its messages.
        send_pending(&app, &submission, keys, &of.origin.request_id).await?;
        return Ok((StatusCode::ACCEPTED, Json(submission)));
    }
    let is_graded = matches!(submission.state, SubmissionState::Graded | SubmissionState::NeedsReview);
    if !is_graded || input.version != submission.split_version() {
        return Err(split_changed().into());
    }
    if changed.is_empty() {
        return Err(Error::invalid("nothing_moved", "The lines stand where these moves would put them.").into());
    }
    let feedback = feedback(&app, &submission, keys).await?;
    if feedback.questions.iter().any(|grade| grade.decision().is_some()) {
        return Err(decided().into());
    }
    let put = SplitRef { version: input.version + 1, id: Ulid::generate().to_string(), by: of.principal };
    app.files()?.put_json(&keys.assigned_split(&put.id), &next).await?;
    keep_other_grades(&app, &feedback, &submission, keys, &changed).await?;
    let event = of.event("submission.lines_assigned", id).with("version", put.version);
    let after = app.store()?.assign_lines(of.tenant, &submission, put, &changed, &event).await?;
    send_pending(&app, &after, keys, &of.origin.request_id).await?;
    Ok((StatusCode::ACCEPTED, Json(after)))
}

/// Whether these moves were made already, and the answers are being graded.
fn is_repeated(submission: &Submission, input: &LineAssignment, changed: &BTreeSet<String>) -> bool {
    submission.state == SubmissionState::Grading
        && submission.split_version() == input.version + 1
        && changed.is_empty()
}

/// The feedback in force.
async fn feedback(app: &App, submission: &Submission, keys: SubmissionKeys) -> Result<Feedback, Error> {
    let outcome = submission.outcome.as_ref().ok_or_else(split_changed)?;
    app.files()?.get_json(&keys.feedback(&outcome.feedback)).await
}

/// Grading again could end in a failure and a retry of the whole script, which would lose what a person has decided.
fn decided() -> Error {
    let message = "Somebody has decided about answers of this script. Undo these decisions first, or override the marks \
                   of the answer that lacks the lines.";
    Error::conflict("script_decided", message)
}

/// Takes the grades of the other answers over into the next run, just as they stand in the feedback.
async fn keep_other_grades(
    app: &App,
    feedback: &Feedback,
    submission: &Submission,
    keys: SubmissionKeys,
    changed: &BTreeSet<String>,
) -> Result<(), Error> {
    for grade in feedback.questions.iter().filter(|grade| !changed.contains(&grade.question)) {
        let kept = SketchedGrade { grade: grade.clone(), sketch: None };
        app.files()?.put_json(&keys.grade(submission.run + 1, &grade.question), &kept).await?;
    }
    Ok(())
}

async fn send_pending(app: &App, submission: &Submission, keys: SubmissionKeys, request_id: &str) -> Result<(), Error> {
    let pending = submission.answers.iter().filter(|(_, answer)| answer.state == AnswerState::Pending);
    let jobs = pending.map(|(question, _)| GradeAnswer {
        org: keys.org,
        assessment: keys.assessment,
        submission: keys.submission,
        run: submission.run,
        question: question.clone(),
    });
    app.queue("GRADE_QUEUE_URL")?.send_all(request_id, jobs).await
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(assign))
}
