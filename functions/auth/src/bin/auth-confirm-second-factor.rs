//! `POST /v1/auth/second-factor/confirm`: a code of the authenticator app puts the second factor into force. All other
//! sessions end, since they began without it.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use smartscripts_auth::second_factor;
use smartscripts_domain::{Error, rate};
use smartscripts_http::{App, Caller, Json, Result, State, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_store::now;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirm {
    /// The six digits that the app shows.
    #[schema(max_length = 100)]
    code: String,
}

#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    /// Each works once in place of the app. They are shown this once.
    recovery_codes: Vec<String>,
}

/// Confirm the second factor
#[utoipa::path(
    post,
    path = "/v1/auth/second-factor/confirm",
    request_body = Confirm,
    responses((status = 200, body = RecoveryCodes)),
    security(("access_token" = []))
)]
async fn confirm(State(app): State<App>, caller: Caller, Json(input): Json<Confirm>) -> Result<Json<RecoveryCodes>> {
    caller.take(&app, rate::LOG_IN).await?;
    let platform = app.platform()?;
    let mut user = platform.user(caller.user).await?;
    let begun = || Error::conflict("second_factor_not_begun", "Begin to set up a second factor first.");
    let secret = user.pending_secret.take().ok_or_else(begun)?;
    let (factor, recovery_codes) = second_factor::confirm(&secret, &input.code, now().as_second() as u64)?;
    user.second_factor = Some(factor);
    platform.save_user(&user, &caller.event("user.second_factor_confirmed")).await?;
    platform.revoke_all(caller.user, Some(caller.session), &caller.origin).await?;
    app.send_mail(&caller.origin.request_id, SendMail::SecondFactorChanged { user: caller.user }).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(confirm))
}
