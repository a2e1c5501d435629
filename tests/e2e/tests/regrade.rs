//! A new version of the marking guide: only what it touches is graded again, and no decision is lost.

use serde_json::{Value, json};
use smartscripts_e2e::{Assessment, File, GOOD_SCRIPT, Teacher, cloud, small_guide, unique};

/// Hands a typed script in and waits until it is graded; returns its id.
async fn graded(assessment: &Assessment, text: &str) -> String {
    let id = assessment.submit(&[File::text(text)]).await;
    assert_ne!(assessment.finished(&id).await["state"], "failed");
    id
}

/// Publishes the guide, and waits until the scripts are graded with it.
async fn publish(assessment: &Assessment, guide: Value, version: u32, scripts: &[&String]) {
    let published = assessment.teacher.post(&format!("{}/guides", assessment.path), guide).await.expect(201);
    assert_eq!(published["version"], version);
    for script in scripts {
        let is_regraded = async || assessment.submission(script).await["guide"]["version"] == version;
        cloud::eventually("the script is graded with the new version", 120, is_regraded).await;
    }
}

async fn decide(assessment: &Assessment, script: &str, question: &str, what: &str, body: Value) -> Value {
    let path = format!("{}/submissions/{script}/answers/{question}/{what}", assessment.path);
    assessment.teacher.post(&path, body).await.expect(200)
}

async fn regrades(assessment: &Assessment, script: &str) -> Vec<Value> {
    let teacher = &assessment.teacher;
    let log = teacher.get(&teacher.at("/audit?limit=100&action=submission.regraded")).await.expect(200);
    log["items"].as_array().unwrap().iter().filter(|entry| entry["target"] == json!(script)).cloned().collect()
}

/// The small guide with another right answer to question 3.
fn changed_guide() -> Value {
    let mut guide = small_guide();
    guide["questions"][2]["marking"]["correct"] = json!(["A"]);
    guide
}

#[tokio::test]
async fn only_touched_questions_are_graded_again_and_their_decisions_go_to_review() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let (decided, other) =
        (graded(&assessment, GOOD_SCRIPT).await, graded(&assessment, "1. Paris\n2. 15 m/s\n3. A\n").await);
    let user = &assessment.teacher.user;
    let wrong =
        json!({ "version": 1, "criteria": [{ "criterion": "capital", "marks": 0 }], "comment": unique("comment") });
    decide(&assessment, &decided, "1", "override", wrong).await;
    decide(&assessment, &decided, "3", "confirm", json!({ "version": 1 })).await;
    let before = assessment.submission(&decided).await["outcome"].clone();
    assert_eq!(
        (&before["marks"], assessment.submission(&other).await["outcome"]["marks"].clone()),
        (&json!(3), json!(3))
    );
    let release = format!("{}/release", assessment.path);
    assessment.teacher.post(&release, json!({})).await.expect(200);
    let released_at = format!("{}/submissions/{decided}/released-feedback", assessment.path);
    let released = assessment.teacher.get(&released_at).await.expect(200)["feedback"].clone();
    publish(&assessment, changed_guide(), 2, &[&decided, &other]).await;
    // The untouched ones are as they were, the decision included.
    let after = assessment.submission(&decided).await;
    let answers = &after["outcome"]["answers"];
    assert_eq!((&answers["1"], &answers["2"]), (&before["answers"]["1"], &before["answers"]["2"]), "{after}");
    assert_eq!(answers["1"]["decided_by"], json!(user));
    // The touched one has the marks of the new version, and a person must look again.
    assert_eq!((&answers["3"]["marks"], &answers["3"]["decided_by"]), (&json!(0), &Value::Null), "{after}");
    assert_eq!((&after["state"], &answers["3"]["version"]), (&json!("needs_review"), &json!(3)), "{after}");
    let reason = answers["3"]["review_reason"].as_str().unwrap();
    assert!(reason.contains("marking guide has changed") && reason.contains("1 of 1"), "{reason}");
    let queue = assessment.teacher.get(&format!("{}/reviews?question=3", assessment.path)).await.expect(200);
    assert_eq!((&queue["items"][0]["submission"], &queue["items"][1]), (&json!(decided), &Value::Null), "{queue}");
    // What was decided is readable.
    let feedback = assessment.feedback(&decided).await["feedback"].clone();
    assert_eq!((&feedback["guide_version"], &feedback["marks"]), (&json!(2), &json!(2)), "{feedback}");
    let earlier = &feedback["questions"][2]["decided"]["earlier"];
    assert_eq!((&earlier[0]["guide_version"], &earlier[0]["marks"]), (&json!(1), &json!(1)), "{feedback}");
    assert_eq!(earlier[0]["decisions"][0]["by"], json!(user));
    // Nobody had decided about the other script: it has its mark, and waits for nobody.
    let outcome = assessment.submission(&other).await;
    assert_eq!((&outcome["state"], &outcome["outcome"]["marks"]), (&json!("graded"), &json!(4)), "{outcome}");
    // Written down, and released feedback stays.
    let entry = regrades(&assessment, &decided).await.remove(0);
    let details = json!({
        "assessment": assessment.path.rsplit('/').next().unwrap(), "guide_before": "1", "guide_after": "2", "questions": "3",
        "questions_removed": "", "decisions_to_review": "1", "marks_before": "3", "marks_after": "2",
    });
    assert_eq!((&entry["details"], &entry["actor"]["id"]), (&details, &json!("regrade-script")));
    assert_eq!(assessment.teacher.get(&released_at).await.expect(200)["feedback"], released);
    // Whoever has seen the answer by the old guide is told; a decision and taking it back lose nothing.
    let confirm = format!("{}/submissions/{decided}/answers/3/confirm", assessment.path);
    assessment.teacher.post(&confirm, json!({ "version": 2 })).await.expect_problem(409, "answer_changed");
    let confirmed = decide(&assessment, &decided, "3", "confirm", json!({ "version": 3 })).await;
    assert_eq!((&confirmed["state"], &confirmed["answer"]["decided"]["earlier"]), (&json!("graded"), earlier));
    let undone = decide(&assessment, &decided, "3", "undo", json!({ "version": 4 })).await;
    assert_eq!((&undone["state"], &undone["answer"]["decided"]["earlier"]), (&json!("needs_review"), earlier));
    // The message again changes nothing.
    let (org, asm) = assessment.path.strip_prefix("/v1/orgs/").unwrap().split_once("/assessments/").unwrap();
    let (request, revision) = (unique("again"), assessment.submission(&decided).await["outcome"]["revision"].clone());
    let job = json!({ "org": org, "assessment": asm, "submission": decided, "published_by": user });
    cloud::send("REGRADE_QUEUE_URL", &json!({ "schema_version": 1, "request_id": request, "job": job })).await;
    cloud::eventually("it is taken", 60, async || !cloud::log_lines(&request).await.is_empty()).await;
    assert_eq!(assessment.submission(&decided).await["outcome"]["revision"], revision);
    assert_eq!(regrades(&assessment, &decided).await.len(), 1);
}

