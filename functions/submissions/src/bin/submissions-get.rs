//! `GET /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}`: a submission, step by step.

use std::process::ExitCode;

use smartscripts_domain::id::{AssessmentId, OrgId, SubmissionId};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, may, routes, serve};
use smartscripts_store::Submission;

/// Get a submission
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    responses((status = 200, body = Submission)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    of: OfAssessment<may::ReadSubmissions>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
) -> Result<Json<Submission>> {
    Ok(Json(app.store()?.submission(of.tenant, assessment, id).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
