//! `POST /v1/orgs/{org}/teams`: a team (a class) is created. A teacher who creates one is in it.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    id::{OrgId, TeamId},
    permission::Scope,
};
use smartscripts_http::{App, Json, Member, Result, State, StatusCode, ToSchema, may, routes, serve};
use smartscripts_orgs::organization_name;
use smartscripts_store::{Team, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamName {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Create a team
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/teams",
    params(("org" = OrgId, Path)),
    request_body = TeamName,
    responses((status = 201, body = Team)),
    security(("access_token" = []))
)]
async fn create(
    State(app): State<App>,
    member: Member<may::ManageTeams>,
    Json(input): Json<TeamName>,
) -> Result<(StatusCode, Json<Team>)> {
    let name = organization_name(&input.name)?;
    let store = app.store()?;
    let team = Team { id: TeamId::new(Ulid::generate()), name, created_at: now(), version: 1 };
    let event = member.event("team.created", team.id);
    if member.scope == Scope::Organization {
        store.create_team(member.tenant, &team, &event).await?;
    } else {
        let creator = store.member(member.tenant, member.user()?).await?;
        store.create_team_with(member.tenant, &team, &creator, &event).await?;
    }
    Ok((StatusCode::CREATED, Json(team)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
