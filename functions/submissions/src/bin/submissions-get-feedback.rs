//! `GET /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/feedback`: the grades with their evidence, and
//! links to the annotated pages.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{
    Error,
    feedback::Feedback,
    id::{AssessmentId, OrgId, SubmissionId},
};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};

#[derive(Serialize, ToSchema)]
struct FeedbackWithPages {
    feedback: Feedback,
    /// Pages with the evidence marked; none for a typed text, and for some seconds after a decision, until they are drawn
    /// anew.
    annotated_pages: Vec<AnnotatedPage>,
}

#[derive(Serialize, ToSchema)]
struct AnnotatedPage {
    /// Number of the page, from 1.
    page: u32,
    /// A PNG; the link works for ten minutes.
    url: String,
}

/// Get a submission's feedback
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/feedback",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    responses((status = 200, body = FeedbackWithPages)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    of: OfAssessment<may::ReadSubmissions>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
) -> Result<Json<FeedbackWithPages>> {
    let submission = app.store()?.submission(of.tenant, assessment, id).await?;
    let outcome = submission.outcome.ok_or_else(|| {
        Error::conflict("feedback_not_ready", "This submission is not graded yet. Look at its `state`.")
    })?;
    let keys = of.keys(id);
    let feedback = app.files()?.get_json(&keys.feedback(&outcome.feedback)).await?;
    let mut annotated_pages = Vec::new();
    for page in outcome.annotated_pages {
        let url = app.files()?.presign_download(&keys.annotated_page(&outcome.feedback, page)).await?;
        annotated_pages.push(AnnotatedPage { page, url });
    }
    Ok(Json(FeedbackWithPages { feedback, annotated_pages }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
