//! What persons decide about graded scripts, and what their students see of it.

use futures::future::join_all;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use smartscripts_e2e::{
    Answer, Assessment, File, GOOD_SCRIPT, Teacher, cloud,
    mail::{INVITATION, mail},
    small_guide, unique, upload,
};

/// Two of its three answers are empty, so a person must look at them.
const TWO_DOUBTS: &str = "1.\n2.\n3. B\n";
/// One of them is.
const ONE_DOUBT: &str = "1. Paris\n2.\n3. B\n";

/// Hands a typed script in and waits until it is graded; returns its id.
async fn graded(assessment: &Assessment, text: &str) -> String {
    let id = assessment.submit(&[File::text(text)]).await;
    assert_ne!(assessment.finished(&id).await["state"], "failed");
    id
}

/// A decision about an answer.
async fn decide(grader: &Teacher, path: &str, script: &str, question: &str, what: &str, body: Value) -> Answer {
    grader.post(&format!("{path}/submissions/{script}/answers/{question}/{what}"), body).await
}

fn value(version: u64, marks: f64) -> Value {
    json!({ "version": version, "criteria": [{ "criterion": "value", "marks": marks }] })
}

async fn queue(assessment: &Assessment, query: &str) -> Value {
    assessment.teacher.get(&format!("{}/reviews{query}", assessment.path)).await.expect(200)
}

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().unwrap()
}

/// The audit log's entries with this action, the newest first.
async fn entries(teacher: &Teacher, action: &str) -> Vec<Value> {
    items(&teacher.get(&teacher.at(&format!("/audit?action={action}"))).await.expect(200)).clone()
}

#[tokio::test]
async fn the_queue_holds_what_a_person_must_decide_the_most_doubtful_first() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let (two, one) = (graded(&assessment, TWO_DOUBTS).await, graded(&assessment, ONE_DOUBT).await);
    graded(&assessment, GOOD_SCRIPT).await;
    let all = queue(&assessment, "").await;
    let doubts = |page: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        items(page).iter().map(|doubt| (text(&doubt["submission"]), text(&doubt["question"]))).collect()
    };
    let mut found = doubts(&all);
    found.sort();
    let mut expected =
        vec![(two.clone(), "1".to_owned()), (two.clone(), "2".to_owned()), (one.clone(), "2".to_owned())];
    expected.sort();
    assert_eq!((found, &all["cursor"]), (expected, &Value::Null), "{all}");
    let confidences: Vec<f64> = items(&all).iter().map(|doubt| doubt["confidence"].as_f64().unwrap()).collect();
    assert!(confidences.is_sorted(), "{confidences:?}");
    for doubt in items(&all) {
        assert!(doubt["reason"].as_str().unwrap().len() > 10, "{doubt}");
        assert_eq!((&doubt["version"], &doubt["marks"]), (&json!(1), &json!(0)), "{doubt}");
    }
    let first = queue(&assessment, "?limit=2").await;
    let rest = queue(&assessment, &format!("?limit=2&cursor={}", first["cursor"].as_str().unwrap())).await;
    assert_eq!([doubts(&first), doubts(&rest)].concat(), doubts(&all));
    assert_eq!(rest["cursor"], Value::Null);
    let second = queue(&assessment, "?question=2").await;
    assert_eq!(items(&second).len(), 2);
    assert!(items(&second).iter().all(|doubt| doubt["question"] == "2"));
    let reviews = format!("{}/reviews", assessment.path);
    assessment.teacher.get(&format!("{reviews}?limit=0")).await.expect_problem(400, "limit_invalid");
    assessment.teacher.get(&format!("{reviews}?cursor=!")).await.expect_problem(400, "cursor_invalid");
    // What is decided is gone from it.
    decide(&assessment.teacher, &assessment.path, &one, "2", "confirm", json!({ "version": 1 })).await.expect(200);
    assert!(doubts(&queue(&assessment, "").await).iter().all(|(script, _)| *script == two));
}

