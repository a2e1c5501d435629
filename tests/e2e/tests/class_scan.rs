//! Separator sheets for a class that is scanned in one go.

use reqwest::{Method, StatusCode};
use serde_json::json;
use smartscripts_e2e::{Teacher, small_guide};

/// Asks for sheets; returns the PDF.
async fn sheets(teacher: &Teacher, path: &str) -> Vec<u8> {
    let answer = teacher.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    let pdf = answer.bytes().await.unwrap().to_vec();
    assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"), "{} bytes", pdf.len());
    pdf
}

/// How many pages a PDF of sheets has.
fn pages(pdf: &[u8]) -> usize {
    String::from_utf8_lossy(pdf).matches("/MediaBox").count()
}

#[tokio::test]
async fn a_teacher_prints_a_sheet_for_each_student_of_the_class_or_numbered_ones() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let path = format!("{}/separators", assessment.path);
    owner.get(&path).await.expect_problem(409, "students_missing");
    let team = owner.post(&owner.at("/teams"), json!({ "name": "7a" })).await.expect(201)["id"].clone();
    for (number, name, teams) in [("1", "Zoë Ștefan", json!([team])), ("2", "Bob", json!([])), ("3", "李", json!([]))]
    {
        let student = json!({ "number": number, "name": name, "teams": teams });
        owner.post(&owner.at("/students"), student).await.expect(201);
    }
    assert_eq!(pages(&sheets(&owner, &path).await), 3);
    let of_team = format!("{path}?team={}", team.as_str().unwrap());
    assert_eq!(pages(&sheets(&owner, &of_team).await), 1);
    assert_eq!(pages(&sheets(&owner, &format!("{path}?blank=30")).await), 30);
    // An assessment of a team is for its students.
    let of_class = json!({ "title": "Test", "team": team });
    let of_class = owner.post(&owner.at("/assessments"), of_class).await.expect(201)["id"].clone();
    let class = owner.at(&format!("/assessments/{}/separators", of_class.as_str().unwrap()));
    assert_eq!(pages(&sheets(&owner, &class).await), 1);

    for (query, code) in [("blank=0", "query_invalid"), ("blank=1001", "query_invalid"), ("pages=1", "query_invalid")] {
        owner.get(&format!("{path}?{query}")).await.expect_problem(400, code);
    }
    owner.get(&format!("{of_team}&blank=1")).await.expect_problem(400, "query_invalid");
    let nowhere = format!("{path}?team=tea_00000000000000000000000001");
    owner.get(&nowhere).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_teacher_prints_no_student_of_another_class() {
    let owner = Teacher::new().await;
    let team =
        async |name: &str| owner.post(&owner.at("/teams"), json!({ "name": name })).await.expect(201)["id"].clone();
    let (own, other) = (team("7a").await, team("7b").await);
    for (number, team) in [("1", &own), ("2", &other)] {
        let student = json!({ "number": number, "name": "A Student", "teams": [team] });
        owner.post(&owner.at("/students"), student).await.expect(201);
    }
    let invite = json!({ "email": format!("{}@school.example", smartscripts_e2e::unique("t")), "role": "teacher", "teams": [own] });
    let teacher = owner.joined_by(invite).await;
    let assessment = json!({ "title": "Test", "team": own });
    let assessment = teacher.post(&teacher.at("/assessments"), assessment).await.expect(201)["id"].clone();
    let path = teacher.at(&format!("/assessments/{}/separators", assessment.as_str().unwrap()));
    assert_eq!(pages(&sheets(&teacher, &path).await), 1);
    let theirs = format!("{path}?team={}", other.as_str().unwrap());
    teacher.get(&theirs).await.expect_problem(404, "not_found");
}
