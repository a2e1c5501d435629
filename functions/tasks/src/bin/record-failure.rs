//! Takes the messages that were tried as often as their queue allows, and says so on the submission, where the teacher sees
//! it and can retry.

use std::{process::ExitCode, sync::Arc};

use smartscripts_domain::Result;
use smartscripts_jobs::{DeadLetter, Delivery, run};
use smartscripts_store::{Actor, Failure, Origin, Store};
use smartscripts_tasks::submission_of_job;

async fn record_failure(store: Arc<Store>, delivery: Delivery<DeadLetter>) -> Result<()> {
    let (org, assessment, submission, run, failure) = match &delivery.message {
        DeadLetter::Read(job) => (job.org, job.assessment, job.submission, job.run, reading_stopped(job.file)),
        DeadLetter::Grade(job) => (job.org, job.assessment, job.submission, job.run, grading_stopped(&job.question)),
    };
    let found = submission_of_job(&store, org, assessment, submission).await?;
    let Some((tenant, submission, _)) = found else { return Ok(()) };
    let request_id = delivery.trace(&submission.request_id);
    // A teacher has retried meanwhile: what became of an earlier run says nothing of this one.
    if run != submission.run {
        return Ok(());
    }
    let event =
        tenant.event(Actor::Task("record-failure"), "submission.failed", submission.id, &Origin::of_task(request_id));
    store.fail(tenant, &submission, &failure, &event).await
}

fn reading_stopped(file: u32) -> Failure {
    let message = format!(
        "Reading file {file} stopped several times without a result. Retry; if it fails again, upload it in another form, \
         for instance as a photo of each page."
    );
    Failure { code: "reading_stopped".to_owned(), message }
}

fn grading_stopped(question: &str) -> Failure {
    let message = format!("Grading question {question} stopped several times without a result. Retry the script.");
    Failure { code: "grading_stopped".to_owned(), message }
}

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), Store::from_env, record_failure)
}
