//! `GET /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/split`: which lines were taken for the answer to
//! which question, and which fit nowhere.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{
    answer::LineRef,
    id::{AssessmentId, OrgId, SubmissionId},
    reading::{Quad, Reading},
};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_submissions::split_in_force;

#[derive(Serialize, ToSchema)]
struct ScriptSplit {
    /// Give this back when you assign lines.
    version: u32,
    /// One entry for each question of the guide, in its order.
    answers: Vec<ScriptAnswer>,
    /// Lines that belong to no question.
    tray: Vec<ScriptLine>,
}

#[derive(Serialize, ToSchema)]
struct ScriptAnswer {
    /// The question's label.
    question: String,
    /// In the order in which they were read.
    lines: Vec<ScriptLine>,
}

#[derive(Serialize, ToSchema)]
struct ScriptLine {
    /// Number of the page, from 1.
    page: u32,
    /// Index of the line on the page, from 0.
    line: u32,
    /// Words before the answer: the question's label.
    first_word: u32,
    /// The whole line, as it was read.
    text: String,
    /// Its corners on the page; none for a typed text.
    quad: Option<Quad>,
}

/// Get which lines answer which question
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/split",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    responses((status = 200, body = ScriptSplit)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    of: OfAssessment<may::ReadSubmissions>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
) -> Result<Json<ScriptSplit>> {
    let submission = app.store()?.submission(of.tenant, assessment, id).await?;
    let keys = of.keys(id);
    let split = split_in_force(app.files()?, &submission, keys).await?;
    let reading: Reading = app.files()?.get_json(&keys.reading()).await?;
    let lines = |lines: &[LineRef]| lines.iter().filter_map(|line| ScriptLine::of(&reading, *line)).collect();
    let answer = |answer: &smartscripts_domain::answer::SplitAnswer| ScriptAnswer {
        question: answer.question.clone(),
        lines: lines(&answer.lines),
    };
    Ok(Json(ScriptSplit {
        version: submission.split_version(),
        answers: split.answers.iter().map(answer).collect(),
        tray: lines(&split.tray),
    }))
}

impl ScriptLine {
    fn of(reading: &Reading, line: LineRef) -> Option<Self> {
        let page = reading.pages.iter().find(|page| page.page == line.page)?;
        let read = page.lines.get(line.line as usize)?;
        let LineRef { page, line, first_word } = line;
        Some(Self { page, line, first_word, text: read.text.clone(), quad: read.quad })
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
