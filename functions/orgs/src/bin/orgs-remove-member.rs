//! `DELETE /v1/orgs/{org}/members/{user}`: an administrator takes a member out of the organization.

use std::process::ExitCode;

use smartscripts_domain::id::{OrgId, UserId};
use smartscripts_http::{App, Member, Path, Result, State, StatusCode, may, routes, serve};
use smartscripts_orgs::check_may_appoint;

/// Remove a member
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/members/{user}",
    params(("org" = OrgId, Path), ("user" = UserId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn remove(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Path((_, user)): Path<(OrgId, UserId)>,
) -> Result<StatusCode> {
    let store = app.store()?;
    let leaving = store.member(member.tenant, user).await?;
    check_may_appoint(&member, leaving.role)?;
    store.remove_member(member.tenant, &leaving, &member.event("member.removed", user)).await?;
    member.sync_seats(&app).await;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(remove))
}
