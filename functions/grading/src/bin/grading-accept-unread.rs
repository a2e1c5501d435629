//! `POST /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/accept-unread`: a grader has seen that files of a script
//! could not be read, and lets it count without them.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId, SubmissionId},
};
use smartscripts_grading_routes::decide::Script;
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Submission;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnreadAcceptance {
    /// The `outcome.revision` of the script that was looked at.
    version: u32,
}

/// Let a script count without files that could not be read
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/accept-unread",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    request_body = UnreadAcceptance,
    responses((status = 200, body = Submission)),
    security(("access_token" = []))
)]
async fn accept(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Path((_, _, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
    Json(input): Json<UnreadAcceptance>,
) -> Result<Json<Submission>> {
    let mut script = Script::load(&app, &of, id).await?;
    if script.outcome.revision != input.version {
        let message = format!("The script was changed meanwhile: it is at version {}.", script.outcome.revision);
        return Err(Error::conflict("submission_changed", message).into());
    }
    if script.submission.unread_files().is_empty() {
        let message = "Every file of this script was read, or that some were not is accepted already.";
        return Err(Error::conflict("nothing_to_accept", message).into());
    }
    script.outcome.unread_accepted_by = Some(of.principal);
    let mut feedback = script.feedback(&app).await?;
    feedback.add_up(&[]);
    let event = of.event("submission.unread_accepted", id).with("assessment", of.assessment.id);
    Ok(Json(script.keep(&app, &of, &feedback, None, event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(accept))
}
