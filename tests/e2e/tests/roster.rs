//! Rosters: what a school's spreadsheet says, what importing it would change, and that exactly this is what happens.

use std::{collections::BTreeMap, time::Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use smartscripts_e2e::{Answer, Teacher, cloud, small_guide, url};

async fn preview(teacher: &Teacher, query: &str, file: &[u8]) -> Answer {
    teacher.post_file(&format!("/v1/orgs/{}/roster-imports{query}", teacher.org), file).await
}

async fn commit(teacher: &Teacher, import: &Value) -> Answer {
    let path = format!("/v1/orgs/{}/roster-imports/{}/commit", teacher.org, text(&import["id"]));
    Answer::of(teacher.request(Method::POST, &path).send().await.unwrap()).await
}

/// Previews and commits; returns the diff.
async fn import(teacher: &Teacher, query: &str, file: &str) -> Value {
    let mut previewed = preview(teacher, query, file.as_bytes()).await.expect(201);
    let committed = commit(teacher, &previewed["import"]).await.expect(200);
    assert_eq!(committed["state"], "committed");
    previewed["diff"].take()
}

/// All students of the organization that the caller sees, by number.
async fn students(teacher: &Teacher) -> BTreeMap<String, Value> {
    let path = format!("/v1/orgs/{}/students?limit=100", teacher.org);
    let (mut found, mut next) = (BTreeMap::new(), path.clone());
    loop {
        let page = teacher.get(&next).await.expect(200);
        for student in page["items"].as_array().unwrap() {
            let twice = found.insert(text(&student["number"]), student.clone());
            assert_eq!(twice, None, "no number stands there twice");
        }
        let Some(cursor) = page["cursor"].as_str() else { return found };
        next = format!("{path}&cursor={cursor}");
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let unit = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
}

/// Windows-1252, for characters that Latin-1 has as well.
fn windows(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[tokio::test]
async fn reads_whatever_a_spreadsheet_writes() {
    let teacher = Teacher::new().await;
    let file =
        "Matrikelnummer;Vorname;Nachname;E-Mail;Klasse\r\n\r\n007;Zoë;\"Müller; geb. Groß\";Zoe@School.example;7a\r\n";
    let files = [
        file.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", file.as_bytes()].concat(),
        utf16(file, false),
        utf16(file, true),
        windows(file),
        file.replace("; geb", ", geb").replace(';', ",").into_bytes(),
        utf16(&file.replace("; geb", "\t geb").replace(';', "\t"), false),
    ];
    let mut added = Vec::new();
    for file in files {
        let mut diff = preview(&teacher, "", &file).await.expect(201)["diff"].take();
        assert_eq!(
            (text(&diff["new_teams"][0]["name"]), diff["added"].as_array().unwrap().len()),
            ("7a".to_owned(), 1)
        );
        let mut student = diff["added"][0].take();
        assert_eq!(student["teams"], json!([diff["new_teams"][0]["id"]]));
        assert_eq!((text(&student["number"]), text(&student["email"])), ("007".into(), "zoe@school.example".into()));
        added.push(text(&student["name"].take()).replace([';', ','], ""));
    }
    assert_eq!(added, ["Zoë Müller geb. Groß"; 7]);
    // The gateway takes what is sent as text for UTF-8. If it wasn't, letters are lost, and nobody is called “M�ller”.
    let path = format!("/v1/orgs/{}/roster-imports", teacher.org);
    let send = async |bytes: Vec<u8>| {
        let request = teacher.request(Method::POST, &path).header("content-type", "text/csv; charset=utf-8");
        Answer::of(request.body(bytes).send().await.unwrap()).await
    };
    send(file.as_bytes().to_vec()).await.expect(201);
    let lost = send(windows(file)).await.expect_problem(400, "roster_invalid");
    assert!(text(&lost["detail"]).contains("application/octet-stream"), "{lost}");
    teacher.post(&path, json!({})).await.expect_problem(400, "content_type_wrong");
}

#[tokio::test]
async fn tells_of_every_problem_with_its_line() {
    let teacher = Teacher::new().await;
    let file =
        "number,name,email\n1,Ada,ada@school.example\n1,Ada,ada@school.example\n2,=1+1,\n,Bob,\n3,Cem,cem\n1,Eve,\n";
    let problem = preview(&teacher, "", file.as_bytes()).await.expect_problem(400, "roster_invalid");
    let detail = text(&problem["detail"]);
    let lines: Vec<&str> = detail.lines().map(|line| line.split_once(':').unwrap().0).collect();
    assert_eq!(lines, ["Line 4", "Line 5", "Line 6", "Line 7"], "{detail}");
    assert!(detail.contains("formula") && detail.contains("The same number as line 2"), "{detail}");
    // Twice the same is one, with a note.
    let file = "number,name\n1,Ada\n1,Ada\n";
    let previewed = preview(&teacher, "", file.as_bytes()).await.expect(201);
    assert_eq!(previewed["import"]["counts"]["added"], 1);
    assert_eq!(previewed["diff"]["notes"], json!([{ "line": 3, "text": "The same as line 2." }]));
    preview(&teacher, "", b"").await.expect_problem(400, "roster_invalid");
    preview(&teacher, "?remove=true", file.as_bytes()).await.expect_problem(400, "query_invalid");
    let foreign = "?team=tea_00000000000000000000000001";
    preview(&teacher, foreign, file.as_bytes()).await.expect_problem(404, "not_found");
    let long = format!("number,name\n{}", (0..5001).map(|n| format!("{n},A\n")).collect::<Vec<_>>().concat());
    preview(&teacher, "", long.as_bytes()).await.expect_problem(413, "roster_too_large");
    preview(&teacher, "", &vec![b'a'; 1024 * 1024 + 1]).await.expect_problem(413, "body_too_large");
    assert!(students(&teacher).await.is_empty());
}

#[tokio::test]
async fn what_is_committed_is_exactly_the_preview() {
    let teacher = Teacher::new().await;
    import(&teacher, "", "number,name,class\n1,Ada,7a\n2,Bob,7a\n3,Cem,7b\n4,Dan,\n").await;
    let before = students(&teacher).await;
    let file = "number,name,email,class\n1,Ada,,\n2,Robert,bob@school.example,8a|7B\n5,Eve,,8a\n";
    let previewed = preview(&teacher, "?remove_missing=true", file.as_bytes()).await.expect(201);
    assert_eq!(students(&teacher).await, before, "a preview changes nothing");
    let kept = format!("/v1/orgs/{}/roster-imports/{}", teacher.org, text(&previewed["import"]["id"]));
    assert_eq!(teacher.get(&kept).await.expect(200), previewed);
    commit(&teacher, &previewed["import"]).await.expect(200);
    let (diff, after) = (&previewed["diff"], students(&teacher).await);

    // Done by hand, the diff gives what the roster is now.
    let mut expected = before;
    for removed in diff["removed"].as_array().unwrap() {
        assert_eq!(expected.remove(&text(&removed["number"])).unwrap()["id"], removed["id"]);
    }
    for changed in diff["changed"].as_array().unwrap() {
        let student = expected.get_mut(&text(&changed["number"])).unwrap();
        for field in ["name", "email", "teams"].into_iter().filter(|field| !changed[field].is_null()) {
            assert_eq!(student[field], changed[field]["before"], "{field}");
            student[field] = changed[field]["after"].clone();
        }
        student["version"] = json!(2);
    }
    for added in diff["added"].as_array().unwrap() {
        let number = text(&added["number"]);
        let mut student = after[&number].clone();
        for field in ["id", "number", "name", "email", "teams"] {
            student[field] = added[field].clone();
        }
        expected.insert(number, student);
    }
    assert_eq!(after, expected);
    let counts = json!({ "new_teams": 1, "added": 1, "changed": 1, "removed": 2, "unchanged": 1 });
    assert_eq!(previewed["import"]["counts"], counts);
    // Importing the same again changes nothing.
    let again = preview(&teacher, "?remove_missing=true", file.as_bytes()).await.expect(201);
    let nothing = json!({ "new_teams": 0, "added": 0, "changed": 0, "removed": 0, "unchanged": 3 });
    assert_eq!(again["import"]["counts"], nothing);
}

#[tokio::test]
async fn one_class_can_be_imported_alone() {
    let teacher = Teacher::new().await;
    let diff = import(&teacher, "", "number,name,class\n1,Ada,7a\n2,Bob,7a|7b\n3,Cem,7b\n").await;
    let team = |index: usize| text(&diff["new_teams"][index]["id"]);
    let query = format!("?team={}&remove_missing=true", team(0));
    import(&teacher, &query, "number,name\n1,Ada\n4,Dan\n").await;
    let teams: Vec<Value> = students(&teacher).await.values().map(|student| student["teams"].clone()).collect();
    assert_eq!(teams, [json!([team(0)]), json!([team(1)]), json!([team(1)]), json!([team(0)])]);
}

#[tokio::test]
async fn a_roster_that_has_changed_since_is_left_alone() {
    let teacher = Teacher::new().await;
    let path = format!("/v1/orgs/{}/students", teacher.org);
    let create = async |number: &str| teacher.post(&path, json!({ "number": number, "name": "A" })).await.expect(201);
    let student = create("1").await;
    let at = format!("{path}/{}", text(&student["id"]));
    for step in 0..4 {
        let previewed = preview(&teacher, "?remove_missing=true", b"number,name,class\n9,Zoe,9z\n").await.expect(201);
        match step {
            0 => drop(create("2").await),
            1 => drop(teacher.patch(&at, json!({ "version": 1, "name": "B" })).await.expect(200)),
            2 => drop(teacher.delete(&at).await.expect(204)),
            _ => drop(import(&teacher, "", "number,name,class\n3,Cem,8a\n").await),
        }
        let before = cloud::tenant(&teacher.org).await;
        commit(&teacher, &previewed["import"]).await.expect_problem(409, "roster_changed");
        assert_eq!(cloud::tenant(&teacher.org).await, before, "step {step}");
    }
    // Another file's bytes in the place of the preview's are not taken for it.
    let previewed = preview(&teacher, "", b"number,name\n10,Kai\n").await.expect(201);
    let id = text(&previewed["import"]["id"]);
    let (org, before) = (&teacher.org, students(&teacher).await);
    cloud::write(&format!("rosters/{org}/{id}.json"), previewed["diff"].to_string().replace("Kai", "Eve").as_bytes())
        .await;
    commit(&teacher, &previewed["import"]).await.expect_problem(500, "internal");
    assert_eq!(students(&teacher).await, before);
    // After a day it is gone.
    let previewed = preview(&teacher, "", b"number,name\n10,Kai\n").await.expect(201);
    let sk = format!("ROSTER_IMPORT#{}", text(&previewed["import"]["id"]));
    cloud::set_text(&format!("T#{org}#"), &sk, "created_at", "2026-01-01T00:00:00Z").await;
    commit(&teacher, &previewed["import"]).await.expect_problem(404, "not_found");
}

/// Commits an import by several calls at once.
async fn commit_at_once(teacher: &Teacher, import: &Value, calls: usize) {
    let call = |_| {
        let (teacher, import) = (teacher.clone(), import.clone());
        tokio::spawn(async move { commit(&teacher, &import).await })
    };
    for commit in (0..calls).map(call).collect::<Vec<_>>() {
        assert_eq!(commit.await.unwrap().expect(200)["state"], "committed");
    }
}

/// 1,500 students of 30 classes.
fn large(name: &str) -> String {
    let row = |n: usize| format!("{n};{name} {n};student-{n}@school.example;class {}\n", n % 30);
    format!("number;name;email;class\n{}", (0..1500).map(row).collect::<Vec<_>>().concat())
}

#[tokio::test]
async fn a_large_roster_is_committed_whole_once_and_quickly() {
    let teacher = Teacher::new().await;
    let previewed = preview(&teacher, "", large("Ada").as_bytes()).await.expect(201);
    assert_eq!(previewed["import"]["counts"]["added"], 1500);
    let started = Instant::now();
    commit_at_once(&teacher, &previewed["import"], 2).await;
    let seconds = started.elapsed().as_secs_f64();
    println!("1,500 students committed in {seconds:.1} s");
    assert!(seconds < 25.0, "{seconds}");
    assert_eq!(students(&teacher).await.len(), 1500);

    // All are renamed, by eight commits at once.
    let previewed = preview(&teacher, "", large("Bob").as_bytes()).await.expect(201);
    commit_at_once(&teacher, &previewed["import"], 8).await;
    let diff = preview(&teacher, "", b"number,name,class\n1,Bob 1,class 1\n2,Bob 2,class 2\n").await.expect(201);
    assert_eq!(diff["import"]["counts"]["unchanged"], 2, "each class was made once");
    let students = students(&teacher).await;
    let once =
        |(number, student): (&String, &Value)| student["version"] == 2 && student["name"] == format!("Bob {number}");
    assert!(students.iter().all(once));
    assert_eq!(students.len(), 1500);
    // Once more changes nothing.
    commit(&teacher, &previewed["import"]).await.expect(200);
    let again = preview(&teacher, "", large("Bob").as_bytes()).await.expect(201);
    assert_eq!(again["import"]["counts"]["unchanged"], 1500);
    assert_eq!(again["import"]["roster_version"], 4);
}

#[tokio::test]
async fn an_import_that_was_cut_short_is_finished_by_the_next_commit() {
    let teacher = Teacher::new().await;
    let path = format!("/v1/orgs/{}/students", teacher.org);
    let mut rows = (0..80).map(|n| format!("{n},Ada\n")).collect::<Vec<_>>().concat();
    rows.insert_str(0, "number,name\n");
    let previewed = preview(&teacher, "", rows.as_bytes()).await.expect(201);
    // As a function leaves it that has ended after the first of two batches.
    let (pk, id) = (format!("T#{}#", teacher.org), text(&previewed["import"]["id"]));
    commit(&teacher, &previewed["import"]).await.expect(200);
    let all = students(&teacher).await;
    for added in previewed["diff"]["added"].as_array().unwrap().iter().skip(49) {
        cloud::remove_student(&teacher.org, &text(&added["id"]), &text(&added["number"])).await;
    }
    let import = format!("ROSTER_IMPORT#{id}");
    cloud::set_text(&pk, &import, "state", "committing").await;
    cloud::set(&pk, &import, "done", AttributeValue::N("1".to_owned())).await;
    cloud::set_text(&pk, "ROSTER", "importing", &id).await;
    assert_eq!(students(&teacher).await.len(), 49);
    // Meanwhile nothing else changes the roster.
    let new = json!({ "number": "100", "name": "Bob" });
    teacher.post(&path, new.clone()).await.expect_problem(409, "roster_importing");
    let other = preview(&teacher, "", b"number,name\n101,Cem\n").await.expect(201);
    commit(&teacher, &other["import"]).await.expect_problem(409, "roster_changed");
    let committed = commit(&teacher, &previewed["import"]).await.expect(200);
    assert_eq!((&committed["state"], &committed["done"]), (&json!("committed"), &json!(2)));
    let ids = |students: &BTreeMap<String, Value>| students.values().map(|s| text(&s["id"])).collect::<Vec<_>>();
    assert_eq!(ids(&students(&teacher).await), ids(&all));
    teacher.post(&path, new).await.expect(201);
}

#[tokio::test]
async fn one_student_is_created_changed_and_removed() {
    let teacher = Teacher::new().await;
    let path = format!("/v1/orgs/{}/students", teacher.org);
    let diff = import(&teacher, "", "number,name,class\n1,Ada,7a\n").await;
    let team = text(&diff["new_teams"][0]["id"]);
    let new = json!({ "number": " 2 ", "name": "Bob", "email": "Bob@School.example", "teams": [team] });
    let created = teacher.post(&path, new).await.expect(201);
    assert_eq!((&created["number"], &created["email"]), (&json!("2"), &json!("bob@school.example")));
    let at = format!("{path}/{}", text(&created["id"]));
    assert_eq!(teacher.get(&at).await.expect(200), created);
    // No two have one number.
    let taken = json!({ "number": "1", "name": "Cem" });
    teacher.post(&path, taken).await.expect_problem(409, "number_taken");
    teacher.patch(&at, json!({ "version": 1, "number": "1" })).await.expect_problem(409, "number_taken");
    let changed =
        teacher.patch(&at, json!({ "version": 1, "number": "3", "email": "", "teams": [] })).await.expect(200);
    assert_eq!((&changed["number"], &changed["email"], &changed["teams"]), (&json!("3"), &Value::Null, &json!([])));
    teacher.patch(&at, json!({ "version": 1, "name": "X" })).await.expect_problem(409, "student_changed");
    teacher.patch(&at, json!({ "version": 4_294_967_295_u32 })).await.expect_problem(409, "student_changed");
    teacher.post(&path, json!({ "number": "2", "name": "Dan" })).await.expect(201);
    for (field, value, code) in [
        ("name", "=HYPERLINK(1)", "name_invalid"),
        ("name", " ", "name_invalid"),
        ("number", "@1", "number_invalid"),
        ("email", "nobody", "email_invalid"),
    ] {
        teacher.patch(&at, json!({ "version": 2, field: value })).await.expect_problem(400, code);
    }
    let nowhere = json!({ "version": 2, "teams": ["tea_00000000000000000000000001"] });
    teacher.patch(&at, nowhere).await.expect_problem(404, "not_found");
    teacher.delete(&at).await.expect(204);
    teacher.delete(&at).await.expect_problem(404, "not_found");
    teacher.post(&path, json!({ "number": "3", "name": "Eve" })).await.expect(201);
}

#[tokio::test]
async fn a_script_with_a_number_of_the_roster_is_that_students() {
    let teacher = Teacher::new().await;
    import(&teacher, "", "number,name\nB-17,Ada\n").await;
    let student = students(&teacher).await["B-17"]["id"].clone();
    let assessment = teacher.assessment(small_guide()).await;
    let submit = async |number: &str| {
        let body = json!({ "student_number": number, "files": [{ "content_type": "text/plain" }] });
        let created = teacher.post(&format!("{}/submissions", assessment.path), body).await.expect(201);
        (created["submission"]["student"].clone(), created["submission"]["id"].clone())
    };
    assert_eq!(submit("B-18").await.0, Value::Null);
    let (found, id) = submit("B-17").await;
    assert_eq!(found, student);
    // The script stays what it is when the student leaves the roster.
    teacher.delete(&format!("/v1/orgs/{}/students/{}", teacher.org, text(&student))).await.expect(204);
    let submission = assessment.submission(&text(&id)).await;
    assert_eq!(submission["student_number"], "B-17");
}

#[tokio::test]
async fn everyone_sees_the_own_part_of_the_roster() {
    let owner = Teacher::new().await;
    let diff = import(&owner, "", "number,name,class\n1,Ada,7a\n2,Bob,7b\n3,Cem,\n").await;
    let team = text(&diff["new_teams"][0]["id"]);
    let all = students(&owner).await;
    let pk = format!("T#{}#", owner.org);
    for (role, seen) in [("teacher", "1"), ("grader", "1"), ("student", "3"), ("auditor", "1 2 3"), ("admin", "1 2 3")]
    {
        let mut member = Teacher::without_organization().await;
        member.org.clone_from(&owner.org);
        cloud::make_member(&owner.org, &member.user, role).await;
        let sk = format!("MEMBER#{}", member.user);
        cloud::set(&pk, &sk, "teams", AttributeValue::L(vec![AttributeValue::S(team.clone())])).await;
        if role == "student" {
            cloud::set_text(&pk, &format!("STUDENT#{}", text(&all["3"]["id"])), "user", &member.user).await;
        }
        let numbers: Vec<String> = students(&member).await.into_keys().collect();
        assert_eq!(numbers.join(" "), seen, "{role}");
        for (number, student) in &all {
            let path = format!("/v1/orgs/{}/students/{}", owner.org, text(&student["id"]));
            let answer = member.get(&path).await;
            let status = if seen.contains(number.as_str()) { 200 } else { 404 };
            assert_eq!(answer.status, status, "{role} {number}");
        }
        if role != "admin" {
            preview(&member, "", b"number,name\n9,Zoe\n").await.expect_problem(403, "forbidden");
        }
    }
    let anybody = Client::new().get(url(&format!("/v1/orgs/{}/students", owner.org))).send().await.unwrap();
    Answer::of(anybody).await.expect_problem(401, "token_missing");
}
