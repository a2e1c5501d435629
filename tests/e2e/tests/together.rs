//! Several people grade one assessment: they see who else is at a script, and share a bank of comments.

use serde_json::{Value, json};
use smartscripts_e2e::{File, Teacher, cloud, small_guide, unique};

/// The names of the others who are at a script.
fn names(answer: &Value) -> Vec<&str> {
    answer["others"].as_array().unwrap().iter().map(|other| other["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn those_who_look_at_one_script_see_each_other_and_nobody_else_does() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let script = assessment.submit(&[File::text("1. Paris")]).await;
    let other_script = assessment.submit(&[File::text("1. Rome")]).await;
    let admin = owner.member("admin").await;
    let at = |script: &str| format!("{}/submissions/{script}/presence", assessment.path);
    let name = async |user: &str| {
        let members = owner.get(&owner.at("/members")).await.expect(200);
        let found = members["items"].as_array().unwrap().iter().find(|member| member["user"] == user);
        found.unwrap()["name"].as_str().unwrap().to_owned()
    };

    assert_eq!(names(&owner.put(&at(&script)).await.expect(200)), Vec::<&str>::new());
    let seen = admin.put(&at(&script)).await.expect(200);
    assert_eq!(names(&seen), [name(&owner.user).await]);
    assert_eq!(seen["others"][0]["user"], owner.user);
    assert_eq!(names(&owner.put(&at(&script)).await.expect(200)), [name(&admin.user).await]);
    assert_eq!(names(&admin.put(&at(&other_script)).await.expect(200)), Vec::<&str>::new());

    // Who was last seen a while ago is gone, though the table has not dropped the item yet.
    let pk = format!("T#{}#{}#", owner.org, assessment.path.rsplit('/').next().unwrap());
    let sk = format!("PRESENCE#{script}#{}", admin.user);
    cloud::set_text(&pk, &sk, "seen_at", "2026-01-01T00:00:00Z").await;
    assert_eq!(names(&owner.put(&at(&script)).await.expect(200)), Vec::<&str>::new());
    // Whoever is no member any more is named to nobody.
    admin.put(&at(&script)).await.expect(200);
    owner.delete(&owner.at(&format!("/members/{}", admin.user))).await.expect(204);
    assert_eq!(names(&owner.put(&at(&script)).await.expect(200)), Vec::<&str>::new());

    let nowhere = at("sub_00000000000000000000000001");
    owner.put(&nowhere).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn who_looks_at_a_script_is_in_no_log() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let script = assessment.submit(&[File::text("1. Paris")]).await;
    let admin = owner.member("admin").await;
    let path = format!("{}/submissions/{script}/presence", assessment.path);
    let unusual = unique("Name");
    cloud::set_text(&format!("T#{}#", owner.org), &format!("MEMBER#{}", owner.user), "name", &unusual).await;
    owner.put(&path).await.expect(200);
    assert_eq!(names(&admin.put(&path).await.expect(200)), [unusual.as_str()]);
    assert!(!cloud::log_lines(&admin.user).await.is_empty());
    assert_eq!(cloud::log_lines(&unusual).await, Vec::<String>::new());
}

#[tokio::test]
async fn graders_share_a_bank_of_comments() {
    let owner = Teacher::new().await;
    let assessment = owner.assessment(small_guide()).await;
    let path = format!("{}/comments", assessment.path);
    let admin = owner.member("admin").await;
    let kept = owner.post(&path, json!({ "text": "  Say why.  " })).await.expect(201);
    assert_eq!((&kept["text"], &kept["created_by"]), (&json!("Say why."), &json!(owner.user)));
    admin.post(&path, json!({ "text": "See chapter 3." })).await.expect(201);
    let listed = admin.get(&path).await.expect(200);
    let texts: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|comment| &comment["text"]).collect();
    assert_eq!(texts, ["Say why.", "See chapter 3."]);
    for text in [" \n", &"x".repeat(2001)] {
        owner.post(&path, json!({ "text": text })).await.expect_problem(400, "comment_invalid");
    }
    // Those of another assessment are others.
    let other = owner.assessment(small_guide()).await;
    assert_eq!(owner.get(&format!("{}/comments", other.path)).await.expect(200)["items"], json!([]));
    let one = kept["id"].as_str().unwrap();
    owner.delete(&format!("{}/comments/{one}", other.path)).await.expect_problem(404, "not_found");

    admin.delete(&format!("{path}/{one}")).await.expect(204);
    owner.delete(&format!("{path}/{one}")).await.expect_problem(404, "not_found");
    let listed = owner.get(&path).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    let log = owner.get(&owner.at("/audit?limit=100")).await.expect(200);
    let actions: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    for (action, times) in [("comment.kept", 2), ("comment.deleted", 1)] {
        assert_eq!(actions.iter().filter(|found| **found == action).count(), times, "{action}: {actions:?}");
    }
}
