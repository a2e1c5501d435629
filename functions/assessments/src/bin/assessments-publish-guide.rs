//! `POST /v1/orgs/{org}/assessments/{assessment}/guides`: a teacher publishes the next version of the marking guide.
//! Scripts that were graded with another one are graded again where the new one touches them.

use std::process::ExitCode;

use sha2::{Digest, Sha256};
use smartscripts_domain::{
    Error,
    guide::Guide,
    id::{AssessmentId, OrgId},
};
use smartscripts_files::key;
use smartscripts_http::{App, Json, OfAssessment, Result, State, StatusCode, may, routes, serve};
use smartscripts_jobs::RegradeScript;
use smartscripts_store::{GuideRef, Submission};

/// Scripts read at once.
const PAGE: usize = 500;

/// Publish a version of the marking guide
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/guides",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path)),
    request_body = Guide,
    responses((status = 201, body = GuideRef)),
    security(("access_token" = []))
)]
async fn publish(
    State(app): State<App>,
    of: OfAssessment<may::ManageAssessments>,
    Json(guide): Json<Guide>,
) -> Result<(StatusCode, Json<GuideRef>)> {
    guide.check()?;
    let (org, assessment) = (of.tenant.org(), &of.assessment);
    let content = serde_json::to_vec(&guide).map_err(Error::internal)?;
    let version = assessment.guides.last().map_or(1, |last| last.version + 1);
    let published = GuideRef { version, sha256: hex::encode(Sha256::digest(&content)) };
    // The content lies under its hash before the version names it, so a version without content can't exist, and of two
    // teachers who publish at once one is told.
    let at = key::guide(org, assessment.id, published.version, &published.sha256);
    app.files()?.put(&at, "application/json", content).await?;
    let event = of.event("guide.published", assessment.id).with("version", version);
    app.store()?.publish_guide(of.tenant, assessment.id, &published, &event).await?;
    if version > 1 {
        regrade(&app, &of).await?;
    }
    Ok((StatusCode::CREATED, Json(published)))
}

/// Has every script graded again with the version that was just published; each finds itself which of its answers that
/// touches, and whether it is too early or too late for it. If this is cut short, the teacher is told, and publishes again.
async fn regrade(app: &App, of: &OfAssessment<may::ManageAssessments>) -> Result<(), Error> {
    let (org, assessment, published_by) = (of.tenant.org(), of.assessment.id, of.principal);
    let queue = app.queue("REGRADE_QUEUE_URL")?;
    let mut cursor = None;
    loop {
        let page = app.store()?.submissions(of.tenant, assessment, PAGE, cursor.as_deref()).await?;
        let job = |submission: &Submission| RegradeScript { org, assessment, submission: submission.id, published_by };
        queue.send_all(&of.origin.request_id, page.items.iter().map(job)).await?;
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(publish))
}
