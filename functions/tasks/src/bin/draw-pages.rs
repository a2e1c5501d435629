//! Draws the pages of a script anew after a person has decided something about it, or when it is released. Repeated, it
//! writes the same bytes.

use std::{process::ExitCode, sync::Arc};

use smartscripts_domain::{Result, feedback::Feedback, reading::Reading};
use smartscripts_files::{Files, SubmissionKeys};
use smartscripts_jobs::{Delivery, DrawPages, run};
use smartscripts_store::{Period, Store, Submission};
use smartscripts_tasks::{
    pages::{draw, kept},
    submission_of_job,
};

struct Shared {
    store: Store,
    files: Files,
}

async fn draw_pages(shared: Arc<Shared>, delivery: Delivery<DrawPages>) -> Result<()> {
    let DrawPages { org, assessment, submission, ref feedback, is_released } = delivery.message;
    let found = submission_of_job(&shared.store, org, assessment, submission).await?;
    let Some((tenant, submission, keys)) = found else { return Ok(()) };
    if !is_wanted(&submission, feedback, is_released) {
        return Ok(());
    }
    match draw_version(&shared, keys, feedback).await {
        Ok(drawn) => shared.store.note_pages(tenant, assessment, submission.id, feedback, &drawn).await,
        Err(error) if error.is_retryable() => Err(error),
        Err(error) => {
            // The feedback is there without its pictures; another try would end as this one.
            tracing::error!(code = error.code(), context = error.context(), "the pages can't be drawn");
            Ok(())
        }
    }
}

/// Whether anybody will look at the pages.
fn is_wanted(submission: &Submission, feedback: &str, is_released: bool) -> bool {
    let is_in_force = submission.outcome.as_ref().is_some_and(|outcome| outcome.feedback == feedback);
    (is_in_force || is_released) && !submission.expired.contains(Period::Pages.name())
}

async fn draw_version(shared: &Shared, keys: SubmissionKeys, sha256: &str) -> Result<Vec<u32>> {
    let graded: Feedback = kept(&shared.files, &keys.feedback(sha256)).await?;
    let reading: Reading = kept(&shared.files, &keys.reading()).await?;
    draw(&shared.files, &reading, &graded, keys, sha256).await
}

fn main() -> ExitCode {
    run(
        env!("CARGO_BIN_NAME"),
        |config| Ok(Shared { store: Store::from_env(config)?, files: Files::from_env(config)? }),
        draw_pages,
    )
}
