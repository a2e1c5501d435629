//! Exports, erasures and retention. What must be found or gone is a canary: a text that stands nowhere else.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use smartscripts_e2e::{
    Answer, Assessment, Teacher, cloud,
    mail::{INVITATION, mail, mails_to},
    small_guide, unique, upload, url,
};
use smartscripts_store::entities::{ENTITIES, Entity, Place, Whose};

/// A student: everything that is known of them is a canary.
struct Canary {
    student: String,
    name: String,
    number: String,
    email: String,
    answer: String,
}

impl Canary {
    fn new() -> Self {
        Self {
            student: String::new(),
            name: unique("Name"),
            number: unique("number"),
            email: format!("{}@canary.example", unique("student")),
            answer: unique("answer"),
        }
    }

    fn texts(&self) -> Vec<&str> {
        vec![&self.name, &self.number, &self.email, &self.answer]
    }

    /// Puts the student on the roster of the owner's organization.
    async fn put_on_roster(&mut self, owner: &Teacher) {
        let student = json!({ "number": self.number, "name": self.name, "email": self.email });
        let student = owner.post(&owner.at("/students"), student).await.expect(201);
        self.student = student["id"].as_str().unwrap().to_owned();
    }

    /// The student in a spreadsheet, as it is uploaded.
    fn spreadsheet(&self) -> String {
        format!("number,name,email\n{}9,{},9{}\n", self.number, self.name, self.email)
    }

    /// Hands a script of the student's in, typed and with a photographed page, and waits until it is graded.
    async fn hand_in(&self, assessment: &Assessment, with_picture: bool) -> String {
        let mut files = vec![("text/plain", format!("1. {} Paris\n2. 15 m/s\n3. B\n", self.answer).into_bytes())];
        if with_picture {
            let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../bad-files/kept/good.png");
            files.push(("image/png", std::fs::read(picture).unwrap()));
        }
        let kinds: Vec<Value> = files.iter().map(|(kind, _)| json!({ "content_type": kind })).collect();
        let body = json!({ "student_name": self.name, "student_number": self.number, "files": kinds });
        let path = format!("{}/submissions", assessment.path);
        // The key under which the request is remembered holds the name too.
        let request = assessment.teacher.request(Method::POST, &path).header("idempotency-key", self.name.as_str());
        let announced = Answer::of(request.json(&body).send().await.unwrap()).await.expect(201);
        assert_eq!(announced["submission"]["student"], self.student);
        for ((_, content), form) in files.into_iter().zip(announced["uploads"].as_array().unwrap()) {
            assert_eq!(upload(form, content).await.as_u16(), 201);
        }
        let id = announced["submission"]["id"].as_str().unwrap().to_owned();
        let finished = assessment.finished(&id).await;
        assert_ne!(finished["state"], "failed", "{finished}");
        self.decide(assessment, &id, with_picture).await;
        id
    }

    /// The teacher gives the first answer no marks, and says why in words that are a canary too.
    async fn decide(&self, assessment: &Assessment, id: &str, with_picture: bool) {
        let decision = json!({
            "version": 1,
            "criteria": [{ "criterion": "capital", "marks": 0 }],
            "comment": format!("What does {} mean?", self.answer),
        });
        let path = format!("{}/submissions/{id}/answers/1/override", assessment.path);
        assessment.teacher.post(&path, decision).await.expect(200);
        // The pages are drawn anew; what counts the files must find them.
        let is_drawn = async || {
            let submission = assessment.submission(id).await;
            !with_picture || submission["outcome"]["annotated_pages"] != json!([])
        };
        cloud::eventually("the pages are drawn anew", 60, is_drawn).await;
    }
}

/// A student with an account, on the roster of the owner's organization and a member of it.
async fn account_of(canary: &mut Canary, owner: &Teacher) -> Teacher {
    let account = Teacher::without_organization().await;
    cloud::set_text(&format!("P#{}#", account.user), "USER", "name", &canary.name).await;
    canary.email = account.email.clone();
    canary.put_on_roster(owner).await;
    owner.invite(json!({ "student": canary.student, "role": "student" })).await;
    let token = mail(&account.email, INVITATION).await.token();
    account.post("/v1/invites/accept", json!({ "token": token })).await.expect(201);
    account
}

/// Announces the scan of a class, of which one page is there; returns its id.
async fn class_scan(assessment: &Assessment, page: &str) -> String {
    let files = json!({ "files": [{ "content_type": "application/pdf" }] });
    let created = assessment.teacher.post(&format!("{}/class-scans", assessment.path), files).await.expect(201);
    let id = created["class_scan"]["id"].as_str().unwrap().to_owned();
    let path = assessment.path.replace("/v1/orgs/", "").replace("/assessments", "");
    cloud::write(&format!("answers/{path}/{id}/page-1-1.jpeg"), page.as_bytes()).await;
    id
}

