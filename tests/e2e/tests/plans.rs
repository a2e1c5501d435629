//! What a plan includes, and what is refused beyond it. What was used before is put straight into the table.

use futures::future::join_all;
use jiff::{Timestamp, ToSpan};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use smartscripts_e2e::{Answer, Assessment, File, GOOD_SCRIPT, Teacher, cloud, small_guide, unique, upload, url};

/// What the organization has used, as its owner sees it.
async fn usage(teacher: &Teacher) -> Value {
    teacher.get(&teacher.at("/usage")).await.expect(200)
}

/// How many scripts the organization has used this month.
async fn scripts(teacher: &Teacher) -> u64 {
    let usage = usage(teacher).await;
    let of_all = |item: &&Value| item["month"] == usage["month"] && item["team"].is_null();
    usage["items"].as_array().unwrap().iter().find(of_all).map_or(0, |item| item["scripts"].as_u64().unwrap())
}

/// Announces a typed script.
async fn announce(assessment: &Assessment) -> Answer {
    let body = json!({ "student_number": unique("n"), "files": [{ "content_type": "text/plain" }] });
    assessment.teacher.post(&format!("{}/submissions", assessment.path), body).await
}

/// The queue and the message of each step of a script's way.
fn messages(assessment: &Assessment, submission: &str, run: u32) -> Vec<(&'static str, Value)> {
    let assessment_id = assessment.path.rsplit('/').next().unwrap();
    let job = |extra: Value| {
        let mut job =
            json!({ "org": assessment.teacher.org, "assessment": assessment_id, "submission": submission, "run": run });
        job.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "schema_version": 1, "request_id": "again", "job": job })
    };
    let answers = ["1", "2", "3"].map(|question| ("GRADE_QUEUE_URL", job(json!({ "question": question }))));
    answers.into_iter().chain([("READ_QUEUE_URL", job(json!({ "file": 1 })))]).collect()
}

