//! Answers that say the same: decided about together, moved between groups by hand; and how many answers a person must see.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use smartscripts_e2e::{Answer, Assessment, File, Teacher, cloud, puddle_guide, unique};

/// Hands typed scripts in, one after the other, and waits until they are graded; returns their ids.
async fn graded(assessment: &Assessment, texts: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for text in texts {
        ids.push(assessment.submit(&[File::text(text)]).await);
    }
    for id in &ids {
        assert_ne!(assessment.finished(id).await["state"], "failed");
    }
    ids
}

async fn groups(assessment: &Assessment, query: &str) -> Value {
    assessment.teacher.get(&format!("{}/questions/1/groups{query}", assessment.path)).await.expect(200)
}

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().unwrap()
}

/// The scripts in each group, in the order of the list.
fn scripts(groups: &Value) -> Vec<Vec<String>> {
    let script = |member: &Value| member["submission"].as_str().unwrap().to_owned();
    let members = |group: &Value| group["members"].as_array().unwrap().iter().map(script).collect();
    items(groups).iter().map(members).collect()
}

/// The group that a script is in.
fn group_of<'a>(groups: &'a Value, script: &str) -> &'a Value {
    let is_in =
        |group: &&Value| group["members"].as_array().unwrap().iter().any(|member| member["submission"] == script);
    items(groups).iter().find(is_in).unwrap()
}

async fn decide(grader: &Teacher, path: &str, body: Value) -> Answer {
    grader.post(&format!("{path}/questions/1/groups/decide"), body).await
}

async fn move_to(assessment: &Assessment, members: Value, to: Value) -> Answer {
    let body = json!({ "members": members, "to": to });
    assessment.teacher.post(&format!("{}/questions/1/groups/move", assessment.path), body).await
}

fn seen(scripts: &[&String], version: u32) -> Value {
    json!(scripts.iter().map(|script| json!({ "submission": script, "version": version })).collect::<Vec<_>>())
}

async fn entries(teacher: &Teacher, action: &str) -> Vec<Value> {
    items(&teacher.get(&teacher.at(&format!("/audit?action={action}"))).await.expect(200)).clone()
}

const SUN: &str = "1. The water evaporates because of the heat of the sun.\n";
const SUN_AGAIN: &str = "1. the water evaporates, because of the HEAT of the sun!\n";
const NOT: &str = "1. The water does not evaporate because of the heat of the sun.\n";
const NOTHING: &str = "1.\n";

