//! `POST /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/student`: a grader confirms whose script it is, says
//! that it is another student's, or that it is nobody's.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId, StudentId, SubmissionId},
};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::{AuditEvent, MatchOutcome, Student, StudentMatch, Submission, student_match_changed};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StudentAssignment {
    /// The student on the roster; null for nobody.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    student: Option<StudentId>,
    /// The `student_version` of the submission that was looked at.
    version: u32,
}

/// Say whose script it is
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/student",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    request_body = StudentAssignment,
    responses((status = 200, body = Submission)),
    security(("access_token" = []))
)]
async fn assign(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
    Json(input): Json<StudentAssignment>,
) -> Result<Json<Submission>> {
    let store = app.store()?;
    let submission = store.submission(of.tenant, assessment, id).await?;
    if input.version != submission.student_version {
        return Err(student_match_changed().into());
    }
    if let Some(student) = input.student {
        check_reach(&of, &submission, &store.student(of.tenant, student).await?)?;
    }
    // Once it is somebody's, who else might have been meant is nobody's business.
    let before = submission.student_match.clone().filter(|_| input.student.is_none());
    let proposals = before.map_or_else(Vec::new, |found| found.proposals);
    let decided = StudentMatch { outcome: MatchOutcome::Decided, proposals, by: Some(of.principal) };
    let event = with("student_before", submission.student, of.event("submission.student_assigned", id));
    let event = with("student_after", input.student, event);
    Ok(Json(store.match_student(of.tenant, &submission, input.student, decided, &event).await?))
}

/// A grader sees the students of the own teams alone, and those whom the script itself may mean.
fn check_reach(of: &OfAssessment<may::Grade>, submission: &Submission, student: &Student) -> Result<(), Error> {
    let proposals = submission.student_match.iter().flat_map(|found| &found.proposals);
    let is_meant =
        proposals.map(|proposed| proposed.student).chain(submission.student).any(|meant| meant == student.id);
    if is_meant || of.reaches_student(student) { Ok(()) } else { Err(Error::not_found()) }
}

fn with(name: &'static str, student: Option<StudentId>, event: AuditEvent) -> AuditEvent {
    event.with(name, student.map_or_else(|| "nobody".to_owned(), |student| student.to_string()))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(assign))
}
