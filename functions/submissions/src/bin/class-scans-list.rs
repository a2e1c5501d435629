//! `GET /v1/orgs/{org}/assessments/{assessment}/class-scans`: the scans of the class, oldest first.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::id::{AssessmentId, OrgId};
use smartscripts_http::{App, Json, Listing, OfAssessment, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::ClassScan;

#[derive(Serialize, ToSchema)]
struct ClassScans {
    items: Vec<ClassScan>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List scans of a class
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/class-scans",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), Listing),
    responses((status = 200, body = ClassScans)),
    security(("access_token" = []))
)]
async fn list(
    State(app): State<App>,
    of: OfAssessment<may::ReadSubmissions>,
    listing: Listing,
) -> Result<Json<ClassScans>> {
    let page = app.store()?.class_scans(of.tenant, of.assessment.id, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(ClassScans { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
