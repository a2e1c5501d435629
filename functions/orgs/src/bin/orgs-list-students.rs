//! `GET /v1/orgs/{org}/students`: the students on the roster, oldest first. A teacher or grader sees those of the own
//! teams, a student nobody but oneself.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Listing, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Student;

#[derive(Serialize, ToSchema)]
struct Students {
    /// Those within the caller's reach; a page may hold fewer than asked for.
    items: Vec<Student>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List students
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/students",
    params(("org" = OrgId, Path), Listing),
    responses((status = 200, body = Students)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, member: Member<may::ReadMembers>, listing: Listing) -> Result<Json<Students>> {
    let mut page = app.store()?.students(member.tenant, listing.limit, listing.cursor.as_deref()).await?;
    page.items.retain(|student| member.reaches_student(student));
    Ok(Json(Students { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
