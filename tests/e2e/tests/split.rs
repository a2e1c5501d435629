//! The tray: lines that fit no question, and lines that went to the wrong one, put where they belong by a teacher.

use serde_json::{Value, json};
use smartscripts_e2e::{File, Teacher, small_guide};

/// A script of which the answer to question 1 stands before its label, and a line too many in question 2.
const MIXED: &str = "Jane Doe\nParis\n2. 15 m/s\nB\n";

fn texts(lines: &Value) -> Vec<&str> {
    lines.as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect()
}

fn to(line: u32, question: Option<&str>) -> Value {
    json!({ "page": 1, "first_line": line, "last_line": line, "question": question })
}

#[tokio::test]
async fn a_teacher_assigns_what_fits_nowhere_and_only_that_is_graded_again() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let id = assessment.submit(&[File::text(MIXED)]).await;
    let before = assessment.finished(&id).await;
    let path = format!("{}/submissions/{id}/split", assessment.path);
    let teacher = &assessment.teacher;
    let split = teacher.get(&path).await.expect(200);
    assert_eq!((split["version"].as_u64(), texts(&split["tray"])), (Some(1), vec!["Jane Doe", "Paris"]), "{split}");
    assert_eq!(texts(&split["answers"][1]["lines"]), ["2. 15 m/s", "B"]);
    assert_eq!(split["answers"][1]["lines"][0]["first_word"], 1);

    let moves = json!({ "version": 1, "moves": [to(1, Some("1")), to(3, Some("3"))] });
    let accepted = teacher.post(&path, moves.clone()).await.expect(202);
    assert_eq!((accepted["state"].as_str(), accepted["split"]["version"].as_u64()), (Some("grading"), Some(2)));
    let after = assessment.finished(&id).await;
    assert_eq!(after["outcome"]["marks"], 4, "{after}");
    let feedback = assessment.feedback(&id).await["feedback"].take();
    assert_eq!(feedback["questions"][0]["answer"], "Paris");
    assert_eq!(feedback["questions"][2]["answer"], "B");
    assert_eq!(texts(&feedback["tray"]), ["Jane Doe"]);
    let split = teacher.get(&path).await.expect(200);
    assert_eq!(texts(&split["answers"][0]["lines"]), ["Paris"]);
    // The three answers that lines came from or went to were graded again.
    for question in ["1", "2", "3"] {
        assert_eq!(after["answers"][question]["attempts"], 1);
    }
    assert_eq!(after["run"].as_u64(), before["run"].as_u64().map(|run| run + 1));

    // Back into the tray: now only question 1 is touched, and the others keep their grades.
    let accepted = teacher.post(&path, json!({ "version": 2, "moves": [to(1, None)] })).await.expect(202);
    assert_eq!(accepted["answers"]["1"], json!({ "state": "pending", "attempts": 0 }));
    assert_eq!(accepted["answers"]["2"]["state"], "graded");
    let last = assessment.finished(&id).await;
    assert_eq!(last["outcome"]["marks"], 3, "{last}");
    // A version that is no longer in force.
    teacher.post(&path, moves).await.expect_problem(409, "split_changed");
    let events = teacher.get(&teacher.at(&format!("/audit?target={id}&action=submission.lines_assigned"))).await;
    assert_eq!(events.expect(200)["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn two_who_assign_at_once_are_not_mixed_up() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let id = assessment.submit(&[File::text(MIXED)]).await;
    assessment.finished(&id).await;
    let path = format!("{}/submissions/{id}/split", assessment.path);
    let moves = |question: &str| json!({ "version": 1, "moves": [to(1, Some(question))] });
    let teacher = &assessment.teacher;
    let (one, other) = tokio::join!(teacher.post(&path, moves("1")), teacher.post(&path, moves("3")));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409], "{} {}", one.body, other.body);
    assert_eq!(assessment.finished(&id).await["split"]["version"], 2);
}

#[tokio::test]
async fn moves_that_make_no_sense_are_refused() {
    let assessment = Teacher::new().await.assessment(small_guide()).await;
    let id = assessment.submit(&[File::text(MIXED)]).await;
    let path = format!("{}/submissions/{id}/split", assessment.path);
    let teacher = &assessment.teacher;
    let waiting = assessment.announce(&["text/plain"]).await["submission"]["id"].as_str().unwrap().to_owned();
    let unread = format!("{}/submissions/{waiting}/split", assessment.path);
    teacher.get(&unread).await.expect_problem(409, "not_split");
    assessment.finished(&id).await;
    let moves = |moved: Value| json!({ "version": 1, "moves": [moved] });
    teacher.post(&path, moves(to(1, Some("9")))).await.expect_problem(400, "question_unknown");
    teacher.post(&path, moves(to(7, Some("1")))).await.expect_problem(400, "lines_unknown");
    teacher.post(&path, moves(to(0, None))).await.expect_problem(400, "nothing_moved");
    teacher.post(&path, json!({ "version": 1, "moves": [] })).await.expect_problem(400, "moves_invalid");
    let grader = teacher.member("grader").await;
    grader.post(&path, moves(to(1, Some("1")))).await.expect_problem(403, "forbidden");
}
