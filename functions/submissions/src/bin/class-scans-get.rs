//! `GET /v1/orgs/{org}/assessments/{assessment}/class-scans/{class_scan}`: how far the scan of a class is, and which
//! submissions have come of it.

use std::process::ExitCode;

use smartscripts_domain::id::{AssessmentId, ClassScanId, OrgId};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, may, routes, serve};
use smartscripts_store::ClassScan;

/// Get a scan of a class
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/class-scans/{class_scan}",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("class_scan" = ClassScanId, Path)),
    responses((status = 200, body = ClassScan)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    of: OfAssessment<may::ReadSubmissions>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, ClassScanId)>,
) -> Result<Json<ClassScan>> {
    Ok(Json(app.store()?.class_scan(of.tenant, assessment, id).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
