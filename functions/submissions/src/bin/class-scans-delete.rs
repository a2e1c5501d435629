//! `DELETE /v1/orgs/{org}/assessments/{assessment}/class-scans/{class_scan}`: a teacher deletes a scan with its files. The
//! submissions that were made of it stay. Work under way for it is dropped.

use std::process::ExitCode;

use smartscripts_domain::id::{AssessmentId, ClassScanId, OrgId};
use smartscripts_files::ScanKeys;
use smartscripts_http::{App, OfAssessment, Path, Result, State, StatusCode, may, routes, serve};

/// Delete a scan of a class
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/assessments/{assessment}/class-scans/{class_scan}",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("class_scan" = ClassScanId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn delete(
    State(app): State<App>,
    of: OfAssessment<may::ManageSubmissions>,
    Path((org, assessment, id)): Path<(OrgId, AssessmentId, ClassScanId)>,
) -> Result<StatusCode> {
    let scan = app.store()?.class_scan(of.tenant, assessment, id).await?;
    let keys = ScanKeys { org, assessment, scan: id };
    // The files go first: if this is cut short, the scan is still there to be deleted again.
    app.files()?.delete_all(&keys.prefix()).await?;
    let event = of.event("class_scan.deleted", id);
    app.store()?.delete_class_scan(of.tenant, &scan, &event).await?;
    // Once more, for what a task wrote while it still saw the scan.
    app.files()?.delete_all(&keys.prefix()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(delete))
}
