//! Who calls too often is held back, exactly.

use std::process::Command;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use jiff::Timestamp;
use reqwest::{Client, Method};
use serde_json::json;
use sha2::{Digest, Sha256};
use smartscripts_e2e::{Answer, Teacher, cloud, url};

#[tokio::test]
async fn of_fifty_calls_at_once_on_a_capacity_of_twenty_exactly_twenty_pass() {
    let teacher = Teacher::without_organization().await;
    let calls = (0..50).map(|_| teacher.request(Method::POST, "/v1/orgs").json(&json!({ "name": "School" })).send());
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let passed = answers.iter().filter(|answer| answer.status() == 201).count();
    assert_eq!(passed, 20);
    for answer in answers.into_iter().filter(|answer| answer.status() != 201) {
        let headers = answer.headers();
        assert_eq!(
            (&headers["ratelimit-limit"], &headers["ratelimit-remaining"]),
            (&"20".parse().unwrap(), &"0".parse().unwrap())
        );
        assert_eq!(headers["ratelimit-policy"], "20;w=6000");
        // One comes back every five minutes.
        let retry_after: u64 = headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=300).contains(&retry_after), "{retry_after}");
        Answer::of(answer).await.expect_problem(429, "rate_limited");
    }
    assert_eq!(teacher.get("/v1/orgs?limit=100").await.expect(200)["items"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn every_limited_answer_says_what_is_left() {
    let teacher = Teacher::on_plan("free").await;
    let path = format!("/v1/orgs/{}/assessments", teacher.org);
    let left = async || {
        let answer = teacher.request(Method::GET, &path).send().await.unwrap();
        let number = |name: &str| answer.headers()[name].to_str().unwrap().parse::<u64>().unwrap();
        (number("ratelimit-limit"), number("ratelimit-remaining"), number("ratelimit-reset"))
    };
    let (limit, remaining, reset) = left().await;
    assert_eq!(limit, 600);
    assert!(remaining < 600 && reset <= 30, "{remaining} left, full in {reset} s");
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_refused() {
    let teacher = Teacher::new().await;
    let path = format!("/v1/orgs/{}/assessments", teacher.org);
    let body = json!({ "title": "x".repeat(1024 * 1024) });
    teacher.post(&path, body).await.expect_problem(413, "body_too_large");
    let open = Client::new().post(url("/v1/auth/log-in")).json(&json!({ "email": "x".repeat(1024 * 1024) }));
    Answer::of(open.send().await.unwrap()).await.expect_problem(413, "body_too_large");
}

/// What `make set-plan` runs.
fn set_plan(org: &str, plan: &str) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug/set-plan");
    let output = Command::new(program).args(["--org", org, "--plan", plan]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The limit that one more call is told of, and how many calls are left.
async fn told(teacher: &Teacher) -> (u64, u64) {
    let answer = teacher.request(Method::GET, &teacher.at("")).send().await.unwrap();
    let number = |name: &str| answer.headers()[name].to_str().unwrap().parse::<u64>().unwrap();
    (number("ratelimit-limit"), number("ratelimit-remaining"))
}

/// Takes as much from the organization's bucket as comes back in this time.
async fn used(org: &str, milliseconds: i64) {
    let whose = hex::encode(&Sha256::digest(org)[..16]);
    let full_at = Timestamp::now().as_millisecond() + milliseconds;
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let bucket = [
        ("PK", text(&format!("P#RATE#organization#{whose}"))),
        ("SK", text("RATE")),
        ("full_at", AttributeValue::N(full_at.to_string())),
    ];
    cloud::put(bucket.map(|(name, value)| (name.to_owned(), value))).await;
}

#[tokio::test]
async fn a_plan_decides_how_often_an_organization_may_call() {
    let (small, large) = (Teacher::on_plan("free").await, Teacher::on_plan("free").await);
    assert_eq!(small.get(&small.at("")).await.expect(200)["plan"], "free");
    assert_eq!((told(&small).await.0, told(&large).await.0), (600, 600));
    set_plan(&large.org, "school");
    assert_eq!(large.get(&large.at("")).await.expect(200)["plan"], "school");
    // Of one member …
    assert_eq!((told(&small).await.0, told(&large).await.0), (600, 1200));
    // … and of all together, of whose calls nearly as many as fit are in the bucket.
    for teacher in [&small, &large] {
        used(&teacher.org, 29_000).await;
    }
    let ((limit, left), (large_limit, large_left)) = (told(&small).await, told(&large).await);
    assert_eq!((limit, large_limit), (6000, 1200), "{left} and {large_left} are left");
    used(&large.org, 47_000).await;
    assert_eq!(told(&large).await.0, 24_000);
    // Back again, and at once.
    set_plan(&large.org, "free");
    let answer = large.get(&large.at("")).await;
    answer.expect_problem(429, "rate_limited");
    used(&large.org, 0).await;
    let entries = large.get(&large.at("/audit?action=organization.plan_changed")).await.expect(200);
    let plans = |entry: usize| entries["items"][entry]["details"].clone();
    assert_eq!(plans(0), json!({ "plan_before": "school", "plan_after": "free" }), "{entries}");
    assert_eq!(plans(1), json!({ "plan_before": "free", "plan_after": "school" }), "{entries}");
    assert_eq!(entries["items"][0]["actor"], json!({ "kind": "task", "id": "set-plan" }), "{entries}");
}
