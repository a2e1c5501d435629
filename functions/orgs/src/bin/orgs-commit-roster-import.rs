//! `POST /v1/orgs/{org}/roster-imports/{import}/commit`: what was previewed happens, exactly that or nothing. Called again
//! it changes nothing more, and finishes an import that was cut short.

use std::process::ExitCode;

use smartscripts_domain::id::{OrgId, RosterImportId};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_orgs::roster::kept_diff;
use smartscripts_store::RosterImport;

/// Commit the import of a roster
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/roster-imports/{import}/commit",
    params(("org" = OrgId, Path), ("import" = RosterImportId, Path)),
    responses((status = 200, body = RosterImport)),
    security(("access_token" = []))
)]
async fn commit(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Path((org, id)): Path<(OrgId, RosterImportId)>,
) -> Result<Json<RosterImport>> {
    let (store, tenant) = (app.store()?, member.tenant);
    let import = store.roster_import(tenant, id).await?;
    let diff = kept_diff(&app, org, &import).await?;
    let event = |action| member.event(action, id);
    Ok(Json(store.commit_roster_import(tenant, import, &diff, event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(commit))
}
