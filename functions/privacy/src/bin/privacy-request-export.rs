//! `POST /v1/privacy/exports`: a person asks for everything that is kept of them, in every organization, as one ZIP.

use std::process::ExitCode;

use smartscripts_domain::{id::Principal, rate};
use smartscripts_http::{App, Caller, Json, Result, State, StatusCode, routes, serve};
use smartscripts_privacy::{ExportSummary, request_export};
use smartscripts_store::Subject;

/// Ask for one's own data
#[utoipa::path(
    post,
    path = "/v1/privacy/exports",
    responses((status = 202, body = ExportSummary)),
    security(("access_token" = []))
)]
async fn request(State(app): State<App>, caller: Caller) -> Result<(StatusCode, Json<ExportSummary>)> {
    caller.take(&app, rate::SELDOM).await?;
    let by = (Principal::User(caller.user), caller.origin.request_id.as_str());
    let event = |id| caller.event("export.requested").with("export", id);
    let export = request_export(&app, Subject::Account(caller.user), by, event).await?;
    Ok((StatusCode::ACCEPTED, Json(export)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(request))
}
