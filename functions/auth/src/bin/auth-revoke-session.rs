//! `DELETE /v1/auth/sessions/{session}`: ends one of the caller's own sessions.

use std::process::ExitCode;

use smartscripts_domain::{Error, id::SessionId};
use smartscripts_http::{App, Caller, Path, Result, State, StatusCode, routes, serve};

/// End a session
#[utoipa::path(
    delete,
    path = "/v1/auth/sessions/{session}",
    params(("session" = SessionId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn revoke(State(app): State<App>, caller: Caller, Path(id): Path<SessionId>) -> Result<StatusCode> {
    let platform = app.platform()?;
    if !platform.sessions(caller.user).await?.iter().any(|session| session.id == id) {
        return Err(Error::not_found().into());
    }
    platform.revoke(caller.user, id, &caller.event("session.revoked").with("session", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(revoke))
}
