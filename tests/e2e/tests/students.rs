//! Whose script it is: found on the first page, proposed when that is in doubt, and decided by a person.

use futures::future::join_all;
use serde_json::{Value, json};
use smartscripts_e2e::{Answer, Assessment, File, GOOD_SCRIPT, Teacher, cloud, small_guide, unique, upload};

/// Puts a student on the roster; returns the id.
async fn student(owner: &Teacher, number: &str, name: &str) -> String {
    let student = json!({ "number": number, "name": name });
    let created = owner.post(&owner.at("/students"), student).await.expect(201);
    created["id"].as_str().unwrap().to_owned()
}

/// Hands in a typed script that begins with these lines, as nobody's, and waits until it is graded; returns its id.
async fn hand_in(assessment: &Assessment, heading: &str, number: Option<&str>) -> String {
    let body = json!({ "student_number": number, "files": [{ "content_type": "text/plain" }] });
    let announced = assessment.teacher.post(&format!("{}/submissions", assessment.path), body).await.expect(201);
    let script = File::text(&format!("{heading}\n{GOOD_SCRIPT}"));
    assert_eq!(upload(&announced["uploads"][0], script.content).await, 201);
    let id = announced["submission"]["id"].as_str().unwrap().to_owned();
    assert_ne!(assessment.finished(&id).await["state"], "failed");
    id
}

/// Says whose script it is.
async fn assign(who: &Teacher, assessment: &Assessment, id: &str, student: Option<&str>, version: u64) -> Answer {
    let body = json!({ "student": student, "version": version });
    who.post(&format!("{}/submissions/{id}/student", assessment.path), body).await
}

/// Who is proposed for a script, the likeliest first.
fn proposed(submission: &Value) -> Vec<&str> {
    let proposals = submission["student_match"]["proposals"].as_array().unwrap();
    proposals.iter().map(|proposal| proposal["student"].as_str().unwrap()).collect()
}

fn outcome(submission: &Value) -> &str {
    submission["student_match"]["outcome"].as_str().unwrap()
}

#[tokio::test]
async fn the_first_page_says_whose_it_is_or_whose_it_may_be() {
    let owner = Teacher::new().await;
    let zoe = student(&owner, "31777", "Zoë O’Brien").await;
    let (jane, john) = (student(&owner, "10023", "Jane Doe").await, student(&owner, "20418", "John Doe").await);
    let assessment = owner.assessment(small_guide()).await;
    let id = hand_in(&assessment, "Name: Zoe OBrien\nStudent number: 31777", None).await;
    let sure = assessment.submission(&id).await;
    assert_eq!((&sure["student"], outcome(&sure)), (&json!(zoe), "sure"), "{sure}");
    assert_eq!((proposed(&sure).len(), &sure["student_match"]["by"]), (0, &Value::Null));
    assert_eq!(sure["outcome"]["marks"], 4, "{sure}");

    let doubtful = assessment.submission(&hand_in(&assessment, "Name: J Doe", None).await).await;
    assert_eq!((&doubtful["student"], outcome(&doubtful)), (&Value::Null, "proposed"), "{doubtful}");
    let mut both = proposed(&doubtful);
    both.sort_unstable();
    let mut expected = vec![jane.as_str(), john.as_str()];
    expected.sort_unstable();
    assert_eq!(both, expected);

    let nobody = assessment.submission(&hand_in(&assessment, "Name: Maximilian Wolff", None).await).await;
    assert_eq!((&nobody["student"], outcome(&nobody)), (&Value::Null, "none"), "{nobody}");
    // It came with the number of somebody who isn't on the roster: what the page says is no more than a proposal.
    let other = assessment.submission(&hand_in(&assessment, "Name: Jane Doe", Some("99")).await).await;
    assert_eq!((&other["student"], outcome(&other), proposed(&other)), (&Value::Null, "proposed", vec![jane.as_str()]));
    // It came with a number of the roster: nobody looks further.
    let given = assessment.submission(&hand_in(&assessment, "Name: Zoe OBrien", Some("20418")).await).await;
    assert_eq!((&given["student"], &given["student_match"]), (&json!(john), &Value::Null), "{given}");

    let listed = owner.get(&format!("{}/submissions", assessment.path)).await.expect(200);
    let outcomes: Vec<&Value> =
        listed["items"].as_array().unwrap().iter().map(|item| &item["student_match"]["outcome"]).collect();
    assert_eq!(outcomes, [&json!("sure"), &json!("proposed"), &json!("none"), &json!("proposed"), &Value::Null]);
    // The log names ids alone.
    let events = owner.get(&owner.at("/audit?action=submission.student_matched")).await.expect(200);
    let events = events["items"].as_array().unwrap();
    assert_eq!((events.len(), &events[0]["target"]), (1, &json!(id)));
    assert_eq!(events[0]["details"]["student_after"], json!(zoe));
    assert!(cloud::log_lines("OBrien").await.is_empty(), "a name is in the logs");
}

