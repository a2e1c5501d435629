//! `POST /v1/orgs/{org}/assessments/{assessment}/comments`: a grader keeps a comment, to give it to other answers too.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    decision::COMMENT_CHARACTERS,
    id::{AssessmentId, CommentId, OrgId},
};
use smartscripts_http::{App, Json, OfAssessment, Result, State, StatusCode, ToSchema, may, routes, serve};
use smartscripts_store::{KeptComment, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewComment {
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// Keep a comment
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/comments",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path)),
    request_body = NewComment,
    responses((status = 201, body = KeptComment)),
    security(("access_token" = []))
)]
async fn keep(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Json(input): Json<NewComment>,
) -> Result<(StatusCode, Json<KeptComment>)> {
    let text = input.text.trim();
    if text.is_empty() || text.chars().count() > COMMENT_CHARACTERS {
        let message = format!("`text` must have 1 to {COMMENT_CHARACTERS} characters.");
        return Err(Error::invalid("comment_invalid", message).into());
    }
    let comment = KeptComment {
        id: CommentId::new(Ulid::generate()),
        text: text.to_owned(),
        created_by: of.principal,
        created_at: now(),
    };
    let event = of.event("comment.kept", comment.id);
    app.store()?.keep_comment(of.tenant, of.assessment.id, &comment, &event).await?;
    Ok((StatusCode::CREATED, Json(comment)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(keep))
}
