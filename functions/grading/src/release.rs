//! What was released to the students of an assessment.

use jiff::Timestamp;
use serde::Serialize;
use smartscripts_domain::{
    Result,
    id::{AssessmentId, SubmissionId},
    release::ReleasedFeedback,
};
use smartscripts_files::key;
use smartscripts_http::App;
use smartscripts_store::{Access, Assessment, Release};
use utoipa::ToSchema;

/// Feedback that was released to a student.
#[derive(Serialize, ToSchema)]
pub struct ReleasedScript {
    /// The assessment.
    pub assessment: AssessmentId,
    /// What it is called.
    pub title: String,
    /// The student's script.
    pub submission: SubmissionId,
    /// Since when it can be seen in this form.
    #[schema(value_type = String, format = DateTime)]
    pub released_at: Timestamp,
}

/// What a release holds.
///
/// # Errors
/// `unavailable`.
pub async fn content(
    app: &App,
    access: &Access,
    assessment: &Assessment,
    release: &Release,
) -> Result<ReleasedFeedback> {
    let at = key::release(access.tenant.org(), assessment.id, release.number, &release.sha256);
    app.files()?.get_json(&at).await
}
