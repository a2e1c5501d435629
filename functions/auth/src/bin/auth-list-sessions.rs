//! `GET /v1/auth/sessions`: where the caller is logged in.

use std::process::ExitCode;

use jiff::Timestamp;
use serde::Serialize;
use smartscripts_domain::id::SessionId;
use smartscripts_http::{App, Caller, Json, Result, State, ToSchema, routes, serve};

#[derive(Serialize, ToSchema)]
struct Sessions {
    items: Vec<SessionSummary>,
}

#[derive(Serialize, ToSchema)]
struct SessionSummary {
    id: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    /// Whether a second factor was given.
    second_factor: bool,
    /// The network that it began in: the first part of the address.
    network: Option<String>,
    /// What the browser calls itself.
    user_agent: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last refreshed.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
}

/// List the own sessions
#[utoipa::path(
    get,
    path = "/v1/auth/sessions",
    responses((status = 200, body = Sessions)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Sessions>> {
    let sessions = app.platform()?.sessions(caller.user).await?;
    let items = sessions.into_iter().map(|session| SessionSummary {
        id: session.id,
        current: session.id == caller.session,
        second_factor: session.second_factor,
        network: session.network,
        user_agent: session.user_agent,
        created_at: session.created_at,
        last_seen_at: session.rotated_at,
    });
    Ok(Json(Sessions { items: items.collect() }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
