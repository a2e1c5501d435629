//! `GET /v1/orgs/{org}/privacy/exports/{export}`: where an export of the organization stands, and a link once it is ready.

use std::process::ExitCode;

use smartscripts_domain::id::{ExportId, OrgId};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_privacy::{ExportSummary, show_export};
use smartscripts_store::Owner;

/// Get an export of an organization
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/privacy/exports/{export}",
    params(("org" = OrgId, Path), ("export" = ExportId, Path)),
    responses((status = 200, body = ExportSummary)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    member: Member<may::ManagePrivacy>,
    Path((_, id)): Path<(OrgId, ExportId)>,
) -> Result<Json<ExportSummary>> {
    let event = member.event("export.link_given", id);
    Ok(Json(show_export(&app, Owner::Organization(member.tenant), id, event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
