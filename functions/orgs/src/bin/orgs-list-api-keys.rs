//! `GET /v1/orgs/{org}/api-keys`: the organization's API keys, and when each was last used.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Listing, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::ApiKeySummary;

#[derive(Serialize, ToSchema)]
struct ApiKeys {
    items: Vec<ApiKeySummary>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List API keys
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/api-keys",
    params(("org" = OrgId, Path), Listing),
    responses((status = 200, body = ApiKeys)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, member: Member<may::ManageApiKeys>, listing: Listing) -> Result<Json<ApiKeys>> {
    let page = app.store()?.api_keys(member.tenant, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(ApiKeys { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
