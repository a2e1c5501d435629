//! `POST /v1/auth/log-out`: ends the session whose refresh token is in the cookie. Without one there is nothing to end.

use std::process::ExitCode;

use smartscripts_auth::refresh::{RefreshCookie, SetRefreshCookie};
use smartscripts_http::{App, Result, State, StatusCode, routes, serve};
use smartscripts_store::Rotation;

/// Log out
#[utoipa::path(post, path = "/v1/auth/log-out", responses((status = 204)))]
async fn log_out(
    State(app): State<App>,
    RefreshCookie(token): RefreshCookie,
) -> Result<(StatusCode, SetRefreshCookie, ())> {
    if let Some(token) = token {
        // Rotating first proves that the cookie holds a token of the session, not just its id.
        let rotation = app.platform()?.rotate(token.session, &token.hash(), &token.successor()?.hash()).await?;
        if let Rotation::Rotated(_) = rotation {
            app.platform()?.revoke(token.session).await?;
        }
    }
    Ok((StatusCode::NO_CONTENT, SetRefreshCookie(None), ()))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(log_out))
}
