//! The way of a script, from the announcement to the feedback.

use serde_json::{Value, json};
use smartscripts_e2e::{Answer, Assessment, File, GOOD_SCRIPT, Teacher, cloud, small_guide, upload};

fn sample(path: &str, content_type: &'static str) -> File {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../sample-class/");
    File { content_type, content: std::fs::read(format!("{root}{path}")).unwrap() }
}

fn sample_guide() -> Value {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../sample-class/guide.json");
    serde_json::from_slice(&std::fs::read(guide).unwrap()).unwrap()
}

/// Every grade names its evidence, and marks never exceed what is to be had and add up.
fn check_feedback(feedback: &Value) {
    let mut total = 0.0;
    for question in feedback["questions"].as_array().unwrap() {
        let (marks, most) = (question["marks"].as_f64().unwrap(), question["max_marks"].as_f64().unwrap());
        assert!((0.0..=most).contains(&marks), "{question}");
        let answer = question["answer"].as_str().unwrap();
        let mut sum = 0.0;
        for criterion in question["criteria"].as_array().unwrap() {
            sum += criterion["marks"].as_f64().unwrap();
            assert!(!criterion["reason"].as_str().unwrap().is_empty());
            assert!((0.0..=1.0).contains(&criterion["confidence"].as_f64().unwrap()));
            if answer.trim().is_empty() {
                continue;
            }
            let evidence = &criterion["evidence"];
            let (start, end) =
                (evidence["start"].as_u64().unwrap() as usize, evidence["end"].as_u64().unwrap() as usize);
            assert_eq!(&answer[start..end], evidence["text"].as_str().unwrap());
        }
        assert!((sum - marks).abs() < 1e-9, "{question}");
        total += marks;
    }
    assert!((total - feedback["marks"].as_f64().unwrap()).abs() < 1e-9);
}

#[tokio::test]
async fn a_typed_script_is_graded_with_full_marks() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let id = assessment.submit(&[File::text(GOOD_SCRIPT)]).await;
    let submission = assessment.finished(&id).await;
    assert_eq!(submission["state"], "graded", "{submission}");
    assert_eq!(submission["outcome"]["marks"], 4);
    assert_eq!(submission["files"]["1"]["attempts"], 1);
    let feedback = assessment.feedback(&id).await;
    assert_eq!(feedback["feedback"]["guide_version"], 1);
    check_feedback(&feedback["feedback"]);
    assert_eq!(feedback["annotated_pages"], json!([]));
}