/// Delivers every message once more, also as a dead letter, and waits until they are done with.
async fn deliver_again(assessment: &Assessment, submission: &str, run: u32) {
    for (queue, message) in messages(assessment, submission, run) {
        cloud::send(queue, &message).await;
        cloud::send(&queue.replace("QUEUE", "DEAD_LETTER_QUEUE"), &message).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
}

#[tokio::test]
async fn of_a_hundred_scripts_at_once_with_forty_left_exactly_forty_are_graded() {
    let teacher = Teacher::on_plan("free").await;
    let assessment = teacher.assessment(small_guide()).await;
    teacher.use_scripts(20).await;
    let announced = join_all((0..100).map(|_| announce(&assessment))).await;
    let (taken, refused): (Vec<_>, Vec<_>) =
        announced.into_iter().partition(|answer| answer.status == StatusCode::CREATED);
    assert_eq!((taken.len(), refused.len()), (40, 60));
    for answer in refused {
        let problem = answer.expect_problem(402, "quota_exhausted");
        assert_eq!(problem["plan"], "teacher", "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("60") && detail.contains("free") && detail.contains("teacher"), "{detail}");
    }
    let mut ids = Vec::new();
    for answer in taken {
        let announced = answer.expect(201);
        let status = upload(&announced["uploads"][0], GOOD_SCRIPT.as_bytes().to_vec()).await;
        assert_eq!(status, StatusCode::CREATED);
        ids.push(announced["submission"]["id"].as_str().unwrap().to_owned());
    }
    for id in &ids {
        let submission = assessment.finished(id).await;
        assert_eq!(submission["state"], "graded", "{submission}");
    }
    let progress = assessment.progress().await;
    assert_eq!((&progress["submitted"], &progress["graded"]), (&json!(40), &json!(40)), "{progress}");
    assert_eq!(scripts(&teacher).await, 60);
    // Each counts once, however often its messages are delivered.
    deliver_again(&assessment, &ids[0], 1).await;
    assert_eq!(scripts(&teacher).await, 60);
    // A graded script that is deleted was graded all the same; on a larger plan there is room again.
    teacher.delete(&format!("{}/submissions/{}", assessment.path, ids[0])).await.expect(204);
    announce(&assessment).await.expect_problem(402, "quota_exhausted");
    teacher.set_plan("teacher").await;
    announce(&assessment).await.expect(201);
    assert_eq!(scripts(&teacher).await, 61);
}

#[tokio::test]
async fn what_fails_gives_its_unit_back_once_and_a_retry_takes_one_again() {
    let teacher = Teacher::on_plan("free").await;
    let assessment = teacher.assessment(small_guide()).await;
    teacher.use_scripts(58).await;
    let no_picture = File { content_type: "image/png", content: b"no picture".to_vec() };
    let id = assessment.submit(&[no_picture]).await;
    let failed = assessment.finished(&id).await;
    assert_eq!((&failed["state"], &failed["quota_unit"]), (&json!("failed"), &Value::Null), "{failed}");
    assert_eq!(scripts(&teacher).await, 58);
    deliver_again(&assessment, &id, 1).await;
    assert_eq!(scripts(&teacher).await, 58);

    let retry = format!("{}/submissions/{id}/retry", assessment.path);
    teacher.use_scripts(60).await;
    let problem = teacher.post(&retry, json!({})).await.expect_problem(402, "quota_exhausted");
    assert_eq!(problem["plan"], "teacher");
    assert_eq!(assessment.submission(&id).await, failed, "what is refused changes nothing");
    teacher.use_scripts(59).await;
    let retried = teacher.post(&retry, json!({})).await.expect(202);
    assert!(retried["quota_unit"]["month"].is_string(), "{retried}");
    assert_eq!(assessment.finished(&id).await["state"], "failed");
    cloud::eventually("the unit is given back", 10, async || scripts(&teacher).await == 59).await;

    // What was announced and never handed in is given back when it is deleted.
    let waiting = announce(&assessment).await.expect(201)["submission"]["id"].clone();
    assert_eq!(scripts(&teacher).await, 60);
    teacher.delete(&format!("{}/submissions/{}", assessment.path, waiting.as_str().unwrap())).await.expect(204);
    assert_eq!(scripts(&teacher).await, 59);
}

#[tokio::test]
async fn usage_is_seen_by_month_and_by_team() {
    let owner = Teacher::on_plan("school").await;
    let team =
        async |name: &str| owner.post(&owner.at("/teams"), json!({ "name": name })).await.expect(201)["id"].clone();
    let (one, other) = (team("7a").await, team("7b").await);
    let mut assessments = Vec::new();
    for team in [&one, &other] {
        let created = owner.post(&owner.at("/assessments"), json!({ "title": "T", "team": team })).await.expect(201);
        let path = owner.at(&format!("/assessments/{}", created["id"].as_str().unwrap()));
        owner.post(&format!("{path}/guides"), small_guide()).await.expect(201);
        assessments.push(Assessment { teacher: owner.clone(), path });
    }
    // Beyond its 20,000 scripts a school pays for each: nothing is refused.
    owner.use_scripts(20_000).await;
    for assessment in [&assessments[0], &assessments[0], &assessments[1]] {
        announce(assessment).await.expect(201);
    }
    let seen = usage(&owner).await;
    assert_eq!(
        (&seen["plan"], &seen["is_metered"], &seen["scripts_a_month"]),
        (&json!("school"), &json!(true), &json!(20_000))
    );
    assert_eq!(seen["scripts_charged"], 3);
    let month = &seen["month"];
    let of = |team: &Value, scripts: u32| json!({ "month": month, "team": team, "scripts": scripts, "metered": 0 });
    let sum = json!({ "month": month, "team": null, "scripts": 20_003, "metered": 20_003 });
    let mut items = vec![sum.clone(), of(&one, 2), of(&other, 1)];
    items[1..].sort_by_key(|item| item["team"].as_str().unwrap().to_owned());
    assert_eq!(seen["items"], json!(items));
    // A teacher sees the sum and the own teams, a grader nothing.
    let invite = json!({ "email": format!("{}@school.example", unique("t")), "role": "teacher", "teams": [one] });
    let teacher = owner.joined_by(invite).await;
    assert_eq!(usage(&teacher).await["items"], json!([sum, of(&one, 2)]));
    let grader = owner.member("grader").await;
    grader.get(&grader.at("/usage")).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_feature_that_the_plan_lacks_is_refused_with_the_plan_that_has_it() {
    let owner = Teacher::on_plan("free").await;
    let key = json!({ "name": "K", "permissions": ["read_assessments"], "days": 1 });
    let (export, file) = (
        owner.at("/audit/exports"),
        json!({
            "format": "csv",
            "from": Timestamp::now().checked_sub(1.hour()).unwrap().to_string(),
            "to": Timestamp::now().checked_add(1.hour()).unwrap().to_string(),
        }),
    );
    for answer in [owner.post(&owner.at("/api-keys"), key.clone()).await, owner.post(&export, file.clone()).await] {
        assert_eq!(answer.expect_problem(402, "feature_not_in_plan")["plan"], "school");
    }
    let assessment = owner.assessment(small_guide()).await;
    let questions = format!("{}/questions/1/groups", assessment.path);
    let decide = async || owner.post(&format!("{questions}/decide"), json!({ "members": [] })).await;
    owner.get(&questions).await.expect(200);
    assert_eq!(decide().await.expect_problem(402, "feature_not_in_plan")["plan"], "teacher");
    owner.set_plan("teacher").await;
    decide().await.expect_problem(400, "members_invalid");
    owner.set_plan("school").await;
    owner.post(&export, file.clone()).await.expect(201);
    let created = owner.post(&owner.at("/api-keys"), key).await.expect(201);
    let call = async || {
        let request = Client::new().get(url(&owner.at("/assessments"))).bearer_auth(created["key"].as_str().unwrap());
        Answer::of(request.send().await.unwrap()).await
    };
    call().await.expect(200);
    // On a smaller plan the key is kept, and does nothing; it can still be revoked.
    owner.set_plan("teacher").await;
    call().await.expect_problem(402, "feature_not_in_plan");
    let id = created["api_key"]["id"].as_str().unwrap();
    owner.set_plan("school").await;
    call().await.expect(200);
    owner.set_plan("free").await;
    owner.delete(&owner.at(&format!("/api-keys/{id}"))).await.expect(204);
    owner.set_plan("school").await;
    call().await.expect_problem(401, "api_key_invalid");
    // What a role lacks, no plan gives.
    let teacher = owner.member("teacher").await;
    owner.set_plan("free").await;
    teacher.post(&export, file).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_plan_has_so_many_seats() {
    let owner = Teacher::on_plan("free").await;
    let invite = async |role: &str| {
        let invite = json!({ "email": format!("{}@school.example", unique(role)), "role": role });
        owner.post(&owner.at("/invites"), json!({ "invites": [invite] })).await
    };
    let refused = |answer: Answer| assert_eq!(answer.expect_problem(402, "seats_exhausted")["plan"], "teacher");
    let open = invite("grader").await.expect(200)["results"][0]["invite"]["id"].as_str().unwrap().to_owned();
    assert_eq!((&usage(&owner).await["seats_taken"], &usage(&owner).await["seats"]), (&json!(2), &json!(2)));
    refused(invite("teacher").await);
    // Students take no seat, until they work for the organization.
    let student = owner.member("student").await;
    let member = owner.at(&format!("/members/{}", student.user));
    refused(owner.patch(&member, json!({ "version": 1, "role": "grader" })).await);
    // An invitation that has expired gives its seat back, and needs one to be sent again.
    let past = "2026-01-01T00:00:00Z";
    cloud::set_text(&format!("T#{}#", owner.org), &format!("INVITE#{open}"), "valid_until", past).await;
    owner.patch(&member, json!({ "version": 1, "role": "grader" })).await.expect(200);
    let again = owner.at(&format!("/invites/{open}/resend"));
    refused(owner.post(&again, json!({})).await);
    // Whoever is shut out takes none.
    owner.patch(&member, json!({ "version": 2, "disabled": true })).await.expect(200);
    owner.post(&again, json!({})).await.expect(200);
    refused(owner.patch(&member, json!({ "version": 3, "disabled": false })).await);
    owner.set_plan("teacher").await;
    owner.patch(&member, json!({ "version": 3, "disabled": false })).await.expect(200);
    assert_eq!(usage(&owner).await["seats_taken"], 3);
}
