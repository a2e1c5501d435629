//! The runner of a task that a schedule starts.

use std::{future::Future, process::ExitCode, sync::Arc, time::Instant};

use aws_config::SdkConfig;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use smartscripts_domain::{Error, Result};
use smartscripts_telemetry::{Settings, Telemetry};
use tracing::{Instrument, info_span};

use crate::runner::refuse_to_start;

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
        let (shared, work, telemetry) = (&shared, &work, &telemetry);
        let once = service_fn(|event: LambdaEvent<Value>| async move {
            let request_id = event.context.request_id;
            let span = info_span!("schedule", function = name, request_id);
            let started = Instant::now();
            let ended = async {
                let ended = work(Arc::clone(shared), request_id.clone()).await;
                let milliseconds = started.elapsed().as_millis() as u64;
                match &ended {
                    Ok(()) => tracing::info!(milliseconds, "done"),
                    Err(error) => {
                        tracing::error!(milliseconds, code = error.code(), context = error.context(), "failed");
                    }
                }
                ended
            };
            let ended = ended.instrument(span).await;
            telemetry.flush();
            // Only the code: what the runtime is told ends up in its own log.
            ended.map_err(|error| lambda_runtime::Error::from(error.code()))
        });
        match lambda_runtime::run(once).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => refuse_to_start(&Error::internal(error)),
        }
    })
}
