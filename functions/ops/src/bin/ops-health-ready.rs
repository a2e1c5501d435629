//! `GET /v1/health/ready`: whether tables, bucket and queues answer. 503 if one doesn't, saying which.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::Result as DomainResult;
use smartscripts_files::Files;
use smartscripts_http::{App, Json, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_jobs::Queue;
use smartscripts_store::Store;

#[derive(Serialize, ToSchema)]
struct Readiness {
    /// Whether all of them answer.
    ready: bool,
    table: Answer,
    audit_table: Answer,
    bucket: Answer,
    read_queue: Answer,
    grade_queue: Answer,
    mail_queue: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
async fn ready(State(app): State<App>) -> Result<(StatusCode, Json<Readiness>)> {
    let queues = [app.queue("READ_QUEUE_URL")?, app.queue("GRADE_QUEUE_URL")?, app.queue("MAIL_QUEUE_URL")?];
    Ok(readiness(app.store()?, app.files()?, &queues).await)
}

async fn readiness(store: &Store, files: &Files, [read, grade, mail]: &[Queue; 3]) -> (StatusCode, Json<Readiness>) {
    // Boxed, or all the SDK's requests together would lie on the stack.
    let (table, audit_table, bucket, read_queue, grade_queue, mail_queue) = tokio::join!(
        answers("table", Box::pin(store.check())),
        answers("audit table", Box::pin(store.check_audit())),
        answers("bucket", Box::pin(files.check())),
        answers("read queue", Box::pin(read.check())),
        answers("grade queue", Box::pin(grade.check())),
        answers("mail queue", Box::pin(mail.check())),
    );
    let all = [table, audit_table, bucket, read_queue, grade_queue, mail_queue];
    let ready = all.iter().all(|answer| *answer == Answer::Ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, table, audit_table, bucket, read_queue, grade_queue, mail_queue }))
}

async fn answers(dependency: &str, asked: impl Future<Output = DomainResult<()>>) -> Answer {
    let Err(error) = asked.await else { return Answer::Ok };
    tracing::error!(dependency, context = error.context(), "does not answer");
    Answer::Unavailable
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(ready))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
    use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};

    #[tokio::test]
    async fn whatever_does_not_answer_is_named() {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url("http://127.0.0.1:9") // where nobody listens
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .build();
        let store = Store::new(&config, "tenants".to_owned(), "audit".to_owned());
        let files = Files::new(&config, "bucket".to_owned());
        let queues = [(); 3].map(|()| Queue::new(&config, "http://127.0.0.1:9/queue".to_owned()));
        let (status, Json(answer)) = readiness(&store, &files, &queues).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(answer["ready"], false);
        for dependency in ["table", "audit_table", "bucket", "read_queue", "grade_queue", "mail_queue"] {
            assert_eq!(answer[dependency], "unavailable", "{answer}");
        }
    }
}
