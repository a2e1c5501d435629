//! `GET /v1/orgs/{org}/students/{student}`: a student on the roster.

use std::process::ExitCode;

use smartscripts_domain::{
    Error,
    id::{OrgId, StudentId},
};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_store::Student;

/// Get a student
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/students/{student}",
    params(("org" = OrgId, Path), ("student" = StudentId, Path)),
    responses((status = 200, body = Student)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    member: Member<may::ReadMembers>,
    Path((_, id)): Path<(OrgId, StudentId)>,
) -> Result<Json<Student>> {
    let student = app.store()?.student(member.tenant, id).await?;
    if member.reaches_student(&student) { Ok(Json(student)) } else { Err(Error::not_found().into()) }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
