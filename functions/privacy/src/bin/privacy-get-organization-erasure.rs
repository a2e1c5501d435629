//! `GET /v1/orgs/{org}/privacy/erasures/{erasure}`: where an erasure stands, and its certificate once it is done.

use std::process::ExitCode;

use smartscripts_domain::id::{ErasureId, OrgId};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_store::{Erasure, Owner};

/// Get an erasure of an organization
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/privacy/erasures/{erasure}",
    params(("org" = OrgId, Path), ("erasure" = ErasureId, Path)),
    responses((status = 200, body = Erasure)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    member: Member<may::ManagePrivacy>,
    Path((_, id)): Path<(OrgId, ErasureId)>,
) -> Result<Json<Erasure>> {
    Ok(Json(app.store()?.erasure(Owner::Organization(member.tenant), id).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
