//! `GET /v1/privacy/erasure-plan`: what erasing one's own account would erase and keep, as of now. A dry run.

use std::process::ExitCode;

use smartscripts_http::{App, Caller, Json, Result, State, routes, serve};
use smartscripts_privacy::{ErasurePlan, plan_erasure};
use smartscripts_store::Subject;

/// Plan the erasure of one's own account
#[utoipa::path(
    get,
    path = "/v1/privacy/erasure-plan",
    responses((status = 200, body = ErasurePlan)),
    security(("access_token" = []))
)]
async fn plan(State(app): State<App>, caller: Caller) -> Result<Json<ErasurePlan>> {
    Ok(Json(plan_erasure(&app, Subject::Account(caller.user)).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(plan))
}
