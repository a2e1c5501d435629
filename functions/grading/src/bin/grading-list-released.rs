//! `GET /v1/orgs/{org}/released-feedback`: the feedback that was released to the caller as a student on the roster.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{
    Error, Kind,
    id::{OrgId, Principal, StudentId},
};
use smartscripts_grading_routes::release::{ReleasedScript, content};
use smartscripts_http::{App, Json, Listing, Member, Result, State, ToSchema, may, routes, serve};

#[derive(Serialize, ToSchema)]
struct ReleasedScripts {
    /// The oldest assessment first; a page may hold fewer than asked for.
    items: Vec<ReleasedScript>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List the feedback that was released to oneself
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/released-feedback",
    params(("org" = OrgId, Path), Listing),
    responses((status = 200, body = ReleasedScripts)),
    security(("access_token" = []))
)]
async fn list(
    State(app): State<App>,
    member: Member<may::ReadReleased>,
    listing: Listing,
) -> Result<Json<ReleasedScripts>> {
    let page = app.store()?.assessments(member.tenant, listing.limit, listing.cursor.as_deref()).await?;
    let mut items = Vec::new();
    if let Some(student) = own_student(&app, &member).await? {
        for assessment in &page.items {
            let Some(release) = assessment.released() else { continue };
            let released = content(&app, &member.access, assessment, release).await?;
            let own = released.submissions.into_iter().filter(|script| script.student == Some(student));
            items.extend(own.map(|script| ReleasedScript {
                assessment: assessment.id,
                title: assessment.title.clone(),
                submission: script.submission,
                released_at: release.released_at,
            }));
        }
    }
    Ok(Json(ReleasedScripts { items, cursor: page.cursor }))
}

/// The student on the roster who the caller is.
async fn own_student(app: &App, member: &Member<may::ReadReleased>) -> Result<Option<StudentId>, Error> {
    let Principal::User(user) = member.principal else { return Ok(None) };
    let membership = app.store()?.member(member.tenant, user).await?;
    let Some(id) = membership.student else { return Ok(None) };
    match app.store()?.student(member.tenant, id).await {
        Ok(student) => Ok((student.user == Some(user)).then_some(id)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