#[tokio::test]
async fn one_decision_counts_for_a_group_and_overwrites_nobody_s() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(puddle_guide()).await;
    let (other, path) = (teacher.member("admin").await, assessment.path.clone());
    let canary = unique("canary");
    let odd = format!("1. My dog {canary} drank it.\n");
    let ids = graded(&assessment, &[SUN, SUN_AGAIN, NOT, NOTHING, NOTHING, &odd]).await;
    let [sun, again, not, empty, empty_too, odd] = ids.as_slice() else { panic!("{ids:?}") };
    let found = groups(&assessment, "").await;
    assert_eq!(
        (&found["answers"], &found["groups"], &found["cursor"]),
        (&json!(6), &json!(4), &Value::Null),
        "{found}"
    );
    // Who has written the same is told, of others in the group too.
    let literal = |group: &str, member: usize| group_of(&found, group)["members"][member]["literal"].clone();
    assert!(literal(sun, 0).is_string());
    assert_eq!((literal(sun, 0), literal(empty, 0)), (literal(sun, 1), Value::Null));
    let mut expected = vec![
        vec![sun.clone(), again.clone()],
        vec![not.clone()],
        vec![empty.clone(), empty_too.clone()],
        vec![odd.clone()],
    ];
    let mut all = scripts(&found);
    all.sort();
    expected.sort();
    assert_eq!(all, expected);
    let of_sun = group_of(&found, sun);
    assert_eq!((&of_sun["id"], &of_sun["undecided"]), (&json!(sun), &json!(2)), "{of_sun}");
    assert!(of_sun["example"]["answer"].as_str().unwrap().contains("evaporates because"), "{of_sun}");
    // Page by page it is the same list.
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = groups(&assessment, &format!("?limit=1{cursor}")).await;
        paged.extend(scripts(&page));
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, scripts(&found));
    let list = format!("{path}/questions/1/groups");
    teacher.get(&format!("{list}?limit=0")).await.expect_problem(400, "limit_invalid");
    teacher.get(&format!("{list}?cursor=!")).await.expect_problem(400, "cursor_invalid");
    // What can't be.
    decide(&teacher, &path, json!({ "members": [] })).await.expect_problem(400, "members_invalid");
    decide(&teacher, &path, json!({ "members": seen(&[sun, sun], 1) })).await.expect_problem(400, "member_twice");
    let no_criteria = json!({ "members": seen(&[sun], 1), "criteria": [] });
    decide(&teacher, &path, no_criteria).await.expect_problem(400, "criteria_missing");
    let only_comment = json!({ "members": seen(&[sun], 1), "comment": "Well done" });
    decide(&teacher, &path, only_comment).await.expect_problem(400, "comment_invalid");
    // One is decided about alone; the group's decision leaves it, and says so.
    let alone = format!("{path}/submissions/{again}/answers/1/confirm");
    other.post(&alone, json!({ "version": 1 })).await.expect(200);
    let mut input = json!({ "members": seen(&[sun, again], 1), "comment": unique("comment") });
    input["criteria"] = json!([{ "criterion": "heat", "marks": 0.5 }]);
    let decided = decide(&teacher, &path, input.clone()).await.expect(200);
    let results = decided["results"].as_array().unwrap();
    assert_eq!((&results[0]["submission"], &results[0]["decided"]["version"]), (&json!(sun), &json!(2)), "{decided}");
    assert_eq!((&results[1]["decided"], &results[1]["refused"]["code"]), (&Value::Null, &json!("answer_changed")));
    input["members"] = seen(&[again], 2);
    let refused = decide(&teacher, &path, input.clone()).await.expect(200);
    assert_eq!(refused["results"][0]["refused"]["code"], "already_decided", "{refused}");
    let standing = &assessment.submission(again).await["outcome"]["answers"]["1"];
    assert_eq!((&standing["version"], &standing["decided_by"]), (&json!(2), &json!(other.user)));
    // Unless it is asked for.
    input["decide_anew"] = json!(true);
    let anew = decide(&teacher, &path, input).await.expect(200);
    assert_eq!(anew["results"][0]["decided"]["version"], 3, "{anew}");
    let of_sun = groups(&assessment, "").await;
    assert_eq!(group_of(&of_sun, sun)["undecided"], 0);
    // Each member has its event, with the marks before and after and no comment.
    let overridden = entries(&teacher, "answer.overridden").await;
    assert_eq!(overridden.len(), 2);
    let last = overridden.iter().find(|entry| entry["target"] == json!(sun)).unwrap();
    assert!(last["details"]["criteria_after"].as_str().unwrap().contains("heat=0.5"), "{last}");
    // Of two who decide about a group at once, one wins each member.
    let both = [&teacher, &other].map(|who| decide(who, &path, json!({ "members": seen(&[empty, empty_too], 1) })));
    let both: Vec<Value> = join_all(both).await.into_iter().map(|answer| answer.expect(200)).collect();
    for member in 0..2 {
        let won = both.iter().filter(|answer| answer["results"][member]["decided"] != Value::Null).count();
        assert_eq!(won, 1, "{both:?}");
    }
    // No word of an answer is in the table or in a queue.
    assert_eq!(cloud::items_with(&[&canary]).await, Vec::<String>::new());
    let everything = teacher.get(&teacher.at("/audit?limit=100")).await.expect(200).to_string();
    assert!(!everything.contains(&canary));
}

