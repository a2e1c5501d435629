//! Who is calling.

use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, header, request::Parts},
};
use smartscripts_domain::{
    Error, Kind,
    id::{ApiKeyId, OrgId, Principal, SessionId, UserId},
    rate::{Limit, OPEN},
};
use smartscripts_store::{AuditEvent, Origin};
use tracing::Span;

use crate::{
    App, Problem,
    origin::{address, origin},
    rate::{self, WhenDown},
    token::Claims,
};

/// A caller of whom nothing is known but the network: what the open routes ask for.
#[derive(Clone, Debug)]
pub struct Open {
    /// The request, for the audit event.
    pub origin: Origin,
    /// What the browser calls itself; at most 200 characters.
    pub user_agent: Option<String>,
    address: String,
    extensions: Extensions,
}

impl Open {
    /// Takes a token from the bucket that belongs to `whose`, beside the one that every open call takes. With
    /// `from_network`, callers from other networks have buckets of their own. If the bucket can't be reached, the call is
    /// refused.
    ///
    /// # Errors
    /// `rate_limited`, `unavailable`.
    pub async fn take(&self, app: &App, limit: Limit, whose: &str, from_network: bool) -> Result<(), Error> {
        let address = if from_network { self.address.as_str() } else { "" };
        rate::take(app, &self.extensions, limit, &format!("{whose} {address}"), WhenDown::Closed).await
    }
}

impl FromRequestParts<App> for Open {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let address = address(&parts.extensions);
        rate::take(app, &parts.extensions, OPEN, &address, WhenDown::Closed).await?;
        let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let user_agent = user_agent.map(|text| text.chars().take(200).collect());
        Ok(Self { origin: origin(&parts.extensions), user_agent, address, extensions: parts.extensions.clone() })
    }
}

/// A person who is logged in: the bearer of a valid access token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// Whether a second factor was given when the session began.
    pub second_factor: bool,
    /// The request, for the audit event.
    pub origin: Origin,
    extensions: Extensions,
}

impl Caller {
    /// The audit event of what this person is about to do with the own account.
    #[must_use]
    pub fn event(&self, action: &'static str) -> AuditEvent {
        AuditEvent::of_user(self.user, action, &self.origin)
    }

    /// Takes a token from this person's bucket, beside the one that every call takes.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn take(&self, app: &App, limit: Limit) -> Result<(), Error> {
        rate::take(app, &self.extensions, limit, &self.user.to_string(), WhenDown::Open).await
    }
}

/// What a request shows: a person's access token, or an organization's API key.
pub(crate) enum Credentials {
    Person(Claims),
    Program { org: OrgId, id: ApiKeyId, secret_hash: String },
}

impl Credentials {
    pub async fn of(headers: &HeaderMap, app: &App) -> Result<Self, Error> {
        let header = headers.get("authorization").and_then(|value| value.to_str().ok());
        let (scheme, token) = header.and_then(|value| value.split_once(' ')).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            let message = "Log in first, and send the access token as `Authorization: Bearer …`.";
            return Err(Error::new(Kind::Unauthenticated, "token_missing", message));
        }
        if let Some((org, id, secret_hash)) = crate::api_key::parse(token) {
            return Ok(Self::Program { org, id, secret_hash });
        }
        let claims = app.verifier()?.verify(token)?;
        if !app.sessions().is_alive(app.store()?, &claims).await? {
            let message = "This session has ended. Log in again.";
            return Err(Error::new(Kind::Unauthenticated, "session_ended", message));
        }
        Ok(Self::Person(claims))
    }

    pub fn principal(&self) -> Principal {
        match self {
            Self::Person(claims) => Principal::User(claims.sub),
            Self::Program { id, .. } => Principal::ApiKey(*id),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Credentials::Person(claims) = Credentials::of(&parts.headers, app).await? else {
            let message = "An API key acts for an organization; this is for persons only. Log in instead.";
            return Err(Error::new(Kind::Forbidden, "person_needed", message).into());
        };
        Span::current().record("user", claims.sub.to_string());
        rate::take_for_principal(app, &parts.extensions, &claims.sub.to_string()).await?;
        let (origin, extensions) = (origin(&parts.extensions), parts.extensions.clone());
        Ok(Self { user: claims.sub, session: claims.sid, second_factor: claims.second_factor, origin, extensions })
    }
}
