//! `GET /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/reading`: the pages as they were handed in, and
//! what was read on them, word by word.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId, SubmissionId},
    reading::{Line, PageReading, Quad, Reading, Word},
};
use smartscripts_files::SubmissionKeys;
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Period;

#[derive(Serialize, ToSchema)]
struct ScriptReading {
    /// In the order of the script.
    pages: Vec<ReadPage>,
}

#[derive(Serialize, ToSchema)]
struct ReadPage {
    /// Number of the page, from 1.
    page: u32,
    /// Width in pixels of the upright page, in which all boxes are given; 0 for a typed text.
    width: u32,
    /// Height in pixels.
    height: u32,
    /// A picture of the upright page; the link works for ten minutes. None for a typed text, and when the pages are no longer
    /// kept.
    url: Option<String>,
    /// Why the page could not be read.
    failure: Option<String>,
    /// In reading order.
    lines: Vec<ReadLine>,
}

#[derive(Serialize, ToSchema)]
struct ReadLine {
    /// From left to right.
    words: Vec<ReadWord>,
}

#[derive(Serialize, ToSchema)]
struct ReadWord {
    /// The word.
    text: String,
    /// Probability that it is read right, 0–1.
    confidence: f64,
    /// Its corners on the upright page; none for a typed text.
    quad: Option<Quad>,
    /// Whether the writer seems to have crossed it out.
    struck_out: bool,
}

/// Get what was read on a submission's pages
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/reading",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    responses((status = 200, body = ScriptReading)),
    security(("access_token" = []))
)]
async fn get(
    State(app): State<App>,
    of: OfAssessment<may::ReadSubmissions>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
) -> Result<Json<ScriptReading>> {
    let submission = app.store()?.submission(of.tenant, assessment, id).await?;
    // A script has its guide since it was read and split.
    if submission.guide.is_none() || submission.expired.contains(Period::Readings.name()) {
        let message = "This script is not yet read, or what was read is no longer kept.";
        return Err(Error::conflict("not_read", message).into());
    }
    let keys = of.keys(id);
    let reading: Reading = app.files()?.get_json(&keys.reading()).await?;
    let are_pages_kept = !submission.expired.contains(Period::Pages.name());
    let mut pages = Vec::new();
    for page in &reading.pages {
        let picture = picture(&reading, page, keys).filter(|_| are_pages_kept);
        let url = match picture {
            Some(key) => Some(app.files()?.presign_download(&key).await?),
            None => None,
        };
        pages.push(ReadPage::of(page, url));
    }
    Ok(Json(ScriptReading { pages }))
}

/// Where a page's picture is kept: by its place within the file that it came from.
fn picture(reading: &Reading, page: &PageReading, keys: SubmissionKeys) -> Option<String> {
    let earlier = reading.pages.iter().filter(|other| other.file == page.file && other.page < page.page).count();
    (page.width > 0).then(|| keys.page_image(page.file, earlier as u32 + 1))
}

impl ReadPage {
    fn of(page: &PageReading, url: Option<String>) -> Self {
        let lines = page.lines.iter().map(ReadLine::of).collect();
        Self { page: page.page, width: page.width, height: page.height, url, failure: page.failure.clone(), lines }
    }
}

impl ReadLine {
    fn of(line: &Line) -> Self {
        Self { words: line.words.iter().map(ReadWord::of).collect() }
    }
}

impl ReadWord {
    fn of(word: &Word) -> Self {
        Self { text: word.text.clone(), confidence: word.confidence, quad: word.quad, struck_out: word.struck_out }
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
