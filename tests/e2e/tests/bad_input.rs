//! What must be refused, with a reason, while everything else goes on.

use std::{path::PathBuf, process::Command};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use smartscripts_e2e::{Answer, Assessment, File, GOOD_SCRIPT, Teacher, cloud, small_guide, upload, upload_with};

/// The files that `tests/bad-files/make_bad_files.py` makes, anew when it has changed.
fn bad_files() -> PathBuf {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../bad-files/make_bad_files.py");
    let version = hex::encode(Sha256::digest(std::fs::read(script).unwrap()));
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bad-files").join(version);
    if !target.join("done").exists() {
        assert!(Command::new("python3").arg(script).arg(&target).status().unwrap().success());
        std::fs::write(target.join("done"), "").unwrap();
    }
    target
}

async fn submit_bad(assessment: &Assessment, name: &str, content_type: &'static str) -> Value {
    let content = std::fs::read(bad_files().join(name)).unwrap();
    let id = assessment.submit(&[File { content_type, content }]).await;
    assessment.finished(&id).await
}

#[tokio::test]
async fn each_bad_file_fails_with_its_reason_and_no_other_script_with_it() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let good_before = assessment.submit(&[File::text(GOOD_SCRIPT)]).await;
    let expected = [
        ("wrong-magic.jpg", "image/jpeg", "announced as image/jpeg"),
        ("truncated.jpg", "image/jpeg", "damaged or cut off"),
        ("huge-dimensions.png", "image/png", "12000"),
        ("too-many-pixels.png", "image/png", "12000 × 4000"),
        ("bomb.pdf", "application/pdf", "unfolds to more than 256 MiB"),
        ("bomb-object-stream.pdf", "application/pdf", "unfolds to more than 256 MiB"),
        ("image-bomb.pdf", "application/pdf", "unfolds to more than 256 MiB"),
        ("encrypted.pdf", "application/pdf", "password"),
        ("200-pages.pdf", "application/pdf", "100"),
        ("garbage.pdf", "application/pdf", "damaged or cut off"),
        ("not-utf8.txt", "text/plain", "UTF-8"),
    ];
    for (name, content_type, words) in expected {
        let submission = submit_bad(&assessment, name, content_type).await;
        assert_eq!(submission["state"], "failed", "{name}: {submission}");
        let failure = &submission["failure"];
        let message = failure["message"].as_str().unwrap();
        assert!(message.len() > 30 && message.contains(words), "{name}: {failure}");
        assert_ne!(failure["code"], "reading_stopped", "{name} stopped the function: {failure}");
        println!("{name}: {message}");
    }
    // A page of 70 metres is drawn as small as any other.
    assert_eq!(submit_bad(&assessment, "huge-page.pdf", "application/pdf").await["state"], "needs_review");
    // Nor does the largest page that is accepted take too much memory, neither to read nor to draw the grading on.
    assert_eq!(submit_bad(&assessment, "largest.png", "image/png").await["state"], "needs_review");
    for function in ["ReadScript", "GradeAnswer"] {
        let peak = cloud::peak_memory(function);
        println!("{function}: {peak} MiB");
        assert!((1..512).contains(&peak), "{function} took {peak} MiB");
    }
    let good_after = assessment.submit(&[File::text(GOOD_SCRIPT)]).await;
    for good in [good_before, good_after] {
        assert_eq!(assessment.finished(&good).await["state"], "graded");
    }
    assert_eq!(assessment.progress().await["failed"], expected.len());
}

#[tokio::test]
async fn one_bad_page_does_not_stop_the_script() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let bad = File { content_type: "image/png", content: b"no picture".to_vec() };
    let id = assessment.submit(&[File::text(GOOD_SCRIPT), bad]).await;
    let submission = assessment.finished(&id).await;
    assert_eq!(submission["state"], "needs_review", "{submission}");
    let reasons = submission["outcome"]["review_reasons"].to_string();
    assert!(reasons.contains("File 2 could not be read"), "{reasons}");
}

#[tokio::test]
async fn the_bucket_refuses_what_was_not_signed() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let announced = assessment.announce(&["text/plain", "text/plain"]).await;
    let forms = announced["uploads"].as_array().unwrap();
    let content = GOOD_SCRIPT.as_bytes().to_vec();
    let other_key = forms[1]["fields"]["key"].as_str().unwrap();
    assert_eq!(upload_with(&forms[0], content.clone(), &[("key", other_key)]).await, 403);
    assert_eq!(upload_with(&forms[0], content.clone(), &[("Content-Type", "text/html")]).await, 403);
    assert_eq!(upload_with(&forms[0], content.clone(), &[("x-amz-signature", &"0".repeat(64))]).await, 403);
    assert_eq!(upload(&forms[0], Vec::new()).await, 400, "an empty file");
    assert_eq!(upload(&forms[0], vec![b'x'; 20 * 1024 * 1024 + 1]).await, 400, "a file over 20 MiB");
    let submission = assessment.submission(announced["submission"]["id"].as_str().unwrap()).await;
    assert_eq!(submission["state"], "awaiting_upload", "{submission}");
}

