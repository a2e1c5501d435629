//! `GET /v1/orgs/{org}/assessments`: the organization's assessments, oldest first.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_http::{App, Json, Listing, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Assessment;

#[derive(Serialize, ToSchema)]
struct Assessments {
    /// Those within the caller's reach; a page may hold fewer than asked for.
    items: Vec<Assessment>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List assessments
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments",
    params(("org" = smartscripts_domain::id::OrgId, Path), Listing),
    responses((status = 200, body = Assessments)),
    security(("access_token" = []))
)]
async fn list(
    State(app): State<App>,
    member: Member<may::ReadAssessments>,
    listing: Listing,
) -> Result<Json<Assessments>> {
    let mut page = app.store()?.assessments(member.tenant, listing.limit, listing.cursor.as_deref()).await?;
    page.items.retain(|assessment| member.reaches(assessment.team, assessment.created_by));
    Ok(Json(Assessments { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
