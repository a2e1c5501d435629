//! `PATCH /v1/orgs/{org}/students/{student}`: an administrator changes a student on the roster.

use std::{collections::BTreeSet, process::ExitCode};

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    id::{OrgId, StudentId, TeamId},
    roster,
};
use smartscripts_http::{App, Json, Member, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_orgs::roster::check_teams;
use smartscripts_store::Student;

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StudentChange {
    /// The version that the change is made to.
    version: u32,
    #[schema(min_length = 1, max_length = 100)]
    number: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// An empty one takes the address away.
    #[schema(max_length = 254)]
    email: Option<String>,
    /// At most 20.
    teams: Option<BTreeSet<TeamId>>,
}

/// Change a student
#[utoipa::path(
    patch,
    path = "/v1/orgs/{org}/students/{student}",
    params(("org" = OrgId, Path), ("student" = StudentId, Path)),
    request_body = StudentChange,
    responses((status = 200, body = Student)),
    security(("access_token" = []))
)]
async fn update(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Path((_, id)): Path<(OrgId, StudentId)>,
    Json(input): Json<StudentChange>,
) -> Result<Json<Student>> {
    let store = app.store()?;
    let before = store.student(member.tenant, id).await?;
    let after = changed(before.clone(), input)?;
    let event = member.event("student.updated", id);
    Ok(Json(store.save_student(member.tenant, &before, &after, &event).await?))
}

fn changed(mut student: Student, input: StudentChange) -> Result<Student, Error> {
    student.version = input.version;
    if let Some(number) = input.number {
        student.number = roster::number(&number)?;
    }
    if let Some(name) = input.name {
        student.name = roster::name(&name)?;
    }
    if let Some(email) = input.email {
        student.email = if email.is_empty() { None } else { Some(roster::email(&email)?) };
    }
    if let Some(teams) = input.teams {
        check_teams(&teams)?;
        student.teams = teams;
    }
    Ok(student)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(update))
}
