//! `GET /v1/orgs/{org}/members`: who is a member. A teacher or grader sees those of the own teams, a student nobody else.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{
    id::{OrgId, Principal},
    permission::Scope,
};
use smartscripts_http::{App, Json, Listing, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::{Access, Membership};

#[derive(Serialize, ToSchema)]
struct Members {
    items: Vec<Membership>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List members
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/members",
    params(("org" = OrgId, Path), Listing),
    responses((status = 200, body = Members)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, member: Member<may::ReadMembers>, listing: Listing) -> Result<Json<Members>> {
    let mut page = app.store()?.members(member.tenant, listing.limit, listing.cursor.as_deref()).await?;
    page.items.retain(|other| sees(&member, other));
    Ok(Json(Members { items: page.items, cursor: page.cursor }))
}

fn sees(access: &Access, other: &Membership) -> bool {
    let own = access.principal == Principal::User(other.user);
    match access.scope {
        Scope::Organization => true,
        Scope::Team => own || !access.teams.is_disjoint(&other.teams),
        Scope::Own => own,
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
