//! `DELETE /v1/orgs/{org}/teams/{team}/members/{user}`: a member leaves a team, and stays in the organization.

use std::process::ExitCode;

use smartscripts_domain::id::{OrgId, TeamId, UserId};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_store::Membership;

/// Take a member out of a team
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/teams/{team}/members/{user}",
    params(("org" = OrgId, Path), ("team" = TeamId, Path), ("user" = UserId, Path)),
    responses((status = 200, body = Membership)),
    security(("access_token" = []))
)]
async fn remove(
    State(app): State<App>,
    member: Member<may::ManageTeams>,
    Path((_, team, user)): Path<(OrgId, TeamId, UserId)>,
) -> Result<Json<Membership>> {
    let store = app.store()?;
    member.team(store, team).await?;
    let before = store.member(member.tenant, user).await?;
    let mut after = before.clone();
    if !after.teams.remove(&team) {
        return Ok(Json(before));
    }
    let event = member.event("team.member_removed", team).with("user", user);
    Ok(Json(store.save_team_member(member.tenant, team, (&before, &after), &event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(remove))
}
