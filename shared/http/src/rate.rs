//! Rate limits: who is held back, and the headers that tell of it (`RateLimit-*`, draft-ietf-httpapi-ratelimit-headers).

use std::sync::{Arc, Mutex};

use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use smartscripts_domain::{
    Error, Kind, Result,
    rate::{self, Limit},
};
use smartscripts_store::Taken;

use crate::App;

/// What the buckets said during one request: the strictest of them goes into the headers.
#[derive(Clone, Default)]
pub(crate) struct Noted(Arc<Mutex<Option<Taken>>>);

impl Noted {
    fn note(&self, taken: Taken) {
        if let Ok(mut noted) = self.0.lock() {
            let stricter =
                noted.is_none_or(|before| !taken.allowed || (before.allowed && taken.remaining < before.remaining));
            if stricter {
                *noted = Some(taken);
            }
        }
    }

    /// Puts the headers into the answer.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Some(taken) = self.0.lock().ok().and_then(|noted| *noted) else { return };
        let (limit, seconds) = (taken.limit, taken.wait.div_ceil(1000));
        let mut set = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("ratelimit-limit", limit.capacity.to_string());
        set("ratelimit-remaining", taken.remaining.to_string());
        set("ratelimit-reset", seconds.to_string());
        set("ratelimit-policy", format!("{};w={}", limit.capacity, limit.window_seconds()));
        if !taken.allowed {
            set("retry-after", seconds.max(1).to_string());
        }
    }
}

/// What happens when the buckets can't be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenDown {
    /// The call goes through, and a metric tells of it.
    Open,
    /// The call is refused.
    Closed,
}

/// Takes a token of `limit` from the bucket that belongs to `whose`.
///
/// # Errors
/// `rate_limited`; `unavailable` if the bucket can't be reached and the call may not go through without.
pub async fn take(app: &App, extensions: &Extensions, limit: Limit, whose: &str, when_down: WhenDown) -> Result<()> {
    let taken = match app.store()?.take_token(limit, whose).await {
        Ok(taken) => taken,
        Err(error) if when_down == WhenDown::Open => {
            tracing::warn!(metric = "rate_limit_open", limit = limit.name, context = error.context(), "not limited");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    if let Some(noted) = extensions.get::<Noted>() {
        noted.note(taken);
    }
    if taken.allowed {
        return Ok(());
    }
    tracing::info!(metric = "rate_limited", limit = limit.name, "held back");
    let seconds = taken.wait.div_ceil(1000).max(1);
    let message = format!("Too many requests. Please wait {seconds} s and try again.");
    Err(Error::new(Kind::TooMany, "rate_limited", message))
}

/// For each call of one principal, and in an organization of all its members.
pub(crate) async fn take_for_principal(
    app: &App,
    extensions: &Extensions,
    principal: &str,
    org: Option<&str>,
) -> Result<()> {
    let whose = format!("{principal} {}", org.unwrap_or_default());
    take(app, extensions, rate::PRINCIPAL, &whose, WhenDown::Open).await?;
    match org {
        Some(org) => take(app, extensions, rate::ORGANIZATION, org, WhenDown::Open).await,
        None => Ok(()),
    }
}
