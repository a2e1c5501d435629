//! `GET /v1/orgs/{org}/teams`: the organization's teams; for those whose permission reaches no further, their own.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{id::OrgId, permission::Scope};
use smartscripts_http::{App, Json, Listing, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Team;

#[derive(Serialize, ToSchema)]
struct Teams {
    items: Vec<Team>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List teams
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/teams",
    params(("org" = OrgId, Path), Listing),
    responses((status = 200, body = Teams)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, member: Member<may::ReadTeams>, listing: Listing) -> Result<Json<Teams>> {
    let mut page = app.store()?.teams(member.tenant, listing.limit, listing.cursor.as_deref()).await?;
    if member.scope != Scope::Organization {
        page.items.retain(|team| member.teams.contains(&team.id));
    }
    Ok(Json(Teams { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
