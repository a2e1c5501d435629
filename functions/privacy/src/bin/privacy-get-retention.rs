//! `GET /v1/orgs/{org}/privacy/retention`: how long the organization keeps what.

use std::process::ExitCode;

use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};
use smartscripts_store::Retention;

/// Get an organization's retention periods
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/privacy/retention",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = Retention)),
    security(("access_token" = []))
)]
async fn get(State(app): State<App>, member: Member<may::ManagePrivacy>) -> Result<Json<Retention>> {
    Ok(Json(app.store()?.retention(member.tenant).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
