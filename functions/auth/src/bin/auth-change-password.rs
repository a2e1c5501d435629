//! `POST /v1/auth/change-password`: a person who is logged in sets a new password. All other sessions end.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_accounts::account;
use smartscripts_domain::rate;
use smartscripts_http::{App, Caller, Json, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    /// The password until now.
    #[schema(format = "password", max_length = 1024)]
    current: String,
    /// At least 15 characters, or 8 with a second factor.
    #[schema(format = "password", min_length = 8, max_length = 1024)]
    new: String,
}

/// Change the password
#[utoipa::path(
    post,
    path = "/v1/auth/change-password",
    request_body = Change,
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn change(State(app): State<App>, caller: Caller, Json(input): Json<Change>) -> Result<StatusCode> {
    caller.take(&app, rate::LOG_IN).await?;
    let platform = app.platform()?;
    let mut user = platform.user(caller.user).await?;
    account::check_password(&app, &caller, &user, &input.current).await?;
    account::set_password(&mut user, &input.new)?;
    platform.save_user(&user, &caller.event("user.password_changed")).await?;
    platform.revoke_all(caller.user, Some(caller.session), &caller.origin).await?;
    app.send_mail(&caller.origin.request_id, SendMail::PasswordChanged { user: caller.user }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(change))
}
