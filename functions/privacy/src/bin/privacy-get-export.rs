//! `GET /v1/privacy/exports/{export}`: where an export of one's own data stands, and a link once it is ready.

use std::process::ExitCode;

use smartscripts_domain::id::ExportId;
use smartscripts_http::{App, Caller, Json, Path, Result, State, routes, serve};
use smartscripts_privacy::{ExportSummary, show_export};
use smartscripts_store::Owner;

/// Get one of one's own exports
#[utoipa::path(
    get,
    path = "/v1/privacy/exports/{export}",
    params(("export" = ExportId, Path)),
    responses((status = 200, body = ExportSummary)),
    security(("access_token" = []))
)]
async fn get(State(app): State<App>, caller: Caller, Path(id): Path<ExportId>) -> Result<Json<ExportSummary>> {
    let event = caller.event("export.link_given").with("export", id);
    Ok(Json(show_export(&app, Owner::User(caller.user), id, event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
