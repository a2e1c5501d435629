//! Programs call the API with keys of an organization.

use jiff::{Timestamp, ToSpan};
use reqwest::Client;
use serde_json::{Value, json};
use smartscripts_e2e::{Answer, Teacher, cloud, url};

async fn create(teacher: &Teacher, permissions: &[&str]) -> (String, String) {
    let body = json!({ "name": "Gradebook", "permissions": permissions, "days": 30 });
    let created = teacher.post(&format!("/v1/orgs/{}/api-keys", teacher.org), body).await.expect(201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&created["api_key"]["id"]), text(&created["key"]))
}

async fn get(key: &str, path: &str) -> Answer {
    Answer::of(Client::new().get(url(path)).bearer_auth(key).send().await.unwrap()).await
}

#[tokio::test]
async fn a_key_does_what_it_was_made_for_and_nothing_else() {
    let teacher = Teacher::new().await;
    let (id, key) = create(&teacher, &["read_assessments"]).await;
    let assessments = format!("/v1/orgs/{}/assessments", teacher.org);
    get(&key, &assessments).await.expect(200);
    let sent = Client::new().post(url(&assessments)).bearer_auth(&key).json(&json!({ "title": "T" })).send().await;
    Answer::of(sent.unwrap()).await.expect_problem(403, "forbidden");
    get(&key, "/v1/orgs").await.expect_problem(403, "person_needed");
    get(&key, "/v1/auth/account").await.expect_problem(403, "person_needed");
    let last = if key.ends_with('0') { '1' } else { '0' };
    get(&format!("{}{last}", &key[..key.len() - 1]), &assessments).await.expect_problem(401, "api_key_invalid");
    // Another organization looks like one that isn't there.
    let other = Teacher::new().await;
    get(&key, &format!("/v1/orgs/{}/assessments", other.org)).await.expect_problem(404, "not_found");
    let listed = teacher.get(&format!("/v1/orgs/{}/api-keys", teacher.org)).await.expect(200);
    assert_eq!(listed["items"][0]["id"], id);
    assert!(listed["items"][0]["last_used_at"].is_string(), "{listed}");
    assert!(!listed.to_string().contains(key.rsplit('_').next().unwrap()));
    teacher.delete(&format!("/v1/orgs/{}/api-keys/{id}", teacher.org)).await.expect(204);
    get(&key, &assessments).await.expect_problem(401, "api_key_invalid");
}

#[tokio::test]
async fn a_program_hands_scripts_in_and_is_named_as_their_maker() {
    let teacher = Teacher::new().await;
    let (id, key) = create(&teacher, &["manage_assessments", "read_assessments"]).await;
    let path = format!("/v1/orgs/{}/assessments", teacher.org);
    let sent = Client::new().post(url(&path)).bearer_auth(&key).json(&json!({ "title": "T" })).send().await.unwrap();
    assert_eq!(Answer::of(sent).await.expect(201)["created_by"], id);
}

#[tokio::test]
async fn a_key_expires() {
    let teacher = Teacher::new().await;
    let (id, key) = create(&teacher, &["read_assessments"]).await;
    let past = Timestamp::now().checked_sub(1.hour()).unwrap().to_string();
    cloud::set_text(&format!("T#{}#", teacher.org), &format!("API_KEY#{id}"), "valid_until", &past).await;
    get(&key, &format!("/v1/orgs/{}/assessments", teacher.org)).await.expect_problem(401, "api_key_invalid");
}

#[tokio::test]
async fn no_key_can_decide_who_may_do_what() {
    let teacher = Teacher::new().await;
    let path = format!("/v1/orgs/{}/api-keys", teacher.org);
    for permission in ["manage_members", "create_api_keys", "manage_api_keys", "delete_organization", "manage_privacy"]
    {
        let body = json!({ "name": "K", "permissions": [permission], "days": 1 });
        teacher.post(&path, body).await.expect_problem(403, "permission_refused");
    }
    let too_long = json!({ "name": "K", "permissions": ["read_assessments"], "days": 367 });
    teacher.post(&path, too_long).await.expect_problem(400, "days_invalid");
    let none = json!({ "name": "K", "permissions": [], "days": 1 });
    teacher.post(&path, none).await.expect_problem(400, "permissions_missing");
    let unknown = json!({ "name": "K", "permissions": ["become_root"], "days": 1 });
    teacher.post(&path, unknown).await.expect_problem(400, "body_invalid");
}
