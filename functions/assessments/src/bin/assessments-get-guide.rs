//! `GET /v1/orgs/{org}/assessments/{assessment}/guides/{version}`: a published version of the marking guide.

use std::process::ExitCode;

use smartscripts_domain::{
    Error,
    guide::Guide,
    id::{AssessmentId, OrgId},
};
use smartscripts_files::key;
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, may, routes, serve};

/// Get a version of the marking guide
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/guides/{version}",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("version" = u32, Path)),
    responses((status = 200, body = Guide)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    of: OfAssessment<may::ReadAssessments>,
    Path((_, id, version)): Path<(OrgId, AssessmentId, u32)>,
) -> Result<Json<Guide>> {
    let published = of.assessment.guides.iter().find(|guide| guide.version == version).ok_or_else(Error::not_found)?;
    Ok(Json(app.files()?.get_json(&key::guide(of.tenant.org(), id, version, &published.sha256)).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
