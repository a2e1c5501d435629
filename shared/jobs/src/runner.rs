//! The runner of a background task.

use std::{future::Future, process::ExitCode, sync::Arc, time::Instant};

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::{LambdaEvent, service_fn};
use smartscripts_domain::{Error, Result};
use smartscripts_telemetry::{Settings, Telemetry};
use tracing::{Instrument, Span, field, info_span};

use crate::Message;

/// A message as it is handed to a task.
#[derive(Clone, Debug)]
pub struct Delivery<M> {
    /// The request that caused it; empty if it came from S3, which knows of none.
    pub request_id: String,
    /// The message.
    pub message: M,
}

/// Runs a background task as a Lambda function until the environment ends: `start` makes what all messages share, `handle`
/// is called for each message. Returns only if the function cannot start or is shut down.
pub fn run<S, M, F>(
    name: &'static str,
    start: impl FnOnce(&SdkConfig) -> Result<S>,
    handle: impl Fn(Arc<S>, Delivery<M>) -> F + Send + Sync,
) -> ExitCode
where
    S: Send + Sync + 'static,
    M: Message,
    F: Future<Output = Result<()>> + Send + 'static,
{
    serve(name, start, async |shared, telemetry| {
        let (shared, handle) = (&shared, &handle);
        let batch = service_fn(|event: LambdaEvent<SqsEvent>| async move {
            let mut failures = Vec::new();
            for record in event.payload.records {
                let id = record.message_id.clone().unwrap_or_default();
                if !one(name, shared, handle, record).await {
                    let mut failure = BatchItemFailure::default();
                    failure.item_identifier = id;
                    failures.push(failure);
                }
            }
            telemetry.flush();
            let mut response = SqsBatchResponse::default();
            response.batch_item_failures = failures;
            Ok::<_, lambda_runtime::Error>(response)
        });
        lambda_runtime::run(batch).await
    })
}

/// Makes what all calls of a task share, then lets `answer` serve them until the environment ends.
pub(crate) fn serve<S>(
    name: &'static str,
    start: impl FnOnce(&SdkConfig) -> Result<S>,
    answer: impl AsyncFnOnce(Arc<S>, &Telemetry) -> Result<(), lambda_runtime::Error>,
) -> ExitCode {
    let telemetry = Telemetry::start(name, &Settings::from_env());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse_to_start(&Error::internal(error)),
    };
    runtime.block_on(async {
        let config = smartscripts_aws::config_from_env();
        let shared = match start(&config) {
            Ok(shared) => Arc::new(shared),
            Err(error) => return refuse_to_start(&error),
        };
        match answer(shared, &telemetry).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => refuse_to_start(&Error::internal(error)),
        }
    })
}

fn refuse_to_start(error: &Error) -> ExitCode {
    tracing::error!(code = error.code(), context = error.context(), "the function cannot run");
    ExitCode::FAILURE
}

/// Handles one record; whether it is done with.
async fn one<S, M, F>(
    name: &str,
    shared: &Arc<S>,
    handle: &impl Fn(Arc<S>, Delivery<M>) -> F,
    record: SqsMessage,
) -> bool
where
    S: Send + Sync + 'static,
    M: Message,
    F: Future<Output = Result<()>> + Send + 'static,
{
    let attempt = record.attributes.get("ApproximateReceiveCount").map_or("1", String::as_str);
    let message_id = record.message_id.as_deref().unwrap_or_default();
    let span = info_span!("job", function = name, request_id = field::Empty, message_id, attempt);
    let messages = match M::parse(record.body.as_deref().unwrap_or_default()) {
        Ok(messages) => messages,
        Err(error) => {
            // It goes to the dead letters, where a person can look at it; nothing else waits for it.
            tracing::error!(parent: &span, code = error.code(), context = error.context(), "message not understood");
            return false;
        }
    };
    for (request_id, message) in messages {
        span.record("request_id", &request_id);
        let started = Instant::now();
        let task = handle(Arc::clone(shared), Delivery { request_id, message }).instrument(span.clone());
        // A task of its own, so that a panic ends this message and not the batch.
        let ended = tokio::spawn(task).await;
        let milliseconds = started.elapsed().as_millis() as u64;
        let entered = span.enter();
        match ended {
            Ok(Ok(())) => tracing::info!(milliseconds, "done"),
            Ok(Err(error)) => {
                tracing::error!(milliseconds, code = error.code(), context = error.context(), "failed, comes again");
                return false;
            }
            Err(_) => {
                tracing::error!(milliseconds, "panicked, comes again");
                return false;
            }
        }
        drop(entered);
    }
    true
}

impl<M> Delivery<M> {
    /// The request that caused this: the message's own, such as a teacher's retry, or for a message from S3 the one that
    /// announced the upload. From now on it stands on every line of the log.
    pub fn trace<'a>(&'a self, announced_by: &'a str) -> &'a str {
        let request_id = if self.request_id.is_empty() { announced_by } else { &self.request_id };
        Span::current().record("request_id", request_id);
        request_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Number(u32);

    impl Message for Number {
        fn parse(body: &str) -> Result<Vec<(String, Self)>> {
            let number = body.parse().map_err(|_| Error::invalid("message_invalid", "no number"))?;
            Ok(vec![("request".to_owned(), Self(number))])
        }
    }

    async fn handle(_: Arc<()>, delivery: Delivery<Number>) -> Result<()> {
        match delivery.message.0 {
            0 => panic!("a message that makes the task panic"),
            1 => Err(Error::unavailable("test")),
            _ => Ok(()),
        }
    }

    fn record(body: &str) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.body = Some(body.to_owned());
        record
    }

    #[test]
    fn a_message_keeps_its_own_request_id() {
        let from = |request_id: &str| Delivery { request_id: request_id.to_owned(), message: () };
        assert_eq!(from("retry").trace("announcement"), "retry");
        assert_eq!(from("").trace("announcement"), "announcement");
    }

    #[tokio::test]
    async fn one_bad_message_does_not_touch_the_others() {
        let shared = Arc::new(());
        for (body, done) in [("7", true), ("0", false), ("1", false), ("x", false), ("8", true)] {
            assert_eq!(one("test", &shared, &handle, record(body)).await, done, "{body}");
        }
    }
}
