//! `POST /v1/orgs/{org}/assessments/{assessment}/class-scans`: a teacher announces the scan of a whole class and gets a
//! form per file with which to upload it. Once all files are there, each script in it becomes a submission.

use std::{collections::BTreeMap, process::ExitCode};

use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error,
    id::{AssessmentId, ClassScanId, OrgId},
    submission::{FileType, limits},
};
use smartscripts_files::{PresignedPost, ScanKeys};
use smartscripts_http::{
    App, IdempotentJson, Json, OfAssessment, Path, Result, State, StatusCode, ToSchema, may, routes, serve,
};
use smartscripts_store::{ClassScan, ClassScanState, IdempotencyKey, Replay, SubmittedFile, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewClassScan {
    /// The files in the order of their pages: PDFs of at most 100 pages, or pictures of a page each.
    #[schema(min_items = 1, max_items = 100)]
    files: Vec<NewScannedFile>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewScannedFile {
    content_type: FileType,
    /// Its size, if it is known: a file that the bucket would refuse is then refused here, with the reason.
    #[schema(minimum = 1, maximum = 20_971_520)]
    bytes: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct CreatedClassScan {
    class_scan: ClassScan,
    /// One form per file.
    uploads: Vec<ScanUpload>,
}

#[derive(Serialize, ToSchema)]
struct ScanUpload {
    /// Number of the file, from 1.
    file: u32,
    #[serde(flatten)]
    post: PresignedPost,
}

/// Upload a scan of a class
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/class-scans",
    params(
        ("org" = OrgId, Path),
        ("assessment" = AssessmentId, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body makes one scan")
    ),
    request_body = NewClassScan,
    responses((status = 201, body = CreatedClassScan)),
    security(("access_token" = []))
)]
async fn create(
    State(app): State<App>,
    of: OfAssessment<may::ManageSubmissions>,
    Path((org, assessment)): Path<(OrgId, AssessmentId)>,
    body: IdempotentJson<NewClassScan>,
) -> Result<(StatusCode, Json<CreatedClassScan>)> {
    check(&body.input)?;
    if of.assessment.guides.is_empty() {
        let message = "This assessment has no marking guide yet. Publish one first.";
        return Err(Error::conflict("guide_missing", message).into());
    }
    let class_scan = match replayed(&app, &of, assessment, body.key.as_ref()).await? {
        Some(earlier) => earlier,
        None => announce(&app, &of, assessment, &body).await?,
    };
    let keys = ScanKeys { org, assessment, scan: class_scan.id };
    let mut uploads = Vec::new();
    for number in 1..=class_scan.files.len() as u32 {
        let Some(file) = class_scan.files.get(&number.to_string()) else { continue };
        let key = keys.upload(number, file.content_type).to_string();
        let post = app.files()?.presign_upload(&key, file.content_type).await?;
        uploads.push(ScanUpload { file: number, post });
    }
    Ok((StatusCode::CREATED, Json(CreatedClassScan { class_scan, uploads })))
}

fn check(input: &NewClassScan) -> Result<(), Error> {
    if input.files.is_empty() || input.files.len() > limits::FILES {
        return Err(Error::invalid("files_invalid", format!("`files` must name 1 to {} files.", limits::FILES)));
    }
    for (number, file) in (1..).zip(&input.files) {
        if file.content_type == FileType::Text {
            let message = format!("File {number} is typed text, which is no scan. Hand it in as a submission.");
            return Err(Error::invalid("files_invalid", message));
        }
        if let Some(Err(error)) = file.bytes.map(limits::check_file_bytes) {
            return Err(Error::invalid(error.code(), format!("File {number}: {}", error.message())));
        }
    }
    Ok(())
}

/// The scan that an earlier request with the same key made.
async fn replayed(
    app: &App,
    of: &OfAssessment<may::ManageSubmissions>,
    assessment: AssessmentId,
    key: Option<&IdempotencyKey>,
) -> Result<Option<ClassScan>, Error> {
    let Some(key) = key else { return Ok(None) };
    match app.store()?.replay(of.tenant, key).await? {
        Replay::New => Ok(None),
        Replay::Of(id) => {
            let id: ClassScanId = id.parse().map_err(Error::internal)?;
            app.store()?.class_scan(of.tenant, assessment, id).await.map(Some)
        }
    }
}

async fn announce(
    app: &App,
    of: &OfAssessment<may::ManageSubmissions>,
    assessment: AssessmentId,
    body: &IdempotentJson<NewClassScan>,
) -> Result<ClassScan, Error> {
    let waiting = |file: &NewScannedFile| SubmittedFile::announced(file.content_type);
    let files: BTreeMap<String, SubmittedFile> =
        (1_u32..).map(|number| number.to_string()).zip(body.input.files.iter().map(waiting)).collect();
    let now = now();
    let scan = ClassScan {
        id: ClassScanId::new(Ulid::generate()),
        assessment,
        state: ClassScanState::AwaitingUpload,
        failure: None,
        files,
        pages: 0,
        scripts: Vec::new(),
        created_by: of.principal,
        created_at: now,
        updated_at: now,
        request_id: of.origin.request_id.clone(),
    };
    let event = of.event("class_scan.created", scan.id);
    app.store()?.create_class_scan(of.tenant, &scan, body.key.as_ref(), &event).await?;
    Ok(scan)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
