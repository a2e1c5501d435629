//! `DELETE /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}`: a teacher deletes a submission with
//! everything that was uploaded and made for it. Work under way for it is dropped.

use std::process::ExitCode;

use smartscripts_domain::id::{AssessmentId, OrgId, SubmissionId};
use smartscripts_http::{App, OfAssessment, Path, Result, State, StatusCode, may, routes, serve};

/// Delete a submission
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn delete(
    State(app): State<App>,
    of: OfAssessment<may::ManageSubmissions>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
) -> Result<StatusCode> {
    let submission = app.store()?.submission(of.tenant, assessment, id).await?;
    let keys = of.keys(id);
    // The files go first: if this is cut short, the submission is still there to be deleted again.
    app.files()?.delete_all(&keys.answers()).await?;
    app.files()?.delete_all(&keys.feedback_prefix()).await?;
    let event = of.event("submission.deleted", id);
    app.store()?.delete_submission(of.tenant, &submission, &event).await?;
    // Once more, for what a task wrote while it still saw the submission.
    app.files()?.delete_all(&keys.answers()).await?;
    app.files()?.delete_all(&keys.feedback_prefix()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(delete))
}
