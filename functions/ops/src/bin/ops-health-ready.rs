//! `GET /v1/health/ready`: whether table, bucket and queues answer. 503 if one doesn't, saying which.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::Result as DomainResult;
use smartscripts_http::{App, Json, State, StatusCode, ToSchema, routes, serve};

#[derive(Serialize, ToSchema)]
struct Readiness {
    /// Whether all of them answer.
    ready: bool,
    table: Answer,
    bucket: Answer,
    queues: Answer,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ok,
    Unavailable,
}

/// Is everything it needs there?
#[utoipa::path(
    get,
    path = "/v1/health/ready",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness))
)]
async fn ready(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let (table, bucket, queues) = tokio::join!(table(&app), bucket(&app), queues(&app));
    let (table, bucket, queues) = (answers("table", &table), answers("bucket", &bucket), answers("queues", &queues));
    let ready = [table, bucket, queues].iter().all(|answer| *answer == Answer::Ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, table, bucket, queues }))
}

async fn table(app: &App) -> DomainResult<()> {
    app.store()?.check().await
}

async fn bucket(app: &App) -> DomainResult<()> {
    app.files()?.check().await
}

async fn queues(app: &App) -> DomainResult<()> {
    app.queue("READ_QUEUE_URL")?.check().await?;
    app.queue("GRADE_QUEUE_URL")?.check().await
}

fn answers(dependency: &str, result: &DomainResult<()>) -> Answer {
    let Err(error) = result else { return Answer::Ok };
    tracing::error!(dependency, context = error.context(), "does not answer");
    Answer::Unavailable
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(ready))
}
