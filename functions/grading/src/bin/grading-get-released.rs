//! `GET /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/released-feedback`: the feedback on a script as it was
//! released, for its student and for those who may see the assessment. As long as nothing is released, there is nothing here.

use std::process::ExitCode;

use jiff::Timestamp;
use serde::Serialize;
use smartscripts_domain::{
    Error,
    feedback::Feedback,
    id::{AssessmentId, OrgId, SubmissionId},
    release::StudentFeedback,
};
use smartscripts_files::SubmissionKeys;
use smartscripts_grading_routes::release::content;
use smartscripts_http::{App, Json, Member, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Period;

#[derive(Serialize, ToSchema)]
struct ReleasedFeedbackWithPages {
    /// Which release of the assessment it is from.
    release: u32,
    /// Since when it can be seen in this form.
    #[schema(value_type = String, format = DateTime)]
    released_at: Timestamp,
    feedback: StudentFeedback,
    /// Pages with the evidence marked; none for a typed text, and for some seconds after the release, until they are drawn.
    annotated_pages: Vec<ReleasedPage>,
}

#[derive(Serialize, ToSchema)]
struct ReleasedPage {
    /// Number of the page, from 1.
    page: u32,
    /// A PNG; the link works for ten minutes.
    url: String,
}

/// Get the feedback on a script as it was released
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/released-feedback",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    responses((status = 200, body = ReleasedFeedbackWithPages)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    member: Member<may::ReadReleased>,
    Path((_, assessment, submission)): Path<(OrgId, AssessmentId, SubmissionId)>,
) -> Result<Json<ReleasedFeedbackWithPages>> {
    let store = app.store()?;
    let found = store.assessment(member.tenant, assessment).await?;
    let release = found.released().ok_or_else(Error::not_found)?;
    let released = content(&app, &member.access, &found, release).await?;
    let script = released.submissions.into_iter().find(|script| script.submission == submission);
    let script = script.ok_or_else(Error::not_found)?;
    if !member.reaches_released(store, &found, script.student).await? {
        return Err(Error::not_found().into());
    }
    let keys = SubmissionKeys { org: member.tenant.org(), assessment, submission };
    let kept = store.submission(member.tenant, assessment, submission).await?;
    let feedback: Feedback = app.files()?.get_json(&keys.feedback(&script.feedback)).await?;
    let annotated_pages = if kept.expired.contains(Period::Pages.name()) {
        Vec::new()
    } else {
        pages(&app, &keys.annotated_pages(&script.feedback)).await?
    };
    let (release, released_at) = (release.number, release.released_at);
    Ok(Json(ReleasedFeedbackWithPages { release, released_at, feedback: feedback.into(), annotated_pages }))
}

/// The pages that are drawn by now, in their order.
async fn pages(app: &App, prefix: &str) -> Result<Vec<ReleasedPage>, Error> {
    let files = app.files()?;
    let (mut listing, mut found) = (files.listing(prefix), Vec::new());
    while let Some(keys) = listing.next().await? {
        let number = |key: &String| key.strip_prefix(prefix)?.strip_suffix(".png")?.parse::<u32>().ok();
        found.extend(keys.iter().filter_map(|key| Some((number(key)?, key.clone()))));
    }
    found.sort_unstable();
    let mut pages = Vec::new();
    for (page, key) in found {
        pages.push(ReleasedPage { page, url: files.presign_download(&key).await? });
    }
    Ok(pages)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