#[tokio::test]
async fn decisions_change_marks_and_totals_and_are_written_down_and_taken_back() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(small_guide()).await;
    let (grader, path) = (teacher.member("admin").await, assessment.path.clone());
    let script = graded(&assessment, TWO_DOUBTS).await;
    let machine = assessment.feedback(&script).await["feedback"].clone();
    let on =
        async |question: &str, what: &str, body: Value| decide(&grader, &path, &script, question, what, body).await;
    // What can't be.
    on("2", "override", value(1, 2.0)).await.expect_problem(400, "marks_out_of_range");
    on("2", "override", value(1, 0.3)).await.expect_problem(400, "marks_off_step");
    on("2", "override", json!({ "version": 1, "criteria": [] })).await.expect_problem(400, "criteria_missing");
    let unknown = json!({ "version": 1, "criteria": [{ "criterion": "colour", "marks": 0 }] });
    on("2", "override", unknown).await.expect_problem(400, "criterion_unknown");
    on("9", "confirm", json!({ "version": 1 })).await.expect_problem(404, "not_found");
    on("2", "undo", json!({ "version": 1 })).await.expect_problem(409, "nothing_to_undo");
    // An override, with what it says to the student.
    let comment = unique("comment");
    let mut input = value(1, 1.0);
    input["comment"] = json!(comment);
    let given = on("2", "override", input).await.expect(200);
    assert_eq!((&given["version"], &given["answer"]["marks"]), (&json!(2), &json!(1)), "{given}");
    assert_eq!((&given["marks"], &given["state"]), (&json!(2), &json!("needs_review")), "{given}");
    // The version before is nobody's any more.
    let old = on("2", "override", value(1, 0.5)).await.expect_problem(409, "answer_changed");
    assert!(old["detail"].as_str().unwrap().contains("version 2"), "{old}");
    let confirmed = on("1", "confirm", json!({ "version": 1 })).await.expect(200);
    assert_eq!((&confirmed["marks"], &confirmed["state"]), (&json!(2), &json!("graded")), "{confirmed}");
    let progress = json!({ "submitted": 1, "graded": 1, "needs_review": 0, "failed": 0, "in_progress": 0,
        "awaiting_upload": 0, "reading": 0, "grading": 0 });
    assert_eq!(assessment.progress().await, progress);
    let feedback = assessment.feedback(&script).await["feedback"].clone();
    assert_eq!((&feedback["marks"], &feedback["review_reasons"]), (&json!(2), &json!([])), "{feedback}");
    let decided = &feedback["questions"][1]["decided"];
    assert_eq!(decided["machine"]["marks"], machine["questions"][1]["marks"]);
    assert_eq!(decided["machine"]["review_reason"], machine["questions"][1]["review_reason"]);
    let last = &decided["decisions"][0];
    assert_eq!(
        (&last["by"], &last["kind"], &last["comment"]),
        (&json!(grader.user), &json!("overridden"), &json!(comment))
    );
    assert!(last["at"].is_string());
    // The log has the marks before and after, by criteria, and no comment.
    let overridden = entries(&teacher, "answer.overridden").await;
    let details = &overridden[0]["details"];
    assert_eq!((&overridden[0]["target"], &overridden[0]["actor"]["id"]), (&json!(script), &json!(grader.user)));
    assert_eq!((&details["question"], &details["version"]), (&json!("2"), &json!("2")), "{details}");
    assert_eq!((&details["marks_before"], &details["marks_after"]), (&json!("0"), &json!("1")), "{details}");
    assert_eq!(details["criteria_before"], "value=0 unit=0");
    assert_eq!(details["criteria_after"], "value=1 unit=0");
    assert_eq!((overridden.len(), entries(&teacher, "answer.confirmed").await.len()), (1, 1));
    let everything = teacher.get(&teacher.at("/audit?limit=100")).await.expect(200).to_string();
    assert!(!everything.contains(&comment), "a comment is in the audit log");
    // Grading it again would lose what was decided: it is refused, and a late message does nothing.
    let retry = format!("{path}/submissions/{script}/retry");
    teacher.post(&retry, json!({})).await.expect_problem(409, "submission_not_failed");
    let before = assessment.submission(&script).await;
    let (org, asm) = path.strip_prefix("/v1/orgs/").unwrap().split_once("/assessments/").unwrap();
    let job = json!({ "org": org, "assessment": asm, "submission": script, "run": 1, "question": "2" });
    let late = unique("late");
    cloud::send("GRADE_QUEUE_URL", &json!({ "schema_version": 1, "request_id": late, "job": job })).await;
    cloud::eventually("the late message is taken", 60, async || !cloud::log_lines(&late).await.is_empty()).await;
    assert_eq!(assessment.submission(&script).await["outcome"]["answers"], before["outcome"]["answers"]);
    // Back to what the machine had said, in two steps.
    let undone = on("1", "undo", json!({ "version": 2 })).await.expect(200);
    assert_eq!((&undone["state"], &undone["version"]), (&json!("needs_review"), &json!(3)), "{undone}");
    on("2", "undo", json!({ "version": 2 })).await.expect(200);
    let progress = json!({ "submitted": 1, "graded": 0, "needs_review": 1, "failed": 0, "in_progress": 0,
        "awaiting_upload": 0, "reading": 0, "grading": 0 });
    assert_eq!(assessment.progress().await, progress);
    assert_eq!(assessment.feedback(&script).await["feedback"], machine);
    assert_eq!(entries(&teacher, "answer.decision_undone").await[0]["details"]["marks_after"], "0");
}

