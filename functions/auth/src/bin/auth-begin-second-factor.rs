//! `POST /v1/auth/second-factor`: begins to set up a second factor. It is in force once a code confirms it.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use smartscripts_accounts::account;
use smartscripts_auth::second_factor;
use smartscripts_domain::{Error, rate};
use smartscripts_http::{App, Caller, Json, Result, State, ToSchema, routes, serve};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Begin {
    #[schema(format = "password", max_length = 1024)]
    password: String,
}

#[derive(Serialize, ToSchema)]
struct Begun {
    /// To be typed into an authenticator app.
    secret: String,
    /// To be shown as a QR code for an authenticator app.
    uri: String,
}

/// Begin to set up a second factor
#[utoipa::path(
    post,
    path = "/v1/auth/second-factor",
    request_body = Begin,
    responses((status = 200, body = Begun)),
    security(("access_token" = []))
)]
async fn begin(State(app): State<App>, caller: Caller, Json(input): Json<Begin>) -> Result<Json<Begun>> {
    caller.take(&app, rate::LOG_IN).await?;
    let mut user = app.platform()?.user(caller.user).await?;
    account::check_password(&app, &caller, &user, &input.password).await?;
    if user.second_factor.is_some() {
        let message = "The account has a second factor. Remove it before you set up another.";
        return Err(Error::conflict("second_factor_exists", message).into());
    }
    let (secret, uri) = second_factor::begin(&user.email)?;
    user.pending_secret = Some(secret.clone());
    app.platform()?.save_user(&user, &caller.event("user.second_factor_begun")).await?;
    Ok(Json(Begun { secret, uri }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(begin))
}
