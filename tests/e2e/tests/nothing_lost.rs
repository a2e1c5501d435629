//! Deliveries repeated, out of order, interrupted and poisoned: every submission still ends, once, and none is lost.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use futures::future::join_all;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use smartscripts_e2e::{Assessment, File, GOOD_SCRIPT, Teacher, cloud, small_guide, unique, upload};

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

/// What S3 says of an upload.
fn upload_event(form: &Value) -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Post", "userIdentity": {}, "requestParameters": {}, "responseElements": {},
        "s3": { "bucket": { "name": "b" }, "object": { "key": form["fields"]["key"], "size": 1 } },
    }]})
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
        messages.push(("READ_QUEUE_URL", upload_event(&announced["uploads"][0])));
        messages.push(("READ_QUEUE_URL", job(&assessment, &json!({ "submission": id, "file": 1, "run": 1 }))));
        for question in ["1", "2", "3"] {
            let message = json!({ "submission": id, "run": 1, "question": question });
            messages.push(("GRADE_QUEUE_URL", job(&assessment, &message)));
        }
    }
    messages.shuffle(&mut rand::rng());
    for (queue, message) in &messages {
        cloud::send(queue, message).await;
    }
    let submission = assessment.finished(&id).await;
    assert_eq!(submission["state"], "graded", "{submission}");
    let prefix = format!("feedback/{}/{id}/feedback-", owner(&assessment));
    let before = cloud::keys(&prefix).await;
    assert_eq!(before.len(), 1, "several deliveries made different feedback: {before:?}");
    // Once more, and each as a dead letter too: nothing of what is graded has failed.
    for (queue, message) in &messages {
        cloud::send(queue, message).await;
        cloud::send(&queue.replace("QUEUE", "DEAD_LETTER_QUEUE"), message).await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = assessment.submission(&id).await;
    assert_eq!(after, submission, "a late delivery changed the submission");
    assert_eq!(cloud::keys(&prefix).await, before, "a late delivery made other feedback");
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
    // What the dead letter queue receives after the last attempt, three times.
    for _ in 0..3 {
        cloud::send("READ_DEAD_LETTER_QUEUE_URL", &upload_event(&announced["uploads"][0])).await;
    }
    let submission = assessment.finished(&id).await;
    assert_eq!(submission["state"], "failed", "{submission}");
    assert_eq!(submission["failure"]["code"], "reading_stopped");
}

#[tokio::test]
async fn a_late_dead_letter_of_an_earlier_run_fails_nothing() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let id = assessment.submit_typed(GOOD_SCRIPT).await;
    assessment.finished(&id).await;
    cloud::put_back_to_reading_again(&owner(&assessment), &id).await;
    for (queue, message) in [
        ("READ_DEAD_LETTER_QUEUE_URL", json!({ "submission": id, "file": 1 })),
        ("READ_DEAD_LETTER_QUEUE_URL", json!({ "submission": id, "file": 1, "run": 1 })),
        ("GRADE_DEAD_LETTER_QUEUE_URL", json!({ "submission": id, "question": "1", "run": 1 })),
    ] {
        let mut letter = job(&assessment, &message);
        let request_id = unique("late");
        letter["request_id"] = json!(request_id);
        cloud::send(queue, &letter).await;
        cloud::eventually("the dead letter is taken", 60, || async { !cloud::log_lines(&request_id).await.is_empty() })
            .await;
        let submission = assessment.submission(&id).await;
        assert_eq!(submission["state"], "reading", "{submission}");
    }
    let current = job(&assessment, &json!({ "submission": id, "file": 1, "run": 2 }));
    cloud::send("READ_DEAD_LETTER_QUEUE_URL", &current).await;
    assert_eq!(assessment.finished(&id).await["failure"]["code"], "reading_stopped");
}

#[tokio::test]
async fn a_retry_that_was_interrupted_can_be_repeated() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let id = assessment.submit_typed(GOOD_SCRIPT).await;
    assessment.finished(&id).await;
    cloud::put_back_to_reading_again(&owner(&assessment), &id).await;
    let retry = format!("{}/submissions/{id}/retry", assessment.path);
    let again = assessment.teacher.post(&retry, json!({})).await.expect(202);
    assert_eq!((&again["state"], &again["run"]), (&json!("reading"), &json!(2)), "{again}");
    let submission = assessment.finished(&id).await;
    assert_eq!((&submission["state"], &submission["run"]), (&json!("graded"), &json!(2)), "{submission}");
}

/// A guide for whose question 1 a worker that was just started takes seconds: it reads as many model answers as there may be,
/// each as long as it reads them.
fn slow_guide() -> Value {
    let answer = |number: usize| {
        let words = (0..480).map(|word| format!("word{}", (number * 31 + word * 7) % 997)).collect::<Vec<_>>();
        format!("Paris {}.", words.join(" "))
    };
    let mut guide = small_guide();
    guide["questions"][0]["marking"]["reference_answers"] = (0..20).map(answer).collect();
    guide
}