#[tokio::test]
async fn of_graders_who_decide_at_once_about_one_answer_exactly_one_wins() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(small_guide()).await;
    let (other, path) = (teacher.member("admin").await, &assessment.path);
    for _ in 0..3 {
        let script = graded(&assessment, TWO_DOUBTS).await;
        let mut calls = Vec::new();
        for (number, marks) in [0.0, 0.5, 1.0, 1.5, 0.0, 0.5, 1.0, 1.5].into_iter().enumerate() {
            let grader = if number % 2 == 0 { &teacher } else { &other };
            calls.push(decide(grader, path, &script, "2", "override", value(1, marks)));
        }
        let (won, lost): (Vec<Answer>, Vec<Answer>) =
            join_all(calls).await.into_iter().partition(|answer| answer.status == StatusCode::OK);
        assert_eq!(won.len(), 1, "{won:?}");
        for answer in lost {
            answer.expect_problem(409, "answer_changed");
        }
        let answer = &assessment.submission(&script).await["outcome"]["answers"]["2"];
        assert_eq!((&answer["version"], &answer["marks"]), (&json!(2), &won[0].body["answer"]["marks"]));
        // About different answers, both win.
        let (one, three) = (
            decide(&teacher, path, &script, "1", "confirm", json!({ "version": 1 })),
            decide(&other, path, &script, "3", "confirm", json!({ "version": 1 })),
        );
        let (one, three) = futures::join!(one, three);
        one.expect(200);
        three.expect(200);
        let submission = assessment.submission(&script).await;
        let marks = |question: &str| submission["outcome"]["answers"][question]["marks"].as_f64().unwrap();
        let total = submission["outcome"]["marks"].as_f64().unwrap();
        assert!((marks("1") + marks("2") + marks("3") - total).abs() < 1e-9, "{submission}");
        assert_eq!((&submission["state"], &submission["outcome"]["revision"]), (&json!("graded"), &json!(4)));
    }
}

#[tokio::test]
async fn a_file_that_could_not_be_read_waits_for_a_person_too() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let damaged = File { content_type: "image/png", content: b"no picture".to_vec() };
    let script = assessment.submit(&[File::text(GOOD_SCRIPT), damaged]).await;
    assert_eq!(assessment.finished(&script).await["state"], "needs_review");
    let waiting = queue(&assessment, "").await;
    let doubt = &items(&waiting)[0];
    assert_eq!((items(&waiting).len(), &doubt["question"]), (1, &Value::Null), "{waiting}");
    assert!(doubt["reason"].as_str().unwrap().contains("File 2"), "{doubt}");
    let accept = format!("{}/submissions/{script}/accept-unread", assessment.path);
    assessment.teacher.post(&accept, json!({ "version": 9 })).await.expect_problem(409, "submission_changed");
    let accepted = assessment.teacher.post(&accept, json!({ "version": doubt["version"] })).await.expect(200);
    assert_eq!((&accepted["state"], &accepted["outcome"]["marks"]), (&json!("graded"), &json!(4)), "{accepted}");
    assert_eq!(accepted["outcome"]["unread_accepted_by"], assessment.teacher.user);
    assessment.teacher.post(&accept, json!({ "version": 2 })).await.expect_problem(409, "nothing_to_accept");
    assert_eq!(entries(&assessment.teacher, "submission.unread_accepted").await.len(), 1);
    assert_eq!(items(&queue(&assessment, "").await).len(), 0);
}

