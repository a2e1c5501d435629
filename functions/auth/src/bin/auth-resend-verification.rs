//! `POST /v1/auth/resend-verification`: a person who is logged in asks for the mail that verifies the address once more.

use std::process::ExitCode;

use smartscripts_domain::rate;
use smartscripts_http::{App, Caller, Result, State, StatusCode, routes, serve};
use smartscripts_jobs::SendMail;

/// Send the verification mail again
#[utoipa::path(
    post,
    path = "/v1/auth/resend-verification",
    responses((status = 202)),
    security(("access_token" = []))
)]
async fn resend(State(app): State<App>, caller: Caller) -> Result<StatusCode> {
    caller.take(&app, rate::MAIL).await?;
    if !app.platform()?.user(caller.user).await?.email_verified {
        app.send_mail(&caller.origin.request_id, SendMail::VerifyEmail { user: caller.user }).await?;
    }
    Ok(StatusCode::ACCEPTED)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(resend))
}
