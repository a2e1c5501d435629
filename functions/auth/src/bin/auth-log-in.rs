//! `POST /v1/auth/log-in`: an account's owner gets an access token, and a refresh token in a cookie.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_auth::{
    password,
    refresh::{LIFETIME_SECONDS, RefreshToken, SetRefreshCookie},
    session::AccessToken,
};
use smartscripts_domain::{Error, Kind, id::SessionId};
use smartscripts_http::{App, Json, RequestId, Result, State, ToSchema, routes, serve};
use smartscripts_store::{Session, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(format = "password", max_length = 1024)]
    password: String,
}

/// Log in
#[utoipa::path(post, path = "/v1/auth/log-in", request_body = Credentials, responses((status = 200, body = AccessToken)))]
async fn log_in(
    State(app): State<App>,
    request_id: RequestId,
    Json(input): Json<Credentials>,
) -> Result<(SetRefreshCookie, Json<AccessToken>)> {
    let user = app.platform()?.user_by_email(&input.email).await?;
    let right = password::matches(&input.password, user.as_ref().map(|user| user.password_hash.as_str()));
    let Some(user) = user.filter(|_| right) else {
        let message = "The e-mail address or the password is wrong.";
        return Err(Error::new(Kind::Unauthenticated, "credentials_wrong", message).into());
    };
    let id = SessionId::new(Ulid::generate());
    let token = RefreshToken::first(id)?;
    let now = now();
    let session = Session {
        id,
        user: user.id,
        current: token.hash(),
        previous: None,
        rotated_at: now,
        revoked: false,
        expires_at: now.as_second() + LIFETIME_SECONDS,
    };
    app.platform()?.create_session(&session, request_id.as_ref()).await?;
    Ok((SetRefreshCookie(Some(token)), Json(AccessToken::issue(user.id, id)?)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(log_in))
}
