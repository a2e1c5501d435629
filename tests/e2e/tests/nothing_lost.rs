//! Deliveries repeated, out of order, interrupted and poisoned: every submission still ends, once, and none is lost.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures::future::join_all;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use smartscripts_e2e::{Assessment, File, GOOD_SCRIPT, Teacher, cloud, small_guide, upload};

/// `{org}/{assessment}`, as in the bucket's keys.
fn owner(assessment: &Assessment) -> String {
    assessment.path.split_once("/orgs/").unwrap().1.replace("/assessments/", "/")
}

fn job(assessment: &Assessment, job: &Value) -> Value {
    let owner = owner(assessment);
    let (org, asm) = owner.split_once('/').unwrap();
    let mut job = job.clone();
    job["org"] = json!(org);
    job["assessment"] = json!(asm);
    json!({ "schema_version": 1, "request_id": "test", "job": job })
}

#[track_caller]
fn adds_up(progress: &Value) {
    let count = |name: &str| progress[name].as_u64().unwrap();
    let sum = count("graded") + count("needs_review") + count("failed") + count("in_progress");
    assert_eq!(count("submitted"), sum, "{progress}");
}

#[tokio::test]
async fn every_message_three_times_and_out_of_order_gives_one_grade() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let announced = assessment.announce(&["text/plain"]).await;
    let id = announced["submission"]["id"].as_str().unwrap().to_owned();
    assert_eq!(upload(&announced["uploads"][0], GOOD_SCRIPT.as_bytes().to_vec()).await, 201);
    // The upload's own event and the jobs made from it are the first delivery; these are the others, before, amid and after.
    let mut messages = Vec::new();
    for _ in 0..2 {
        messages.push(("READ_QUEUE_URL", json!({ "submission": id, "file": 1 })));
        for question in ["1", "2", "3"] {
            messages.push(("GRADE_QUEUE_URL", json!({ "submission": id, "run": 1, "question": question })));
        }
    }
    messages.shuffle(&mut rand::rng());
    for (queue, message) in &messages {
        cloud::send(queue, &job(&assessment, message)).await;
    }
    let submission = assessment.finished(&id).await;
    assert_eq!(submission["state"], "graded", "{submission}");
    let key = format!("feedback/{}/{id}/feedback.json", owner(&assessment));
    let before = cloud::read(&key).await;
    for (queue, message) in &messages {
        cloud::send(queue, &job(&assessment, message)).await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = assessment.submission(&id).await;
    assert_eq!(after, submission, "a late delivery changed the submission");
    assert_eq!(cloud::read(&key).await, before, "a late delivery changed the feedback");
    let progress = assessment.progress().await;
    assert_eq!((&progress["submitted"], &progress["graded"]), (&json!(1), &json!(1)), "{progress}");
}

#[tokio::test]
async fn a_poison_message_among_ten_fails_alone_and_can_be_retried() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let ids = join_all((0..10).map(|_| assessment.submit_typed(GOOD_SCRIPT))).await;
    for id in &ids {
        assert_eq!(assessment.finished(id).await["state"], "graded");
    }
    // All ten are put back to where their answers are about to be graded; one of them finds its reading damaged.
    let (poisoned, reading) = (&ids[4], format!("answers/{}/{}/reading.json", owner(&assessment), ids[4]));
    cloud::write(&reading, b"{ not json").await;
    for id in &ids {
        cloud::put_back_to_grading(&owner(&assessment), id).await;
    }
    for id in &ids {
        cloud::send("GRADE_QUEUE_URL", &job(&assessment, &json!({ "submission": id, "run": 1, "question": "1" })))
            .await;
    }
    for id in &ids {
        let submission = assessment.finished(id).await;
        let expected = if id == poisoned { "failed" } else { "graded" };
        assert_eq!(submission["state"], expected, "{submission}");
    }
    let failed = assessment.submission(poisoned).await;
    assert_eq!(failed["failure"]["code"], "file_damaged", "{failed}");
    let retry = format!("{}/submissions/{poisoned}/retry", assessment.path);
    assert_eq!(assessment.teacher.post(&retry, json!({})).await.expect(202)["run"], 2);
    let retried = assessment.finished(poisoned).await;
    assert_eq!((&retried["state"], &retried["outcome"]["marks"]), (&json!("graded"), &json!(4)), "{retried}");
    let again = assessment.teacher.post(&retry, json!({})).await;
    again.expect_problem(409, "submission_not_failed");
}

#[tokio::test]
async fn a_message_that_always_kills_its_worker_ends_as_failed() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let announced = assessment.announce(&["text/plain"]).await;
    let id = announced["submission"]["id"].as_str().unwrap().to_owned();
    // What the dead letter queue receives after the last attempt.
    cloud::send("READ_DEAD_LETTER_QUEUE_URL", &job(&assessment, &json!({ "submission": id, "file": 1 }))).await;
    let submission = assessment.finished(&id).await;
    assert_eq!(submission["state"], "failed", "{submission}");
    assert_eq!(submission["failure"]["code"], "reading_stopped");
}

#[tokio::test]
async fn workers_killed_at_any_moment_lose_nothing() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let ids = join_all((0..20).map(|_| assessment.submit_typed(GOOD_SCRIPT))).await;
    let mut killed = 0;
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_millis(rand::random_range(50..900))).await;
        killed += cloud::kill_functions(&["ReadScript", "GradeAnswer"]);
        adds_up(&assessment.progress().await);
    }
    assert!(killed > 5, "only {killed} workers were there to be killed");
    for id in &ids {
        let submission = assessment.finished(id).await;
        assert_eq!(submission["state"], "graded", "after {killed} kills: {submission}");
        assert_eq!(submission["outcome"]["marks"], 4);
    }
}

#[tokio::test]
async fn two_hundred_submissions_add_up_at_every_moment() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let done = AtomicBool::new(false);
    let watch = async {
        let mut looks = 0_u32;
        let mut submitted = 0;
        while !done.load(Ordering::Relaxed) {
            let progress = assessment.progress().await;
            adds_up(&progress);
            let now = progress["submitted"].as_u64().unwrap();
            assert!(now >= submitted, "a submission vanished: {progress}");
            submitted = now;
            looks += 1;
        }
        looks
    };
    let run = async {
        let mut ids = Vec::new();
        for _ in 0..20 {
            ids.extend(join_all((0..10).map(|_| assessment.submit_typed(GOOD_SCRIPT))).await);
        }
        for id in &ids {
            assert_eq!(assessment.finished(id).await["state"], "graded");
        }
        done.store(true, Ordering::Relaxed);
    };
    let (looks, ()) = futures::join!(watch, run);
    let progress = assessment.progress().await;
    assert_eq!((&progress["submitted"], &progress["graded"]), (&json!(200), &json!(200)), "{progress}");
    assert!(looks > 50, "looked only {looks} times");
}

trait SubmitTyped {
    fn submit_typed(&self, text: &str) -> impl Future<Output = String>;
}

impl SubmitTyped for Assessment {
    async fn submit_typed(&self, text: &str) -> String {
        self.submit(&[File::text(text)]).await
    }
}
