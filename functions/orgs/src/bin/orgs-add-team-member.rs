//! `PUT /v1/orgs/{org}/teams/{team}/members/{user}`: a member of the organization comes into a team.

use std::process::ExitCode;

use smartscripts_domain::id::{OrgId, TeamId, UserId};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_store::Membership;

/// Put a member into a team
#[utoipa::path(
    put,
    path = "/v1/orgs/{org}/teams/{team}/members/{user}",
    params(("org" = OrgId, Path), ("team" = TeamId, Path), ("user" = UserId, Path)),
    responses((status = 200, body = Membership)),
    security(("access_token" = []))
)]
async fn add(
    State(app): State<App>,
    member: Member<may::ManageTeams>,
    Path((_, team, user)): Path<(OrgId, TeamId, UserId)>,
) -> Result<Json<Membership>> {
    let store = app.store()?;
    member.team(store, team).await?;
    let before = store.member(member.tenant, user).await?;
    let mut after = before.clone();
    if !after.teams.insert(team) {
        return Ok(Json(before));
    }
    let event = member.event("team.member_added", team).with("user", user);
    Ok(Json(store.save_team_member(member.tenant, team, (&before, &after), &event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(add))
}