#[tokio::test]
async fn a_file_that_the_bucket_would_refuse_is_refused_with_a_reason_when_it_is_announced() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let path = format!("{}/submissions", assessment.path);
    let announce = async |file: Value| assessment.teacher.post(&path, json!({ "files": [file] })).await;
    let text = |bytes: u64| json!({ "content_type": "text/plain", "bytes": bytes });
    announce(text(1)).await.expect(201);
    announce(text(20 * 1024 * 1024)).await.expect(201);
    announce(text(0)).await.expect_problem(400, "file_empty");
    announce(text(20 * 1024 * 1024 + 1)).await.expect_problem(400, "file_too_large");
    let gif = announce(json!({ "content_type": "image/gif" })).await.expect_problem(400, "body_invalid");
    assert!(gif["detail"].as_str().unwrap().contains("image/png"), "{gif}");
}

#[tokio::test]
async fn a_file_over_20_mib_that_got_into_the_bucket_is_not_fetched() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let announced = assessment.announce(&["text/plain"]).await;
    let key = announced["uploads"][0]["fields"]["key"].as_str().unwrap();
    cloud::write(key, &vec![b'x'; 20 * 1024 * 1024 + 1]).await;
    let submission = assessment.finished(announced["submission"]["id"].as_str().unwrap()).await;
    assert_eq!(submission["state"], "failed", "{submission}");
    assert_eq!(submission["files"]["1"]["failure"]["code"], "file_too_large", "{submission}");
}

#[tokio::test]
async fn an_upload_for_a_deleted_submission_leaves_nothing_behind() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let announced = assessment.announce(&["text/plain"]).await;
    let id = announced["submission"]["id"].as_str().unwrap();
    let path = format!("{}/submissions/{id}", assessment.path);
    assert_eq!(assessment.teacher.delete(&path).await.status, 204);
    let form = &announced["uploads"][0];
    assert_eq!(upload(form, GOOD_SCRIPT.as_bytes().to_vec()).await, 201);
    let key = form["fields"]["key"].as_str().unwrap();
    cloud::eventually("the orphan is deleted", 60, || async { cloud::keys(key).await.is_empty() }).await;
    assessment.teacher.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(assessment.progress().await["submitted"], 0);
}

#[tokio::test]
async fn deleting_a_graded_submission_deletes_its_files() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let id = assessment.submit(&[File::text(GOOD_SCRIPT)]).await;
    assessment.finished(&id).await;
    let (_, rest) = assessment.path.split_once("/orgs/").unwrap();
    let owner = rest.replace("/assessments/", "/");
    for prefix in ["answers", "feedback"] {
        assert!(!cloud::keys(&format!("{prefix}/{owner}/{id}/")).await.is_empty());
    }
    let path = format!("{}/submissions/{id}", assessment.path);
    assert_eq!(assessment.teacher.delete(&path).await.status, 204);
    for prefix in ["answers", "feedback"] {
        assert_eq!(cloud::keys(&format!("{prefix}/{owner}/{id}/")).await, Vec::<String>::new());
    }
    assessment.teacher.delete(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_refused_with_its_reason() {
    let teacher = Teacher::new().await;
    let assessment = teacher.post(&teacher.at("/assessments"), json!({ "title": "T" })).await.expect(201);
    let files = teacher.at(&format!("/assessments/{}/guide-files", assessment["id"].as_str().unwrap()));
    let guide_file =
        |name: &str| std::fs::read(format!("{}/../guide-files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let document = guide_file("guide.docx");
    let bad = |name: &str| std::fs::read(bad_files().join(name)).unwrap();
    for (content, code) in [
        (Vec::new(), "file_empty"),
        (b"1. Who? [1]".to_vec(), "document_wrong_type"),
        (document[..document.len() / 2].to_vec(), "docx_damaged"),
        (bad("bomb.pdf"), "pdf_too_large"),
        (bad("encrypted.pdf"), "pdf_encrypted"),
        (bad("200-pages.pdf"), "pdf_too_many_pages"),
        (bad("garbage.pdf"), "pdf_damaged"),
        (bad("image-bomb.pdf"), "document_without_text"),
    ] {
        teacher.post_file(&files, &content).await.expect_problem(400, code);
    }
    teacher.post_file(&files, &vec![b' '; (4 << 20) + 1]).await.expect_problem(413, "body_too_large");
    let request = teacher.request(reqwest::Method::POST, &files).header("content-type", "application/pdf");
    let answer = Answer::of(request.body(guide_file("guide.pdf")).send().await.unwrap()).await;
    answer.expect_problem(400, "content_type_wrong");
    // After all that it still reads.
    teacher.post_file(&files, &document).await.expect(200);
}
