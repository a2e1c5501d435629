//! `POST /v1/auth/verify-email`: the link in a mail shows that its address is the account's.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_http::{App, Json, Open, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_store::{AuditEvent, TokenPurpose, token_hash};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Verification {
    /// From the link.
    #[schema(max_length = 100)]
    token: String,
}

/// Verify an e-mail address
#[utoipa::path(post, path = "/v1/auth/verify-email", request_body = Verification, responses((status = 204)))]
async fn verify(State(app): State<App>, open: Open, Json(input): Json<Verification>) -> Result<StatusCode> {
    let hash = token_hash(&input.token);
    let mut user = app.platform()?.user_of_token(&hash, TokenPurpose::VerifyEmail).await?;
    user.email_verified = true;
    let event = AuditEvent::of_user(user.id, "user.email_verified", &open.origin);
    app.platform()?.save_user_with_token(&user, &hash, &event).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(verify))
}
