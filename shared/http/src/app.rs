//! What all routes share.

use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;
use smartscripts_domain::Result;
use smartscripts_files::{Files, Vault};
use smartscripts_jobs::{Queue, SendMail};
use smartscripts_store::{Platform, Store};

use crate::{sessions::SessionCache, token::Verifier};

/// The services, each made when it is first asked for, so that a function holds and links only those that it uses. Which
/// of them it may really use, its IAM role decides.
#[derive(Clone)]
pub struct App(Arc<Services>);

struct Services {
    name: &'static str,
    config: SdkConfig,
    store: OnceLock<Store>,
    files: OnceLock<Files>,
    vault: OnceLock<Vault>,
    verifier: OnceLock<Verifier>,
    sessions: SessionCache,
}

impl App {
    pub(crate) fn new(name: &'static str, config: SdkConfig) -> Self {
        let (store, files, vault, verifier) = (OnceLock::new(), OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self(Arc::new(Services { name, config, store, files, vault, verifier, sessions: SessionCache::default() }))
    }

    /// An app that has this store, for tests.
    #[cfg(test)]
    pub(crate) fn with_store(config: SdkConfig, store: Store) -> Self {
        let app = Self::new("test", config);
        assert!(app.0.store.set(store).is_ok());
        app
    }

    /// The function's name, the same as its file's.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The tables.
    ///
    /// # Errors
    /// `internal` if their names are not in the environment; the same for the others below.
    pub fn store(&self) -> Result<&Store> {
        once(&self.0.store, || Store::from_env(&self.0.config))
    }

    /// What belongs to no tenant.
    pub fn platform(&self) -> Result<Platform> {
        self.store().map(|store| Platform::new(store.clone()))
    }

    /// The bucket.
    pub fn files(&self) -> Result<&Files> {
        once(&self.0.files, || Files::from_env(&self.0.config))
    }

    /// The locked bucket.
    pub fn vault(&self) -> Result<&Vault> {
        once(&self.0.vault, || Vault::from_env(&self.0.config))
    }

    /// The queue whose URL stands in this environment variable.
    ///
    /// # Errors
    /// `internal` if this function has no such variable.
    pub fn queue(&self, variable: &str) -> Result<Queue> {
        Queue::from_env(&self.0.config, variable)
    }

    /// Has a mail sent.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn send_mail(&self, request_id: &str, mail: SendMail) -> Result<()> {
        self.queue("MAIL_QUEUE_URL")?.send_all(request_id, [mail]).await
    }

    pub(crate) fn sessions(&self) -> &SessionCache {
        &self.0.sessions
    }

    pub(crate) fn verifier(&self) -> Result<&Verifier> {
        once(&self.0.verifier, Verifier::from_env)
    }
}

fn once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}