#[tokio::test]
async fn a_photographed_script_comes_back_with_its_evidence_on_the_page() {
    let assessment = Teacher::new().await.assessment(sample_guide()).await;
    let id = assessment.submit(&[sample("pages/amara-okafor.png", "image/png")]).await;
    let submission = assessment.finished(&id).await;
    assert_ne!(submission["state"], "failed", "{submission}");
    let feedback = assessment.feedback(&id).await;
    check_feedback(&feedback["feedback"]);
    let boxes = feedback["feedback"]["questions"].as_array().unwrap().iter().flat_map(|question| {
        question["criteria"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|criterion| criterion["evidence"]["boxes"].as_array())
    });
    assert!(boxes.flatten().all(|place| place["page"] == 1));
    let pages = feedback["annotated_pages"].as_array().unwrap();
    assert_eq!(pages.len(), 1);
    let picture = reqwest::get(pages[0]["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    check_reading(&assessment.reading(&id).await["pages"].take()).await;
}

/// The page as it was handed in, with each word and how sure it was read, within the page.
async fn check_reading(pages: &Value) {
    assert_eq!(pages.as_array().unwrap().len(), 1);
    let page = &pages[0];
    let picture = reqwest::get(page["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/jpeg");
    let (width, height) = (page["width"].as_i64().unwrap(), page["height"].as_i64().unwrap());
    let lines = page["lines"].as_array().unwrap().iter();
    let words: Vec<&Value> = lines.flat_map(|line| line["words"].as_array().unwrap()).collect();
    assert!(words.len() > 20, "{pages}");
    for word in words {
        assert!((0.0..=1.0).contains(&word["confidence"].as_f64().unwrap()), "{word}");
        for corner in word["quad"].as_array().unwrap() {
            let (x, y) = (corner[0].as_i64().unwrap(), corner[1].as_i64().unwrap());
            assert!((0..=width).contains(&x) && (0..=height).contains(&y), "{word}");
        }
    }
}

#[tokio::test]
async fn the_sample_class_is_graded() {
    let read = |name: &str| -> Value {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../sample-class/");
        serde_json::from_slice(&std::fs::read(format!("{root}{name}")).unwrap()).unwrap()
    };
    let (guide, class, expected) = (sample_guide(), read("class.json"), read("expected-marks.json"));
    let labels: Vec<&Value> =
        guide["questions"].as_array().unwrap().iter().map(|question| &question["label"]).collect();
    let assessment = Teacher::new().await.assessment(guide.clone()).await;
    let mut handed_in = Vec::new();
    for student in class.as_array().unwrap() {
        let files = student["files"].as_array().unwrap();
        let kinds: Vec<&str> = files.iter().map(|file| file["content_type"].as_str().unwrap()).collect();
        let announced = assessment.announce(&kinds).await;
        for number in student["upload_order"].as_array().unwrap() {
            let index = number.as_u64().unwrap() as usize - 1;
            let file = sample(files[index]["path"].as_str().unwrap(), "");
            assert_eq!(upload(&announced["uploads"][index], file.content).await, 201);
        }
        let id = announced["submission"]["id"].as_str().unwrap().to_owned();
        handed_in.push((student["student_number"].as_str().unwrap(), id));
    }
    let (mut equal, mut compared) = (0, 0);
    for (student, id) in handed_in {
        let submission = assessment.finished(&id).await;
        assert_ne!(submission["state"], "failed", "{student}: {submission}");
        let feedback = assessment.feedback(&id).await["feedback"].take();
        check_feedback(&feedback);
        let questions = feedback["questions"].as_array().unwrap();
        assert_eq!(questions.iter().map(|question| &question["question"]).collect::<Vec<_>>(), labels, "{student}");
        for question in questions {
            let marks = &expected[student][question["question"].as_str().unwrap()];
            equal += usize::from(question["marks"].as_f64() == marks.as_f64());
            compared += 1;
        }
        // The second of these pages is blank.
        if student == "24-0189" {
            assert_eq!(submission["state"], "needs_review", "{submission}");
        }
    }
    println!("{equal} of {compared} marks are a person's");
    assert!(compared == 80 && equal >= 55, "only {equal} of {compared} marks are a person's");
}

#[tokio::test]
async fn pages_may_arrive_in_any_order() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let announced = assessment.announce(&["text/plain", "text/plain"]).await;
    let forms = announced["uploads"].as_array().unwrap();
    assert_eq!(upload(&forms[1], b"3. B\n".to_vec()).await, 201);
    let id = announced["submission"]["id"].as_str().unwrap();
    cloud::eventually("the second file is read", 60, || async {
        assessment.submission(id).await["files"]["2"]["state"] == "read"
    })
    .await;
    assert_eq!(assessment.submission(id).await["state"], "reading");
    assert_eq!(upload(&forms[0], b"1. Paris\n2. 15 m/s\n".to_vec()).await, 201);
    let submission = assessment.finished(id).await;
    assert_eq!(submission["outcome"]["marks"], 4, "{submission}");
}

#[tokio::test]
async fn the_same_request_twice_makes_one_submission() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let path = format!("{}/submissions", assessment.path);
    let send = async |key: &str, body: &Value| {
        let request = assessment.teacher.request(reqwest::Method::POST, &path).header("idempotency-key", key);
        Answer::of(request.json(body).send().await.unwrap()).await
    };
    let body = json!({ "files": [{ "content_type": "text/plain" }] });
    let first = send("one", &body).await.expect(201);
    let again = send("one", &body).await.expect(201);
    assert_eq!(first["submission"]["id"], again["submission"]["id"]);
    let other = send("two", &body).await.expect(201);
    assert_ne!(first["submission"]["id"], other["submission"]["id"]);
    let changed = json!({ "files": [{ "content_type": "image/png" }] });
    send("one", &changed).await.expect_problem(422, "idempotency_key_reused");
    assert_eq!(assessment.progress().await["submitted"], 2);
}

#[tokio::test]
async fn a_guide_is_checked_and_versioned() {
    let teacher = Teacher::new().await;
    let assessment: Assessment = teacher.assessment(small_guide()).await;
    let guides = format!("{}/guides", assessment.path);
    let mut wrong_sum = small_guide();
    wrong_sum["total_marks"] = json!(5);
    let problem = teacher.post(&guides, wrong_sum).await.expect_problem(400, "guide_invalid");
    assert!(problem["detail"].as_str().unwrap().contains("add up to 4"), "{problem}");
    let mut unknown = small_guide();
    unknown["questions"][0]["colour"] = json!("red");
    let problem = teacher.post(&guides, unknown).await.expect_problem(400, "body_invalid");
    assert!(problem["detail"].as_str().unwrap().contains("colour"), "{problem}");
    let mut second = small_guide();
    second["title"] = json!("Second version");
    assert_eq!(teacher.post(&guides, second.clone()).await.expect(201)["version"], 2);
    assert_eq!(teacher.get(&format!("{guides}/2")).await.expect(200)["title"], "Second version");
    assert_eq!(teacher.get(&format!("{guides}/1")).await.expect(200)["title"], "Small test");
    teacher.get(&format!("{guides}/3")).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_script_needs_a_guide_first() {
    let teacher = Teacher::new().await;
    let path = format!("/v1/orgs/{}/assessments", teacher.org);
    let created = teacher.post(&path, json!({ "title": "No guide" })).await.expect(201);
    let path = format!("{path}/{}/submissions", created["id"].as_str().unwrap());
    let body = json!({ "files": [{ "content_type": "text/plain" }] });
    teacher.post(&path, body).await.expect_problem(409, "guide_missing");
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    for _ in 0..3 {
        assessment.announce(&["text/plain"]).await;
    }
    let path = format!("{}/submissions", assessment.path);
    let first = assessment.teacher.get(&format!("{path}?limit=2")).await.expect(200);
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let cursor = first["cursor"].as_str().unwrap();
    let second = assessment.teacher.get(&format!("{path}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assessment.teacher.get(&format!("{path}?limit=101")).await.expect_problem(400, "limit_invalid");
    assessment.teacher.get(&format!("{path}?cursor=!")).await.expect_problem(400, "cursor_invalid");
    assessment.teacher.get(&format!("{path}?order=1")).await.expect_problem(400, "query_invalid");
}
