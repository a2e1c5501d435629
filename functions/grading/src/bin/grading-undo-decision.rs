//! `POST /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/answers/{question}/undo`: a grader takes back what was
//! decided last about an answer. The decision before it counts again, or the machine's grade.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::id::{AssessmentId, OrgId, SubmissionId};
use smartscripts_grading_routes::decide::{DecidedAnswer, Seen, decide, learn};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Undoing {
    /// The version of the answer that was looked at.
    version: u32,
}

/// Undo the last decision about an answer
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/answers/{question}/undo",
    params(
        ("org" = OrgId, Path),
        ("assessment" = AssessmentId, Path),
        ("submission" = SubmissionId, Path),
        ("question" = String, Path, description = "The question's label")
    ),
    request_body = Undoing,
    responses((status = 200, body = DecidedAnswer)),
    security(("access_token" = []))
)]
async fn undo(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Path((_, _, submission, question)): Path<(OrgId, AssessmentId, SubmissionId, String)>,
    Json(input): Json<Undoing>,
) -> Result<Json<DecidedAnswer>> {
    let seen = Seen { submission, question: &question, version: input.version };
    let decided = decide(&app, &of, seen, "answer.decision_undone", |answer, _, _| answer.undo()).await?;
    learn(&app, &of, &question).await;
    Ok(Json(decided))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(undo))
}
