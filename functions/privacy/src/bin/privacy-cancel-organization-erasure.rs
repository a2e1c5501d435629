//! `DELETE /v1/orgs/{org}/privacy/erasures/{erasure}`: an administrator takes the erasure of a person back.

use std::process::ExitCode;

use smartscripts_domain::id::{ErasureId, OrgId};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_store::{Erasure, Owner};

/// Take the erasure of a person in an organization back
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/privacy/erasures/{erasure}",
    params(("org" = OrgId, Path), ("erasure" = ErasureId, Path)),
    responses((status = 200, body = Erasure)),
    security(("access_token" = []))
)]
async fn cancel(
    State(app): State<App>,
    member: Member<may::ManagePrivacy>,
    Path((_, id)): Path<(OrgId, ErasureId)>,
) -> Result<Json<Erasure>> {
    let (store, owner) = (app.store()?, Owner::Organization(member.tenant));
    let erasure = store.erasure(owner, id).await?;
    Ok(Json(store.cancel_erasure(owner, &erasure, &member.event("erasure.cancelled", id)).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(cancel))
}
