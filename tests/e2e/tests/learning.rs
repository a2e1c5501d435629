//! What the machine learns of a teacher's decisions about a question: the answers that nobody has decided about follow them.

use serde_json::{Value, json};
use smartscripts_e2e::{Assessment, File, Teacher, cloud, puddle_guide, unique};

/// What the guide doesn't have, and this teacher accepts.
const SEEPED: &str = "1. The water seeped into the ground under the puddle.\n";
const SEEPED_TOO: &str = "1. The water has seeped into the ground under the puddle.\n";

/// Hands typed scripts in and waits until they are graded; returns their ids.
async fn graded(assessment: &Assessment, texts: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for text in texts {
        ids.push(assessment.submit(&[File::text(text)]).await);
    }
    for id in &ids {
        assert_ne!(assessment.finished(id).await["state"], "failed");
    }
    ids
}

/// What the script says of the answer to question 1.
async fn standing(assessment: &Assessment, script: &str) -> Value {
    assessment.submission(script).await["outcome"]["answers"]["1"].take()
}

async fn decide(assessment: &Assessment, script: &str, what: &str, body: Value) {
    let path = format!("{}/submissions/{script}/answers/1/{what}", assessment.path);
    assessment.teacher.post(&path, body).await.expect(200);
}

/// All marks for this answer.
async fn accept(assessment: &Assessment, script: &str) {
    let version = &standing(assessment, script).await["version"];
    let criteria = json!([{ "criterion": "evaporation", "marks": 1 }, { "criterion": "heat", "marks": 1 }]);
    decide(assessment, script, "override", json!({ "version": version, "criteria": criteria })).await;
}

async fn entries(teacher: &Teacher, action: &str) -> Vec<Value> {
    let mut page = teacher.get(&teacher.at(&format!("/audit?limit=100&action={action}"))).await.expect(200);
    page["items"].take().as_array().unwrap().clone()
}

/// Sends the task's message, and waits until it was taken.
async fn rescore(assessment: &Assessment) {
    let (org, asm) = assessment.path.strip_prefix("/v1/orgs/").unwrap().split_once("/assessments/").unwrap();
    let (request, job) = (unique("again"), json!({ "org": org, "assessment": asm, "question": "1" }));
    let message = json!({ "schema_version": 1, "request_id": request, "job": job });
    cloud::send("LEARN_QUEUE_URL", &message).await;
    cloud::send("LEARN_QUEUE_URL", &message).await;
    cloud::eventually("both are taken", 90, async || cloud::log_lines(&request).await.len() >= 2).await;
}

