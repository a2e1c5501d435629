//! `GET /v1/auth/account`: the caller's own account.

use std::process::ExitCode;

use smartscripts_accounts::account::Account;
use smartscripts_http::{App, Caller, Json, Result, State, routes, serve};

/// Get the own account
#[utoipa::path(
    get,
    path = "/v1/auth/account",
    responses((status = 200, body = Account)),
    security(("access_token" = []))
)]
async fn get(State(app): State<App>, caller: Caller) -> Result<Json<Account>> {
    Ok(Json(app.platform()?.user(caller.user).await?.into()))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
