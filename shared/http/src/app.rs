//! What all routes share.

use std::sync::Arc;

use aws_config::SdkConfig;
use smartscripts_domain::{Error, Result};
use smartscripts_files::Files;
use smartscripts_jobs::Queue;
use smartscripts_store::{Platform, Store};

use crate::token::Verifier;

/// The services, made once per environment. Which of them a function may really use, its IAM role decides.
#[derive(Clone)]
pub struct App(Arc<Services>);

struct Services {
    name: &'static str,
    config: SdkConfig,
    store: Store,
    files: Files,
    verifier: Option<Verifier>,
}

impl App {
    pub(crate) fn from_env(name: &'static str, config: SdkConfig) -> Result<Self> {
        let (store, files) = (Store::from_env(&config)?, Files::from_env(&config)?);
        Ok(Self(Arc::new(Services { name, store, files, verifier: Verifier::from_env()?, config })))
    }

    /// The function's name, the same as its file's.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The tables.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What belongs to no tenant.
    #[must_use]
    pub fn platform(&self) -> Platform {
        Platform::new(self.0.store.clone())
    }

    /// The bucket.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.0.files
    }

    /// The queue whose URL stands in this environment variable.
    ///
    /// # Errors
    /// `internal` if this function has no such variable.
    pub fn queue(&self, variable: &str) -> Result<Queue> {
        Queue::from_env(&self.0.config, variable)
    }

    pub(crate) fn verifier(&self) -> Result<&Verifier> {
        self.0.verifier.as_ref().ok_or_else(|| Error::internal("ACCESS_TOKEN_PUBLIC_KEY is not set"))
    }
}
