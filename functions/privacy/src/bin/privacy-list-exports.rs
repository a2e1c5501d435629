//! `GET /v1/privacy/exports`: the exports that the caller has asked for.

use std::process::ExitCode;

use smartscripts_http::{App, Caller, Json, Listing, Result, State, routes, serve};
use smartscripts_privacy::Exports;
use smartscripts_store::Owner;

/// List one's own exports
#[utoipa::path(
    get,
    path = "/v1/privacy/exports",
    params(Listing),
    responses((status = 200, body = Exports)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Json<Exports>> {
    let owner = Owner::User(caller.user);
    let page = app.store()?.exports(owner, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(page.into()))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
