//! `PUT /v1/orgs/{org}/assessments/{assessment}/acceptable-disagreement`: a teacher says what share of the answers may be
//! accepted with other marks than a teacher would give.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId},
};
use smartscripts_http::{App, Json, OfAssessment, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Assessment;

/// The largest share: with more, tossing a coin would do.
const LARGEST: f64 = 0.5;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptableDisagreement {
    /// From 0, where a person sees every answer, to 0.5.
    #[schema(minimum = 0.0, maximum = 0.5)]
    share: f64,
}

/// Say how much disagreement is acceptable
#[utoipa::path(
    put,
    path = "/v1/orgs/{org}/assessments/{assessment}/acceptable-disagreement",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path)),
    request_body = AcceptableDisagreement,
    responses((status = 200, body = Assessment)),
    security(("access_token" = []))
)]
async fn set(
    State(app): State<App>,
    of: OfAssessment<may::ManageAssessments>,
    Json(input): Json<AcceptableDisagreement>,
) -> Result<Json<Assessment>> {
    if !(0.0..=LARGEST).contains(&input.share) {
        return Err(Error::invalid("share_invalid", format!("`share` must lie between 0 and {LARGEST}.")).into());
    }
    // Nobody means less than a thousandth, and a table can't hold the smallest floats.
    let share = (input.share * 1000.0).round() / 1000.0;
    let event = of
        .event("assessment.disagreement_set", of.assessment.id)
        .with("share_before", of.assessment.acceptable_disagreement())
        .with("share_after", share);
    Ok(Json(app.store()?.set_acceptable_disagreement(of.tenant, &of.assessment, share, &event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(set))
}
