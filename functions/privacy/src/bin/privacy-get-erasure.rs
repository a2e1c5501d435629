//! `GET /v1/privacy/erasures/{erasure}`: where an erasure stands, and its certificate once it is done.

use std::process::ExitCode;

use smartscripts_domain::id::ErasureId;
use smartscripts_http::{App, Caller, Json, Path, Result, State, routes, serve};
use smartscripts_store::{Erasure, Owner};

/// Get one of one's own erasures
#[utoipa::path(
    get,
    path = "/v1/privacy/erasures/{erasure}",
    params(("erasure" = ErasureId, Path)),
    responses((status = 200, body = Erasure)),
    security(("access_token" = []))
)]
async fn get(State(app): State<App>, caller: Caller, Path(id): Path<ErasureId>) -> Result<Json<Erasure>> {
    Ok(Json(app.store()?.erasure(Owner::User(caller.user), id).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
