//! Organizations, their members, invitations and teams, as people use them. Mail is what the system really sent.

use futures::future::join_all;
use serde_json::{Value, json};
use smartscripts_e2e::{
    Answer, Teacher, cloud,
    mail::{INVITATION, mail, mail_number},
    open, unique,
};

/// The member as the organization lists it.
async fn listed(by: &Teacher, user: &str) -> Value {
    let members = by.get(&by.at("/members?limit=100")).await.expect(200);
    members["items"].as_array().unwrap().iter().find(|member| member["user"] == user).cloned().unwrap_or_default()
}

/// Changes a member as it stands.
async fn change(by: &Teacher, user: &str, mut change: Value) -> Answer {
    let owner_view = cloud::item(&format!("T#{}#", by.org), &format!("MEMBER#{user}")).await.unwrap();
    change["version"] = owner_view["version"].as_n().unwrap().parse().unwrap();
    by.patch(&by.at(&format!("/members/{user}")), change).await
}

async fn accept(member: &Teacher, token: &str) -> Answer {
    member.post("/v1/invites/accept", json!({ "token": token })).await
}

#[tokio::test]
async fn an_organization_is_renamed_by_those_who_saw_it_last() {
    let owner = Teacher::new().await;
    let renamed = owner.patch(&owner.at(""), json!({ "version": 1, "name": " New Name " })).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("New Name"), &json!(2)));
    assert_eq!(owner.get(&owner.at("")).await.expect(200), renamed);
    owner.patch(&owner.at(""), json!({ "version": 1, "name": "Late" })).await.expect_problem(409, "version_old");
    owner.patch(&owner.at(""), json!({ "version": 2, "name": " " })).await.expect_problem(400, "name_invalid");
    let unknown = json!({ "version": 2, "delete_at": null });
    owner.patch(&owner.at(""), unknown).await.expect_problem(400, "body_invalid");
}

#[tokio::test]
async fn a_deleted_organization_rests_for_thirty_days_and_can_come_back() {
    let owner = Teacher::new().await;
    let admin = owner.member("admin").await;
    admin.delete(&admin.at("")).await.expect_problem(403, "forbidden");
    let deleted = owner.delete(&owner.at("")).await.expect(200);
    let delete_at: jiff::Timestamp = deleted["delete_at"].as_str().unwrap().parse().unwrap();
    let days = delete_at.duration_since(jiff::Timestamp::now()).as_hours() / 24;
    assert!((29..=30).contains(&days), "{delete_at}");
    // Asked again, it stays at the first date.
    assert_eq!(owner.delete(&owner.at("")).await.expect(200), deleted);
    admin.get(&admin.at("/assessments")).await.expect_problem(409, "organization_deleted");
    owner.post(&owner.at("/teams"), json!({ "name": "T" })).await.expect_problem(409, "organization_deleted");
    assert_eq!(admin.get(&admin.at("")).await.expect(200)["delete_at"], deleted["delete_at"]);
    admin.post(&admin.at("/restore"), json!({})).await.expect_problem(403, "forbidden");
    assert_eq!(owner.post(&owner.at("/restore"), json!({})).await.expect(200)["delete_at"], Value::Null);
    admin.get(&admin.at("/assessments")).await.expect(200);
}

