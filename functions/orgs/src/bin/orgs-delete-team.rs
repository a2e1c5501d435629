//! `DELETE /v1/orgs/{org}/teams/{team}`: a team in which nobody and nothing is left goes.

use std::process::ExitCode;

use smartscripts_domain::id::{OrgId, TeamId};
use smartscripts_http::{App, Member, Path, Result, State, StatusCode, may, routes, serve};

/// Delete a team
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/teams/{team}",
    params(("org" = OrgId, Path), ("team" = TeamId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn delete(
    State(app): State<App>,
    member: Member<may::ManageTeams>,
    Path((_, id)): Path<(OrgId, TeamId)>,
) -> Result<StatusCode> {
    let store = app.store()?;
    let team = member.team(store, id).await?;
    // A teacher who deletes the own empty team leaves it by that.
    let leaving = member.teams.contains(&id).then(|| member.user()).transpose()?;
    store.delete_team(member.tenant, &team, leaving, &member.event("team.deleted", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(delete))
}
