//! `POST /v1/orgs/{org}/roster-imports`: an administrator uploads a school's spreadsheet and sees what importing it would
//! change. Nothing is changed until the import is committed.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    id::{OrgId, RosterImportId, TeamId},
    roster::{self, Listed, Options},
};
use smartscripts_files::key;
use smartscripts_http::{App, CsvFile, Json, Member, Parameters, Result, State, StatusCode, may, routes, serve};
use smartscripts_orgs::roster::{PreviewedImport, keep_diff};
use smartscripts_store::{Counts, ImportState, RosterImport, Student, Team, now};
use ulid::Ulid;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct How {
    /// The team that all students of the file are in, besides those that its column of classes names.
    team: Option<TeamId>,
    /// Whether the file is complete: whoever isn't in it leaves the team, or without `team` the roster.
    #[serde(default)]
    remove_missing: bool,
}

/// Preview the import of a roster
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/roster-imports",
    params(("org" = OrgId, Path), How),
    request_body(
        description = "A CSV file with a line of column names: number, name (or first and last name), and if you like \
                       e-mail and class. Comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252. As `text/csv` it must be UTF-8.",
        content((String = "application/octet-stream"), (String = "text/csv"))
    ),
    responses((status = 201, body = PreviewedImport)),
    security(("access_token" = []))
)]
async fn preview(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Parameters(how): Parameters<How>,
    CsvFile(file): CsvFile,
) -> Result<(StatusCode, Json<PreviewedImport>)> {
    let rows = roster::parse(&file)?;
    let (store, tenant) = (app.store()?, member.tenant);
    if let Some(team) = how.team {
        member.access.team(store, team).await?;
    }
    // First of all, so that whatever changes from here on makes this preview a stale one.
    let roster_version = store.roster_version(tenant).await?;
    let listed: Vec<Listed> = store.all_students(tenant).await?.into_iter().map(listed).collect();
    let teams: Vec<(TeamId, String)> = store.all_teams(tenant).await?.into_iter().map(named).collect();
    let options = Options { team: how.team, remove_missing: how.remove_missing };
    let diff = roster::diff(rows, &listed, &teams, options, Ulid::generate)?;
    let id = RosterImportId::new(Ulid::generate());
    let sha256 = keep_diff(&app, &key::roster(tenant.org(), id), &diff).await?;
    let import = RosterImport {
        id,
        state: ImportState::Previewed,
        counts: Counts::from(&diff),
        sha256,
        roster_version,
        done: 0,
        created_by: member.principal,
        created_at: now(),
    };
    store.create_roster_import(tenant, &import, &member.event("roster.previewed", id)).await?;
    Ok((StatusCode::CREATED, Json(PreviewedImport { import, diff })))
}

fn listed(student: Student) -> Listed {
    let Student { id, number, name, email, teams, .. } = student;
    Listed { id, number, name, email, teams }
}

fn named(team: Team) -> (TeamId, String) {
    (team.id, team.name)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(preview))
}