#[tokio::test]
async fn an_invited_stranger_makes_an_account_by_the_link() {
    let owner = Teacher::new().await;
    let team = owner.post(&owner.at("/teams"), json!({ "name": "7b" })).await.expect(201);
    let email = format!("{}@school.example", unique("new"));
    // Spaces and capitals are the same address.
    let invite = json!({ "email": format!(" {} ", email.to_uppercase()), "role": "teacher", "teams": [team["id"]] });
    let invite = owner.invite(invite).await;
    assert_eq!((&invite["email"], &invite["state"]), (&json!(email), &json!("pending")));
    let sent = mail(&email, INVITATION).await;
    assert!(sent.text.contains("Test School invites you as a teacher."), "{}", sent.text);
    let token = sent.token();
    let looked_up = open("/v1/auth/look-up-invite", json!({ "token": token })).await.expect(200);
    let expected =
        json!({ "organization_name": "Test School", "email": email, "role": "teacher", "has_account": false });
    assert_eq!(looked_up, expected);
    let with = |token: &str, password: &str| json!({ "token": token, "password": password, "name": "Ada" });
    let accept = async |body: Value| open("/v1/auth/accept-invite", body).await;
    accept(with(&"0".repeat(64), "a long enough password")).await.expect_problem(400, "invite_invalid");
    accept(with(&token, "short")).await.expect_problem(400, "password_too_short");
    let member = accept(with(&token, "a long enough password")).await.expect(201);
    assert_eq!((&member["name"], &member["teams"]), (&json!("Ada"), &json!([team["id"]])));
    accept(with(&token, "a long enough password")).await.expect_problem(400, "invite_invalid");
    let credentials = json!({ "email": email, "password": "a long enough password" });
    open("/v1/auth/log-in", credentials).await.expect(200);
    let invites = owner.get(&owner.at("/invites")).await.expect(200);
    assert_eq!(invites["items"][0]["state"], "accepted");
    // Another invitation to the same address is no use.
    let again = json!({ "invites": [{ "email": email, "role": "admin" }] });
    let again = owner.post(&owner.at("/invites"), again).await.expect(200);
    assert_eq!(again["results"][0]["refused"], "already_member");
}

#[tokio::test]
async fn who_has_an_account_joins_with_it_and_may_be_in_several_organizations() {
    let (owner, member) = (Teacher::new().await, Teacher::new().await);
    owner.invite(json!({ "email": member.email, "role": "grader" })).await;
    let token = mail(&member.email, INVITATION).await.token();
    assert_eq!(open("/v1/auth/look-up-invite", json!({ "token": token })).await.expect(200)["has_account"], true);
    let new_account = json!({ "token": token, "password": "a long enough password", "name": "Ada" });
    open("/v1/auth/accept-invite", new_account).await.expect_problem(409, "account_exists");
    let stranger = Teacher::without_organization().await;
    accept(&stranger, &token).await.expect_problem(403, "other_address");
    assert_eq!(accept(&member, &token).await.expect(201)["role"], "grader");
    accept(&member, &token).await.expect_problem(400, "invite_invalid");
    let organizations = member.get("/v1/orgs").await.expect(200);
    let roles: Vec<&Value> =
        organizations["items"].as_array().unwrap().iter().map(|item| &item["membership"]["role"]).collect();
    assert_eq!(roles.len(), 2, "{organizations}");
    assert!(roles.contains(&&json!("owner")) && roles.contains(&&json!("grader")), "{organizations}");
}

#[tokio::test]
async fn of_two_who_accept_at_once_one_wins() {
    let owner = Teacher::new().await;
    let email = format!("{}@school.example", unique("race"));
    owner.invite(json!({ "email": email, "role": "student" })).await;
    let token = mail(&email, INVITATION).await.token();
    let acceptance = json!({ "token": token, "password": "a long enough password", "name": "Ada" });
    let answers = join_all((0..6).map(|_| open("/v1/auth/accept-invite", acceptance.clone()))).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    let lost = answers.iter().filter(|answer| answer.status.is_client_error()).count();
    assert_eq!((won, lost), (1, 5), "{answers:?}");
    let members = owner.get(&owner.at("/members")).await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 2, "{members}");
}

