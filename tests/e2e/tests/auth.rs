//! Registering, logging in, refreshing, and what a stranger sees.

use std::collections::HashSet;

use futures::future::join_all;
use reqwest::{Client, Method};
use serde_json::json;
use smartscripts_e2e::{Answer, Teacher, cookie, url};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let teacher = Teacher::new().await;
    let client = Client::new();
    let mut bodies = Vec::new();
    for email in [teacher.email.as_str(), "nobody@school.example"] {
        let credentials = json!({ "email": email, "password": "not the right password" });
        let sent = client.post(url("/v1/auth/log-in")).json(&credentials).send().await.unwrap();
        let mut body = Answer::of(sent).await.expect_problem(401, "credentials_wrong");
        body["request_id"].take();
        bodies.push(body);
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn without_a_token_nothing_is_open() {
    let teacher = Teacher::new().await;
    let sent = Client::new().get(url("/v1/orgs")).send().await.unwrap();
    assert_eq!(sent.headers()["www-authenticate"], "Bearer");
    Answer::of(sent).await.expect_problem(401, "token_missing");
    let forged = Client::new().get(url("/v1/orgs")).bearer_auth(format!("{}x", teacher.token)).send().await.unwrap();
    Answer::of(forged).await.expect_problem(401, "token_invalid");
}

#[tokio::test]
async fn a_strangers_organization_looks_like_none() {
    let (one, other) = (Teacher::new().await, Teacher::new().await);
    let missing = format!("org_{}", "0".repeat(25) + "1");
    let mut bodies = Vec::new();
    for org in [other.org.as_str(), &missing] {
        let mut body = one.get(&format!("/v1/orgs/{org}/assessments")).await.expect_problem(404, "not_found");
        body["request_id"].take();
        bodies.push(body);
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn twenty_refreshes_at_once_have_one_successor() {
    let teacher = Teacher::new().await;
    let client = Client::new();
    let refresh =
        |cookie: String| client.request(Method::POST, url("/v1/auth/refresh")).header("cookie", cookie).send();
    let answers = join_all((0..20).map(|_| refresh(teacher.refresh_cookie.clone()))).await;
    let mut successors = HashSet::new();
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 200);
        successors.insert(cookie(&answer));
    }
    assert_eq!(successors.len(), 1);
    let successor = successors.into_iter().next().unwrap();
    assert_ne!(successor, teacher.refresh_cookie);
    let next = refresh(successor.clone()).await.unwrap();
    assert_eq!(next.status(), 200);
    // Two generations back: somebody has a copy, so the session ends for all.
    let stolen = refresh(teacher.refresh_cookie.clone()).await.unwrap();
    Answer::of(stolen).await.expect_problem(401, "refresh_token_invalid");
    let ended = refresh(cookie(&next)).await.unwrap();
    Answer::of(ended).await.expect_problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn logging_out_ends_the_session() {
    let teacher = Teacher::new().await;
    let client = Client::new();
    let out = client.post(url("/v1/auth/log-out")).header("cookie", &teacher.refresh_cookie).send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert_eq!(cookie(&out), "refresh_token=");
    let refused = client.post(url("/v1/auth/refresh")).header("cookie", &teacher.refresh_cookie).send().await.unwrap();
    Answer::of(refused).await.expect_problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts() {
    let teacher = Teacher::new().await;
    let credentials = json!({ "email": teacher.email, "password": teacher.password });
    let sent = Client::new().post(url("/v1/auth/log-in")).json(&credentials).send().await.unwrap();
    let set = sent.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/v1/auth"] {
        assert!(set.contains(attribute), "{attribute} is missing");
    }
}
