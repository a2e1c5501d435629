//! What the background tasks share.

pub mod archive;
pub mod mail;
pub mod pages;
pub mod scan;
pub mod student;

use smartscripts_domain::{Error, Kind, Result, id};
use smartscripts_files::SubmissionKeys;
use smartscripts_store::{Store, Submission, Tenant};

/// The submission that a job is about, and the keys of its files; none if it was deleted meanwhile.
///
/// # Errors
/// `unavailable`.
pub async fn submission_of_job(
    store: &Store,
    org: id::OrgId,
    assessment: id::AssessmentId,
    submission: id::SubmissionId,
) -> Result<Option<(Tenant, Submission, SubmissionKeys)>> {
    match store.tenant_of_job(org, assessment, submission).await {
        Ok((tenant, found)) => Ok(Some((tenant, found, SubmissionKeys { org, assessment, submission }))),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The key of the split that is in force.
#[must_use]
pub fn split_key(submission: &Submission, keys: SubmissionKeys) -> String {
    submission.split.as_ref().map_or_else(|| keys.split(), |split| keys.assigned_split(&split.id))
}

/// The folder of the model files: `MODELS_DIR`, or `models` beside the function's binary.
///
/// # Errors
/// `internal` if neither it nor Lambda's `LAMBDA_TASK_ROOT` is set.
pub fn models() -> Result<std::path::PathBuf> {
    if let Some(folder) = std::env::var_os("MODELS_DIR").filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    let root = std::env::var_os("LAMBDA_TASK_ROOT").ok_or_else(|| Error::internal("LAMBDA_TASK_ROOT is not set"))?;
    Ok(std::path::Path::new(&root).join("models"))
}
