//! What the end-to-end tests share: a client of the public API, a small guide, and the cloud's own interfaces for what a
//! user cannot see. The running system is described by the environment (`.local/env`), which `make test` sets.

use std::{env, time::Duration};

use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

pub mod cloud;
pub mod mail;

/// How long a script may take before a test gives up on it. Redelivery after a crash waits for the visibility timeout.
const PATIENCE: Duration = Duration::from_mins(6);

/// A variable of the running system.
pub fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the end-to-end tests through `make test`"))
}

/// A teacher with an organization of her own.
#[derive(Clone)]
pub struct Teacher {
    client: Client,
    pub email: String,
    pub password: String,
    pub user: String,
    pub token: String,
    pub refresh_cookie: String,
    pub org: String,
}

/// An answer: status and body.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub request_id: String,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let status = response.status();
        let request_id = response.headers().get("x-request-id").map(|id| id.to_str().unwrap().to_owned());
        let body = response.bytes().await.unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Self { status, body, request_id: request_id.unwrap_or_default() }
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// Checks that it is a problem with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status);
        assert!(body["detail"].as_str().unwrap().len() > 10, "{body}");
        body
    }
}

pub fn url(path: &str) -> String {
    format!("{}{path}", variable("API_URL"))
}

pub fn unique(what: &str) -> String {
    format!("{what}-{:016x}", rand::random::<u64>())
}

impl Teacher {
    /// Registers, logs in, and creates an organization on a plan that refuses nothing.
    pub async fn new() -> Self {
        Self::on_plan("district").await
    }

    /// Registers, logs in, and creates an organization, which is then put on this plan.
    pub async fn on_plan(plan: &str) -> Self {
        let mut teacher = Self::without_organization().await;
        let org = teacher.post("/v1/orgs", json!({ "name": "Test School" })).await.expect(201);
        teacher.org = org["id"].as_str().unwrap().to_owned();
        teacher.set_plan(plan).await;
        teacher
    }

    /// Puts the organization on a plan, past the program that operators do that with.
    pub async fn set_plan(&self, plan: &str) {
        cloud::set_text(&format!("T#{}#", self.org), "ORGANIZATION", "plan", plan).await;
    }

    /// Registers and logs in.
    pub async fn without_organization() -> Self {
        let client = Client::new();
        let (email, password) = (format!("{}@school.example", unique("teacher")), "a long enough password".to_owned());
        let registration = json!({ "email": email, "password": password, "name": "Test Teacher" });
        let sent = client.post(url("/v1/auth/register")).json(&registration).send().await.unwrap();
        Answer::of(sent).await.expect(202);
        let mut teacher = Self {
            client,
            email,
            password,
            user: String::new(),
            token: String::new(),
            refresh_cookie: String::new(),
            org: String::new(),
        };
        teacher.log_in().await;
        teacher
    }

    /// Says that the organization has used so many scripts this month, all on the plan of now, straight in the table.
    pub async fn use_scripts(&self, scripts: u32) {
        let usage = self.get(&self.at("/usage")).await.expect(200);
        let metered = if usage["is_metered"] == true { scripts } else { 0 };
        cloud::use_scripts(&self.org, usage["month"].as_str().unwrap(), scripts, metered).await;
    }

