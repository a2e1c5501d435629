//! `POST /v1/orgs/{org}/privacy/erasure-plan`: what erasing a member, a student or the whole organization would erase and
//! keep, as of now. A dry run.

use std::process::ExitCode;

use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};
use smartscripts_privacy::{ErasurePlan, Whom, plan_erasure};

/// Plan the erasure of a person in an organization, or of the organization
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/privacy/erasure-plan",
    params(("org" = OrgId, Path)),
    request_body = Whom,
    responses((status = 200, body = ErasurePlan)),
    security(("access_token" = []))
)]
async fn plan(
    State(app): State<App>,
    member: Member<may::ManagePrivacy>,
    Json(whom): Json<Whom>,
) -> Result<Json<ErasurePlan>> {
    Ok(Json(plan_erasure(&app, whom.subject(member.tenant)?).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(plan))
}