#[tokio::test]
async fn a_person_decides_whose_it_is_and_no_student_has_two_scripts() {
    let owner = Teacher::new().await;
    let (jane, john) = (student(&owner, "10023", "Jane Doe").await, student(&owner, "20418", "John Doe").await);
    let assessment = owner.assessment(small_guide()).await;
    let admin = owner.member("admin").await;
    let id = hand_in(&assessment, "Name: J Doe", None).await;
    let version = assessment.submission(&id).await["student_version"].as_u64().unwrap();
    // What can't be.
    let path = format!("{}/submissions/{id}/student", assessment.path);
    owner.post(&path, json!({ "version": version })).await.expect_problem(400, "body_invalid");
    let nobody = "stu_00000000000000000000000001";
    assign(&owner, &assessment, &id, Some(nobody), version).await.expect_problem(404, "not_found");
    // A proposal is confirmed.
    let decided = assign(&admin, &assessment, &id, Some(&jane), version).await.expect(200);
    assert_eq!((&decided["student"], outcome(&decided)), (&json!(jane), "decided"), "{decided}");
    assert_eq!((&decided["student_match"]["by"], proposed(&decided).len()), (&json!(admin.user), 0));
    let late = assign(&owner, &assessment, &id, Some(&john), version).await;
    late.expect_problem(409, "student_match_changed");
    assert_eq!(assessment.submission(&id).await["student"], json!(jane));

    // A second script of hers is only proposed, can't be hers, and can't be announced as hers.
    let second = hand_in(&assessment, "Name: Jane Doe\nStudent number: 10023", None).await;
    let found = assessment.submission(&second).await;
    assert_eq!((&found["student"], outcome(&found), proposed(&found)), (&Value::Null, "proposed", vec![jane.as_str()]));
    let at = found["student_version"].as_u64().unwrap();
    let refused = assign(&owner, &assessment, &second, Some(&jane), at).await;
    let refused = refused.expect_problem(409, "student_has_script");
    assert!(refused["detail"].as_str().unwrap().contains("upload all pages as one script"), "{refused}");
    let body = json!({ "student_number": "10023", "files": [{ "content_type": "text/plain" }] });
    let submissions = format!("{}/submissions", assessment.path);
    owner.post(&submissions, body.clone()).await.expect_problem(409, "student_has_script");

    // The first one is nobody's; then of two at once that become hers exactly one does.
    let freed = assign(&owner, &assessment, &id, None, version + 1).await.expect(200);
    assert_eq!((&freed["student"], outcome(&freed)), (&Value::Null, "decided"), "{freed}");
    let answers = join_all([
        assign(&owner, &assessment, &id, Some(&jane), version + 2),
        assign(&admin, &assessment, &second, Some(&jane), at),
    ]);
    let mut statuses: Vec<u16> = answers.await.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);

    // Before and after stand in the log.
    let events = owner.get(&owner.at(&format!("/audit?action=submission.student_assigned&target={id}"))).await;
    let events = events.expect(200)["items"].as_array().unwrap().clone();
    let first = &events[events.len() - 1];
    assert_eq!((&first["actor"]["id"], &first["details"]["student_before"]), (&json!(admin.user), &json!("nobody")));
    assert_eq!(first["details"]["student_after"], json!(jane));

    // With the script goes the claim.
    for script in [&id, &second] {
        owner.delete(&format!("{submissions}/{script}")).await.expect(204);
    }
    owner.post(&submissions, body).await.expect(201);
}

#[tokio::test]
async fn a_grader_names_the_own_students_and_those_whom_the_script_may_mean() {
    let owner = Teacher::new().await;
    let team = owner.post(&owner.at("/teams"), json!({ "name": "7a" })).await.expect(201)["id"].clone();
    let own = json!({ "number": "30001", "name": "Ada Young", "teams": [team] });
    let own = owner.post(&owner.at("/students"), own).await.expect(201)["id"].as_str().unwrap().to_owned();
    let (jane, stranger) = (student(&owner, "10023", "Jane Doe").await, student(&owner, "40001", "Max Wolff").await);
    student(&owner, "20418", "John Doe").await;
    let grader = json!({ "email": format!("{}@school.example", unique("grader")), "role": "grader", "teams": [team] });
    let grader = owner.joined_by(grader).await;
    let created = owner.post(&owner.at("/assessments"), json!({ "title": "T", "team": team })).await.expect(201);
    let path = owner.at(&format!("/assessments/{}", created["id"].as_str().unwrap()));
    owner.post(&format!("{path}/guides"), small_guide()).await.expect(201);
    let assessment = Assessment { teacher: owner, path };

    let id = hand_in(&assessment, "Name: J Doe", None).await;
    let version = assessment.submission(&id).await["student_version"].as_u64().unwrap();
    assign(&grader, &assessment, &id, Some(&stranger), version).await.expect_problem(404, "not_found");
    // Jane is of no team, but the script may mean her.
    let decided = assign(&grader, &assessment, &id, Some(&jane), version).await.expect(200);
    assert_eq!(decided["student"], json!(jane), "{decided}");
    assign(&grader, &assessment, &id, Some(&own), version + 1).await.expect(200);
    assign(&grader, &assessment, &id, Some(&jane), version + 2).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn whoever_is_erased_is_proposed_no_more() {
    let owner = Teacher::new().await;
    let (jane, john) = (student(&owner, "10023", "Jane Doe").await, student(&owner, "20418", "John Doe").await);
    let assessment = owner.assessment(small_guide()).await;
    let id = hand_in(&assessment, "Name: J Doe", None).await;
    assert_eq!(proposed(&assessment.submission(&id).await).len(), 2);
    let erasure = owner.post(&owner.at("/privacy/erasures"), json!({ "student": jane })).await.expect(202);
    let erasure = erasure["id"].as_str().unwrap().to_owned();
    let (pk, sk) = (format!("T#{}#", owner.org), format!("ERASURE#{erasure}"));
    cloud::set_text(&pk, &sk, "due_at", "2026-01-01T00:00:00Z").await;
    cloud::run_now("EraseDue").await;
    let at = owner.at(&format!("/privacy/erasures/{erasure}"));
    cloud::eventually("she is erased", 60, async || owner.get(&at).await.expect(200)["state"] == "erased").await;
    assert_eq!(proposed(&assessment.submission(&id).await), [john]);
    assert_eq!(cloud::items_with(&[&jane]).await.iter().filter(|item| item.contains("student_match")).count(), 0);
}