#[tokio::test]
async fn answers_are_moved_between_groups_by_hand() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(puddle_guide()).await;
    let ids = graded(&assessment, &[SUN, SUN_AGAIN, SUN, NOT]).await;
    let [sun, again, third, not] = ids.as_slice() else { panic!("{ids:?}") };
    let placed = |script: &String, placement: u32| json!([{ "submission": script, "placement": placement }]);
    // Merged.
    let moved = move_to(&assessment, placed(not, 1), json!(sun)).await.expect(200);
    assert_eq!((&moved["group"], &moved["results"][0]["placement"]), (&json!(sun), &json!(2)), "{moved}");
    let found = groups(&assessment, "").await;
    assert_eq!(scripts(&found), std::slice::from_ref(&ids));
    let members = group_of(&found, sun)["members"].as_array().unwrap();
    assert_eq!(
        members.iter().map(|member| member["is_moved"] == true).collect::<Vec<_>>(),
        [false, false, false, true]
    );
    // Whoever has not seen that is told.
    let stale = move_to(&assessment, placed(not, 1), Value::Null).await.expect(200);
    assert_eq!(stale["results"][0]["refused"]["code"], "group_changed", "{stale}");
    // Split: two go, and name their group; one leaves alone.
    let two = json!([{ "submission": again, "placement": 1 }, { "submission": not, "placement": 2 }]);
    let split = move_to(&assessment, two, Value::Null).await.expect(200);
    assert_eq!(split["group"], json!(again), "{split}");
    move_to(&assessment, placed(third, 1), Value::Null).await.expect(200);
    let mut all = scripts(&groups(&assessment, "").await);
    all.sort();
    let mut expected = vec![vec![sun.clone()], vec![again.clone(), not.clone()], vec![third.clone()]];
    expected.sort();
    assert_eq!(all, expected);
    // A new answer joins none that were put somewhere.
    let new = graded(&assessment, &[SUN_AGAIN]).await.remove(0);
    let found = groups(&assessment, "").await;
    assert_eq!(group_of(&found, &new)["id"], json!(sun));
    // What can't be.
    let nowhere = "sub_00000000000000000000000001";
    move_to(&assessment, placed(sun, 1), json!(nowhere)).await.expect_problem(404, "not_found");
    move_to(&assessment, json!([]), Value::Null).await.expect_problem(400, "members_invalid");
    let unknown = move_to(&assessment, placed(&nowhere.to_owned(), 1), json!(sun)).await.expect(200);
    assert_eq!(unknown["results"][0]["refused"]["code"], "not_found", "{unknown}");
    let moves = entries(&teacher, "answer.moved").await;
    assert_eq!(moves.len(), 4);
    let back = moves.iter().find(|entry| entry["details"]["group_before"] == json!(sun)).unwrap();
    assert_eq!((&back["target"], &back["details"]["group_after"]), (&json!(not), &json!(again)));
    // A script that is deleted takes its sketches along.
    let (org, asm) = assessment.path.strip_prefix("/v1/orgs/").unwrap().split_once("/assessments/").unwrap();
    let (pk, sk) = (format!("T#{org}#{asm}#"), format!("SKETCHES#{sun}"));
    assert!(cloud::item(&pk, &sk).await.is_some());
    teacher.delete(&format!("{}/submissions/{sun}", assessment.path)).await.expect(204);
    assert!(cloud::item(&pk, &sk).await.is_none());
}

