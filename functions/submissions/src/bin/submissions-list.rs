//! `GET /v1/orgs/{org}/assessments/{assessment}/submissions`: the assessment's submissions, oldest first.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::id::{AssessmentId, OrgId};
use smartscripts_http::{App, Json, Listing, OfAssessment, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Submission;

#[derive(Serialize, ToSchema)]
struct Submissions {
    items: Vec<Submission>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List submissions
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), Listing),
    responses((status = 200, body = Submissions)),
    security(("access_token" = []))
)]
async fn list(
    State(app): State<App>,
    of: OfAssessment<may::ReadSubmissions>,
    listing: Listing,
) -> Result<Json<Submissions>> {
    let page = app.store()?.submissions(of.tenant, of.assessment.id, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(Submissions { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
