//! `GET /v1/health`: whether the function runs at all.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_http::{Json, ToSchema, routes, serve};

#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The service's version.
    version: &'static str,
}

/// Is it alive?
#[utoipa::path(get, path = "/v1/health", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(health))
}
