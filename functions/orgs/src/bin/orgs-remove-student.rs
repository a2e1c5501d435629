//! `DELETE /v1/orgs/{org}/students/{student}`: an administrator takes a student off the roster. Scripts that were handed in
//! stay, with the name and the number that came with them.

use std::process::ExitCode;

use smartscripts_domain::id::{OrgId, StudentId};
use smartscripts_http::{App, Member, Path, Result, State, StatusCode, may, routes, serve};

/// Remove a student
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/students/{student}",
    params(("org" = OrgId, Path), ("student" = StudentId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn remove(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Path((_, id)): Path<(OrgId, StudentId)>,
) -> Result<StatusCode> {
    let store = app.store()?;
    let student = store.student(member.tenant, id).await?;
    store.remove_student(member.tenant, &student, &member.event("student.removed", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(remove))
}
