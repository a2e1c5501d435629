//! What the routes of submissions share.

use smartscripts_domain::{Error, answer::Split};
use smartscripts_files::{Files, SubmissionKeys};
use smartscripts_store::Submission;

/// The split that is in force.
///
/// # Errors
/// `not_split` before the script was read, or when what was read is no longer kept; `unavailable`.
pub async fn split_in_force(files: &Files, submission: &Submission, keys: SubmissionKeys) -> Result<Split, Error> {
    if submission.guide.is_none() || submission.expired.contains("readings") {
        let message = "This script is not yet read and split into answers, or what was read is no longer kept.";
        return Err(Error::conflict("not_split", message));
    }
    let found = submission.split.as_ref().map_or_else(|| keys.split(), |split| keys.assigned_split(&split.id));
    files.get_json(&found).await
}
