//! Errors as clients see them: RFC 9457, `application/problem+json`.

use std::sync::Arc;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use smartscripts_domain::{Error, Kind, plan::Plan};
use utoipa::ToSchema;

/// What a handler returns.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// A domain error on its way to the client.
#[derive(Clone, Debug)]
pub struct Problem(Arc<Error>);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(Arc::new(error))
    }
}

impl IntoResponse for Problem {
    /// The error rides in the response's extensions until [`Problem::render`], which knows the request id.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The body of every answer that is not a success.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Always `about:blank`: `code` tells problems apart.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// Stable, for programs.
    code: String,
    /// What is wrong and what to do, for people.
    detail: String,
    /// With 402: the smallest plan that includes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Plan>,
    /// Name it when you ask for help.
    request_id: String,
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self.0.kind() {
            Kind::Invalid => StatusCode::BAD_REQUEST,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::PaymentRequired => StatusCode::PAYMENT_REQUIRED,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Mismatch => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn error(&self) -> &Error {
        &self.0
    }

    /// The answer, with the request's id.
    pub(crate) fn render(&self, request_id: &str) -> Response {
        let status = self.status();
        let body = ProblemBody {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code: self.0.code().to_owned(),
            detail: self.0.message().to_owned(),
            plan: self.0.plan(),
            request_id: request_id.to_owned(),
        };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
        match self.0.kind() {
            Kind::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
            }
            Kind::Unavailable => {
                headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
