//! `POST /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/answers/{question}/override`: a grader gives other marks
//! for some of the criteria of an answer.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    decision::CriterionMarks,
    guide::Guide,
    id::{AssessmentId, OrgId, SubmissionId},
};
use smartscripts_files::key;
use smartscripts_grading_routes::decide::{DecidedAnswer, Script, Seen, decide, learn};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Override {
    /// The version of the answer that was looked at.
    version: u32,
    /// Other marks: from 0 to what the criterion has, in steps of half a mark or of what the guide's own marks need. A
    /// criterion that isn't named keeps its marks.
    #[schema(min_items = 1, max_items = 50)]
    criteria: Vec<CriterionMarks>,
    /// Why, for the student too.
    #[schema(max_length = 2000)]
    comment: Option<String>,
}

/// Override the marks of an answer
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/answers/{question}/override",
    params(
        ("org" = OrgId, Path),
        ("assessment" = AssessmentId, Path),
        ("submission" = SubmissionId, Path),
        ("question" = String, Path, description = "The question's label")
    ),
    request_body = Override,
    responses((status = 200, body = DecidedAnswer)),
    security(("access_token" = []))
)]
async fn give(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Path((_, _, submission, question)): Path<(OrgId, AssessmentId, SubmissionId, String)>,
    Json(input): Json<Override>,
) -> Result<Json<DecidedAnswer>> {
    if input.criteria.is_empty() {
        return Err(Error::invalid("criteria_missing", "`criteria` must name at least one criterion.").into());
    }
    let script = Script::load(&app, &of, submission).await?;
    let graded_with = script.submission.guide.as_ref().ok_or_else(|| Error::internal("graded without a guide"))?;
    let at = key::guide(of.tenant.org(), of.assessment.id, graded_with.version, &graded_with.sha256);
    let guide: Guide = app.files()?.get_json(&at).await?;
    let seen = Seen { submission, question: &question, version: input.version };
    let decided = decide(&app, &of, seen, "answer.overridden", |answer, by, _| {
        answer.override_marks(&input.criteria, guide.step(), input.comment.clone(), by)
    });
    let decided = decided.await?;
    learn(&app, &of, &question).await;
    Ok(Json(decided))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(give))
}
