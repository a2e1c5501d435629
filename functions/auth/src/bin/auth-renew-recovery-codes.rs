//! `POST /v1/auth/second-factor/recovery-codes`: fresh recovery codes in place of all earlier ones.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use smartscripts_accounts::account;
use smartscripts_auth::second_factor;
use smartscripts_domain::{Error, rate};
use smartscripts_http::{App, Caller, Json, Result, State, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Renew {
    #[schema(format = "password", max_length = 1024)]
    password: String,
}

#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    /// Each works once in place of the app. They are shown this once.
    recovery_codes: Vec<String>,
}

/// Renew the recovery codes
#[utoipa::path(
    post,
    path = "/v1/auth/second-factor/recovery-codes",
    request_body = Renew,
    responses((status = 200, body = RecoveryCodes)),
    security(("access_token" = []))
)]
async fn renew(State(app): State<App>, caller: Caller, Json(input): Json<Renew>) -> Result<Json<RecoveryCodes>> {
    caller.take(&app, rate::LOG_IN).await?;
    let mut user = app.platform()?.user(caller.user).await?;
    account::check_password(&app, &caller, &user, &input.password).await?;
    let missing = || Error::conflict("second_factor_missing", "The account has no second factor.");
    let factor = user.second_factor.as_mut().ok_or_else(missing)?;
    let (hashes, recovery_codes) = second_factor::recovery_codes()?;
    factor.recovery_codes = hashes;
    app.platform()?.save_user(&user, &caller.event("user.recovery_codes_renewed")).await?;
    app.send_mail(&caller.origin.request_id, SendMail::SecondFactorChanged { user: caller.user }).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(renew))
}
