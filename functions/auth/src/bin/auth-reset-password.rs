//! `POST /v1/auth/reset-password`: the link in a mail sets a new password. All sessions end.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_accounts::account;
use smartscripts_http::{App, Json, Open, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_store::{AuditEvent, TokenPurpose, token_hash};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reset {
    /// From the link.
    #[schema(max_length = 100)]
    token: String,
    /// At least 15 characters, or 8 with a second factor.
    #[schema(format = "password", min_length = 8, max_length = 1024)]
    password: String,
}

/// Set a new password
#[utoipa::path(post, path = "/v1/auth/reset-password", request_body = Reset, responses((status = 204)))]
async fn reset(State(app): State<App>, open: Open, Json(input): Json<Reset>) -> Result<StatusCode> {
    let (platform, hash) = (app.platform()?, token_hash(&input.token));
    let mut user = platform.user_of_token(&hash, TokenPurpose::ResetPassword).await?;
    account::set_password(&mut user, &input.password)?;
    // Who can read the mail has shown that the address is theirs.
    user.email_verified = true;
    let event = AuditEvent::of_user(user.id, "user.password_reset", &open.origin);
    platform.save_user_with_token(&user, &hash, &event).await?;
    platform.revoke_all(user.id, None, &open.origin).await?;
    app.send_mail(&open.origin.request_id, SendMail::PasswordChanged { user: user.id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(reset))
}
