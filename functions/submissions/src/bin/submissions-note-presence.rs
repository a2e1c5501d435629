//! `PUT /v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/presence`: a person says, every ten seconds, that
//! they are looking at a script, and learns who else is.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{
    Kind,
    id::{AssessmentId, OrgId, SubmissionId, UserId},
};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};

#[derive(Serialize, ToSchema)]
struct Onlookers {
    /// The other members who are looking at the script.
    others: Vec<Onlooker>,
}

#[derive(Serialize, ToSchema)]
struct Onlooker {
    user: UserId,
    name: String,
}

/// Say that one is looking at a script
#[utoipa::path(
    put,
    path = "/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/presence",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ("submission" = SubmissionId, Path)),
    responses((status = 200, body = Onlookers)),
    security(("access_token" = []))
)]
async fn note(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Path((_, assessment, id)): Path<(OrgId, AssessmentId, SubmissionId)>,
) -> Result<Json<Onlookers>> {
    let store = app.store()?;
    let user = of.user()?;
    let submission = store.submission(of.tenant, assessment, id).await?;
    store.note_presence(of.tenant, &submission, user).await?;
    let mut others = Vec::new();
    for other in store.present(of.tenant, &submission).await?.into_iter().filter(|other| *other != user) {
        match store.member(of.tenant, other).await {
            Ok(member) => others.push(Onlooker { user: other, name: member.name }),
            // Whoever was removed from the organization meanwhile is nobody's business.
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(Onlookers { others }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(note))
}
