//! `POST /v1/auth/log-out`: ends the session whose refresh token is in the cookie. Without one there is nothing to end.

use std::process::ExitCode;

use smartscripts_auth::refresh::{RefreshCookie, SetRefreshCookie};
use smartscripts_http::{App, Open, Result, State, StatusCode, routes, serve};
use smartscripts_store::{AuditEvent, Rotation};

/// Log out
#[utoipa::path(post, path = "/v1/auth/log-out", responses((status = 204)))]
async fn log_out(
    State(app): State<App>,
    open: Open,
    RefreshCookie(token): RefreshCookie,
) -> Result<(StatusCode, SetRefreshCookie, ())> {
    if let Some(token) = token {
        let (platform, successor) = (app.platform()?, token.successor()?);
        // Rotating first proves that the cookie holds a token of the session, not just its id.
        let rotation =
            platform.rotate(token.user, token.session, &token.hash(), &successor.hash(), &open.origin).await?;
        if let Rotation::Rotated(session) = rotation {
            let event = AuditEvent::of_user(session.user, "user.logged_out", &open.origin).with("session", session.id);
            platform.revoke(session.user, session.id, &event).await?;
        }
    }
    Ok((StatusCode::NO_CONTENT, SetRefreshCookie(None), ()))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(log_out))
}
