//! `POST /v1/orgs/{org}/leave`: a member leaves the organization; its last owner can't.

use std::process::ExitCode;

use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Member, Result, State, StatusCode, may, routes, serve};

/// Leave an organization
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/leave",
    params(("org" = OrgId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn leave(State(app): State<App>, member: Member<may::ReadOrganization>) -> Result<StatusCode> {
    let (store, user) = (app.store()?, member.user()?);
    let leaving = store.member(member.tenant, user).await?;
    store.remove_member(member.tenant, &leaving, &member.event("member.left", user)).await?;
    member.sync_seats(&app).await;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(leave))
}
