//! `POST /v1/orgs/{org}/students`: an administrator puts one student onto the roster.

use std::{collections::BTreeSet, process::ExitCode};

use serde::Deserialize;
use smartscripts_domain::{
    id::{OrgId, StudentId, TeamId},
    roster,
};
use smartscripts_http::{App, Json, Member, Result, State, StatusCode, ToSchema, may, routes, serve};
use smartscripts_orgs::roster::check_teams;
use smartscripts_store::{Student, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStudent {
    /// No two students of the organization have the same.
    #[schema(min_length = 1, max_length = 100)]
    number: String,
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(max_length = 254)]
    email: Option<String>,
    /// At most 20.
    #[serde(default)]
    teams: BTreeSet<TeamId>,
}

/// Create a student
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/students",
    params(("org" = OrgId, Path)),
    request_body = NewStudent,
    responses((status = 201, body = Student)),
    security(("access_token" = []))
)]
async fn create(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Json(input): Json<NewStudent>,
) -> Result<(StatusCode, Json<Student>)> {
    check_teams(&input.teams)?;
    let student = Student {
        id: StudentId::new(Ulid::generate()),
        number: roster::number(&input.number)?,
        name: roster::name(&input.name)?,
        email: input.email.as_deref().map(roster::email).transpose()?,
        teams: input.teams,
        user: None,
        created_at: now(),
        version: 1,
    };
    app.store()?.create_student(member.tenant, &student, &member.event("student.created", student.id)).await?;
    Ok((StatusCode::CREATED, Json(student)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