#[tokio::test]
async fn an_invitation_can_be_sent_again_taken_back_and_runs_out() {
    let owner = Teacher::new().await;
    let email = format!("{}@school.example", unique("slow"));
    let invite = owner.invite(json!({ "email": email, "role": "grader" })).await;
    let path = owner.at(&format!("/invites/{}", invite["id"].as_str().unwrap()));
    let twice = json!({ "invites": [{ "email": email, "role": "grader" }] });
    let twice = owner.post(&owner.at("/invites"), twice).await.expect(200);
    assert_eq!(twice["results"][0]["refused"], "already_invited");
    let first = mail(&email, INVITATION).await.token();
    let looked_up = async |token: &str| open("/v1/auth/look-up-invite", json!({ "token": token })).await;
    looked_up(&first).await.expect(200);
    // Seven days later.
    let (pk, sk) = (format!("T#{}#", owner.org), format!("INVITE#{}", invite["id"].as_str().unwrap()));
    cloud::set_text(&pk, &sk, "valid_until", "2026-01-01T00:00:00Z").await;
    looked_up(&first).await.expect_problem(400, "invite_invalid");
    let resent = owner.post(&format!("{path}/resend"), json!({})).await.expect(200);
    let left = resent["valid_until"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(left.duration_since(jiff::Timestamp::now()).as_hours() / 24, 6);
    let second = mail_number(&email, INVITATION, 2).await.token();
    looked_up(&second).await.expect(200);
    assert_eq!(owner.delete(&path).await.expect(200)["state"], "revoked");
    for token in [&first, &second] {
        looked_up(token).await.expect_problem(400, "invite_invalid");
        let acceptance = json!({ "token": token, "password": "a long enough password", "name": "Ada" });
        open("/v1/auth/accept-invite", acceptance).await.expect_problem(400, "invite_invalid");
    }
    owner.post(&format!("{path}/resend"), json!({})).await.expect_problem(409, "invite_ended");
}

#[tokio::test]
async fn many_are_invited_at_once_or_none_if_the_list_is_wrong() {
    let owner = Teacher::new().await;
    let address = |n: u32| format!("{}-{n}@school.example", owner.org.to_lowercase());
    let invite = |email: &str| json!({ "email": email, "role": "student" });
    let wrong = json!({ "invites": [invite(&address(1)), invite("no address")] });
    owner.post(&owner.at("/invites"), wrong).await.expect_problem(400, "email_invalid");
    assert_eq!(owner.get(&owner.at("/invites")).await.expect(200)["items"], json!([]));
    let many: Vec<Value> =
        [1, 2, 3, 1].into_iter().map(|n| invite(&address(n))).chain([invite(&owner.email)]).collect();
    let answer = owner.post(&owner.at("/invites"), json!({ "invites": many })).await.expect(200);
    let refused: Vec<&Value> = answer["results"].as_array().unwrap().iter().map(|result| &result["refused"]).collect();
    let expected = json!([null, null, null, "already_invited", "already_member"]);
    assert_eq!(json!(refused), expected);
    let admin = owner.member("admin").await;
    let owners = json!({ "invites": [{ "email": address(9), "role": "owner" }] });
    admin.post(&admin.at("/invites"), owners).await.expect_problem(403, "appointment_refused");
}

#[tokio::test]
async fn a_member_who_is_shut_out_is_out_at_once_and_a_new_role_counts_at_once() {
    let owner = Teacher::new().await;
    let member = owner.member("grader").await;
    let path = member.at("/assessments");
    member.post(&path, json!({ "title": "T" })).await.expect_problem(403, "forbidden");
    change(&owner, &member.user, json!({ "role": "teacher" })).await.expect(200);
    member.post(&path, json!({ "title": "T" })).await.expect(201);
    let stale = json!({ "version": 1, "role": "student" });
    owner.patch(&owner.at(&format!("/members/{}", member.user)), stale).await.expect_problem(409, "version_old");
    // Shut out: the organization is gone at the next call, the session at the next refresh, the token within a minute.
    change(&owner, &member.user, json!({ "disabled": true })).await.expect(200);
    let refresh = Answer::of(member.try_refresh(&member.refresh_cookie).await).await;
    refresh.expect_problem(401, "refresh_token_invalid");
    assert!(member.get(&path).await.status.is_client_error());
    let refused = async || member.get("/v1/auth/account").await.status == 401;
    cloud::eventually("the access token is refused", 60, refused).await;
    // The account is the person's own: logged in anew, it is only this organization that is closed.
    let mut back = member.clone();
    back.log_in().await;
    back.get(&path).await.expect_problem(404, "not_found");
    change(&owner, &member.user, json!({ "disabled": false })).await.expect(200);
    back.get(&path).await.expect(200);
}

#[tokio::test]
async fn an_admin_rules_over_all_but_owners() {
    let owner = Teacher::new().await;
    let (admin, teacher) = (owner.member("admin").await, owner.member("teacher").await);
    change(&admin, &teacher.user, json!({ "role": "owner" })).await.expect_problem(403, "appointment_refused");
    change(&admin, &owner.user, json!({ "role": "student" })).await.expect_problem(403, "appointment_refused");
    let owners = admin.at(&format!("/members/{}", owner.user));
    admin.delete(&owners).await.expect_problem(403, "appointment_refused");
    change(&admin, &teacher.user, json!({ "role": "grader" })).await.expect(200);
    assert_eq!(listed(&owner, &teacher.user).await["role"], "grader");
    admin.delete(&admin.at(&format!("/members/{}", teacher.user))).await.expect(204);
    teacher.get(&teacher.at("")).await.expect_problem(404, "not_found");
    assert_eq!(teacher.get("/v1/orgs").await.expect(200)["items"], json!([]));
    assert_eq!(listed(&owner, &teacher.user).await, Value::Null);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let owner = Teacher::new().await;
    let own = owner.at(&format!("/members/{}", owner.user));
    owner.post(&owner.at("/leave"), json!({})).await.expect_problem(409, "last_owner");
    owner.delete(&own).await.expect_problem(409, "last_owner");
    change(&owner, &owner.user, json!({ "role": "admin" })).await.expect_problem(409, "last_owner");
    change(&owner, &owner.user, json!({ "disabled": true })).await.expect_problem(409, "last_owner");
    // Two owners who leave, step down, or are removed at the same moment: one stays.
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(owner.member("owner").await);
    }
    let removal = owner.at(&format!("/members/{}", others[0].user));
    owner.delete(&removal).await.expect(204);
    change(&owner, &others[1].user, json!({ "role": "teacher" })).await.expect(200);
    let (one, other) = (&owner, &others[2]);
    let leave = |member: &Teacher| {
        let member = member.clone();
        async move { member.post(&member.at("/leave"), json!({})).await }
    };
    let answers = join_all([leave(one), leave(other)]).await;
    let left = answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!(left, 1, "{answers:?}");
    let stays = if answers[0].status == 204 { other } else { one };
    stays.get(&stays.at("")).await.expect(200);
}

