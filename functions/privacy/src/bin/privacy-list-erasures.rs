//! `GET /v1/privacy/erasures`: the erasures of the caller's account, and of organizations that the caller has owned.

use std::process::ExitCode;

use smartscripts_http::{App, Caller, Json, Listing, Result, State, routes, serve};
use smartscripts_privacy::Erasures;
use smartscripts_store::Owner;

/// List one's own erasures
#[utoipa::path(
    get,
    path = "/v1/privacy/erasures",
    params(Listing),
    responses((status = 200, body = Erasures)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Json<Erasures>> {
    let owner = Owner::User(caller.user);
    let page = app.store()?.erasures(owner, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(page.into()))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
