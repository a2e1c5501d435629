//! `GET /v1/orgs/{org}/invites`: the invitations of the last weeks, and what became of each.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Listing, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Invite;

#[derive(Serialize, ToSchema)]
struct Invites {
    items: Vec<Invite>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List invitations
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/invites",
    params(("org" = OrgId, Path), Listing),
    responses((status = 200, body = Invites)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, member: Member<may::ManageMembers>, listing: Listing) -> Result<Json<Invites>> {
    let page = app.store()?.invites(member.tenant, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(Invites { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
