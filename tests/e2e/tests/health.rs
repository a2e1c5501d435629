//! Health, the description of the API, and what the functions log.

use std::collections::HashSet;

use serde_json::{Value, json};
use smartscripts_e2e::{Answer, File, GOOD_SCRIPT, Teacher, cloud, small_guide, unique, url};

#[tokio::test]
async fn the_system_says_that_it_is_well() {
    let health = Answer::of(reqwest::get(url("/v1/health")).await.unwrap()).await.expect(200);
    assert_eq!(health["status"], "ok");
    let ready = Answer::of(reqwest::get(url("/v1/health/ready")).await.unwrap()).await.expect(200);
    for dependency in ["table", "audit_table", "bucket", "read_queue", "grade_queue", "mail_queue"] {
        assert_eq!(ready[dependency], "ok", "{ready}");
    }
}

#[tokio::test]
async fn the_api_describes_itself() {
    let document = Answer::of(reqwest::get(url("/v1/openapi.json")).await.unwrap()).await.expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    let create = &document["paths"]["/v1/orgs/{org}/assessments/{assessment}/submissions"]["post"];
    assert_eq!(create["operationId"], "SubmissionsCreate");
}

#[tokio::test]
async fn one_request_id_runs_through_all_hops_and_no_log_quotes_anyone() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let script = format!("{GOOD_SCRIPT}A sentence that nobody but the teacher may read: marzipan.\n");
    let id = assessment.submit(&[File::text(&script)]).await;
    let request_id = assessment.finished(&id).await["request_id"].as_str().unwrap().to_owned();
    assert!(!request_id.is_empty());
    logged_by(&request_id, &["submissions-create", "read-script", "grade-answer"]).await;
    assert!(!cloud::log_lines("read-script").await.is_empty(), "the search finds nothing at all");
    for secret in ["marzipan", assessment.teacher.email.as_str(), assessment.teacher.password.as_str()] {
        assert_eq!(cloud::log_lines(secret).await, Vec::<String>::new(), "a log line holds what it must not");
    }
}

#[tokio::test]
async fn a_retry_and_a_dead_letter_carry_their_own_request_ids() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let bad = File { content_type: "image/png", content: b"no picture".to_vec() };
    let id = assessment.submit(&[File::text(GOOD_SCRIPT), bad]).await;
    let announced_by = assessment.finished(&id).await["request_id"].as_str().unwrap().to_owned();
    let (_, rest) = assessment.path.split_once("/orgs/").unwrap();
    let (org, asm) = rest.split_once("/assessments/").unwrap();
    cloud::set_text(&format!("T#{org}#{asm}#"), &format!("SUBMISSION#{id}"), "state", "failed").await;

    let retry = assessment.teacher.post(&format!("{}/submissions/{id}/retry", assessment.path), json!({})).await;
    let retried_by = retry.request_id.clone();
    retry.expect(202);
    assert!(!retried_by.is_empty() && retried_by != announced_by);
    assessment.finished(&id).await;
    logged_by(&retried_by, &["submissions-retry", "read-script", "grade-answer"]).await;

    let by = unique("dead");
    let job = json!({ "org": org, "assessment": asm, "submission": id, "run": 2, "question": "1" });
    let letter = json!({ "schema_version": 1, "request_id": by, "job": job });
    cloud::send("GRADE_DEAD_LETTER_QUEUE_URL", &letter).await;
    logged_by(&by, &["record-failure"]).await;
}

/// Waits until each of these functions has logged a line with this request id.
async fn logged_by(request_id: &str, expected: &[&str]) {
    cloud::eventually("the log of all hops", 30, || async {
        let lines = cloud::log_lines(request_id).await;
        let functions: HashSet<String> = lines.iter().filter_map(|line| logging_function(line)).collect();
        expected.iter().all(|function| functions.contains(*function))
    })
    .await;
}

/// Which function wrote the line, if it is one of ours: JSON with the span of a request or a job.
fn logging_function(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    Some(line["span"]["function"].as_str()?.to_owned())
}