#[tokio::test]
async fn questions_come_and_go_with_their_answers() {
    let with = |labels: &[usize], marks: u32| {
        let mut guide = small_guide();
        let questions: Vec<Value> = labels.iter().map(|label| guide["questions"][label - 1].clone()).collect();
        (guide["questions"], guide["total_marks"]) = (json!(questions), json!(marks));
        guide
    };
    let assessment = Teacher::new().await.assessment(with(&[1, 2], 3)).await;
    let script = graded(&assessment, GOOD_SCRIPT).await;
    decide(&assessment, &script, "1", "confirm", json!({ "version": 1 })).await;
    // What answers question 3 was taken for a part of answer 2 as long as nobody asked for it.
    publish(&assessment, small_guide(), 2, &[&script]).await;
    let after = assessment.submission(&script).await;
    let standing = |after: &Value, question: &str| after["outcome"]["answers"][question].clone();
    assert_eq!((&standing(&after, "3")["marks"], &standing(&after, "2")["marks"]), (&json!(1), &json!(2)), "{after}");
    assert_eq!(
        (&standing(&after, "1")["decided_by"], &after["outcome"]["marks"]),
        (&json!(assessment.teacher.user), &json!(4))
    );
    assert_eq!(after["answers"].as_object().unwrap().keys().collect::<Vec<_>>(), ["1", "2", "3"]);
    // A question that goes takes its answer along; its lines are not lost.
    publish(&assessment, with(&[1, 3], 2), 3, &[&script]).await;
    let after = assessment.submission(&script).await;
    assert_eq!(after["outcome"]["answers"].as_object().unwrap().keys().collect::<Vec<_>>(), ["1", "3"], "{after}");
    assert_eq!((&after["outcome"]["marks"], &after["outcome"]["max_marks"]), (&json!(2), &json!(2)), "{after}");
    assert_eq!(standing(&after, "1")["decided_by"], json!(assessment.teacher.user));
    assert_eq!(regrades(&assessment, &script).await[0]["details"]["questions_removed"], "2");
    // Another title touches nothing.
    let mut titled = with(&[1, 3], 2);
    titled["title"] = json!("Another title");
    let before = after["outcome"]["answers"].clone();
    publish(&assessment, titled, 4, &[&script]).await;
    assert_eq!(assessment.submission(&script).await["outcome"]["answers"], before);
    // A script that comes now is graded with the version in force, once.
    let late = graded(&assessment, GOOD_SCRIPT).await;
    assert_eq!(assessment.submission(&late).await["guide"]["version"], 4);
    assert_eq!(regrades(&assessment, &late).await.len(), 0);
}
