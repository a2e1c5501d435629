//! Accounts: verifying, passwords, sessions, the second factor. Mail is what the system really sent.

use std::time::{Duration, Instant, SystemTime};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use smartscripts_e2e::{
    Answer, Teacher, cloud, cookie,
    mail::{mail, mail_number, mails_to},
    open, unique, url,
};
use totp_rs::{Builder, Secret};

/// The code that an authenticator app with this secret shows, `steps` half minutes from now.
fn code(secret: &str, steps: i64) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    totp.generate(now.checked_add_signed(steps * 30).unwrap()).to_string()
}

/// Sets a second factor up; returns its secret and the recovery codes.
async fn set_up_second_factor(teacher: &Teacher) -> (String, Vec<String>) {
    let begun = teacher.post("/v1/auth/second-factor", json!({ "password": teacher.password })).await.expect(200);
    let secret = begun["secret"].as_str().unwrap().to_owned();
    assert!(begun["uri"].as_str().unwrap().starts_with("otpauth://totp/SmartScripts:"), "{begun}");
    let wrong = json!({ "code": code(&secret, 1000) });
    teacher.post("/v1/auth/second-factor/confirm", wrong).await.expect_problem(401, "code_wrong");
    let right = json!({ "code": code(&secret, 0) });
    let confirmed = teacher.post("/v1/auth/second-factor/confirm", right).await.expect(200);
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn an_address_is_verified_by_the_link_in_a_mail_once() {
    let teacher = Teacher::without_organization().await;
    let account = teacher.get("/v1/auth/account").await.expect(200);
    assert_eq!((&account["email_verified"], &account["email"]), (&json!(false), &json!(teacher.email)));
    let first = mail(&teacher.email, "Verify your e-mail address").await;
    assert!(first.html.contains(&first.token()) && first.text.contains("Hello Test Teacher"), "{}", first.text);
    teacher.post("/v1/auth/resend-verification", json!({})).await.expect(202);
    let second = mail_number(&teacher.email, "Verify your e-mail address", 2).await;
    let verify = |token: String| open("/v1/auth/verify-email", json!({ "token": token }));
    verify("0".repeat(64)).await.expect_problem(400, "link_invalid");
    verify(second.token()).await.expect(204);
    verify(second.token()).await.expect_problem(400, "link_invalid");
    // A token that verifies an address sets no password.
    let other = json!({ "token": first.token(), "password": "another long password" });
    open("/v1/auth/reset-password", other).await.expect_problem(400, "link_invalid");
    assert_eq!(teacher.get("/v1/auth/account").await.expect(200)["email_verified"], true);
}

#[tokio::test]
async fn who_registers_a_taken_address_learns_nothing_and_its_owner_is_told() {
    let teacher = Teacher::without_organization().await;
    let again = json!({ "email": teacher.email.to_uppercase(), "password": "another long password", "name": "X" });
    let fresh = json!({ "email": format!("{}@school.example", unique("new")), "password": "another long password", "name": "X" });
    let (again, fresh) = (open("/v1/auth/register", again).await, open("/v1/auth/register", fresh).await);
    assert_eq!((again.status, &again.body), (fresh.status, &fresh.body));
    mail(&teacher.email, "You have an account already").await;
    assert_eq!(teacher.try_log_in("another long password", None).await.status(), 401);
    assert_eq!(teacher.try_log_in(&teacher.password, None).await.status(), 200);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_mail_and_all_sessions_end() {
    let teacher = Teacher::without_organization().await;
    open("/v1/auth/forgot-password", json!({ "email": teacher.email })).await.expect(202);
    let token = mail(&teacher.email, "Set a new password").await.token();
    let reset = |password: &str| open("/v1/auth/reset-password", json!({ "token": token, "password": password }));
    reset("too short").await.expect_problem(400, "password_too_short");
    reset("a brand new password").await.expect(204);
    reset("and yet another one").await.expect_problem(400, "link_invalid");
    mail(&teacher.email, "Your password was changed").await;
    assert_eq!(teacher.try_log_in(&teacher.password, None).await.status(), 401);
    assert_eq!(teacher.try_log_in("a brand new password", None).await.status(), 200);
    Answer::of(teacher.try_refresh(&teacher.refresh_cookie).await).await.expect_problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_and_no_mail() {
    let nobody = format!("{}@school.example", unique("nobody"));
    let teacher = Teacher::without_organization().await;
    let mut bodies = Vec::new();
    for email in [&nobody, &teacher.email] {
        bodies.push(open("/v1/auth/forgot-password", json!({ "email": email })).await.expect(202));
    }
    assert_eq!(bodies[0], bodies[1]);
    mail(&teacher.email, "Set a new password").await;
    assert!(mails_to(&nobody).await.is_empty());
}

#[tokio::test]
async fn an_unknown_user_takes_as_long_to_refuse() {
    let teacher = Teacher::without_organization().await;
    let median = async |email: &str| {
        let mut times = Vec::new();
        for _ in 0..7 {
            let credentials = json!({ "email": email, "password": "not the right password" });
            let started = Instant::now();
            open("/v1/auth/log-in", credentials).await.expect_problem(401, "credentials_wrong");
            times.push(started.elapsed());
        }
        times.sort();
        times[3]
    };
    let nobody = format!("{}@school.example", unique("nobody"));
    let (known, unknown) = (median(&teacher.email).await, median(&nobody).await);
    // Hashing takes most of the time; without it the answer would come several times faster.
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.5..2.0).contains(&ratio), "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn a_password_is_changed_and_other_sessions_end_but_not_this_one() {
    let teacher = Teacher::without_organization().await;
    let elsewhere = cookie(&teacher.try_log_in(&teacher.password, None).await);
    let change = async |current: &str, new: &str| {
        teacher.post("/v1/auth/change-password", json!({ "current": current, "new": new })).await
    };
    change("not the password", "a brand new password").await.expect_problem(403, "password_wrong");
    change(&teacher.password, "eight ch").await.expect_problem(400, "password_too_short");
    change(&teacher.password, "passwordpassword").await.expect_problem(400, "password_common");
    change(&teacher.password, &teacher.email).await.expect_problem(400, "password_common");
    let longest: String = "Grüße aus dem Süden, ".chars().cycle().take(200).collect();
    change(&teacher.password, &longest).await.expect(204);
    assert_eq!(teacher.try_log_in(&longest, None).await.status(), 200);
    assert_eq!(teacher.try_refresh(&teacher.refresh_cookie).await.status(), 200);
    Answer::of(teacher.try_refresh(&elsewhere).await).await.expect_problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn a_weaker_hash_is_replaced_when_its_owner_logs_in() {
    let teacher = Teacher::without_organization().await;
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8192, 1, 1, None).unwrap());
    let weak = weak.hash_password(teacher.password.as_bytes()).unwrap().to_string();
    cloud::set_text(&format!("P#{}#", teacher.user), "USER", "password_hash", &weak).await;
    assert_eq!(teacher.try_log_in(&teacher.password, None).await.status(), 200);
    let kept = cloud::item(&format!("P#{}#", teacher.user), "USER").await.unwrap();
    let kept = kept["password_hash"].as_s().unwrap().clone();
    assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    assert_eq!(teacher.try_log_in(&teacher.password, None).await.status(), 200);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let teacher = Teacher::without_organization().await;
    let other = teacher.try_log_in(&teacher.password, None).await;
    let other_cookie = cookie(&other);
    let other_token = Answer::of(other).await.expect(200)["access_token"].as_str().unwrap().to_owned();
    let sessions = teacher.get("/v1/auth/sessions").await.expect(200)["items"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    assert_eq!(sessions[0]["network"], "127.0.0.0/24");
    let ended = sessions.iter().find(|session| session["current"] == false).unwrap()["id"].as_str().unwrap();
    teacher.delete(&format!("/v1/auth/sessions/{ended}")).await.expect(204);
    teacher.delete(&format!("/v1/auth/sessions/{ended}")).await.expect_problem(404, "not_found");
    Answer::of(teacher.try_refresh(&other_cookie).await).await.expect_problem(401, "refresh_token_invalid");
    // A stranger can't end it, and the access token that was given out dies within a minute.
    let stranger = Teacher::without_organization().await;
    let own = sessions.iter().find(|session| session["current"] == true).unwrap()["id"].as_str().unwrap();
    stranger.delete(&format!("/v1/auth/sessions/{own}")).await.expect_problem(404, "not_found");
    cloud::eventually("the ended session's access token is refused", 60, async || {
        let sent = Client::new().get(url("/v1/auth/account")).bearer_auth(&other_token).send().await.unwrap();
        sent.status() == StatusCode::UNAUTHORIZED
    })
    .await;
    assert_eq!(teacher.get("/v1/auth/account").await.status, 200);
}

#[tokio::test]
async fn a_replay_after_the_grace_ends_the_family() {
    let teacher = Teacher::without_organization().await;
    let successor = cookie(&teacher.try_refresh(&teacher.refresh_cookie).await);
    // Within the grace the same token still gets the same successor; later it shows that somebody has a copy.
    assert_eq!(cookie(&teacher.try_refresh(&teacher.refresh_cookie).await), successor);
    tokio::time::sleep(Duration::from_secs(32)).await;
    Answer::of(teacher.try_refresh(&teacher.refresh_cookie).await).await.expect_problem(401, "refresh_token_invalid");
    Answer::of(teacher.try_refresh(&successor).await).await.expect_problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn a_second_factor_is_demanded_and_each_code_works_once() {
    let mut teacher = Teacher::without_organization().await;
    let elsewhere = cookie(&teacher.try_log_in(&teacher.password, None).await);
    let (secret, recovery_codes) = set_up_second_factor(&teacher).await;
    assert_eq!(recovery_codes.len(), 10);
    mail(&teacher.email, "Your second factor was changed").await;
    Answer::of(teacher.try_refresh(&elsewhere).await).await.expect_problem(401, "refresh_token_invalid");
    let try_code = async |code: Option<&str>| Answer::of(teacher.try_log_in(&teacher.password, code).await).await;
    try_code(None).await.expect_problem(401, "second_factor_needed");
    // The code that confirmed it was used up by that.
    try_code(Some(&code(&secret, 0))).await.expect_problem(401, "code_wrong");
    let next = code(&secret, 1);
    try_code(Some(&next)).await.expect(200);
    try_code(Some(&next)).await.expect_problem(401, "code_wrong");
    let with_recovery_code = try_code(Some(&recovery_codes[0])).await.expect(200);
    try_code(Some(&recovery_codes[0])).await.expect_problem(401, "code_wrong");
    teacher.token = with_recovery_code["access_token"].as_str().unwrap().to_owned();
    assert_eq!(teacher.get("/v1/auth/account").await.expect(200)["recovery_codes"], 9);
    let renewed = teacher.post("/v1/auth/second-factor/recovery-codes", json!({ "password": teacher.password })).await;
    let renewed = renewed.expect(200)["recovery_codes"][0].as_str().unwrap().to_owned();
    // Beside a second factor eight characters are enough, but then the factor can't be removed.
    let short = json!({ "current": teacher.password, "new": "Zx9 kqTw" });
    teacher.post("/v1/auth/change-password", short).await.expect(204);
    let remove = json!({ "password": "Zx9 kqTw", "code": renewed });
    teacher.post("/v1/auth/second-factor/remove", remove.clone()).await.expect_problem(409, "password_too_short");
    let long = json!({ "current": "Zx9 kqTw", "new": teacher.password });
    teacher.post("/v1/auth/change-password", long).await.expect(204);
    let remove = json!({ "password": teacher.password, "code": renewed });
    teacher.post("/v1/auth/second-factor/remove", remove).await.expect(204);
    assert_eq!(teacher.try_log_in(&teacher.password, None).await.status(), 200);
}

#[tokio::test]
async fn an_organization_can_demand_a_second_factor_of_its_staff() {
    let mut owner = Teacher::new().await;
    let (grader, student) = (owner.member("grader").await, owner.member("student").await);
    let demand = json!({ "version": 1, "require_second_factor": true });
    owner.patch(&owner.at(""), demand.clone()).await.expect_problem(409, "second_factor_missing");
    let (secret, _) = set_up_second_factor(&owner).await;
    let session = Answer::of(owner.try_log_in(&owner.password, Some(&code(&secret, 1))).await).await.expect(200);
    owner.token = session["access_token"].as_str().unwrap().to_owned();
    owner.patch(&owner.at(""), demand).await.expect(200);
    grader.get(&grader.at("/assessments")).await.expect_problem(403, "second_factor_required");
    owner.get(&owner.at("/assessments")).await.expect(200);
    student.get(&student.at("")).await.expect(200);
}

#[tokio::test]
async fn guessing_is_held_back_and_told_when_to_try_again() {
    let teacher = Teacher::without_organization().await;
    // Logging in took one of ten.
    for _ in 0..9 {
        Answer::of(teacher.try_log_in("not the right password", None).await)
            .await
            .expect_problem(401, "credentials_wrong");
    }
    let held_back = teacher.try_log_in(&teacher.password, None).await;
    let retry_after: u64 = held_back.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&retry_after), "{retry_after}");
    Answer::of(held_back).await.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn accounts_are_for_persons() {
    let paths = [
        (Method::GET, "/v1/auth/account"),
        (Method::GET, "/v1/auth/sessions"),
        (Method::POST, "/v1/auth/change-password"),
        (Method::POST, "/v1/auth/second-factor"),
    ];
    for (method, path) in paths {
        let sent = Client::new().request(method, url(path)).json(&json!({})).send().await.unwrap();
        Answer::of(sent).await.expect_problem(401, "token_missing");
    }
}
