//! `POST /v1/invites/accept`: a person who has an account, and was invited at its address, becomes a member. Who has none
//! makes one by `POST /v1/auth/accept-invite`.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{Error, Kind};
use smartscripts_http::{App, Caller, Json, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_store::{Membership, token_hash};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    /// From the link in the mail.
    #[schema(max_length = 200)]
    token: String,
}

/// Accept an invitation
#[utoipa::path(
    post,
    path = "/v1/invites/accept",
    request_body = Acceptance,
    responses((status = 201, body = Membership)),
    security(("access_token" = []))
)]
async fn accept(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<Acceptance>,
) -> Result<(StatusCode, Json<Membership>)> {
    let platform = app.platform()?;
    let open = platform.invite_of_token(&token_hash(&input.token)).await?;
    let user = platform.user(caller.user).await?;
    if user.email != open.invite.email {
        let message = "This invitation was sent to another address than that of your account. Log in to the account with \
                       that address, or ask to be invited at yours.";
        return Err(Error::new(Kind::Forbidden, "other_address", message).into());
    }
    let member = platform.accept_invite(&open, &user, &caller.origin).await?;
    Ok((StatusCode::CREATED, Json(member)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(accept))
}
