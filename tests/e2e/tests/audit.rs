//! The audit log: what it tells, who may read it, and that whoever tampers with it is found out.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    process::Command,
    sync::Arc,
};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::{primitives::ByteStream, types::ObjectLockMode};
use futures::future::join_all;
use jiff::{Timestamp, ToSpan};
use reqwest::Client;
use serde_json::{Value, json};
use smartscripts_domain::{
    chain::{Event, Link, Partition, Verifier},
    id::UserId,
};
use smartscripts_e2e::{Answer, File, GOOD_SCRIPT, Teacher, cloud, small_guide, unique, url, variable};
use smartscripts_store::{AuditEvent, Origin, Platform, SHARDS, Store};
use ulid::Ulid;

type Item = HashMap<String, AttributeValue>;

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The audit table, with the operator's credentials: what no function may do.
struct Table {
    client: aws_sdk_dynamodb::Client,
    pk: String,
}

impl Table {
    async fn of(org: &str) -> Self {
        Self { client: aws_sdk_dynamodb::Client::new(&cloud::config().await), pk: format!("T#{org}#") }
    }

    fn seal_key(sequence: u64) -> String {
        format!("SEAL#{sequence:012}")
    }

    async fn get(&self, sk: &str) -> Option<Item> {
        let request = self.client.get_item().table_name(variable("AUDIT_TABLE")).consistent_read(true);
        request.key("PK", text(&self.pk)).key("SK", text(sk)).send().await.unwrap().item
    }

    async fn put(&self, item: Item) {
        self.client.put_item().table_name(variable("AUDIT_TABLE")).set_item(Some(item)).send().await.unwrap();
    }

    async fn delete(&self, sk: &str) {
        let request = self.client.delete_item().table_name(variable("AUDIT_TABLE"));
        request.key("PK", text(&self.pk)).key("SK", text(sk)).send().await.unwrap();
    }

    async fn set(&self, sk: &str, name: &str, value: AttributeValue) {
        let mut item = self.get(sk).await.unwrap();
        item.insert(name.to_owned(), value);
        self.put(item).await;
    }

    async fn head(&self) -> u64 {
        self.get("HEAD").await.map_or(0, |head| head["sequence"].as_n().unwrap().parse().unwrap())
    }

    async fn seal(&self, sequence: u64) -> Item {
        self.get(&Self::seal_key(sequence)).await.unwrap()
    }

    /// The sort key of the event with this number.
    async fn event_key(&self, sequence: u64) -> String {
        self.seal(sequence).await["event"].as_s().unwrap().clone()
    }

    async fn event(&self, sequence: u64) -> Item {
        self.get(&self.event_key(sequence).await).await.unwrap()
    }

    async fn link(&self, sequence: u64) -> Link {
        let hash = self.seal(sequence).await["hash"].as_s().unwrap().parse().unwrap();
        Link { sequence, hash }
    }
}

/// An event's item as what is hashed.
fn event_of(item: &Item, org: &str) -> Event {
    let mut event: Value = serde_dynamo::from_item(item.clone()).unwrap();
    let fields = event.as_object_mut().unwrap();
    for other in ["PK", "SK", "sequence", "unsealed"] {
        fields.remove(other);
    }
    fields.insert("partition".to_owned(), json!(org));
    serde_json::from_value(event).unwrap()
}

/// An organization in whose log there are so many sealed events.
async fn sealed(events: u64) -> (Teacher, Table) {
    let teacher = Teacher::new().await;
    for _ in 1..events {
        let path = format!("/v1/orgs/{}/assessments", teacher.org);
        teacher.post(&path, json!({ "title": "T" })).await.expect(201);
    }
    let table = Table::of(&teacher.org).await;
    seal(&table, events).await;
    (teacher, table)
}

/// Has everything sealed, and waits until the head stands at `sequence` or behind it, anchored.
async fn seal(table: &Table, sequence: u64) {
    cloud::try_now("SealAudit").await;
    cloud::eventually("the log is sealed and anchored", 60, async || {
        let head = table.get("HEAD").await;
        let at = |name: &str| head.as_ref().map_or(0, |head| head[name].as_n().unwrap().parse::<u64>().unwrap());
        at("sequence") >= sequence && at("anchored") >= sequence
    })
    .await;
}

