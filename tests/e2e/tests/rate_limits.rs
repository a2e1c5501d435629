//! Who calls too often is held back, exactly.

use futures::future::join_all;
use reqwest::{Client, Method};
use serde_json::json;
use smartscripts_e2e::{Answer, Teacher, url};

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
    let teacher = Teacher::new().await;
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
