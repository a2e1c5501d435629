//! `GET /v1/orgs/{org}/privacy/erasures`: the erasures that the organization has asked for.

use std::process::ExitCode;

use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Listing, Member, Result, State, may, routes, serve};
use smartscripts_privacy::Erasures;
use smartscripts_store::Owner;

/// List an organization's erasures
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/privacy/erasures",
    params(("org" = OrgId, Path), Listing),
    responses((status = 200, body = Erasures)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, member: Member<may::ManagePrivacy>, listing: Listing) -> Result<Json<Erasures>> {
    let owner = Owner::Organization(member.tenant);
    let page = app.store()?.erasures(owner, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(page.into()))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
