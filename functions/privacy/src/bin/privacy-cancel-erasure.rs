//! `DELETE /v1/privacy/erasures/{erasure}`: a person takes the erasure of the own account back.

use std::process::ExitCode;

use smartscripts_domain::id::ErasureId;
use smartscripts_http::{App, Caller, Json, Path, Result, State, routes, serve};
use smartscripts_store::{Erasure, Owner};

/// Take the erasure of one's own account back
#[utoipa::path(
    delete,
    path = "/v1/privacy/erasures/{erasure}",
    params(("erasure" = ErasureId, Path)),
    responses((status = 200, body = Erasure)),
    security(("access_token" = []))
)]
async fn cancel(State(app): State<App>, caller: Caller, Path(id): Path<ErasureId>) -> Result<Json<Erasure>> {
    let (store, owner) = (app.store()?, Owner::User(caller.user));
    let erasure = store.erasure(owner, id).await?;
    let event = caller.event("erasure.cancelled").with("erasure", id);
    Ok(Json(store.cancel_erasure(owner, &erasure, &event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(cancel))
}