#[tokio::test]
async fn the_plan_says_how_many_a_person_must_see_and_follows_the_decisions() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(puddle_guide()).await;
    let ids = graded(&assessment, &[SUN, SUN_AGAIN, NOT, NOTHING, "1. It is warm.\n", "1. A dog drank it.\n"]).await;
    let path = assessment.path.clone();
    let plan = async || teacher.get(&format!("{path}/review-plan?question=1")).await.expect(200);
    let set = async |share: f64| {
        let request = teacher.request(Method::PUT, &format!("{path}/acceptable-disagreement"));
        Answer::of(request.json(&json!({ "share": share })).send().await.unwrap()).await
    };
    let before = plan().await;
    assert_eq!(before["acceptable_disagreement"], 0.05);
    let question = &before["questions"][0];
    assert_eq!((&question["answers"], &question["decided"]), (&json!(6), &json!(0)), "{before}");
    let expected = question["expected_disagreement"].as_f64().unwrap();
    assert!(expected > 0.05 && question["expected_after"].as_f64().unwrap() <= 0.05, "{before}");
    // Exactly: the mean of what the confidences leave, which the list of submissions has too.
    let mut doubts = Vec::new();
    for id in &ids {
        doubts.push(1.0 - assessment.submission(id).await["outcome"]["answers"]["1"]["confidence"].as_f64().unwrap());
    }
    assert!((doubts.iter().sum::<f64>() / 6.0 - expected).abs() < 1e-6, "{doubts:?} {before}");
    assert_eq!(question["first"].as_array().unwrap().len(), 6);
    // The teacher's share decides how many.
    set(0.6).await.expect_problem(400, "share_invalid");
    assert_eq!(set(0.0).await.expect(200)["acceptable_disagreement"], 0.0);
    assert_eq!(plan().await["to_see"], 6);
    set(0.5).await.expect(200);
    assert!(plan().await["to_see"].as_u64().unwrap() < 6);
    let changes = entries(&teacher, "assessment.disagreement_set").await;
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["details"], json!({ "share_before": "0", "share_after": "0.5" }));
    // Where persons agree, less is expected of the others; where they don't, more.
    let last = &ids[5];
    let answer = &assessment.submission(last).await["outcome"]["answers"]["1"];
    let confirm = json!({ "version": answer["version"] });
    teacher.post(&format!("{path}/submissions/{last}/answers/1/confirm"), confirm).await.expect(200);
    let agreed = plan().await["questions"][0].clone();
    assert_eq!((&agreed["decided"], &agreed["agreed"]), (&json!(1), &json!(1)), "{agreed}");
    let undo = json!({ "version": 2 });
    teacher.post(&format!("{path}/submissions/{last}/answers/1/undo"), undo).await.expect(200);
    let marks = u32::from(answer["marks"].as_f64().unwrap() < 1.0);
    let criteria: Vec<Value> =
        ["evaporation", "heat"].iter().map(|id| json!({ "criterion": id, "marks": marks })).collect();
    let other = json!({ "version": 3, "criteria": criteria });
    teacher.post(&format!("{path}/submissions/{last}/answers/1/override"), other).await.expect(200);
    let disagreed = plan().await["questions"][0].clone();
    assert_eq!((&disagreed["decided"], &disagreed["agreed"]), (&json!(1), &json!(0)), "{disagreed}");
    let expected = |question: &Value| question["expected_disagreement"].as_f64().unwrap();
    assert!(expected(&disagreed) > expected(&agreed), "{agreed} {disagreed}");
}

#[tokio::test]
async fn what_is_decided_about_a_large_group_is_learned_from() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(puddle_guide()).await;
    let ids = graded(&assessment, &[SUN; 6]).await;
    let members: Vec<&String> = ids.iter().collect();
    let decided = decide(&teacher, &assessment.path, json!({ "members": seen(&members, 1) })).await.expect(200);
    for result in decided["results"].as_array().unwrap() {
        assert_eq!(result["decided"]["version"], 2, "{decided}");
    }
}

#[tokio::test]
async fn a_script_that_is_being_graded_is_graded_again_with_the_new_guide_later() {
    let teacher = Teacher::new().await;
    let assessment = teacher.assessment(puddle_guide()).await;
    let ids = graded(&assessment, &[SUN]).await;
    let asm = assessment.path.rsplit('/').next().unwrap();
    cloud::put_back_to_grading(&format!("{}/{asm}", teacher.org), &ids[0]).await;
    let mut changed = puddle_guide();
    changed["questions"][0]["text"] = json!("Where has the water of the puddle gone to, and why?");
    teacher.post(&format!("{}/guides", assessment.path), changed).await.expect(201);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let job = json!({ "org": teacher.org, "assessment": asm, "submission": ids[0], "run": 1, "question": "1" });
    let message = json!({ "schema_version": 1, "request_id": "again", "job": job });
    cloud::send("GRADE_QUEUE_URL", &message).await;
    cloud::eventually("it is graded with the new guide", 120, async || {
        assessment.finished(&ids[0]).await;
        assessment.feedback(&ids[0]).await["feedback"]["guide_version"] == 2
    })
    .await;
}
