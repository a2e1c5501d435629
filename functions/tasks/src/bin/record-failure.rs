//! Takes the messages that were tried as often as their queue allows, and says so on the submission, where the teacher sees
//! it and can retry.

use std::{process::ExitCode, sync::Arc};

use smartscripts_domain::{Kind, Result};
use smartscripts_files::{Files, ScanKeys};
use smartscripts_jobs::{DeadLetter, Delivery, SplitScan, run};
use smartscripts_store::{Actor, Failure, Origin, Store};
use smartscripts_tasks::submission_of_job;

struct Shared {
    store: Store,
    files: Files,
}

async fn record_failure(shared: Arc<Shared>, delivery: Delivery<DeadLetter>) -> Result<()> {
    let Shared { store, files } = &*shared;
    let (org, assessment, submission, run, failure) = match &delivery.message {
        DeadLetter::Read(job) => (job.org, job.assessment, job.submission, job.run, reading_stopped(job.file)),
        DeadLetter::Scan(job) => return record_scan(store, files, *job).await,
        DeadLetter::Grade(job) => (job.org, job.assessment, job.submission, job.run, grading_stopped(&job.question)),
    };
    let found = submission_of_job(store, org, assessment, submission).await?;
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

/// A scan that was given up is uploaded anew, so its files are of no more use.
async fn record_scan(store: &Store, files: &Files, job: SplitScan) -> Result<()> {
    let keys = ScanKeys { org: job.org, assessment: job.assessment, scan: job.scan };
    let (tenant, scan) = match store.tenant_of_scan(job.org, job.assessment, job.scan).await {
        Ok(found) => found,
        Err(error) if error.kind() == Kind::NotFound => return files.delete_all(&keys.prefix()).await,
        Err(error) => return Err(error),
    };
    let (actor, origin) = (Actor::Task("record-failure"), Origin::of_task(&scan.request_id));
    let event = tenant.event(actor, "class_scan.failed", scan.id, &origin);
    store.fail_class_scan(tenant, &scan, &splitting_stopped(job.file), &event).await?;
    files.delete_all(&keys.prefix()).await
}

fn splitting_stopped(file: u32) -> Failure {
    let message = format!(
        "Splitting the scan stopped several times at file {file}. See which submissions have come of it, and upload the \
         rest in smaller parts, each beginning with a separator sheet."
    );
    Failure { code: "splitting_stopped".to_owned(), message }
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
    run(
        env!("CARGO_BIN_NAME"),
        |config| Ok(Shared { store: Store::from_env(config)?, files: Files::from_env(config)? }),
        record_failure,
    )
}