#[tokio::test]
async fn a_message_whose_worker_is_killed_each_time_fails_alone_and_can_be_retried() {
    let teacher = Teacher::new().await;
    let (assessment, neighbour) = (teacher.assessment(slow_guide()).await, teacher.assessment(small_guide()).await);
    let poisoned = assessment.submit_typed(GOOD_SCRIPT).await;
    assert_ne!(assessment.finished(&poisoned).await["state"], "failed");
    let others = join_all((0..9).map(|_| neighbour.submit_typed(GOOD_SCRIPT))).await;
    for id in &others {
        assert_eq!(neighbour.finished(id).await["state"], "graded");
    }
    let owner = owner(&assessment);
    let before = cloud::attempts_at_question_1(&owner, &poisoned).await;
    // The workers that have read the guide by now would be quick.
    cloud::kill_functions(&["GradeAnswer"]);
    for (of, id) in [(&assessment, &poisoned)].into_iter().chain(others.iter().map(|id| (&neighbour, id))) {
        cloud::put_back_to_grading(&self::owner(of), id).await;
        cloud::send("GRADE_QUEUE_URL", &job(of, &json!({ "submission": id, "run": 1, "question": "1" }))).await;
    }
    // Five times it is taken, and each time whoever takes it is killed while grading it.
    for attempt in 1..=5 {
        cloud::eventually("it is taken again", 180, || async {
            cloud::attempts_at_question_1(&owner, &poisoned).await == before + attempt
        })
        .await;
        assert!(cloud::kill_functions(&["GradeAnswer"]) > 0);
        assert_eq!(assessment.submission(&poisoned).await["state"], "grading", "graded before it was killed");
    }
    let failed = assessment.finished(&poisoned).await;
    assert_eq!(
        (&failed["state"], &failed["failure"]["code"]),
        (&json!("failed"), &json!("grading_stopped")),
        "{failed}"
    );
    assert!(failed["failure"]["message"].as_str().unwrap().contains("Retry"), "{failed}");
    for id in &others {
        let submission = neighbour.finished(id).await;
        assert_eq!(submission["state"], "graded", "{submission}");
    }
    let retry = format!("{}/submissions/{poisoned}/retry", assessment.path);
    assert_eq!(assessment.teacher.post(&retry, json!({})).await.expect(202)["run"], 2);
    let retried = assessment.finished(&poisoned).await;
    assert_ne!(retried["state"], "failed", "{retried}");
}

#[tokio::test]
async fn workers_killed_at_any_moment_lose_nothing() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let sample = |name: &str| std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../").to_owned() + name).unwrap();
    let (image, pdf) = (sample("bad-files/kept/good.png"), sample("sample-class/pages/noah-whitfield.pdf"));
    let image = assessment.submit(&[File { content_type: "image/png", content: image }]).await;
    let pdf = assessment.submit(&[File { content_type: "application/pdf", content: pdf }]).await;
    let ids = join_all((0..18).map(|_| assessment.submit_typed(GOOD_SCRIPT))).await;
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
    // They answer another guide, so a person must look at them.
    for id in [&image, &pdf] {
        let submission = assessment.finished(id).await;
        assert_eq!(submission["state"], "needs_review", "after {killed} kills: {submission}");
    }
}

#[tokio::test]
async fn two_hundred_submissions_add_up_at_every_moment() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let (begun, acknowledged, done) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let watch = async {
        let mut looks = 0_u32;
        while !done.load(Ordering::Relaxed) {
            let least = acknowledged.load(Ordering::Relaxed);
            let progress = assessment.progress().await;
            let most = begun.load(Ordering::Relaxed);
            adds_up(&progress);
            let submitted = progress["submitted"].as_u64().unwrap();
            assert!((least..=most).contains(&submitted), "{least} to {most} were submitted: {progress}");
            looks += 1;
        }
        looks
    };
    // Of ten scripts, one is no picture and one leaves question 2 empty.
    let hand_in = async |number: usize| {
        let (file, expected) = match number % 10 {
            3 => (File { content_type: "image/png", content: b"no picture".to_vec() }, "failed"),
            7 => (File::text("1. Paris\n2.\n3. B\n"), "needs_review"),
            _ => (File::text(GOOD_SCRIPT), "graded"),
        };
        begun.fetch_add(1, Ordering::Relaxed);
        let announced = assessment.announce(&[file.content_type]).await;
        acknowledged.fetch_add(1, Ordering::Relaxed);
        assert_eq!(upload(&announced["uploads"][0], file.content).await, 201);
        (announced["submission"]["id"].as_str().unwrap().to_owned(), expected)
    };
    let run = async {
        let mut handed_in = Vec::new();
        for ten in 0..20 {
            handed_in.extend(join_all((0..10).map(|number| hand_in(ten * 10 + number))).await);
        }
        for (id, expected) in &handed_in {
            let submission = assessment.finished(id).await;
            assert_eq!(submission["state"], *expected, "{submission}");
        }
        done.store(true, Ordering::Relaxed);
    };
    let (looks, ()) = futures::join!(watch, run);
    let expected = json!({ "submitted": 200, "graded": 160, "needs_review": 20, "failed": 20, "in_progress": 0,
        "awaiting_upload": 0, "reading": 0, "grading": 0 });
    assert_eq!(assessment.progress().await, expected);
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
