//! `DELETE /v1/orgs/{org}/assessments/{assessment}/comments/{comment}`: a grader deletes a comment from the bank. Where it
//! was given to an answer, it stays.

use std::process::ExitCode;

use smartscripts_domain::id::{AssessmentId, CommentId, OrgId};
use smartscripts_http::{App, OfAssessment, Path, Result, State, StatusCode, may, routes, serve};

/// Delete a kept comment
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/assessments/{assessment}/comments/{comment}",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("comment" = CommentId, Path)),
    responses((status = 204)),
    security(("access_token" = []))
)]
async fn delete(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, CommentId)>,
) -> Result<StatusCode> {
    app.store()?.delete_comment(of.tenant, assessment, id, &of.event("comment.deleted", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(delete))
}
