//! # telemetry
//!
//! One structured JSON line per event on standard output (`CloudWatch` keeps it), and error reports to Sentry when
//! `SENTRY_DSN` is set. Fields are opaque ids, codes and durations: never a name, an e-mail address, a token or a
//! student's words. The request id is a field of the span that a route or a task opens, so every line of it carries it.

use std::{env, panic, time::Duration};

use sentry::integrations::tracing::ErrorLayer;
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// How long a report may take to leave before the function is frozen again.
const FLUSH: Duration = Duration::from_secs(2);

/// Keeps the Sentry client alive; drop it last.
pub struct Telemetry {
    sentry: Option<sentry::ClientInitGuard>,
}

/// How a function reports on itself.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Which events are logged: `info`, or a level for each target, `info,hyper=warn`.
    pub level: String,
    /// Where errors are reported; none if it is empty.
    pub sentry_dsn: String,
    /// `local`, `staging` or `production`.
    pub stage: String,
}

impl Settings {
    /// From `LOG_LEVEL` (default `info`), `SENTRY_DSN` and `STAGE`.
    #[must_use]
    pub fn from_env() -> Self {
        let variable = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
        Self {
            level: variable("LOG_LEVEL", "info"),
            sentry_dsn: variable("SENTRY_DSN", ""),
            stage: variable("STAGE", "local"),
        }
    }
}

impl Telemetry {
    /// Starts logging for the function called `name`, and reporting to Sentry if there is a DSN.
    #[must_use]
    pub fn start(name: &'static str, settings: &Settings) -> Self {
        let filter: Targets = settings.level.parse().unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO));
        let json = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_target(false)
            .with_writer(std::io::stdout)
            .with_filter(filter);
        // The standard hook prints the panic's message, which can quote a student's words; the place is enough.
        panic::set_hook(Box::new(|info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "panicked");
        }));
        let sentry = start_sentry(name, settings);
        let reports = sentry.as_ref().map(|_| ErrorLayer::new().with_filter(LevelFilter::ERROR));
        // A second call (in tests) finds a subscriber already there, which is as good.
        let _ = tracing_subscriber::registry().with(json).with(reports).try_init();
        Self { sentry }
    }

    /// Waits until reports have left. A Lambda is frozen between invocations, so this is called at the end of each.
    pub fn flush(&self) {
        if let Some(client) = &self.sentry {
            client.flush(Some(FLUSH));
        }
    }
}

fn start_sentry(name: &'static str, settings: &Settings) -> Option<sentry::ClientInitGuard> {
    if settings.sentry_dsn.is_empty() {
        return None;
    }
    if settings.sentry_dsn.parse::<sentry::types::Dsn>().is_err() {
        // Logging has not started, and a wrong setting must not stop the service.
        eprintln!(r#"{{"level":"ERROR","message":"SENTRY_DSN is not a Sentry DSN; errors are not reported"}}"#);
        return None;
    }
    // The client of the AWS SDK brings aws-lc; Sentry's uses the same. `Err` means it is already installed.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let release = option_env!("SMARTSCRIPTS_RELEASE").unwrap_or(env!("CARGO_PKG_VERSION"));
    let options = sentry::ClientOptions::new()
        .dsn(&settings.sentry_dsn)
        .release(release)
        .environment(settings.stage.clone())
        .server_name(name)
        .send_default_pii(false);
    let client = sentry::init(options);
    sentry::configure_scope(|scope| scope.set_tag("function", name));
    Some(client)
}