/// Waits until an export's file is there; the path is that of all exports.
async fn ready(teacher: &Teacher, path: &str, id: &str) -> Value {
    let at = format!("{path}/{id}");
    cloud::eventually("the export is made", 60, async || teacher.get(&at).await.expect(200)["state"] == "ready").await;
    teacher.get(&at).await.expect(200)
}

/// Asks for an export, waits, and downloads it.
async fn export(teacher: &Teacher, path: &str, whom: Value) -> (String, BTreeMap<String, Vec<u8>>) {
    let requested = teacher.post(path, whom).await.expect(202);
    assert_eq!(requested["state"], "in_progress");
    let id = requested["id"].as_str().unwrap().to_owned();
    let export = ready(teacher, path, &id).await;
    let archive = Client::new().get(export["download_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(archive.status(), 200);
    let archive = archive.bytes().await.unwrap();
    assert_eq!(export["bytes"], archive.len());
    (id, cloud::unzip(&archive))
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files.get(name).unwrap_or_else(|| panic!("no {name}")).clone()).unwrap()
}

fn holds(files: &BTreeMap<String, Vec<u8>>, canary: &str) -> bool {
    files.values().any(|content| content.windows(canary.len()).any(|window| window == canary.as_bytes()))
}

/// Checks that every kind that the list promises is there, and that the index and the README name it.
#[track_caller]
fn has_every_kind(files: &BTreeMap<String, Vec<u8>>, is_promised: impl Fn(&Entity) -> bool) {
    let (index, readme) = (text(files, "index.html"), text(files, "README.txt"));
    for entity in ENTITIES.iter().filter(|entity| is_promised(entity)) {
        assert!(index.contains(&format!("<td>{}</td>", entity.name)), "{} is not in the index", entity.name);
        assert!(readme.contains(entity.name), "{} is not in the README", entity.name);
        if matches!(entity.place, Place::Objects { .. }) {
            continue;
        }
        let items: Value = serde_json::from_str(&text(files, &format!("data/{}.json", entity.name))).unwrap();
        assert!(items.is_array());
    }
}

fn items(files: &BTreeMap<String, Vec<u8>>, kind: &str) -> Vec<Value> {
    serde_json::from_str(&text(files, &format!("data/{kind}.json"))).unwrap()
}

/// Sets the moment back at which an erasure is due, and has it carried out.
async fn carry_out(owner: &str, erasure: &str) -> Value {
    let (pk, sk) = (owner_partition(owner), format!("ERASURE#{erasure}"));
    cloud::set_text(&pk, &sk, "due_at", "2026-01-01T00:00:00Z").await;
    cloud::run_now("EraseDue").await;
    kept_erasure(&pk, &sk).await
}

fn owner_partition(owner: &str) -> String {
    if owner.starts_with("org_") { format!("T#{owner}#") } else { format!("P#{owner}#") }
}

async fn kept_erasure(pk: &str, sk: &str) -> Value {
    cloud::eventually("the erasure is done", 60, async || {
        let item = cloud::item(pk, sk).await.unwrap();
        item["state"].as_s().unwrap() == "erased"
    })
    .await;
    serde_dynamo::from_item(cloud::item(pk, sk).await.unwrap()).unwrap()
}

/// The number of each kind in a plan or a certificate.
fn counts(erased: &Value) -> BTreeMap<String, u64> {
    let entries = erased.as_array().unwrap().iter();
    entries.map(|entry| (entry["kind"].as_str().unwrap().to_owned(), entry["count"].as_u64().unwrap())).collect()
}

/// Has the organization's log sealed beyond this event, and verified; returns where its head stands.
async fn sealed_beyond(owner: &Teacher, sequence: u64) -> u64 {
    let verify = async || owner.post(&owner.at("/audit/verify"), json!({})).await.expect(200);
    let head = |found: &Value| found["head"]["sequence"].as_u64().unwrap();
    cloud::eventually("the log is sealed", 60, async || {
        cloud::try_now("SealAudit").await;
        head(&verify().await) > sequence
    })
    .await;
    let found = verify().await;
    assert_eq!((&found["holds"], &found["complete"]), (&json!(true), &json!(true)), "{found}");
    head(&found)
}

/// Looks for the canaries wherever something can be kept.
async fn nothing_is_left(texts: &[&str]) {
    assert_eq!(cloud::items_with(texts).await, Vec::<String>::new());
    assert_eq!(cloud::objects_with(texts).await, Vec::<String>::new());
    for queue in [
        "READ_QUEUE_URL",
        "READ_DEAD_LETTER_QUEUE_URL",
        "GRADE_QUEUE_URL",
        "GRADE_DEAD_LETTER_QUEUE_URL",
        "MAIL_QUEUE_URL",
        "MAIL_DEAD_LETTER_QUEUE_URL",
        "DRAW_QUEUE_URL",
        "DRAW_DEAD_LETTER_QUEUE_URL",
        "PRIVACY_QUEUE_URL",
        "PRIVACY_DEAD_LETTER_QUEUE_URL",
    ] {
        let messages = cloud::messages(queue).await;
        assert!(!messages.iter().any(|message| texts.iter().any(|text| message.contains(text))), "{messages:?}");
    }
    for text in texts {
        assert_eq!(cloud::log_lines(text).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_person_gets_everything_that_is_kept_of_them_and_nothing_of_others() {
    let owner = Teacher::new().await;
    let (mut canary, mut other) = (Canary::new(), Canary::new());
    let account = account_of(&mut canary, &owner).await;
    other.put_on_roster(&owner).await;
    let assessment = owner.assessment(small_guide()).await;
    let (submission, theirs) = futures::join!(canary.hand_in(&assessment, true), other.hand_in(&assessment, false));
    let (id, files) = export(&account, "/v1/privacy/exports", json!({})).await;
    mail(&account.email, "Your export is ready").await;

    has_every_kind(&files, Entity::is_exported_to_person);
    for kind in ["user", "session", "membership", "invite", "student", "submission", "own_export"] {
        assert_eq!(items(&files, kind).len(), 1, "{kind}");
    }
    assert_eq!(items(&files, "user")[0]["email"], account.email);
    assert_eq!(items(&files, "submission")[0]["id"], submission);
    assert!(items(&files, "submission")[0]["outcome"]["marks"].is_number());
    let actions = |kind: &str| -> Vec<String> {
        items(&files, kind).iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
    };
    assert!(actions("audit_event").contains(&"submission.created".to_owned()), "{:?}", actions("audit_event"));
    assert!(actions("audit_event_of_user").contains(&"user.registered".to_owned()));
    let at = |name: &str| {
        let found = files.keys().find(|key| key.contains(&submission) && key.ends_with(name));
        found.cloned().unwrap_or_else(|| panic!("no {name}: {:?}", files.keys()))
    };
    let feedback = files.keys().find(|key| key.contains(&submission) && key.contains("/feedback-")).unwrap();
    assert!(text(&files, &at("/1.txt")).contains(&canary.answer));
    assert!(text(&files, feedback).contains(&canary.answer));
    for name in ["/2.png", "/reading.json", "/split.json", "/page-2-1.jpg", ".png", "/grade-1-1.json"] {
        assert!(!files[&at(name)].is_empty(), "{name}");
    }
    assert!(files.keys().any(|key| key.contains("/annotated-")), "{:?}", files.keys());
    let index = text(&files, "index.html");
    assert!(index.contains(&submission) && index.contains(feedback), "{index}");
    for canary in canary.texts() {
        assert!(holds(&files, canary), "{canary} is missing");
    }
    for canary in other.texts().into_iter().chain([theirs.as_str(), other.student.as_str()]) {
        assert!(!holds(&files, canary), "{canary} is another's");
    }
    for secret in ["password_hash", "argon2", "\"current\""] {
        assert!(!holds(&files, secret), "{secret}");
    }

    // Somebody else's export looks like one that isn't there.
    let mut answers = Vec::new();
    for id in [id.as_str(), "exp_00000000000000000000000001"] {
        let mut answer = owner.get(&format!("/v1/privacy/exports/{id}")).await.expect_problem(404, "not_found");
        answer["request_id"].take();
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);

    // A second delivery changes nothing, and after a day the file is gone.
    let job = json!({ "organization": null, "user": account.user, "export": id });
    let message = json!({ "schema_version": 1, "request_id": unique("again"), "job": job });
    let before = account.get(&format!("/v1/privacy/exports/{id}")).await.expect(200)["available_until"].clone();
    cloud::send("PRIVACY_QUEUE_URL", &message).await;
    let line = message["request_id"].as_str().unwrap();
    cloud::eventually("the second delivery is done", 60, async || !cloud::log_lines(line).await.is_empty()).await;
    let after = account.get(&format!("/v1/privacy/exports/{id}")).await.expect(200)["available_until"].clone();
    assert_eq!(before, after);
    let key = format!("exports/{}/{id}.zip", account.user);
    assert_eq!(cloud::keys(&key).await.len(), 1);
    let pk = format!("P#{}#", account.user);
    cloud::set_text(&pk, &format!("EXPORT#{id}"), "available_until", "2026-01-01T00:00:00Z").await;
    let listed = account.get("/v1/privacy/exports").await.expect(200);
    assert_eq!(listed["items"][0]["state"], "expired");
    let expired = account.get(&format!("/v1/privacy/exports/{id}")).await.expect(200);
    assert_eq!((&expired["state"], &expired["download_url"]), (&json!("expired"), &Value::Null));
    cloud::run_now("EraseDue").await;
    assert_eq!(cloud::keys(&key).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_organization_gets_everything_or_what_it_keeps_of_one() {
    let owner = Teacher::new().await;
    let (mut one, mut other) = (Canary::new(), Canary::new());
    one.put_on_roster(&owner).await;
    other.put_on_roster(&owner).await;
    let assessment = owner.assessment(small_guide()).await;
    let (submission, theirs) = futures::join!(one.hand_in(&assessment, false), other.hand_in(&assessment, false));
    let path = format!("/v1/orgs/{}/privacy/exports", owner.org);
    let (_, all) = export(&owner, &path, json!({})).await;
    has_every_kind(&all, Entity::is_exported_to_organization);
    for canary in one.texts().into_iter().chain(other.texts()).chain([submission.as_str(), theirs.as_str()]) {
        assert!(holds(&all, canary), "{canary} is missing");
    }
    assert_eq!((items(&all, "organization").len(), items(&all, "student").len()), (1, 2));
    assert!(all.keys().any(|key| key.starts_with("files/guides/")), "{:?}", all.keys());
    mail(&owner.email, "Your export is ready").await;

    let (id, alone) = export(&owner, &path, json!({ "student": one.student })).await;
    has_every_kind(&alone, |entity| entity.is_exported_to_person() && entity.whose != Whose::Person);
    assert!(holds(&alone, &one.answer) && holds(&alone, &submission));
    assert!(!holds(&alone, &other.answer) && !holds(&alone, &theirs));
    let (_, member) = export(&owner, &path, json!({ "user": owner.user })).await;
    assert_eq!(items(&member, "membership").len(), 1);
    assert!(!items(&member, "audit_event").is_empty());
    assert!(!holds(&member, &one.answer));
    assert_eq!(owner.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 3);

    let nobody = json!({ "student": "stu_00000000000000000000000001" });
    owner.post(&path, nobody).await.expect_problem(404, "not_found");
    let both = json!({ "student": one.student, "user": owner.user });
    owner.post(&path, both).await.expect_problem(400, "whom_invalid");
    // Another organization's export looks like one that isn't there.
    let stranger = Teacher::new().await;
    let mut answers = Vec::new();
    for id in [id.as_str(), "exp_00000000000000000000000001"] {
        let own = format!("/v1/orgs/{}/privacy/exports/{id}", stranger.org);
        let mut answer = stranger.get(&own).await.expect_problem(404, "not_found");
        answer["request_id"].take();
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn an_account_is_erased_with_everything_that_is_kept_of_its_owner() {
    let owner = Teacher::new().await;
    let (mut canary, mut other) = (Canary::new(), Canary::new());
    let account = account_of(&mut canary, &owner).await;
    other.put_on_roster(&owner).await;
    let assessment = owner.assessment(small_guide()).await;
    let (submission, theirs) = futures::join!(canary.hand_in(&assessment, true), other.hand_in(&assessment, false));
    export(&account, "/v1/privacy/exports", json!({})).await;
    let exports = format!("/v1/orgs/{}/privacy/exports", owner.org);
    export(&owner, &exports, json!({})).await;
    export(&owner, &exports, json!({ "user": account.user })).await;
    mail(&account.email, "Your export is ready").await;

    // What is uploaded but not imported may tell of anybody, and goes with anybody.
    let spreadsheet = canary.spreadsheet();
    owner.post_file(&owner.at("/roster-imports"), spreadsheet.as_bytes()).await.expect(201);

    // A dry run changes nothing.
    let before = cloud::items_with(&[&account.user, &canary.student, &submission]).await;
    let plan = account.get("/v1/privacy/erasure-plan").await.expect(200);
    assert_eq!(plan["grace_days"], 14);
    let planned = counts(&plan["erased"]);
    let own = |items: Vec<String>| -> Vec<String> {
        items.into_iter().filter(|item| item.starts_with("TENANTS_TABLE")).collect()
    };
    assert_eq!(own(before), own(cloud::items_with(&[&account.user, &canary.student, &submission]).await));
    for kind in ["user", "email", "session", "membership", "membership_of_user", "student", "student_number", "invite"]
    {
        assert_eq!(planned.get(kind), Some(&1), "{kind}: {planned:?}");
    }
    for kind in ["submission", "idempotency_record", "roster_import", "roster_diff"] {
        assert_eq!(planned.get(kind), Some(&1), "{kind}: {planned:?}");
    }
    for kind in ["uploaded_file", "reading", "page_picture", "feedback"] {
        assert!(planned.contains_key(kind), "{kind}: {planned:?}");
    }
    assert_eq!((planned["own_export"], planned["export"], planned["export_file"]), (1, 2, 3), "{planned:?}");

    // Taken back, and asked for again.
    let path = "/v1/privacy/erasures";
    account.post(path, json!({ "password": "not the password" })).await.expect_problem(403, "password_wrong");
    let first = account.post(path, json!({ "password": account.password })).await.expect(202);
    let first = first["id"].as_str().unwrap();
    assert!(mail(&account.email, "Your account will be erased").await.text.contains("take"));
    account.post(path, json!({ "password": account.password })).await.expect_problem(409, "erasure_exists");
    assert_eq!(account.delete(&format!("{path}/{first}")).await.expect(200)["state"], "cancelled");
    account.delete(&format!("{path}/{first}")).await.expect_problem(409, "erasure_not_pending");
    owner.get(&format!("{path}/{first}")).await.expect_problem(404, "not_found");
    let requested = account.post(path, json!({ "password": account.password })).await.expect(202);
    let id = requested["id"].as_str().unwrap();
    cloud::run_now("EraseDue").await;
    assert_eq!(account.get(&format!("{path}/{id}")).await.expect(200)["state"], "pending");
    assert_eq!(account.get(path).await.expect(200)["items"].as_array().unwrap().len(), 2);

    let erased = carry_out(&account.user, id).await;
    let certificate = &erased["certificate"];
    assert_eq!(counts(&certificate["erased"]), planned);
    assert_eq!((&certificate["user"], &certificate["erasure"]), (&json!(account.user), &json!(id)));
    assert!(certificate["kept"].as_array().unwrap().iter().any(|kept| kept["kind"] == "audit_event"));
    let mails = mails_to(&account.email).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject == "Your account is erased").count(), 1);
    assert!(mails.last().unwrap().text.contains(id));

    // Out at once, and nothing is left; what is another's stays.
    Answer::of(account.try_refresh(&account.refresh_cookie).await).await.expect_problem(401, "refresh_token_invalid");
    Answer::of(account.try_log_in(&account.password, None).await).await.expect_problem(401, "credentials_wrong");
    nothing_is_left(&canary.texts()).await;
    let gone = format!("{}/submissions/{submission}", assessment.path);
    owner.get(&gone).await.expect_problem(404, "not_found");
    assert!(assessment.feedback(&theirs).await.to_string().contains(&other.answer));
    // A second run finds nothing to do.
    cloud::run_now("EraseDue").await;
    assert_eq!(kept_erasure(&owner_partition(&account.user), &format!("ERASURE#{id}")).await, erased);
}

#[tokio::test]
async fn the_only_owner_must_hand_the_organization_over_first() {
    let (owner, heir) = (Teacher::new().await, Teacher::without_organization().await);
    let password = json!({ "password": owner.password });
    owner.post("/v1/privacy/erasures", password.clone()).await.expect_problem(409, "last_owner");
    cloud::make_member(&owner.org, &heir.user, "owner").await;
    let requested = owner.post("/v1/privacy/erasures", password).await.expect(202);
    let id = requested["id"].as_str().unwrap().to_owned();
    // If nobody else owns it any more when the time has come, the erasure waits.
    let (pk, sk) = (format!("T#{}#", owner.org), format!("MEMBER#{}", heir.user));
    cloud::set_text(&pk, &sk, "role", "teacher").await;
    cloud::set_text(&owner_partition(&owner.user), &format!("ERASURE#{id}"), "due_at", "2026-01-01T00:00:00Z").await;
    cloud::run_now("EraseDue").await;
    assert_eq!(owner.get(&format!("/v1/privacy/erasures/{id}")).await.expect(200)["state"], "pending");
    cloud::set_text(&pk, &sk, "role", "owner").await;
    carry_out(&owner.user, &id).await;
    assert_eq!(cloud::item(&pk, &format!("MEMBER#{}", owner.user)).await, None);
    heir.get(&format!("/v1/orgs/{}/assessments", owner.org)).await.expect(200);
}

#[tokio::test]
async fn an_organization_erases_a_student_or_a_member_and_nobody_else() {
    let owner = Teacher::new().await;
    let (mut one, mut other) = (Canary::new(), Canary::new());
    one.put_on_roster(&owner).await;
    other.put_on_roster(&owner).await;
    let assessment = owner.assessment(small_guide()).await;
    futures::join!(one.hand_in(&assessment, false), other.hand_in(&assessment, false));
    // A class's scan that isn't split yet may tell of anybody.
    class_scan(&assessment, &one.answer).await;
    let path = format!("/v1/orgs/{}/privacy/erasures", owner.org);
    let plan = format!("/v1/orgs/{}/privacy/erasure-plan", owner.org);
    owner.post(&path, json!({})).await.expect_problem(400, "whom_missing");
    owner.post(&path, json!({ "user": owner.user })).await.expect_problem(409, "member_is_owner");
    let nobody = json!({ "student": "stu_00000000000000000000000001" });
    owner.post(&path, nobody.clone()).await.expect_problem(404, "not_found");
    owner.post(&plan, nobody).await.expect_problem(404, "not_found");

    let whom = json!({ "student": one.student });
    let first = owner.post(&path, whom.clone()).await.expect(202)["id"].as_str().unwrap().to_owned();
    owner.post(&path, whom.clone()).await.expect_problem(409, "erasure_exists");
    assert_eq!(owner.delete(&format!("{path}/{first}")).await.expect(200)["state"], "cancelled");
    let planned = owner.post(&plan, whom.clone()).await.expect(200);
    assert_eq!(planned["grace_days"], 7);
    assert_eq!(counts(&planned["erased"]).get("class_scan"), Some(&1), "{planned}");
    let id = owner.post(&path, whom).await.expect(202)["id"].as_str().unwrap().to_owned();
    let sealed = sealed_beyond(&owner, 0).await;
    carry_out(&owner.org, &id).await;
    // The audit log tells of it, and is whole.
    sealed_beyond(&owner, sealed).await;
    let erased = owner.get(&format!("{path}/{id}")).await.expect(200);
    assert_eq!(counts(&erased["certificate"]["erased"]), counts(&planned["erased"]));
    assert_eq!(erased["certificate"]["requested_by"], owner.user);
    nothing_is_left(&one.texts()).await;
    assert!(cloud::items_with(&other.texts()).await.len() >= 3);
    assert!(!cloud::objects_with(&[&other.answer]).await.is_empty());

    // A member: the account stays.
    let member = Teacher::without_organization().await;
    cloud::make_member(&owner.org, &member.user, "teacher").await;
    member.post(&path, json!({ "user": owner.user })).await.expect_problem(403, "forbidden");
    let whom = json!({ "user": member.user });
    let planned = counts(&owner.post(&plan, whom.clone()).await.expect(200)["erased"]);
    assert_eq!(planned, BTreeMap::from([("membership".to_owned(), 1), ("membership_of_user".to_owned(), 1)]));
    let id = owner.post(&path, whom).await.expect(202)["id"].as_str().unwrap().to_owned();
    let told = mail(&member.email, "An organization will erase your data").await;
    assert!(told.text.contains("Test School"), "{}", told.text);
    carry_out(&owner.org, &id).await;
    mail(&member.email, "Your data is erased").await;
    assert_eq!(owner.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 3);
    member.get(&format!("/v1/orgs/{}/assessments", owner.org)).await.expect_problem(404, "not_found");
    assert_eq!(member.get("/v1/orgs").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn an_organization_is_erased_with_everything_in_it() {
    let owner = Teacher::new().await;
    let mut canary = Canary::new();
    canary.put_on_roster(&owner).await;
    let (title, team, key_name) = (unique("title"), unique("team"), unique("key"));
    let comment = unique("comment");
    let pk = format!("T#{}#", owner.org);
    cloud::set_text(&pk, "ORGANIZATION", "name", &title).await;
    owner.post(&owner.at("/teams"), json!({ "name": team })).await.expect(201);
    owner.post_file(&owner.at("/roster-imports"), canary.spreadsheet().as_bytes()).await.expect(201);
    let invited = format!("{}@canary.example", unique("invited"));
    owner.invite(json!({ "email": invited, "role": "teacher" })).await;
    mail(&invited, INVITATION).await;
    let key = json!({ "name": key_name, "permissions": ["read_assessments"], "days": 1 });
    let key = owner.post(&format!("/v1/orgs/{}/api-keys", owner.org), key).await.expect(201);
    let assessments = format!("/v1/orgs/{}/assessments", owner.org);
    let used = Client::new().get(url(&assessments)).bearer_auth(key["key"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(used.status(), 200);
    let retention = json!({ "days": { "pages": 365 }, "version": 0 });
    let path = format!("/v1/orgs/{}/privacy", owner.org);
    Answer::of(owner.request(Method::PUT, &format!("{path}/retention")).json(&retention).send().await.unwrap())
        .await
        .expect(200);
    let mut guide = small_guide();
    guide["title"] = json!(title);
    let assessment = owner.assessment(guide).await;
    canary.hand_in(&assessment, true).await;
    class_scan(&assessment, &canary.answer).await;
    owner.post(&format!("{}/release", assessment.path), json!({ "undecided": "include" })).await.expect(200);
    owner.post(&format!("{}/comments", assessment.path), json!({ "text": comment })).await.expect(201);
    export(&owner, &format!("{path}/exports"), json!({})).await;
    mail(&owner.email, "Your export is ready").await;
    let period = json!({ "format": "csv", "from": "2026-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z" });
    owner.post(&owner.at("/audit/exports"), period).await.expect(201);
    let wanted = json!({ "plan": "school", "interval": "year" });
    owner.post(&owner.at("/billing/checkout"), wanted).await.expect(200);
    let plan = owner.post(&format!("{path}/erasure-plan"), json!({})).await.expect(200);
    assert_eq!(plan["grace_days"], 30);
    let planned = counts(&plan["erased"]);
    for kind in
        ["organization", "listed_organization", "team", "api_key", "api_key_use", "retention", "guide", "release"]
            .into_iter()
            .chain(["billing", "stripe_customer"])
    {
        assert_eq!(planned.get(kind), Some(&1), "{kind}: {planned:?}");
    }
    for kind in [
        "membership",
        "invite",
        "roster",
        "roster_import",
        "roster_diff",
        "export",
        "export_file",
        "audit_export",
        "class_scan",
        "kept_comment",
    ] {
        assert_eq!(planned.get(kind), Some(&1), "{kind}: {planned:?}");
    }
    assert_eq!(planned.get("other"), None, "{planned:?}");

    // While it waits, nothing happens; when its time has come, everything goes.
    owner.delete(&owner.at("")).await.expect(200);
    cloud::run_now("EraseDue").await;
    assert!(cloud::item(&pk, "ORGANIZATION").await.is_some());
    cloud::set_text(&pk, "ORGANIZATION", "delete_at", "2026-01-01T00:00:00Z").await;
    cloud::run_now("EraseDue").await;
    mail(&owner.email, "Your organization is erased").await;
    let listed = owner.get("/v1/privacy/erasures").await.expect(200);
    let certificate = &listed["items"][0]["certificate"];
    assert_eq!(counts(&certificate["erased"]), planned, "{listed}");
    assert_eq!(certificate["organization"], owner.org);
    let left = cloud::tenant(&owner.org).await;
    assert!(left.len() == 1 && left[0].contains("ERASURE#"), "{left:?}");
    for prefix in ["answers", "feedback", "guides", "exports"] {
        assert_eq!(cloud::keys(&format!("{prefix}/{}/", owner.org)).await, Vec::<String>::new(), "{prefix}");
    }
    assert_eq!(cloud::item("P#ORGANIZATIONS#", &format!("ORGANIZATION#{}", owner.org)).await, None);
    let texts: Vec<&str> =
        canary.texts().into_iter().chain([title.as_str(), &team, &key_name, &invited, &comment]).collect();
    nothing_is_left(&texts).await;
    owner.get(&assessments).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn what_is_older_than_its_period_is_deleted_and_nothing_else() {
    let owner = Teacher::new().await;
    let mut canaries = [Canary::new(), Canary::new(), Canary::new()];
    let assessment = owner.assessment(small_guide()).await;
    let pk = format!("T#{}#", owner.org);
    let submissions_pk = format!("T#{}#{}#", owner.org, assessment.path.rsplit('/').next().unwrap());
    let mut ids = Vec::new();
    for canary in &mut canaries {
        canary.put_on_roster(&owner).await;
        ids.push(canary.hand_in(&assessment, false).await);
    }
    let days_ago = |days: i64| Timestamp::now().checked_sub((days * 24).hours()).unwrap().to_string();
    for (canary, (id, age)) in canaries.iter().zip(ids.iter().zip([400, 100, 1])) {
        cloud::set_text(&submissions_pk, &format!("SUBMISSION#{id}"), "created_at", &days_ago(age)).await;
        cloud::set_text(&pk, &format!("STUDENT#{}", canary.student), "created_at", &days_ago(500)).await;
    }
    let scans = [class_scan(&assessment, "old").await, class_scan(&assessment, "young").await];
    cloud::set_text(&submissions_pk, &format!("SCAN#{}", scans[0]), "created_at", &days_ago(100)).await;
    let exports = format!("/v1/orgs/{}/privacy/exports", owner.org);
    let (export, _) = export(&owner, &exports, json!({ "user": owner.user })).await;
    let export_sk = format!("EXPORT#{export}");
    cloud::set_text(&pk, &export_sk, "available_until", &days_ago(9)).await;
    cloud::set_text(&pk, &export_sk, "requested_at", &days_ago(10)).await;

    let path = format!("/v1/orgs/{}/privacy/retention", owner.org);
    let set = async |days: Value, version: u32| {
        let body = json!({ "days": days, "version": version });
        Answer::of(owner.request(Method::PUT, &path).json(&body).send().await.unwrap()).await
    };
    assert_eq!(owner.get(&path).await.expect(200)["version"], 0);
    set(json!({ "pages": 6 }), 0).await.expect_problem(400, "period_invalid");
    set(json!({ "exports": 3654 }), 0).await.expect_problem(400, "period_invalid");
    set(json!({ "pages": 90, "submissions": null }), 0).await.expect(200);
    let periods = json!({ "pages": 90, "readings": 90, "submissions": 365, "students": 365, "exports": 5 });
    set(periods.clone(), 0).await.expect_problem(409, "retention_changed");
    assert_eq!(set(periods.clone(), 1).await.expect(200)["version"], 2);
    cloud::run_now("EnforceRetention").await;

    let keys = async |id: &str| {
        let prefix = |area: &str| {
            format!("{area}/{}/{id}/", assessment.path.replace("/v1/orgs/", "").replace("/assessments", ""))
        };
        (cloud::keys(&prefix("answers")).await, cloud::keys(&prefix("feedback")).await)
    };
    // The oldest is gone as a whole, and so is its student.
    owner.get(&format!("{}/submissions/{}", assessment.path, ids[0])).await.expect_problem(404, "not_found");
    assert_eq!(keys(&ids[0]).await, (Vec::new(), Vec::new()));
    nothing_but_idempotency_is_left(&canaries[0]).await;
    // The second has lost its pages and readings, and keeps its feedback and its student.
    let second = assessment.submission(&ids[1]).await;
    assert_eq!(second["expired"], json!(["pages", "readings"]));
    let (answers, feedback) = keys(&ids[1]).await;
    assert_eq!(answers, Vec::<String>::new());
    assert!(feedback.iter().any(|key| key.contains("/feedback-")), "{feedback:?}");
    assert!(assessment.feedback(&ids[1]).await.to_string().contains(&canaries[1].answer));
    assert!(cloud::item(&pk, &format!("STUDENT#{}", canaries[1].student)).await.is_some());
    // So has the older scan of a class; the younger one is untouched.
    let scan_at = |scan: &str| format!("{}/class-scans/{scan}", assessment.path);
    owner.get(&scan_at(&scans[0])).await.expect_problem(404, "not_found");
    owner.get(&scan_at(&scans[1])).await.expect(200);
    assert_eq!((keys(&scans[0]).await.0.len(), keys(&scans[1]).await.0.len()), (0, 1));
    // The youngest has everything.
    assert_eq!(assessment.submission(&ids[2]).await["expired"], json!([]));
    assert!(keys(&ids[2]).await.0.len() >= 4);
    assert_eq!(cloud::item(&pk, &export_sk).await, None);
    // The run is written down with its counts.
    let events = cloud::items_with(&["retention.enforced"]).await;
    let event = events.iter().find(|event| event.contains(&owner.org)).unwrap();
    assert!(event.contains(r#""submission":"1""#) && event.contains(r#""student":"1""#), "{event}");
    // A second run finds nothing.
    let before = cloud::tenant(&owner.org).await;
    cloud::run_now("EnforceRetention").await;
    assert_eq!(cloud::tenant(&owner.org).await, before);
}

/// The record of an idempotency key goes by itself after a day, long before any period ends.
async fn nothing_but_idempotency_is_left(canary: &Canary) {
    let left = cloud::items_with(&canary.texts()).await;
    assert!(left.iter().all(|item| item.contains("IDEMPOTENCY#")), "{left:?}");
    assert_eq!(cloud::objects_with(&canary.texts()).await, Vec::<String>::new());
}
