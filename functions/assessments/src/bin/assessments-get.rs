//! `GET /v1/orgs/{org}/assessments/{assessment}`: an assessment, and how far its submissions are.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{
    id::{AssessmentId, OrgId},
    submission::Progress,
};
use smartscripts_http::{App, Json, OfAssessment, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Assessment;

#[derive(Serialize, ToSchema)]
struct AssessmentWithProgress {
    assessment: Assessment,
    progress: Progress,
}

/// Get an assessment
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path)),
    responses((status = 200, body = AssessmentWithProgress)),
    security(("access_token" = []))
)]
async fn get(State(app): State<App>, of: OfAssessment<may::ReadAssessments>) -> Result<Json<AssessmentWithProgress>> {
    let progress = app.store()?.progress(of.tenant, of.assessment.id).await?;
    Ok(Json(AssessmentWithProgress { assessment: of.assessment, progress }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
