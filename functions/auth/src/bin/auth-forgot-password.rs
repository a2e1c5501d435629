//! `POST /v1/auth/forgot-password`: the owner of an address gets a link by mail with which to set a new password. The answer
//! and its time are the same whether or not there is an account.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::rate;
use smartscripts_http::{App, Json, Open, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_store::email_key;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Forgotten {
    #[schema(format = "email", max_length = 254)]
    email: String,
}

/// Ask for a new password
#[utoipa::path(post, path = "/v1/auth/forgot-password", request_body = Forgotten, responses((status = 202)))]
async fn forgot(State(app): State<App>, open: Open, Json(input): Json<Forgotten>) -> Result<StatusCode> {
    let email_key = email_key(&input.email);
    open.take(&app, rate::MAIL, &email_key, false).await?;
    app.send_mail(&open.origin.request_id, SendMail::ResetPassword { email_key }).await?;
    Ok(StatusCode::ACCEPTED)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(forgot))
}
