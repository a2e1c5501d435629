//! `GET /v1/orgs/{org}/assessments/{assessment}/reviews`: what a person must decide, the most doubtful first.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId},
};
use smartscripts_http::{App, Json, OfAssessment, Parameters, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::Doubt;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReviewQuery {
    /// Only answers to the question with this label.
    question: Option<String>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<usize>,
    /// The `cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Reviews {
    items: Vec<Doubt>,
    /// Where the next page begins; none on the last. What is decided meanwhile is not on it.
    cursor: Option<String>,
}

/// List what a person must decide
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/reviews",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), ReviewQuery),
    responses((status = 200, body = Reviews)),
    security(("access_token" = []))
)]
async fn list(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Parameters(query): Parameters<ReviewQuery>,
) -> Result<Json<Reviews>> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Error::invalid("limit_invalid", "`limit` must lie between 1 and 100.").into());
    }
    let (question, cursor) = (query.question.as_deref(), query.cursor.as_deref());
    let page = app.store()?.review_queue(of.tenant, of.assessment.id, question, limit, cursor).await?;
    Ok(Json(Reviews { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
