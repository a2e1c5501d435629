//! Rate limits: who is held back, and the headers that tell of it (`RateLimit-*`, draft-ietf-httpapi-ratelimit-headers).

use std::sync::{Arc, Mutex};

use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use smartscripts_billing::terms;
use smartscripts_domain::{
    Error, Kind, Result,
    id::OrgId,
    plan::Plan,
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

/// For each call of one principal outside of any organization.
pub(crate) async fn take_for_principal(app: &App, extensions: &Extensions, principal: &str) -> Result<()> {
    take(app, extensions, rate::PRINCIPAL, &format!("{principal} "), WhenDown::Open).await
}

/// For each call of one principal in an organization, and of all its members together, as its plan has it.
pub(crate) async fn take_for_member(
    app: &App,
    extensions: &Extensions,
    principal: &str,
    org: OrgId,
    plan: Plan,
) -> Result<()> {
    let terms = terms(plan)?;
    take(app, extensions, terms.calls_of_user(), &format!("{principal} {org}"), WhenDown::Open).await?;
    take(app, extensions, terms.calls_of_organization(), &org.to_string(), WhenDown::Open).await
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
    use smartscripts_store::Store;

    use super::*;

    /// An app whose tables nobody can reach.
    fn app() -> App {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url("http://127.0.0.1:9")
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(aws_config::retry::RetryConfig::disabled())
            .build();
        let store = Store::new(&config, "tenants".to_owned(), "audit".to_owned());
        App::with_store(config, store)
    }

    #[tokio::test]
    async fn with_the_store_down_reads_go_through_and_log_ins_do_not() {
        let (app, extensions) = (app(), Extensions::new());
        assert!(take(&app, &extensions, rate::PRINCIPAL, "x", WhenDown::Open).await.is_ok());
        let refused = take(&app, &extensions, rate::LOG_IN, "x", WhenDown::Closed).await.unwrap_err();
        assert_eq!(refused.code(), "unavailable");
    }

    #[test]
    fn the_strictest_bucket_is_told() {
        let noted = Noted::default();
        let taken = |limit, allowed, remaining, wait| Taken { limit, allowed, remaining, wait };
        let organization = terms(Plan::Free).unwrap().calls_of_organization();
        noted.note(taken(organization, true, 5000, 10));
        noted.note(taken(rate::PRINCIPAL, true, 7, 1500));
        noted.note(taken(organization, true, 4999, 10));
        let mut headers = HeaderMap::new();
        noted.tell(&mut headers);
        assert_eq!(headers["ratelimit-remaining"], "7");
        assert_eq!(headers["ratelimit-limit"], "600");
        assert_eq!(headers["ratelimit-policy"], "600;w=30");
        assert!(!headers.contains_key("retry-after"));
        noted.note(taken(rate::SELDOM, false, 0, 300_000));
        noted.tell(&mut headers);
        assert_eq!(
            (&headers["ratelimit-remaining"], &headers["retry-after"]),
            (&"0".parse().unwrap(), &"300".parse().unwrap())
        );
    }
}
