//! `POST /v1/orgs/{org}/assessments/{assessment}/guide-files`: a teacher has a marking guide's document read, to see its text,
//! correct it and publish it as a guide. Nothing is kept of the document.

use std::process::ExitCode;

use smartscripts_domain::{
    Error,
    document::DocumentText,
    id::{AssessmentId, OrgId},
};
use smartscripts_http::{DocumentFile, Json, OfAssessment, Result, may, routes, serve};
use smartscripts_reading::{document, pdf};

/// Read a marking guide's document
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/guide-files",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path)),
    request_body(
        description = "A Word document (.docx) or a PDF with its text, of 4 MiB at most",
        content_type = "application/octet-stream",
        content = String
    ),
    responses((status = 200, body = DocumentText)),
    security(("access_token" = []))
)]
async fn read(_: OfAssessment<may::ManageAssessments>, DocumentFile(file): DocumentFile) -> Result<Json<DocumentText>> {
    // A PDF is waited for in a thread of its own: the child that opens it takes seconds.
    let text = tokio::task::spawn_blocking(move || document::text(&file)).await.map_err(Error::internal)??;
    Ok(Json(text))
}

fn main() -> ExitCode {
    if let Some(code) = pdf::run_child_if_asked() {
        return code;
    }
    serve(env!("CARGO_BIN_NAME"), routes!(read))
}
