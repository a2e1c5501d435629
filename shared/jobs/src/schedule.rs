//! The runner of a task that a schedule starts.

use std::{future::Future, process::ExitCode, sync::Arc, time::Instant};

use aws_config::SdkConfig;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use smartscripts_domain::Result;
use tracing::{Instrument, info_span};

use crate::runner::serve;

/// Runs a task that `EventBridge` starts, as a Lambda function, until the environment ends. What the event says does not
/// matter: each time, the task looks for what is due. A run that fails is reported; the next one takes up what is left.
pub fn run_scheduled<S, F>(
    name: &'static str,
    start: impl FnOnce(&SdkConfig) -> Result<S>,
    work: impl Fn(Arc<S>, String) -> F + Send + Sync,
) -> ExitCode
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<()>> + Send,
{
    serve(name, start, async |shared, telemetry| {
        let (shared, work) = (&shared, &work);
        let once = service_fn(|event: LambdaEvent<Value>| async move {
            let request_id = event.context.request_id;
            let span = info_span!("schedule", function = name, request_id);
            let ended = timed(work(Arc::clone(shared), request_id.clone())).instrument(span).await;
            telemetry.flush();
            // Only the code: what the runtime is told ends up in its own log.
            ended.map_err(|error| lambda_runtime::Error::from(error.code()))
        });
        lambda_runtime::run(once).await
    })
}

/// Does the work, and logs how it ended.
async fn timed(work: impl Future<Output = Result<()>>) -> Result<()> {
    let started = Instant::now();
    let ended = work.await;
    let milliseconds = started.elapsed().as_millis() as u64;
    match &ended {
        Ok(()) => tracing::info!(milliseconds, "done"),
        Err(error) => tracing::error!(milliseconds, code = error.code(), context = error.context(), "failed"),
    }
    ended
}