    pub async fn log_in(&mut self) {
        let response = self.try_log_in(&self.password, None).await;
        self.refresh_cookie = cookie(&response);
        let body = Answer::of(response).await.expect(200);
        body["user_id"].as_str().unwrap().clone_into(&mut self.user);
        body["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    /// Tries to log in with this password and, where there is one, this code of the second factor.
    pub async fn try_log_in(&self, password: &str, code: Option<&str>) -> Response {
        let mut credentials = json!({ "email": self.email, "password": password });
        if let Some(code) = code {
            credentials["code"] = json!(code);
        }
        self.client.post(url("/v1/auth/log-in")).json(&credentials).send().await.unwrap()
    }

    /// Tries to refresh with this cookie.
    pub async fn try_refresh(&self, cookie: &str) -> Response {
        self.client.post(url("/v1/auth/refresh")).header("cookie", cookie).send().await.unwrap()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, url(path)).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body).send().await.unwrap()).await
    }

    pub async fn put(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::PUT, path).send().await.unwrap()).await
    }

    /// Sends a file as the body.
    pub async fn post_file(&self, path: &str, content: &[u8]) -> Answer {
        let request = self.request(Method::POST, path).header("content-type", "application/octet-stream");
        Answer::of(request.body(content.to_vec()).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    /// The path of this teacher's organization, and of something in it.
    pub fn at(&self, path: &str) -> String {
        format!("/v1/orgs/{}{path}", self.org)
    }

    /// Invites somebody who has no account, who accepts; returns the new member, logged in.
    pub async fn member(&self, role: &str) -> Self {
        let email = format!("{}@school.example", unique(role));
        self.joined_by(json!({ "email": email, "role": role })).await
    }

    /// Sends this invitation to somebody who has no account, who accepts; returns the new member, logged in.
    pub async fn joined_by(&self, invite: Value) -> Self {
        let invite = self.invite(invite).await;
        let email = invite["email"].as_str().unwrap().to_owned();
        let token = mail::mail(&email, mail::INVITATION).await.token();
        let mut member =
            Self { email, org: self.org.clone(), user: String::new(), token: String::new(), ..self.clone() };
        let acceptance = json!({ "token": token, "password": member.password, "name": "Test Member" });
        let accepted = open("/v1/auth/accept-invite", acceptance).await.expect(201);
        assert_eq!(accepted["role"], invite["role"]);
        member.log_in().await;
        member
    }

    /// Invites one person; returns the invitation.
    pub async fn invite(&self, invite: Value) -> Value {
        let mut answer = self.post(&self.at("/invites"), json!({ "invites": [invite] })).await.expect(200);
        assert_eq!(answer["results"][0]["refused"], Value::Null, "{answer}");
        answer["results"][0]["invite"].take()
    }

    /// Creates an assessment and publishes the guide.
    pub async fn assessment(&self, guide: Value) -> Assessment {
        let path = format!("/v1/orgs/{}/assessments", self.org);
        let created = self.post(&path, json!({ "title": "Test" })).await.expect(201);
        let path = format!("{path}/{}", created["id"].as_str().unwrap());
        self.post(&format!("{path}/guides"), guide).await.expect(201);
        Assessment { teacher: self.clone(), path }
    }
}

/// A call of an open route.
pub async fn open(path: &str, body: Value) -> Answer {
    Answer::of(Client::new().post(url(path)).json(&body).send().await.unwrap()).await
}

/// The refresh cookie that an answer sets, as `name=value`.
pub fn cookie(response: &Response) -> String {
    let cookie = response.headers().get("set-cookie").expect("a cookie").to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// An assessment with a guide.
#[derive(Clone)]
pub struct Assessment {
    pub teacher: Teacher,
    /// `/v1/orgs/{org}/assessments/{assessment}`
    pub path: String,
}

/// A file to hand in.
#[derive(Clone)]
pub struct File {
    pub content_type: &'static str,
    pub content: Vec<u8>,
}

impl File {
    pub fn text(text: &str) -> Self {
        Self { content_type: "text/plain", content: text.as_bytes().to_vec() }
    }
}

impl Assessment {
    /// Announces a submission with files of these types.
    pub async fn announce(&self, content_types: &[&str]) -> Value {
        let files: Vec<Value> = content_types.iter().map(|kind| json!({ "content_type": kind })).collect();
        let body = json!({ "student_name": "A Student", "student_number": unique("n"), "files": files });
        self.teacher.post(&format!("{}/submissions", self.path), body).await.expect(201)
    }

    /// Hands a script in; returns the submission's id.
    pub async fn submit(&self, files: &[File]) -> String {
        let kinds: Vec<&str> = files.iter().map(|file| file.content_type).collect();
        let announced = self.announce(&kinds).await;
        for (file, form) in files.iter().zip(announced["uploads"].as_array().unwrap()) {
            let status = upload(form, file.content.clone()).await;
            assert_eq!(status.as_u16(), 201, "{}", file.content_type);
        }
        announced["submission"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn submission(&self, id: &str) -> Value {
        self.teacher.get(&format!("{}/submissions/{id}", self.path)).await.expect(200)
    }

    /// Waits until the submission is no longer in progress.
    pub async fn finished(&self, id: &str) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let submission = self.submission(id).await;
            if ["graded", "needs_review", "failed"].contains(&submission["state"].as_str().unwrap()) {
                return submission;
            }
            assert!(tokio::time::Instant::now() < deadline, "not finished: {submission}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    pub async fn feedback(&self, id: &str) -> Value {
        self.teacher.get(&format!("{}/submissions/{id}/feedback", self.path)).await.expect(200)
    }

    pub async fn reading(&self, id: &str) -> Value {
        self.teacher.get(&format!("{}/submissions/{id}/reading", self.path)).await.expect(200)
    }

    pub async fn progress(&self) -> Value {
        self.teacher.get(&self.path).await.expect(200)["progress"].take()
    }
}

/// Sends a presigned form with this content.
pub async fn upload(form: &Value, content: Vec<u8>) -> StatusCode {
    upload_with(form, content, &[]).await
}

/// Sends a presigned form with some fields changed.
pub async fn upload_with(form: &Value, content: Vec<u8>, changed: &[(&str, &str)]) -> StatusCode {
    let mut multipart = Form::new();
    for (name, value) in form["fields"].as_object().unwrap() {
        let changed = changed.iter().find(|(field, _)| field == name).map(|(_, value)| *value);
        multipart = multipart.text(name.clone(), changed.unwrap_or(value.as_str().unwrap()).to_owned());
    }
    let multipart = multipart.part("file", Part::bytes(content).file_name("script"));
    Client::new().post(form["url"].as_str().unwrap()).multipart(multipart).send().await.unwrap().status()
}

/// A guide of three questions that a typed script answers in a moment.
pub fn small_guide() -> Value {
    json!({
        "schema_version": 1,
        "title": "Small test",
        "total_marks": 4,
        "questions": [
            { "label": "1", "text": "What is the capital of France?", "marks": 1, "marking": {
                "kind": "short_answer", "reference_answers": ["Paris"],
                "criteria": [{ "id": "capital", "description": "Paris", "marks": 1, "accepted_phrasings": ["Paris"] }] } },
            { "label": "2", "text": "A car drives 150 m in 10 s. How fast is it?", "marks": 2, "marking": {
                "kind": "numeric", "value": 15, "tolerance": 0.1, "units": ["m/s"], "unit_marks": 0.5 } },
            { "label": "3", "text": "Which gas do plants take in?", "marks": 1, "marking": {
                "kind": "single_choice", "correct": ["B"],
                "options": [{ "key": "A", "text": "Oxygen" }, { "key": "B", "text": "Carbon dioxide" }] } }
        ]
    })
}

/// A script that earns all four marks of the small guide.
pub const GOOD_SCRIPT: &str = "1. Paris\n2. 15 m/s\n3. B\n";

/// A guide of one question that is answered in words.
pub fn puddle_guide() -> Value {
    json!({
        "schema_version": 1,
        "title": "Puddles",
        "total_marks": 2,
        "questions": [
            { "label": "1", "text": "Why does a puddle disappear on a warm day?", "marks": 2, "marking": {
                "kind": "explanation",
                "reference_answers": ["The heat of the sun makes the water evaporate into the air."],
                "criteria": [
                    { "id": "evaporation", "description": "The water evaporates", "marks": 1,
                      "accepted_phrasings": ["the water turns into vapour"] },
                    { "id": "heat", "description": "The heat of the sun gives the energy", "marks": 1 }
                ] } }
        ]
    })
}
