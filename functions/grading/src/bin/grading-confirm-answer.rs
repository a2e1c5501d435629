//! `POST /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/answers/{question}/confirm`: a grader finds the marks
//! of an answer right as they are.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::id::{AssessmentId, OrgId, SubmissionId};
use smartscripts_grading_routes::decide::{DecidedAnswer, Seen, decide, learn};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// The version of the answer that was looked at.
    version: u32,
}

/// Confirm the marks of an answer
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/answers/{question}/confirm",
    params(
        ("org" = OrgId, Path),
        ("assessment" = AssessmentId, Path),
        ("submission" = SubmissionId, Path),
        ("question" = String, Path, description = "The question's label")
    ),
    request_body = Confirmation,
    responses((status = 200, body = DecidedAnswer)),
    security(("access_token" = []))
)]
async fn confirm(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Path((_, _, submission, question)): Path<(OrgId, AssessmentId, SubmissionId, String)>,
    Json(input): Json<Confirmation>,
) -> Result<Json<DecidedAnswer>> {
    let seen = Seen { submission, question: &question, version: input.version };
    let decided = decide(&app, &of, seen, "answer.confirmed", |answer, by, _| answer.confirm(by)).await?;
    learn(&app, &of, &question).await;
    Ok(Json(decided))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(confirm))
}