async fn verify(teacher: &Teacher) -> Value {
    teacher.post(&format!("/v1/orgs/{}/audit/verify", teacher.org), json!({})).await.expect(200)
}

/// Checks that this is the first thing that is found to be wrong.
async fn expect_fault(teacher: &Teacher, sequence: u64, kind: &str) {
    let found = verify(teacher).await;
    assert_eq!((&found["holds"], &found["fault"]["sequence"]), (&json!(false), &json!(sequence)), "{kind}: {found}");
    assert_eq!(found["fault"]["kind"], kind, "{found}");
}

async fn list(teacher: &Teacher, query: &str) -> Vec<Value> {
    let answer = teacher.get(&format!("/v1/orgs/{}/audit?{query}", teacher.org)).await.expect(200);
    answer["items"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_done_stands_in_the_log_with_who_which_when_and_from_where() {
    let teacher = Teacher::new().await;
    let path = format!("/v1/orgs/{}/assessments", teacher.org);
    let before = Timestamp::now().checked_sub(1.second()).unwrap();
    let created = teacher.post(&path, json!({ "title": "A secret title" })).await;
    let (request_id, assessment) = (created.request_id.clone(), created.expect(201)["id"].as_str().unwrap().to_owned());
    let path = format!("{path}/{assessment}");
    teacher.post(&format!("{path}/guides"), small_guide()).await.expect(201);
    let of = smartscripts_e2e::Assessment { teacher: teacher.clone(), path };
    let submission = of.submit(&[File::text(GOOD_SCRIPT)]).await;
    of.finished(&submission).await;
    let mut grader = Teacher::without_organization().await;
    grader.org.clone_from(&teacher.org);
    cloud::make_member(&teacher.org, &grader.user, "grader").await;
    let denied = grader.post(&format!("/v1/orgs/{}/assessments", teacher.org), json!({ "title": "T" })).await;
    denied.expect_problem(403, "forbidden");

    let all = list(&teacher, "").await;
    assert_eq!(
        actions(&all),
        [
            "access.denied",
            "submission.graded",
            "submission.created",
            "guide.published",
            "assessment.created",
            "organization.created"
        ]
    );
    let entry = &all[4];
    assert_eq!(entry["actor"], json!({ "kind": "user", "id": teacher.user }));
    assert_eq!((&entry["target"], &entry["request_id"]), (&json!(assessment), &json!(request_id)));
    assert_eq!(entry["network"], "127.0.0.0/24");
    let at: Timestamp = entry["at"].as_str().unwrap().parse().unwrap();
    assert!(before <= at && at <= Timestamp::now(), "{entry}");
    assert!(entry["id"].as_str().unwrap().starts_with("evt_"));
    assert_eq!(all[1]["actor"], json!({ "kind": "task", "id": "grade-answer" }));
    assert_eq!((&all[0]["target"], &all[0]["details"]["code"]), (&json!("assessments-create"), &json!("forbidden")));
    assert!(!json!(all).to_string().contains("secret"), "no text of a person's");

    let get = async |query: &str| actions_of(&list(&teacher, query).await);
    assert_eq!(get(&format!("actor={}", grader.user)).await, ["access.denied"]);
    assert_eq!(get("actor=grade-answer").await, ["submission.graded"]);
    assert_eq!(get("action=guide.published").await, ["guide.published"]);
    assert_eq!(get(&format!("target={submission}")).await, ["submission.graded", "submission.created"]);
    let from = all[2]["at"].as_str().unwrap();
    assert_eq!(get(&format!("from={from}")).await.len(), 3);
    assert_eq!(get(&format!("to={from}")).await.len(), 3);
    assert!(get("action=nothing.done").await.is_empty());
    let page = teacher.get(&format!("/v1/orgs/{}/audit?limit=4", teacher.org)).await.expect(200);
    let rest = list(&teacher, &format!("limit=4&cursor={}", page["cursor"].as_str().unwrap())).await;
    assert_eq!(actions(&rest), ["assessment.created", "organization.created"]);
    let wrong = teacher.get(&format!("/v1/orgs/{}/audit?actors=x", teacher.org)).await;
    wrong.expect_problem(400, "query_invalid");

    // With the scope `own`, one sees what one has done, whatever one asks for.
    assert_eq!(actions(&list(&grader, "").await), ["access.denied"]);
    assert!(list(&grader, &format!("actor={}", teacher.user)).await.is_empty());
}

fn actions_of(entries: &[Value]) -> Vec<String> {
    actions(entries).into_iter().map(ToOwned::to_owned).collect()
}

/// What was done to an account, from the operator's side: no route shows it.
async fn account_log(user: &str) -> Vec<Value> {
    let client = aws_sdk_dynamodb::Client::new(&cloud::config().await);
    let query = client.query().table_name(variable("AUDIT_TABLE")).consistent_read(true);
    let query = query
        .key_condition_expression("PK = :pk AND begins_with(SK, :events)")
        .expression_attribute_values(":pk", text(format!("P#{user}#")))
        .expression_attribute_values(":events", text("evt_"));
    let items = query.send().await.unwrap().items.unwrap();
    items.into_iter().map(|item| serde_dynamo::from_item(item).unwrap()).collect()
}

#[tokio::test]
async fn log_ins_log_outs_and_presented_copies_stand_in_the_accounts_log() {
    let mut teacher = Teacher::without_organization().await;
    teacher.try_log_in("not the password", None).await;
    let stale = teacher.refresh_cookie.clone();
    teacher.log_in().await;
    let refreshed = teacher.try_refresh(&teacher.refresh_cookie).await;
    let cookie = smartscripts_e2e::cookie(&refreshed);
    let log_out = Client::new().post(url("/v1/auth/log-out")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(log_out.status(), 204);
    // The first session goes on; then one of its old tokens is presented once more.
    let next = smartscripts_e2e::cookie(&teacher.try_refresh(&stale).await);
    smartscripts_e2e::cookie(&teacher.try_refresh(&next).await);
    assert_eq!(teacher.try_refresh(&stale).await.status(), 401);
    let wrong = json!({ "current": "not the password", "new": "a brand new password" });
    teacher.log_in().await;
    teacher.post("/v1/auth/change-password", wrong).await.expect_problem(403, "password_wrong");
    let log = account_log(&teacher.user).await;
    let found: BTreeSet<&str> = log.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    for action in [
        "user.log_in_failed",
        "user.logged_in",
        "user.logged_out",
        "session.old_token_presented",
        "user.password_refused",
    ] {
        assert!(found.contains(action), "{action}: {found:?}");
        let entry = log.iter().find(|entry| entry["action"] == action).unwrap();
        assert_eq!(entry["network"], "127.0.0.0/24", "{entry}");
        assert!(!entry["request_id"].as_str().unwrap().is_empty(), "{entry}");
    }
    for action in ["user.logged_in", "user.logged_out", "session.old_token_presented"] {
        let entry = log.iter().find(|entry| entry["action"] == action).unwrap();
        assert!(entry["details"]["session"].as_str().unwrap().starts_with("ses_"), "{entry}");
    }
}

#[tokio::test]
async fn out_of_reach_in_the_own_organization_is_denied_and_written_down() {
    let (teacher, owner) = (Teacher::without_organization().await, Teacher::new().await);
    cloud::make_member(&owner.org, &teacher.user, "teacher").await;
    let path = format!("/v1/orgs/{}/assessments", owner.org);
    let owners = owner.post(&path, json!({ "title": "T" })).await.expect(201);
    let denied = teacher.get(&format!("{path}/{}", owners["id"].as_str().unwrap())).await;
    denied.expect_problem(404, "not_found");
    let log = account_log(&teacher.user).await;
    let entry = log.iter().find(|entry| entry["action"] == "access.denied").unwrap();
    assert_eq!(
        (&entry["details"]["organization"], &entry["details"]["operation"]),
        (&json!(owner.org), &json!("assessments-get"))
    );
}

#[tokio::test]
async fn the_log_is_exported_in_both_forms_and_that_stands_in_it() {
    let teacher = Teacher::new().await;
    let path = format!("/v1/orgs/{}/audit/exports", teacher.org);
    let (from, to) = (Timestamp::now().checked_sub(1.hour()).unwrap(), Timestamp::now().checked_add(1.hour()).unwrap());
    let export = async |format: &str| {
        let body = json!({ "format": format, "from": from.to_string(), "to": to.to_string() });
        let made = teacher.post(&path, body).await.expect(201);
        let file = Client::new().get(made["url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(file.status(), 200);
        (made["entries"].as_u64().unwrap(), file.text().await.unwrap())
    };
    let (entries, csv) = export("csv").await;
    assert_eq!((entries, csv.lines().count()), (1, 2), "{csv}");
    assert!(csv.lines().nth(1).unwrap().contains(&format!("user,{},organization.created", teacher.user)), "{csv}");
    let (entries, jsonl) = export("jsonl").await;
    let lines: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((entries, actions(&lines)), (2, vec!["organization.created", "audit.exported"]));
    let exported = list(&teacher, "action=audit.exported").await;
    assert_eq!(exported.len(), 2);
    assert_eq!(exported[0]["details"]["format"], "jsonl");
    assert_eq!(exported[0]["details"]["entries"], "2");
    let backwards = json!({ "format": "csv", "from": to.to_string(), "to": from.to_string() });
    teacher.post(&path, backwards).await.expect_problem(400, "period_invalid");
}

#[tokio::test]
async fn an_untouched_log_is_sealed_without_a_gap_and_holds() {
    let (teacher, table) = sealed(6).await;
    let mut sequences: Vec<u64> = Vec::new();
    for entry in list(&teacher, "").await {
        sequences.push(entry["sequence"].as_u64().unwrap());
    }
    assert_eq!(sequences, [6, 5, 4, 3, 2, 1]);
    let found = verify(&teacher).await;
    assert_eq!(
        (&found["holds"], &found["complete"], &found["fault"]),
        (&json!(true), &json!(true), &Value::Null),
        "{found}"
    );
    assert_eq!((&found["head"]["sequence"], &found["anchored"]), (&json!(6), &json!(6)), "{found}");
    assert_eq!(found["verified"], found["head"]);
    // That it was verified is the seventh event, which is not sealed yet.
    assert_eq!(list(&teacher, "action=audit.verified").await[0]["details"]["holds"], "true");
    seal(&table, 7).await;
    let found = verify(&teacher).await;
    assert_eq!((&found["holds"], &found["head"]["sequence"]), (&json!(true), &json!(7)), "{found}");
    let wrong = json!({ "cursor": "x" });
    teacher.post(&format!("/v1/orgs/{}/audit/verify", teacher.org), wrong).await.expect_problem(400, "cursor_invalid");
}

#[tokio::test]
async fn tampering_1_a_field_is_edited() {
    let (teacher, table) = sealed(6).await;
    table.set(&table.event_key(3).await, "target", text("asm_00000000000000000000000001")).await;
    expect_fault(&teacher, 3, "altered").await;
}

#[tokio::test]
async fn tampering_2_an_event_is_deleted_from_the_middle() {
    let (teacher, table) = sealed(6).await;
    table.delete(&table.event_key(3).await).await;
    expect_fault(&teacher, 3, "missing").await;
    // With its seal.
    table.delete(&Table::seal_key(3)).await;
    expect_fault(&teacher, 3, "missing").await;
}

#[tokio::test]
async fn tampering_3_an_event_is_inserted() {
    let (teacher, table) = sealed(6).await;
    let mut forged = table.event(3).await;
    let id = format!("evt_{}", Ulid::generate());
    forged.insert("SK".to_owned(), text(&id));
    forged.insert("id".to_owned(), text(&id));
    table.put(forged.clone()).await;
    expect_fault(&teacher, 3, "inserted").await;
    // Without a number.
    forged.remove("sequence");
    table.put(forged).await;
    let found = verify(&teacher).await;
    assert_eq!((&found["fault"]["sequence"], &found["fault"]["kind"]), (&json!(7), &json!("inserted")), "{found}");
}

#[tokio::test]
async fn tampering_4_two_events_are_swapped() {
    let (teacher, table) = sealed(6).await;
    let (third, fifth) = (table.event_key(3).await, table.event_key(5).await);
    table.set(&Table::seal_key(3), "event", text(&fifth)).await;
    table.set(&Table::seal_key(5), "event", text(&third)).await;
    table.set(&third, "sequence", number(5)).await;
    table.set(&fifth, "sequence", number(3)).await;
    expect_fault(&teacher, 3, "altered").await;
}

#[tokio::test]
async fn tampering_5_the_tail_is_cut_off_and_the_head_set_back() {
    let (teacher, table) = sealed(6).await;
    let link = table.link(4).await;
    for sequence in 5..=6 {
        table.delete(&table.event_key(sequence).await).await;
        table.delete(&Table::seal_key(sequence)).await;
    }
    let mut head = table.get("HEAD").await.unwrap();
    head.insert("sequence".to_owned(), number(4));
    head.insert("anchored".to_owned(), number(4));
    head.insert("hash".to_owned(), text(link.hash));
    table.put(head).await;
    expect_fault(&teacher, 5, "truncated").await;
}

#[tokio::test]
async fn tampering_6_the_tail_is_written_anew_with_new_hashes() {
    let (teacher, table) = sealed(6).await;
    let mut at = table.link(3).await;
    table.set(&table.event_key(4).await, "action", text("nothing.done")).await;
    for sequence in 4..=6 {
        at = at.next(&event_of(&table.event(sequence).await, &teacher.org)).unwrap();
        table.set(&Table::seal_key(sequence), "hash", text(at.hash)).await;
    }
    table.set("HEAD", "hash", text(at.hash)).await;
    expect_fault(&teacher, 4, "rewritten").await;
}

#[tokio::test]
async fn tampering_7_an_old_event_is_sealed_again() {
    let (teacher, table) = sealed(6).await;
    let mut old = table.event(2).await;
    old.remove("sequence");
    old.insert("unsealed".to_owned(), text("P#UNSEALED#0"));
    table.put(old).await;
    seal(&table, 7).await;
    assert!(table.head().await >= 7);
    expect_fault(&teacher, 2, "altered").await;
}

#[tokio::test]
async fn an_anchor_cannot_be_deleted_and_a_second_version_hides_nothing() {
    let (teacher, _) = sealed(3).await;
    let (s3, bucket) = (cloud::s3().await, variable("AUDIT_BUCKET"));
    let prefix = format!("anchors/{}/", teacher.org);
    let listed = s3.list_object_versions().bucket(&bucket).prefix(&prefix).send().await.unwrap();
    let anchors = listed.versions();
    assert!(!anchors.is_empty());
    for anchor in anchors {
        let (key, version) = (anchor.key().unwrap(), anchor.version_id().unwrap());
        let kept = s3.head_object().bucket(&bucket).key(key).version_id(version).send().await.unwrap();
        assert_eq!(kept.object_lock_mode().map(ObjectLockMode::as_str), Some("GOVERNANCE"));
        let delete = s3.delete_object().bucket(&bucket).key(key).version_id(version).send().await.unwrap_err();
        assert_eq!(delete.raw_response().unwrap().status().as_u16(), 403, "{key}");
        // A marker that hides it, and another version.
        s3.delete_object().bucket(&bucket).key(key).send().await.unwrap();
        let body = ByteStream::from_static(b"{}");
        s3.put_object().bucket(&bucket).key(key).body(body).send().await.unwrap();
    }
    let found = verify(&teacher).await;
    assert_eq!((&found["holds"], &found["anchored"]), (&json!(true), &json!(3)), "{found}");
}

#[tokio::test]
async fn fifty_writers_and_two_sealers_leave_no_gap_and_no_fork() {
    const WRITERS: usize = 50;
    const EVENTS: usize = 200;
    let config = cloud::config().await;
    let store = Store::new(&config, variable("TENANTS_TABLE"), variable("AUDIT_TABLE"));
    let user = UserId::new(Ulid::generate());
    let log = Partition::User(user);
    let sealer = || {
        let platform = Platform::new(store.clone());
        async move {
            let mut sealed = 0;
            loop {
                for shard in 0..SHARDS {
                    let due = platform.unsealed_events(shard, 1000).await.unwrap();
                    if let Some(events) = due.get(&log) {
                        sealed += platform.seal(log, events).await.unwrap();
                    }
                }
                if platform.audit_head(log).await.unwrap().sequence >= (WRITERS * EVENTS) as u64 {
                    return sealed;
                }
            }
        }
    };
    let sealers = [tokio::spawn(sealer()), tokio::spawn(sealer())];
    let shared = Arc::new(store.clone());
    let writer = |number: usize| {
        let store = Arc::clone(&shared);
        tokio::spawn(async move {
            let origin = Origin { request_id: format!("writer-{number}"), network: None };
            for _ in 0..EVENTS {
                store.record(&AuditEvent::of_user(user, "thing.done", &origin)).await.unwrap();
            }
        })
    };
    join_all((0..WRITERS).map(writer)).await.into_iter().for_each(|ended| ended.unwrap());
    join_all(sealers).await.into_iter().for_each(|ended| assert!(ended.unwrap() <= WRITERS * EVENTS));
    let platform = Platform::new(store);
    let (mut verifier, mut ids) = (Verifier::new(log, Link::START), BTreeSet::new());
    loop {
        let (events, fault) = platform.sealed_events(log, verifier.link().sequence, 1000).await.unwrap();
        assert_eq!(fault, None);
        if events.is_empty() {
            break;
        }
        for event in &events {
            assert_eq!(verifier.check(event), Ok(()));
            ids.insert(event.event.id);
        }
    }
    assert_eq!((verifier.link().sequence as usize, ids.len()), (WRITERS * EVENTS, WRITERS * EVENTS));
    assert_eq!(platform.audit_head(log).await.unwrap().link(), verifier.link());
}

/// Restores and verifies a log from the bucket alone; returns whether it holds, and what the program has said.
fn verify_backup(log: &str, folder: &Path) -> (bool, String) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug/verify-audit-backup");
    let done = Command::new(program).args(["--log", log, "--out"]).arg(folder).output().unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap())
}

/// Has the log backed up to its head. The run also tells of the logs that other tests have damaged, so its status counts
/// for nothing here.
async fn back_up(table: &Table) {
    cloud::try_now("BackUpAudit").await;
    let head = table.get("HEAD").await.unwrap();
    assert_eq!(head["backed_up"], head["sequence"]);
    assert!(!head.contains_key("unsealed"), "nothing of it is due");
}

#[tokio::test]
async fn a_backup_is_restored_and_verified_from_the_bucket_alone() {
    // Something in the log of nobody, too.
    let stranger = json!({ "email": format!("{}@school.example", unique("nobody")), "password": "whatever it may be" });
    let sent = Client::new().post(url("/v1/auth/log-in")).json(&stranger).send().await.unwrap();
    Answer::of(sent).await.expect_problem(401, "credentials_wrong");
    let (teacher, table) = sealed(4).await;
    back_up(&table).await;
    let folder = tempfile::tempdir().unwrap();
    let restore = || verify_backup(&teacher.org, folder.path());
    let (holds, said) = restore();
    assert!(holds && said.contains(&format!("{}: 4 events hold", teacher.org)), "{said}");
    let restored = std::fs::read_to_string(folder.path().join(format!("{}.jsonl", teacher.org))).unwrap();
    assert_eq!(restored.lines().count(), 4);
    // The next one begins where this one has ended.
    teacher.post(&format!("/v1/orgs/{}/assessments", teacher.org), json!({ "title": "T" })).await.expect(201);
    seal(&table, 5).await;
    back_up(&table).await;
    let (holds, said) = restore();
    assert!(holds && said.contains(&format!("{}: 5 events hold", teacher.org)), "{said}");
    // One that was cut short finds what is there already.
    let mut head = table.get("HEAD").await.unwrap();
    head.insert("backed_up".to_owned(), number(0));
    head.insert("unsealed".to_owned(), text("P#HEADS#0"));
    table.put(head).await;
    back_up(&table).await;
    assert!(restore().0);

    // Somebody writes another file in its place: the old one is still the one that counts.
    let (s3, bucket, key) =
        (cloud::s3().await, variable("AUDIT_BUCKET"), format!("backups/{}/000000000001.jsonl", teacher.org));
    let listed = s3.list_object_versions().bucket(&bucket).prefix(&key).send().await.unwrap();
    let original = listed.versions()[0].version_id().unwrap().to_owned();
    let forged = restored.replacen("assessment.created", "assessment.deleted", 2);
    let body = ByteStream::from(forged.into_bytes());
    s3.put_object().bucket(&bucket).key(&key).body(body).send().await.unwrap();
    let (holds, said) = restore();
    assert!(holds && said.contains("tried to overwrite 1 objects"), "{said}");
    let delete = || s3.delete_object().bucket(&bucket).key(&key).version_id(&original);
    assert_eq!(delete().send().await.unwrap_err().raw_response().unwrap().status().as_u16(), 403);
    // Somebody who may break the lock takes the old one away: the forgery is found.
    delete().bypass_governance_retention(true).send().await.unwrap();
    let (holds, said) = restore();
    assert!(!holds && said.contains(&format!("{}: FIRST BAD SEQUENCE 2:", teacher.org)), "{said}");
}
