//! `POST /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/retry`: a teacher has a failed submission read and
//! graded again. A retry that was interrupted before its messages were sent can be repeated.

use std::process::ExitCode;

use smartscripts_billing::quota;
use smartscripts_domain::id::{AssessmentId, OrgId, SubmissionId};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, StatusCode, may, routes, serve};
use smartscripts_jobs::ReadFile;
use smartscripts_store::Submission;

/// Retry a failed submission
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/retry",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    responses((status = 202, body = Submission)),
    security(("access_token" = []))
)]
async fn retry(
    State(app): State<App>,
    of: OfAssessment<may::ManageSubmissions>,
    Path((org, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
) -> Result<(StatusCode, Json<Submission>)> {
    let submission = app.store()?.submission(of.tenant, assessment, id).await?;
    let again = if submission.is_being_read_again() {
        submission
    } else {
        let event = of.event("submission.retried", id);
        app.store()?.retry(of.tenant, &submission, of.assessment.team, quota(of.plan)?, &event).await?
    };
    // Every file, also those read before: the last of them to be found done begins the grading.
    let files = 1..=again.files.len() as u32;
    let jobs = files.map(|file| ReadFile { org, assessment, submission: id, file, run: again.run });
    app.queue("READ_QUEUE_URL")?.send_all(&of.origin.request_id, jobs).await?;
    Ok((StatusCode::ACCEPTED, Json(again)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(retry))
}
