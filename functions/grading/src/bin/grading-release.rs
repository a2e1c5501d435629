//! `POST /v1/orgs/{org}/assessments/{assessment}/release`: a teacher shows the students of an assessment their feedback, as it is
//! now. What is decided later they see when it is released again.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId, StudentId},
    release::{ReleasedFeedback, ReleasedSubmission},
    submission::{Progress, State as Standing},
};
use smartscripts_files::key;
use smartscripts_http::{App, Json, OfAssessment, Result, State, ToSchema, may, routes, serve};
use smartscripts_jobs::DrawPages;
use smartscripts_store::{Release, Submission, now};

/// Scripts read at once.
const PAGE: usize = 500;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRelease {
    /// What becomes of scripts that nobody has finished with.
    #[serde(default)]
    undecided: Undecided,
}

/// What becomes of scripts that are still in progress, have failed, or wait for a person.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Undecided {
    /// Nothing is released as long as there is one.
    #[default]
    Refuse,
    /// The others are released without them.
    LeaveOut,
    /// Those that wait for a person are released with the machine's marks; those that have no marks are left out.
    Include,
}

/// What the scripts of an assessment come to.
#[derive(Default)]
struct Gathered {
    released: Vec<ReleasedSubmission>,
    undecided: u32,
    states: Vec<Standing>,
    to_draw: Vec<DrawPages>,
}

/// Release feedback to the students
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/release",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path)),
    request_body = NewRelease,
    responses((status = 200, body = Release)),
    security(("access_token" = []))
)]
async fn release(
    State(app): State<App>,
    of: OfAssessment<may::ReleaseFeedback>,
    Json(input): Json<NewRelease>,
) -> Result<Json<Release>> {
    let gathered = gather(&app, &of, input.undecided).await?;
    check(gathered.states.iter().copied().collect(), input.undecided)?;
    if gathered.released.is_empty() {
        let message = "No script of this assessment is graded, so there is nothing to release.";
        return Err(Error::conflict("nothing_to_release", message).into());
    }
    let (org, assessment) = (of.tenant.org(), of.assessment.id);
    let number = of.assessment.release.as_ref().map_or(1, |last| last.number + 1);
    let (submissions, undecided) = (gathered.released.len() as u32, gathered.undecided);
    let schema_version = ReleasedFeedback::SCHEMA_VERSION;
    let content = ReleasedFeedback { schema_version, assessment, number, submissions: gathered.released };
    let sha256 = app.files()?.put_version(&content, |sha256| key::release(org, assessment, number, sha256)).await?;
    let (released_by, released_at) = (of.principal, now());
    let release = Release { number, sha256, submissions, undecided, released_by, released_at, withdrawn_at: None };
    let event = of
        .event("assessment.released", assessment)
        .with("release", number)
        .with("submissions", submissions)
        .with("undecided", undecided);
    app.store()?.set_release(of.tenant, &of.assessment, &release, &event).await?;
    let sent = app.queue("DRAW_QUEUE_URL")?.send_all(&of.origin.request_id, gathered.to_draw).await;
    if let Err(error) = sent {
        // The feedback is released all the same; only its pictures are missing, until it is released again.
        tracing::error!(code = error.code(), context = error.context(), "some pages are not drawn");
    }
    Ok(Json(release))
}

/// Reads all scripts, page by page, and keeps of each what the release needs.
async fn gather(app: &App, of: &OfAssessment<may::ReleaseFeedback>, undecided: Undecided) -> Result<Gathered, Error> {
    let (mut gathered, mut cursor) = (Gathered::default(), None);
    loop {
        let page = app.store()?.submissions(of.tenant, of.assessment.id, PAGE, cursor.as_deref()).await?;
        for submission in &page.items {
            gathered.states.push(submission.state);
            let is_included = match submission.state {
                Standing::Graded => true,
                Standing::NeedsReview => undecided == Undecided::Include,
                _ => false,
            };
            if is_included {
                include(app, of, submission, &mut gathered).await?;
            }
        }
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(gathered),
        }
    }
}

async fn include(
    app: &App,
    of: &OfAssessment<may::ReleaseFeedback>,
    submission: &Submission,
    gathered: &mut Gathered,
) -> Result<(), Error> {
    let Some(outcome) = &submission.outcome else { return Ok(()) };
    let (org, assessment, id) = (of.tenant.org(), of.assessment.id, submission.id);
    let (student, feedback) = (student(app, of, submission).await?, outcome.feedback.clone());
    if outcome.annotated_pages.is_empty() {
        let feedback = feedback.clone();
        gathered.to_draw.push(DrawPages { org, assessment, submission: id, feedback, is_released: true });
    }
    gathered.released.push(ReleasedSubmission { submission: id, student, feedback });
    gathered.undecided += u32::from(submission.state == Standing::NeedsReview);
    Ok(())
}

/// Whose script it is: the student may have come onto the roster after it was handed in.
async fn student(
    app: &App,
    of: &OfAssessment<may::ReleaseFeedback>,
    submission: &Submission,
) -> Result<Option<StudentId>, Error> {
    match (submission.student, &submission.student_number) {
        (None, Some(number)) if !submission.is_student_decided() => {
            let found = app.store()?.student_by_number(of.tenant, number).await?;
            Ok(found.map(|student| student.id))
        }
        (student, _) => Ok(student),
    }
}

fn check(progress: Progress, undecided: Undecided) -> Result<(), Error> {
    let Progress { in_progress, needs_review, failed, .. } = progress;
    if undecided != Undecided::Refuse || in_progress + needs_review + failed == 0 {
        return Ok(());
    }
    let message = format!(
        "Of the scripts, {in_progress} are in progress, {needs_review} wait for a person, and {failed} have failed. Finish \
         with them first, or say with `undecided` whether to leave them out (`leave_out`) or to release the machine's marks \
         of those that wait for a person (`include`)."
    );
    Err(Error::conflict("scripts_undecided", message))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(release))
}
