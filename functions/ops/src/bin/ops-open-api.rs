//! `GET /v1/openapi.json`: the description of this API. `make openapi` writes it from the routes themselves.

use std::process::ExitCode;

use axum::{http::header, response::IntoResponse};
use smartscripts_http::{routes, serve};

const DOCUMENT: &str = include_str!("../../openapi.json");

/// Describe this API
#[utoipa::path(get, path = "/v1/openapi.json", responses((status = 200, description = "This document")))]
async fn open_api() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(open_api))
}