#[tokio::test]
async fn undecided_answers_follow_the_teacher_s_decisions_and_decided_ones_stay() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(puddle_guide()).await;
    let texts = [SEEPED, SEEPED_TOO, SEEPED, SEEPED_TOO, "1. The sun evaporates it.\n", SEEPED, "1.\n"];
    let ids = graded(&assessment, &texts).await;
    let (follower, empty) = (&ids[5], &ids[6]);
    let before = standing(&assessment, follower).await;
    let marks = |standing: &Value| standing["marks"].as_f64().unwrap();
    assert!(marks(&before) < 2.0, "{before}");
    let released_path = format!("{}/submissions/{follower}/released-feedback", assessment.path);
    teacher.post(&format!("{}/release", assessment.path), json!({ "undecided": "include" })).await.expect(200);
    let released = teacher.get(&released_path).await.expect(200)["feedback"].clone();
    // Four decisions are too few.
    for id in &ids[..4] {
        accept(&assessment, id).await;
    }
    rescore(&assessment).await;
    assert_eq!(standing(&assessment, follower).await, before);
    // The fifth, which nobody asks for: the decision itself does.
    let fifth = &ids[4];
    decide(&assessment, fifth, "confirm", json!({ "version": standing(&assessment, fifth).await["version"] })).await;
    let decided: Vec<Value> = futures::future::join_all(ids[..5].iter().map(|id| standing(&assessment, id))).await;
    let followed = async || standing(&assessment, follower).await["learned_from"] == 5;
    cloud::eventually("the undecided answer follows", 120, followed).await;
    let after = standing(&assessment, follower).await;
    assert!(marks(&after) > marks(&before), "{before} {after}");
    assert_eq!((&after["version"], &after["decided_by"]), (&json!(2), &Value::Null));
    let stayed: Vec<Value> = futures::future::join_all(ids[..5].iter().map(|id| standing(&assessment, id))).await;
    assert_eq!(stayed, decided);
    assert_eq!(standing(&assessment, empty).await["marks"], 0);
    // Written down with the marks before and after, and in the feedback.
    let rescored = entries(&teacher, "answer.rescored").await;
    let details = &rescored.iter().find(|entry| entry["target"] == json!(follower)).unwrap()["details"];
    assert_eq!((&details["learned_from"], &details["question"]), (&json!("5"), &json!("1")), "{details}");
    assert_eq!(details["marks_before"], before["marks"].to_string());
    assert_eq!(details["marks_after"], after["marks"].to_string());
    assert!(details["criteria_after"].as_str().unwrap().contains("evaporation="), "{details}");
    let feedback = assessment.feedback(follower).await["feedback"].clone();
    assert_eq!((&feedback["marks"], &feedback["questions"][0]["decided"]), (&after["marks"], &Value::Null));
    // What was released is as it was.
    assert_eq!(teacher.get(&released_path).await.expect(200)["feedback"], released);
    // Whoever has seen the marks before is told.
    let confirm = format!("{}/submissions/{follower}/answers/1/confirm", assessment.path);
    teacher.post(&confirm, json!({ "version": 1 })).await.expect_problem(409, "answer_changed");
    // Scored again, twice, it is the same.
    let revision = assessment.submission(follower).await["outcome"]["revision"].clone();
    rescore(&assessment).await;
    assert_eq!(assessment.submission(follower).await["outcome"]["revision"], revision);
    // A script that comes later follows, too.
    let late = graded(&assessment, &[SEEPED]).await.remove(0);
    let followed = async || standing(&assessment, &late).await["learned_from"] == 5;
    cloud::eventually("the late answer follows", 120, followed).await;
    assert_eq!(standing(&assessment, &late).await["marks"], after["marks"]);
    // Decisions that are taken back teach nothing any more.
    for id in &ids[..3] {
        let version = &standing(&assessment, id).await["version"];
        decide(&assessment, id, "undo", json!({ "version": version })).await;
    }
    let forgotten = async || standing(&assessment, follower).await["learned_from"] == 0;
    cloud::eventually("it is forgotten", 120, forgotten).await;
    let forgotten = standing(&assessment, follower).await;
    assert_eq!((&forgotten["marks"], &forgotten["confidence"]), (&before["marks"], &before["confidence"]));
}

#[tokio::test]
async fn a_decision_that_is_made_meanwhile_wins() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(puddle_guide()).await;
    let ids = graded(&assessment, &[SEEPED; 12]).await;
    for id in &ids[..5] {
        accept(&assessment, id).await;
    }
    // While the others are scored again, a person gives each of them no marks.
    let decisions = async {
        for id in &ids[5..] {
            loop {
                let seen = standing(&assessment, id).await;
                let criteria = json!([{ "criterion": "evaporation", "marks": 0 }, { "criterion": "heat", "marks": 0 }]);
                let body = json!({ "version": seen["version"], "criteria": criteria });
                let path = format!("{}/submissions/{id}/answers/1/override", assessment.path);
                if teacher.post(&path, body).await.status == 200 {
                    break;
                }
            }
        }
    };
    futures::join!(rescore(&assessment), decisions);
    rescore(&assessment).await;
    for id in &ids[5..] {
        let after = standing(&assessment, id).await;
        assert_eq!((&after["marks"], &after["decided_by"]), (&json!(0), &json!(teacher.user)), "{after}");
    }
}
