//! Sending.

use std::env;

use aws_config::SdkConfig;
use aws_sdk_sqs::{
    Client,
    error::{DisplayErrorContext, SdkError},
    types::QueueAttributeName,
};
use futures::future::try_join_all;
use serde::Serialize;
use smartscripts_domain::{Error, Result};

use crate::message::Envelope;

/// Messages sent at the same time.
const AT_ONCE: usize = 10;

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue whose URL stands in this environment variable.
    ///
    /// # Errors
    /// `internal` if it is missing.
    pub fn from_env(config: &SdkConfig, variable: &str) -> Result<Self> {
        let url = env::var(variable).map_err(|_| Error::internal(format!("{variable} is not set")))?;
        Ok(Self::new(config, url))
    }

    /// With this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self { client: Client::new(config), url }
    }

    /// Asks whether the queue is there.
    ///
    /// # Errors
    /// `unavailable` if it isn't.
    pub async fn check(&self) -> Result<()> {
        let request =
            self.client.get_queue_attributes().queue_url(&self.url).attribute_names(QueueAttributeName::QueueArn);
        request.send().await.map(drop).map_err(unavailable)
    }

    /// Sends jobs, each in its own message. If this fails, some may have been sent: send all again.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn send_all<T: Serialize>(&self, request_id: &str, jobs: impl IntoIterator<Item = T>) -> Result<()> {
        let bodies = jobs.into_iter().map(|job| Envelope::seal(request_id, job)).collect::<Result<Vec<_>>>()?;
        // Single messages at the same time, not a batch: a script has a handful, and each succeeds or fails on its own.
        for chunk in bodies.chunks(AT_ONCE) {
            let sends =
                chunk.iter().map(|body| self.client.send_message().queue_url(&self.url).message_body(body).send());
            try_join_all(sends).await.map_err(unavailable)?;
        }
        Ok(())
    }

    /// Sends one job that isn't delivered before `seconds` have passed, at most 900.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn send_later<T: Serialize>(&self, request_id: &str, job: T, seconds: i32) -> Result<()> {
        let body = Envelope::seal(request_id, job)?;
        let request = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(seconds);
        request.send().await.map(drop).map_err(unavailable)
    }
}

fn unavailable<E: std::error::Error + 'static, R: std::fmt::Debug + 'static>(error: SdkError<E, R>) -> Error {
    Error::unavailable(format!("SQS: {}", DisplayErrorContext(error)))
}
