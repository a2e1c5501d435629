//! `POST /v1/orgs/{org}/assessments/{assessment}/submissions`: a teacher announces a script and gets a form per file with
//! which to upload it straight to the bucket. That reserves a unit of the month's quota. Reading begins when the files are there.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

use serde::{Deserialize, Serialize};
use smartscripts_billing::quota;
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId, SubmissionId},
    submission::{FileType, State as SubmissionState, limits},
};
use smartscripts_files::PresignedPost;
use smartscripts_http::{
    App, IdempotentJson, Json, OfAssessment, Path, Result, State, StatusCode, ToSchema, may, routes, serve,
};
use smartscripts_store::{IdempotencyKey, QuotaUnit, Replay, Submission, SubmittedFile, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSubmission {
    #[schema(max_length = 200)]
    student_name: Option<String>,
    #[schema(max_length = 100)]
    student_number: Option<String>,
    /// The files in the order of their pages; they may be uploaded in any order.
    #[schema(min_items = 1, max_items = 100)]
    files: Vec<NewFile>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFile {
    content_type: FileType,
    /// Its size, if it is known: a file that the bucket would refuse is then refused here, with the reason.
    #[schema(minimum = 1, maximum = 20_971_520)]
    bytes: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct CreatedSubmission {
    submission: Submission,
    /// One form per file.
    uploads: Vec<Upload>,
}

#[derive(Serialize, ToSchema)]
struct Upload {
    /// Number of the file, from 1.
    file: u32,
    #[serde(flatten)]
    post: PresignedPost,
}

/// Create a submission
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions",
    params(
        ("org" = OrgId, Path),
        ("assessment" = AssessmentId, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body makes one submission")
    ),
    request_body = NewSubmission,
    responses((status = 201, body = CreatedSubmission)),
    security(("access_token" = []))
)]
async fn create(
    State(app): State<App>,
    of: OfAssessment<may::ManageSubmissions>,
    Path((_, assessment)): Path<(OrgId, AssessmentId)>,
    body: IdempotentJson<NewSubmission>,
) -> Result<(StatusCode, Json<CreatedSubmission>)> {
    check(&body.input)?;
    if of.assessment.guides.is_empty() {
        let message = "This assessment has no marking guide yet. Publish one first.";
        return Err(Error::conflict("guide_missing", message).into());
    }
    let submission = match replayed(&app, &of, assessment, body.key.as_ref()).await? {
        Some(earlier) => earlier,
        None => announce(&app, &of, assessment, &body).await?,
    };
    let keys = of.keys(submission.id);
    let mut uploads = Vec::new();
    for (number, file) in (1..).zip(submission.files_in_order()) {
        let post =
            app.files()?.presign_upload(&keys.upload(number, file.content_type).to_string(), file.content_type).await?;
        uploads.push(Upload { file: number, post });
    }
    Ok((StatusCode::CREATED, Json(CreatedSubmission { submission, uploads })))
}

fn check(input: &NewSubmission) -> Result<(), Error> {
    if input.files.is_empty() || input.files.len() > limits::FILES {
        return Err(Error::invalid("files_invalid", format!("`files` must name 1 to {} files.", limits::FILES)));
    }
    for (number, file) in (1..).zip(&input.files) {
        if let Some(Err(error)) = file.bytes.map(limits::check_file_bytes) {
            let message = format!("File {number}: {}", error.message());
            return Err(Error::invalid(error.code(), message));
        }
    }
    let long = |text: &Option<String>, most| text.as_ref().is_some_and(|text| text.chars().count() > most);
    if long(&input.student_name, 200) || long(&input.student_number, 100) {
        let message = "`student_name` may have 200 characters, `student_number` 100.";
        return Err(Error::invalid("student_invalid", message));
    }
    Ok(())
}

/// The submission that an earlier request with the same key made.
async fn replayed(
    app: &App,
    of: &OfAssessment<may::ManageSubmissions>,
    assessment: AssessmentId,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Submission>, Error> {
    let Some(key) = key else { return Ok(None) };
    match app.store()?.replay(of.tenant, key).await? {
        Replay::New => Ok(None),
        Replay::Of(id) => {
            let id: SubmissionId = id.parse().map_err(Error::internal)?;
            app.store()?.submission(of.tenant, assessment, id).await.map(Some)
        }
    }
}

async fn announce(
    app: &App,
    of: &OfAssessment<may::ManageSubmissions>,
    assessment: AssessmentId,
    body: &IdempotentJson<NewSubmission>,
) -> Result<Submission, Error> {
    let waiting = |file: &NewFile| SubmittedFile::announced(file.content_type);
    let student = match &body.input.student_number {
        Some(number) => app.store()?.student_by_number(of.tenant, number).await?.map(|student| student.id),
        None => None,
    };
    let now = now();
    let quota = quota(of.plan)?;
    let submission = Submission {
        id: SubmissionId::new(Ulid::generate()),
        assessment,
        student,
        student_name: body.input.student_name.clone(),
        student_number: body.input.student_number.clone(),
        state: SubmissionState::AwaitingUpload,
        failure: None,
        files: (1_u32..).map(|n| n.to_string()).zip(body.input.files.iter().map(waiting)).collect(),
        answers: BTreeMap::new(),
        guide: None,
        outcome: None,
        split: None,
        run: 1,
        created_by: of.principal,
        created_at: now,
        updated_at: now,
        request_id: of.origin.request_id.clone(),
        expired: BTreeSet::new(),
        student_match: None,
        student_version: 1,
        quota_unit: Some(QuotaUnit::of_this_month(of.assessment.team, quota)),
    };
    let event = of.event("submission.created", submission.id);
    app.store()?.create_submission(of.tenant, &submission, body.key.as_ref(), quota, &event).await?;
    Ok(submission)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