/// Puts a student on the roster who has an account; returns the account and the number.
async fn student(owner: &Teacher) -> (Teacher, String) {
    let (account, number) = (Teacher::without_organization().await, unique("n"));
    let student = json!({ "number": number, "name": "A Student", "email": account.email });
    let student = owner.post(&owner.at("/students"), student).await.expect(201);
    owner.invite(json!({ "student": student["id"], "role": "student" })).await;
    let token = mail(&account.email, INVITATION).await.token();
    account.post("/v1/invites/accept", json!({ "token": token })).await.expect(201);
    (account, number)
}

/// Hands the script of the student with this number in, and waits until it is graded.
async fn hand_in(assessment: &Assessment, number: &str, files: &[File]) -> String {
    let kinds: Vec<Value> = files.iter().map(|file| json!({ "content_type": file.content_type })).collect();
    let body = json!({ "student_number": number, "files": kinds });
    let announced = assessment.teacher.post(&format!("{}/submissions", assessment.path), body).await.expect(201);
    for (file, form) in files.iter().zip(announced["uploads"].as_array().unwrap()) {
        assert_eq!(upload(form, file.content.clone()).await, 201);
    }
    let id = announced["submission"]["id"].as_str().unwrap().to_owned();
    assert_eq!(assessment.finished(&id).await["state"], "needs_review");
    id
}

#[tokio::test]
async fn students_see_what_was_released_as_it_was_and_nothing_else() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let ((ada, ada_number), (ben, ben_number)) = (student(&owner).await, student(&owner).await);
    let picture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../bad-files/kept/good.png")).unwrap();
    let picture = File { content_type: "image/png", content: picture };
    let adas = hand_in(&assessment, &ada_number, &[File::text(ONE_DOUBT), picture]).await;
    let bens = hand_in(&assessment, &ben_number, &[File::text(ONE_DOUBT)]).await;
    let (release, released) = (format!("{}/release", assessment.path), owner.at("/released-feedback"));
    let at = |script: &str| format!("{}/submissions/{script}/released-feedback", assessment.path);
    // Before it is released there is nothing.
    ada.get(&at(&adas)).await.expect_problem(404, "not_found");
    assert_eq!(ada.get(&released).await.expect(200)["items"], json!([]));
    // It is refused as long as somebody must look, unless the teacher says what becomes of those scripts.
    let refused = owner.post(&release, json!({})).await.expect_problem(409, "scripts_undecided");
    assert!(refused["detail"].as_str().unwrap().contains("2 wait for a person"), "{refused}");
    let nothing = owner.post(&release, json!({ "undecided": "leave_out" })).await;
    nothing.expect_problem(409, "nothing_to_release");
    owner.delete(&release).await.expect_problem(409, "not_released");
    // Everything that is doubtful about Ada's is decided.
    for doubt in items(&queue(&assessment, "").await).iter().filter(|doubt| doubt["submission"] == json!(adas)) {
        let question = doubt["question"].as_str().unwrap();
        decide(&owner, &assessment.path, &adas, question, "confirm", json!({ "version": 1 })).await.expect(200);
    }
    let first = owner.post(&release, json!({ "undecided": "leave_out" })).await.expect(200);
    assert_eq!((&first["number"], &first["submissions"]), (&json!(1), &json!(1)), "{first}");
    let frozen = ada.get(&at(&adas)).await.expect(200);
    assert_eq!((&frozen["release"], &frozen["feedback"]["guide_version"]), (&json!(1), &json!(1)), "{frozen}");
    let current = assessment.feedback(&adas).await["feedback"].clone();
    for made_by in ["reading_engine", "grading_engine", "marks", "max_marks"] {
        assert_eq!(frozen["feedback"][made_by], current[made_by], "{made_by}");
    }
    assert!(frozen["feedback"].get("review_reasons").is_none());
    let listed = ada.get(&released).await.expect(200);
    assert_eq!((items(&listed).len(), &listed["items"][0]["submission"]), (1, &json!(adas)), "{listed}");
    // The pages are drawn, with the marks of that version.
    cloud::eventually("the page is drawn", 60, async || {
        ada.get(&at(&adas)).await.expect(200)["annotated_pages"].as_array().unwrap().len() == 1
    })
    .await;
    let pages = ada.get(&at(&adas)).await.expect(200)["annotated_pages"].clone();
    let picture = Client::new().get(pages[0]["url"].as_str().unwrap()).send().await.unwrap();
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    // Nobody else's, and nothing but what is released.
    ben.get(&at(&adas)).await.expect_problem(404, "not_found");
    ben.get(&at(&bens)).await.expect_problem(404, "not_found");
    assert_eq!(ben.get(&released).await.expect(200)["items"], json!([]));
    for (student, script) in [(&ada, &adas), (&ben, &adas)] {
        for path in ["", "/feedback"] {
            student
                .get(&format!("{}/submissions/{script}{path}", assessment.path))
                .await
                .expect_problem(403, "forbidden");
        }
        decide(student, &assessment.path, script, "2", "confirm", json!({ "version": 1 }))
            .await
            .expect_problem(403, "forbidden");
        student.post(&release, json!({})).await.expect_problem(403, "forbidden");
    }
    owner.get(&at(&adas)).await.expect(200);
    // What is decided later they see when it is released again.
    let answers = assessment.submission(&adas).await["outcome"]["answers"].clone();
    let mut better = value(answers["2"]["version"].as_u64().unwrap(), 1.5);
    better["criteria"].as_array_mut().unwrap().push(json!({ "criterion": "unit", "marks": 0 }));
    better["comment"] = json!("It is on the second page.");
    decide(&owner, &assessment.path, &adas, "2", "override", better).await.expect(200);
    let still = ada.get(&at(&adas)).await.expect(200);
    assert_eq!(still["feedback"], frozen["feedback"]);
    let second = owner.post(&release, json!({ "undecided": "include" })).await.expect(200);
    assert_eq!((&second["number"], &second["submissions"], &second["undecided"]), (&json!(2), &json!(2), &json!(1)));
    let new = ada.get(&at(&adas)).await.expect(200);
    let answer = &new["feedback"]["questions"][1];
    assert_eq!((&answer["marks"], &answer["comment"]), (&json!(1.5), &json!("It is on the second page.")), "{new}");
    assert!(!new.to_string().contains(&owner.user), "a student sees who has decided");
    assert_eq!(ben.get(&at(&bens)).await.expect(200)["feedback"]["marks"], 2);
    // And taken back.
    owner.delete(&release).await.expect(204);
    ada.get(&at(&adas)).await.expect_problem(404, "not_found");
    assert_eq!(ada.get(&released).await.expect(200)["items"], json!([]));
    owner.delete(&release).await.expect_problem(409, "not_released");
    assert_eq!(owner.post(&release, json!({ "undecided": "include" })).await.expect(200)["number"], 3);
    let (releases, withdrawals) =
        (entries(&owner, "assessment.released").await, entries(&owner, "assessment.withdrawn").await);
    assert_eq!((releases.len(), withdrawals.len()), (3, 1));
    assert_eq!(releases[1]["details"], json!({ "release": "2", "submissions": "2", "undecided": "1" }));
    assert_eq!(withdrawals[0]["details"], json!({ "release": "2" }));
}

