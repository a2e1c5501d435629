//! `POST /v1/auth/second-factor/remove`: the password alone is enough again, if it is long enough for that.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_accounts::{account, password};
use smartscripts_auth::second_factor;
use smartscripts_domain::{Error, rate};
use smartscripts_http::{App, Caller, Json, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_store::now;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Remove {
    #[schema(format = "password", max_length = 1024)]
    password: String,
    /// Six digits, or a recovery code.
    #[schema(max_length = 100)]
    code: String,
}

/// Remove the second factor
#[utoipa::path(
    post,
    path = "/v1/auth/second-factor/remove",
    request_body = Remove,
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn remove(State(app): State<App>, caller: Caller, Json(input): Json<Remove>) -> Result<StatusCode> {
    caller.take(&app, rate::LOG_IN).await?;
    let mut user = app.platform()?.user(caller.user).await?;
    account::check_password(&app, &caller, &user, &input.password).await?;
    second_factor::check(&mut user, Some(&input.code), now().as_second() as u64)?;
    if user.password_length < password::SHORTEST_ALONE {
        let message = "Your password is too short to stand alone. Change it to 15 characters or more first.";
        return Err(Error::conflict("password_too_short", message).into());
    }
    user.second_factor = None;
    app.platform()?.save_user(&user, &caller.event("user.second_factor_removed")).await?;
    app.send_mail(&caller.origin.request_id, SendMail::SecondFactorChanged { user: caller.user }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(remove))
}
