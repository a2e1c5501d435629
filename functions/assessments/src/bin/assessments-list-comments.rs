//! `GET /v1/orgs/{org}/assessments/{assessment}/comments`: the comments that are kept for the assessment, oldest first.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::id::{AssessmentId, OrgId};
use smartscripts_http::{App, Json, Listing, OfAssessment, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::KeptComment;

#[derive(Serialize, ToSchema)]
struct KeptComments {
    items: Vec<KeptComment>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List kept comments
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/comments",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), Listing),
    responses((status = 200, body = KeptComments)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, of: OfAssessment<may::Grade>, listing: Listing) -> Result<Json<KeptComments>> {
    let page = app.store()?.comments(of.tenant, of.assessment.id, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(KeptComments { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