#[tokio::test]
async fn graders_grade_and_teachers_release() {
    let owner = Teacher::new().await;
    let team = owner.post(&owner.at("/teams"), json!({ "name": "7a" })).await.expect(201)["id"].clone();
    let invite =
        |role: &str| json!({ "email": format!("{}@school.example", unique(role)), "role": role, "teams": [team] });
    let (teacher, grader) = (owner.joined_by(invite("teacher")).await, owner.joined_by(invite("grader")).await);
    let elsewhere = owner.member("grader").await;
    let created = teacher.post(&teacher.at("/assessments"), json!({ "title": "T", "team": team })).await.expect(201);
    let path = teacher.at(&format!("/assessments/{}", created["id"].as_str().unwrap()));
    teacher.post(&format!("{path}/guides"), small_guide()).await.expect(201);
    let assessment = Assessment { teacher: teacher.clone(), path: path.clone() };
    let script = graded(&assessment, ONE_DOUBT).await;
    let confirm = json!({ "version": 1 });
    decide(&elsewhere, &path, &script, "2", "confirm", confirm.clone()).await.expect_problem(404, "not_found");
    elsewhere.get(&format!("{path}/reviews")).await.expect_problem(404, "not_found");
    decide(&grader, &path, &script, "2", "confirm", confirm).await.expect(200);
    grader.post(&format!("{path}/release"), json!({})).await.expect_problem(403, "forbidden");
    teacher.post(&format!("{path}/release"), json!({})).await.expect(200);
    grader.get(&format!("{path}/submissions/{script}/released-feedback")).await.expect(200);
    let elsewhere = elsewhere.get(&format!("{path}/submissions/{script}/released-feedback")).await;
    elsewhere.expect_problem(404, "not_found");
}
