//! Sending.

use std::env;

use aws_config::SdkConfig;
use aws_sdk_sqs::{
    Client,
    error::{DisplayErrorContext, SdkError},
    types::{QueueAttributeName, SendMessageBatchRequestEntry},
};
use serde::Serialize;
use smartscripts_domain::{Error, Result};

use crate::message::Envelope;

/// Messages that SQS takes in one call.
const BATCH: usize = 10;

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
        Ok(Self { client: Client::new(config), url })
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
        for chunk in bodies.chunks(BATCH) {
            let entries = chunk.iter().enumerate().map(|(number, body)| {
                SendMessageBatchRequestEntry::builder().id(number.to_string()).message_body(body).build()
            });
            let entries = entries.collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
            let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
            let answer = request.send().await.map_err(unavailable)?;
            if let Some(failed) = answer.failed().first() {
                return Err(Error::unavailable(format!("SQS refused a message: {}", failed.code())));
            }
        }
        Ok(())
    }
}

fn unavailable<E: std::error::Error + 'static, R: std::fmt::Debug + 'static>(error: SdkError<E, R>) -> Error {
    Error::unavailable(format!("SQS: {}", DisplayErrorContext(error)))
}
