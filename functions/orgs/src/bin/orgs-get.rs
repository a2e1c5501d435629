//! `GET /v1/orgs/{org}`: the organization's name and settings.

use std::process::ExitCode;

use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};
use smartscripts_store::Organization;

/// Get an organization
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = Organization)),
    security(("access_token" = []))
)]
async fn get(State(app): State<App>, member: Member<may::ReadOrganization>) -> Result<Json<Organization>> {
    Ok(Json(app.store()?.organization(member.tenant).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
