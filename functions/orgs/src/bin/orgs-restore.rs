//! `POST /v1/orgs/{org}/restore`: an owner takes the organization's erasure back, while there is time.

use std::process::ExitCode;

use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};
use smartscripts_store::Organization;

/// Take an organization's deletion back
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/restore",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = Organization)),
    security(("access_token" = []))
)]
async fn restore(State(app): State<App>, member: Member<may::DeleteOrganization>) -> Result<Json<Organization>> {
    let store = app.store()?;
    let mut organization = store.organization(member.tenant).await?;
    if organization.delete_at.take().is_none() {
        return Ok(Json(organization));
    }
    let event = member.event("organization.restored", organization.id);
    Ok(Json(store.save_organization(member.tenant, &organization, &event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(restore))
}
