//! `POST /v1/orgs/{org}/assessments`: a teacher creates an assessment.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{
    Error,
    id::{AssessmentId, TeamId},
};
use smartscripts_http::{App, Json, Member, Result, State, StatusCode, ToSchema, may, routes, serve};
use smartscripts_store::{Assessment, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAssessment {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// The team that takes it. Without one, only its creator and the administrators see it.
    team: Option<TeamId>,
}

/// Create an assessment
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments",
    params(("org" = smartscripts_domain::id::OrgId, Path)),
    request_body = NewAssessment,
    responses((status = 201, body = Assessment)),
    security(("access_token" = []))
)]
async fn create(
    State(app): State<App>,
    member: Member<may::ManageAssessments>,
    Json(input): Json<NewAssessment>,
) -> Result<(StatusCode, Json<Assessment>)> {
    let title = input.title.trim();
    if title.is_empty() || title.chars().count() > 200 {
        return Err(Error::invalid("title_invalid", "`title` must have 1 to 200 characters.").into());
    }
    if let Some(team) = input.team {
        member.access.team(app.store()?, team).await?;
    }
    let assessment = Assessment {
        id: AssessmentId::new(Ulid::generate()),
        title: title.to_owned(),
        team: input.team,
        guides: Vec::new(),
        release: None,
        acceptable_disagreement: None,
        created_by: member.principal,
        created_at: now(),
    };
    let event = member.event("assessment.created", assessment.id);
    app.store()?.create_assessment(member.tenant, &assessment, &event).await?;
    Ok((StatusCode::CREATED, Json(assessment)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