#[tokio::test]
async fn a_teacher_keeps_the_own_classes() {
    let owner = Teacher::new().await;
    let (teacher, grader) = (owner.member("teacher").await, owner.member("grader").await);
    let others = owner.post(&owner.at("/teams"), json!({ "name": "8a" })).await.expect(201);
    let own = teacher.post(&teacher.at("/teams"), json!({ "name": "7b" })).await.expect(201);
    let team = |team: &Value, rest: &str| owner.at(&format!("/teams/{}{rest}", team["id"].as_str().unwrap()));
    // Teams that one isn't in aren't there.
    let seen = teacher.get(&teacher.at("/teams")).await.expect(200);
    assert_eq!(seen["items"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(owner.get(&owner.at("/teams")).await.expect(200)["items"].as_array().unwrap().len(), 2);
    let rename = json!({ "version": 1, "name": "X" });
    teacher.patch(&team(&others, ""), rename.clone()).await.expect_problem(404, "not_found");
    let renamed = teacher.patch(&team(&own, ""), json!({ "version": 1, "name": "7c" })).await.expect(200);
    assert_eq!(renamed["name"], "7c");
    // A grader of the class sees what belongs to it, as long as she is in it.
    let assessment = json!({ "title": "T", "team": own["id"] });
    let assessment = teacher.post(&teacher.at("/assessments"), assessment).await.expect(201);
    let path = grader.at(&format!("/assessments/{}", assessment["id"].as_str().unwrap()));
    grader.get(&path).await.expect_problem(404, "not_found");
    let place = team(&own, &format!("/members/{}", grader.user));
    let put = teacher.put(&place).await.expect(200);
    assert_eq!(teacher.put(&place).await.expect(200), put);
    grader.get(&path).await.expect(200);
    assert_eq!(grader.get(&grader.at("/members")).await.expect(200)["items"].as_array().unwrap().len(), 2);
    grader.put(&place).await.expect_problem(403, "forbidden");
    teacher.delete(&team(&own, "")).await.expect_problem(409, "team_not_empty");
    teacher.delete(&place).await.expect(200);
    teacher.delete(&place).await.expect(200);
    grader.get(&path).await.expect_problem(404, "not_found");
    // Empty, it can go.
    let empty = teacher.post(&teacher.at("/teams"), json!({ "name": "9d" })).await.expect(201);
    teacher.delete(&team(&empty, "")).await.expect(204);
    assert_eq!(listed(&owner, &teacher.user).await["teams"], json!([own["id"]]));
    owner.delete(&team(&others, "")).await.expect(204);
}

#[tokio::test]
async fn a_student_of_the_roster_is_invited_and_known_by_the_account() {
    let owner = Teacher::new().await;
    let team = owner.post(&owner.at("/teams"), json!({ "name": "7b" })).await.expect(201)["id"].clone();
    let email = format!("{}@school.example", unique("student"));
    let student = json!({ "number": "24-1", "name": "Ada Student", "email": email, "teams": [team] });
    let student = owner.post(&owner.at("/students"), student).await.expect(201);
    let as_teacher = json!({ "invites": [{ "role": "teacher", "student": student["id"] }] });
    owner.post(&owner.at("/invites"), as_teacher).await.expect_problem(400, "role_invalid");
    let invite = owner.invite(json!({ "role": "student", "student": student["id"] })).await;
    assert_eq!((&invite["email"], &invite["teams"]), (&json!(email), &json!([team])));
    let token = mail(&email, INVITATION).await.token();
    let acceptance = json!({ "token": token, "password": "a long enough password", "name": "Ada Student" });
    let member = open("/v1/auth/accept-invite", acceptance).await.expect(201);
    assert_eq!((&member["student"], &member["teams"]), (&student["id"], &json!([team])));
    let path = owner.at(&format!("/students/{}", student["id"].as_str().unwrap()));
    assert_eq!(owner.get(&path).await.expect(200)["user"], member["user"]);
    owner.delete(&owner.at(&format!("/members/{}", member["user"].as_str().unwrap()))).await.expect(204);
    assert_eq!(owner.get(&path).await.expect(200)["user"], Value::Null);
    let nobody = json!({ "invites": [{ "role": "student", "student": "stu_00000000000000000000000001" }] });
    owner.post(&owner.at("/invites"), nobody).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_student_who_leaves_stays_on_the_roster_without_the_account() {
    let owner = Teacher::new().await;
    let email = format!("{}@school.example", unique("student"));
    let student = json!({ "number": "24-2", "name": "Ada Student", "email": email });
    let student = owner.post(&owner.at("/students"), student).await.expect(201);
    let member = owner.joined_by(json!({ "role": "student", "student": student["id"] })).await;
    let path = owner.at(&format!("/students/{}", student["id"].as_str().unwrap()));
    assert_eq!(owner.get(&path).await.expect(200)["user"], json!(member.user));
    member.post(&member.at("/leave"), json!({})).await.expect(204);
    let left = owner.get(&path).await.expect(200);
    assert_eq!((&left["user"], &left["name"]), (&Value::Null, &json!("Ada Student")));
}
