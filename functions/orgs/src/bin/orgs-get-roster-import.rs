//! `GET /v1/orgs/{org}/roster-imports/{import}`: where an import stands and what it changes.

use std::process::ExitCode;

use smartscripts_domain::id::{OrgId, RosterImportId};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_orgs::roster::{PreviewedImport, kept_diff};

/// Get the import of a roster
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/roster-imports/{import}",
    params(("org" = OrgId, Path), ("import" = RosterImportId, Path)),
    responses((status = 200, body = PreviewedImport)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Path((org, id)): Path<(OrgId, RosterImportId)>,
) -> Result<Json<PreviewedImport>> {
    let import = app.store()?.roster_import(member.tenant, id).await?;
    let diff = kept_diff(&app, org, &import).await?;
    Ok(Json(PreviewedImport { import, diff }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
