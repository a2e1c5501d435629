//! Who is calling.

use axum::{extract::FromRequestParts, http::request::Parts};
use smartscripts_domain::{
    Error, Kind,
    id::{SessionId, UserId},
};
use tracing::Span;

use crate::{App, Problem, RequestId};

/// A person who is logged in: the bearer of a valid access token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// The request's id, for the audit event.
    pub request_id: String,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
        let (scheme, token) = header.and_then(|value| value.split_once(' ')).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            let message = "Log in first, and send the access token as `Authorization: Bearer …`.";
            return Err(Error::new(Kind::Unauthenticated, "token_missing", message).into());
        }
        let claims = app.verifier()?.verify(token)?;
        Span::current().record("user", claims.sub.to_string());
        Ok(Self { user: claims.sub, session: claims.sid, request_id: RequestId::of(&parts.extensions) })
    }
}
