//! `POST /v1/auth/refresh`: the bearer of a refresh token gets a new access token and the next refresh token.

use std::process::ExitCode;

use smartscripts_auth::{
    refresh::{RefreshCookie, SetRefreshCookie, refused},
    session::AccessToken,
};
use smartscripts_http::{App, Json, Open, Result, State, routes, serve};
use smartscripts_store::Rotation;

/// Refresh the access token
#[utoipa::path(post, path = "/v1/auth/refresh", responses((status = 200, body = AccessToken)))]
async fn refresh(
    State(app): State<App>,
    open: Open,
    RefreshCookie(token): RefreshCookie,
) -> Result<(SetRefreshCookie, Json<AccessToken>)> {
    let token = token.ok_or_else(refused)?;
    let successor = token.successor()?;
    let (presented, next) = (token.hash(), successor.hash());
    match app.platform()?.rotate(token.user, token.session, &presented, &next, &open.origin).await? {
        Rotation::Rotated(session) => Ok((SetRefreshCookie(Some(successor)), Json(AccessToken::issue(&session)?))),
        Rotation::Refused => Err(refused().into()),
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(refresh))
}
