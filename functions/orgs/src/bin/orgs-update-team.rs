//! `PATCH /v1/orgs/{org}/teams/{team}`: a team gets another name.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::id::{OrgId, TeamId};
use smartscripts_http::{App, Json, Member, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_orgs::{check_version, organization_name};
use smartscripts_store::Team;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamChange {
    /// The version that the change is made to.
    version: u32,
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Change a team
#[utoipa::path(
    patch,
    path = "/v1/orgs/{org}/teams/{team}",
    params(("org" = OrgId, Path), ("team" = TeamId, Path)),
    request_body = TeamChange,
    responses((status = 200, body = Team)),
    security(("access_token" = []))
)]
async fn update(
    State(app): State<App>,
    member: Member<may::ManageTeams>,
    Path((_, id)): Path<(OrgId, TeamId)>,
    Json(input): Json<TeamChange>,
) -> Result<Json<Team>> {
    let store = app.store()?;
    let mut team = member.team(store, id).await?;
    check_version(input.version, team.version)?;
    team.name = organization_name(&input.name)?;
    Ok(Json(store.save_team(member.tenant, &team, &member.event("team.renamed", id)).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(update))
}
