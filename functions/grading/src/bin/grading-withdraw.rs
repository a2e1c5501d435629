//! `DELETE /v1/orgs/{org}/assessments/{assessment}/release`: a teacher takes back what was released. From the next call on no
//! student sees it; a link to a page that was given out before works for ten minutes at most.

use std::process::ExitCode;

use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId},
};
use smartscripts_http::{App, OfAssessment, Result, State, StatusCode, may, routes, serve};
use smartscripts_store::{Release, now};

/// Withdraw what was released
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/assessments/{assessment}/release",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn withdraw(State(app): State<App>, of: OfAssessment<may::ReleaseFeedback>) -> Result<StatusCode> {
    let nothing = || Error::conflict("not_released", "This assessment is not released.");
    let release = of.assessment.released().ok_or_else(nothing)?;
    let withdrawn = Release { withdrawn_at: Some(now()), ..release.clone() };
    let event = of.event("assessment.withdrawn", of.assessment.id).with("release", release.number);
    app.store()?.set_release(of.tenant, &of.assessment, &withdrawn, &event).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(withdraw))
}
