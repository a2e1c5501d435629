//! Every kind of question and rule, from the published guide to the feedback and a person's decision.

use serde_json::{Value, json};
use smartscripts_e2e::{File, Teacher, cloud};

/// A script that answers the guide of every kind, one answer a line behind its label.
const SCRIPT: &str = include_str!("rubrics.txt");

fn guide() -> Value {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../uploads-schema/examples/rubrics.json");
    serde_json::from_slice(&std::fs::read(guide).unwrap()).unwrap()
}

fn schema() -> jsonschema::Validator {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../uploads-schema/feedback.schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn question<'a>(feedback: &'a Value, label: &str) -> &'a Value {
    let questions = feedback["questions"].as_array().unwrap();
    questions.iter().find(|question| question["question"] == label).unwrap_or_else(|| panic!("no question {label}"))
}

#[tokio::test]
async fn every_kind_of_question_is_graded_by_its_rules_and_decided_by_the_same() {
    let assessment = Teacher::new().await.assessment(guide()).await;
    let id = assessment.submit(&[File::text(SCRIPT)]).await;
    let submission = assessment.finished(&id).await;
    let feedback = assessment.feedback(&id).await["feedback"].clone();
    assert!(schema().is_valid(&feedback), "{feedback:#}");
    for (label, marks) in [
        ("1", 3.0),   // four points, capped at three
        ("2", 2.0),   // two alternatives, of which one counts, and the reason
        ("3", 4.0),   // the best level
        ("4", 3.0),   // 45.0 km/h are 12.5 m/s, in three figures
        ("5", -0.25), // a wrong option costs a quarter
        ("6", 2.0),   // the verdict and its reason
        ("7", 3.0),   // a wrong force, and what follows from it
        ("8a", 2.0),
        ("8b", 0.0), // not chosen
        ("8c", 2.0),
    ] {
        let found = question(&feedback, label);
        assert_eq!(found["marks"].as_f64(), Some(marks), "{label}: {found:#}");
    }
    assert_eq!(question(&feedback, "8b")["counts"], false);
    let is_asked = |reason: &Value| reason.as_str().unwrap().starts_with("Question 8b");
    assert!(!feedback["review_reasons"].as_array().unwrap().iter().any(is_asked), "{feedback:#}");
    assert!(question(&feedback, "1")["total_reason"].as_str().unwrap().contains("capped"));
    assert!(question(&feedback, "7")["criteria"][2]["reason"].as_str().unwrap().contains("follows from"));
    assert_eq!(question(&feedback, "3")["criteria"][0]["level"], "good");
    assert_eq!((&feedback["marks"], &feedback["max_marks"]), (&json!(20.75), &json!(23)));

    // A person takes a point of the first question away, and one more: only then does the cap no longer hide it.
    let version = submission["outcome"]["answers"]["1"]["version"].clone();
    let path = format!("{}/submissions/{id}/answers/1/override", assessment.path);
    let body = |criterion: &str, version: &Value| json!({ "criteria": [{ "criterion": criterion, "marks": 0 }], "version": version });
    let teacher = &assessment.teacher;
    let decided = teacher.post(&path, body("speed", &version)).await.expect(200);
    assert_eq!(decided["answer"]["marks"], 3);
    let decided = teacher.post(&path, body("drag", &decided["version"])).await.expect(200);
    assert_eq!((&decided["answer"]["marks"], &decided["marks"]), (&json!(2), &json!(19.75)));
}

#[tokio::test]
async fn a_guide_that_does_not_add_up_is_refused_with_every_slip_by_name() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(guide()).await;
    let mut wrong = guide();
    wrong["questions"][6]["marking"]["steps"][2]["result"]["formula"] = json!("mass / 4");
    wrong["questions"][1]["marking"]["groups"] = json!([]);
    wrong["best_of"][0]["questions"] = json!(["8a", "8b", "9"]);
    let path = format!("{}/guides", assessment.path);
    let problem = teacher.post(&path, wrong).await.expect_problem(400, "guide_invalid");
    let said = problem["detail"].as_str().unwrap();
    for slip in ["`mass`", "Question 2: its criteria add up to 3", "doesn't have"] {
        assert!(said.contains(slip), "{slip}: {said}");
    }
}

fn guide_file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../guide-files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[tokio::test]
async fn a_guide_is_read_from_a_word_document_and_a_pdf_and_nothing_is_kept() {
    let teacher = Teacher::new().await;
    let assessment = teacher.post(&teacher.at("/assessments"), json!({ "title": "T" })).await.expect(201);
    let path = teacher.at(&format!("/assessments/{}", assessment["id"].as_str().unwrap()));
    let files = format!("{path}/guide-files");
    let before = cloud::tenant(&teacher.org).await;

    let read = teacher.post_file(&files, &guide_file("guide.docx")).await.expect(200);
    let text = read["text"].as_str().unwrap();
    assert!(text.contains("\n- carbon dioxide [1]\n  - CO2 & “carbonic gas”\n"), "{text}");
    assert_eq!(read["left_out"][0]["what"], "formula");
    let read = teacher.post_file(&files, &guide_file("guide.pdf")).await.expect(200);
    let text = read["text"].as_str().unwrap();
    assert!(text.contains("| green light is thrown back | green is reflected | 1 |"), "{text}");
    assert_eq!(read["left_out"], json!([]));
    // The document is nowhere, and the assessment has no guide yet.
    assert_eq!(cloud::tenant(&teacher.org).await, before);
    assert_eq!(cloud::keys(&format!("guides/{}/", teacher.org)).await, Vec::<String>::new());

    // Who may not publish a guide may not have one read.
    let grader = teacher.member("grader").await;
    grader.post_file(&files, &guide_file("guide.docx")).await.expect_problem(403, "forbidden");
}
