//! `DELETE /v1/orgs/{org}/api-keys/{api_key}`: the key works no more, at once.

use std::process::ExitCode;

use smartscripts_domain::id::{ApiKeyId, OrgId};
use smartscripts_http::{App, Member, Path, Result, State, StatusCode, may, routes, serve};

/// Revoke an API key
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/api-keys/{api_key}",
    params(("org" = OrgId, Path), ("api_key" = ApiKeyId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn revoke(
    State(app): State<App>,
    member: Member<may::ManageApiKeys>,
    Path((_, id)): Path<(OrgId, ApiKeyId)>,
) -> Result<StatusCode> {
    let event = member.event("api_key.revoked", id.to_string());
    app.store()?.revoke_api_key(member.tenant, id, &event).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(revoke))
}
