//! The cloud's own interfaces, with the operator's credentials.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{Cursor, Read},
    time::Duration,
};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::variable;

pub async fn config() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}

pub async fn s3() -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(&config().await).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}

/// The keys in the bucket that begin so.
pub async fn keys(prefix: &str) -> Vec<String> {
    let request = s3().await.list_objects_v2().bucket(variable("BUCKET")).prefix(prefix).send();
    request.await.unwrap().contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
}

pub async fn read(key: &str) -> Vec<u8> {
    let answer = s3().await.get_object().bucket(variable("BUCKET")).key(key).send().await.unwrap();
    answer.body.collect().await.unwrap().to_vec()
}

pub async fn write(key: &str, content: &[u8]) {
    let body = ByteStream::from(content.to_vec());
    s3().await.put_object().bucket(variable("BUCKET")).key(key).body(body).send().await.unwrap();
}

/// Sends a message to the queue whose URL stands in this variable.
pub async fn send(queue: &str, body: &Value) {
    let client = aws_sdk_sqs::Client::new(&config().await);
    client.send_message().queue_url(variable(queue)).message_body(body.to_string()).send().await.unwrap();
}

/// An item of the tenants table.
pub async fn item(pk: &str, sk: &str) -> Option<HashMap<String, AttributeValue>> {
    let client = aws_sdk_dynamodb::Client::new(&config().await);
    let request = client.get_item().table_name(variable("TENANTS_TABLE")).consistent_read(true);
    let request = request.key("PK", AttributeValue::S(pk.to_owned())).key("SK", AttributeValue::S(sk.to_owned()));
    request.send().await.unwrap().item
}

/// Puts an item into the tenants table.
pub async fn put(item: impl IntoIterator<Item = (String, AttributeValue)>) {
    let client = aws_sdk_dynamodb::Client::new(&config().await);
    client
        .put_item()
        .table_name(variable("TENANTS_TABLE"))
        .set_item(Some(item.into_iter().collect()))
        .send()
        .await
        .unwrap();
}

/// Sets an attribute of an item that is there.
pub async fn set(pk: &str, sk: &str, name: &str, value: AttributeValue) {
    let client = aws_sdk_dynamodb::Client::new(&config().await);
    client
        .update_item()
        .table_name(variable("TENANTS_TABLE"))
        .key("PK", AttributeValue::S(pk.to_owned()))
        .key("SK", AttributeValue::S(sk.to_owned()))
        .update_expression("SET #name = :value")
        .condition_expression("attribute_exists(PK)")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", value)
        .send()
        .await
        .unwrap();
}

/// Sets a text attribute of an item that is there.
pub async fn set_text(pk: &str, sk: &str, name: &str, value: &str) {
    set(pk, sk, name, AttributeValue::S(value.to_owned())).await;
}

/// Makes a user a member of an organization, as an accepted invitation does.
pub async fn make_member(org: &str, user: &str, role: &str) {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let member = [
        ("PK", text(&format!("T#{org}#"))),
        ("SK", text(&format!("MEMBER#{user}"))),
        ("organization", text(org)),
        ("user", text(user)),
        ("name", text("Test Member")),
        ("email", text("member@school.example")),
        ("role", text(role)),
        ("teams", AttributeValue::L(Vec::new())),
        ("disabled", AttributeValue::Bool(false)),
        ("joined_at", text("2026-01-01T00:00:00Z")),
        ("version", AttributeValue::N("1".to_owned())),
    ];
    let mirror = [
        ("PK", text(&format!("P#{user}#"))),
        ("SK", text(&format!("ORGANIZATION#{org}"))),
        ("organization", text(org)),
    ];
    put(member.map(|(name, value)| (name.to_owned(), value))).await;
    put(mirror.map(|(name, value)| (name.to_owned(), value))).await;
}

/// Says that an organization has used so many scripts in a month, so many of them on a plan that charges what is beyond it.
pub async fn use_scripts(org: &str, month: &str, scripts: u32, metered: u32) {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let usage = [
        ("PK", text(&format!("T#{org}#"))),
        ("SK", text(&format!("USAGE#{month}"))),
        ("month", text(month)),
        ("scripts", AttributeValue::N(scripts.to_string())),
        ("metered", AttributeValue::N(metered.to_string())),
    ];
    put(usage.map(|(name, value)| (name.to_owned(), value))).await;
}

/// Takes a student's items out of the table, past all rules.
pub async fn remove_student(org: &str, student: &str, number: &str) {
    let client = aws_sdk_dynamodb::Client::new(&config().await);
    for sk in [format!("STUDENT#{student}"), format!("NUMBER#{}", hex::encode(Sha256::digest(number)))] {
        let request = client.delete_item().table_name(variable("TENANTS_TABLE"));
        let request = request.key("PK", AttributeValue::S(format!("T#{org}#"))).key("SK", AttributeValue::S(sk));
        request.send().await.unwrap();
    }
}

/// Everything that the tenants table holds of an organization, in the order of its keys.
pub async fn tenant(org: &str) -> Vec<String> {
    let client = aws_sdk_dynamodb::Client::new(&config().await);
    let mut pages = client
        .scan()
        .table_name(variable("TENANTS_TABLE"))
        .filter_expression("begins_with(PK, :prefix)")
        .expression_attribute_values(":prefix", AttributeValue::S(format!("T#{org}#")))
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let mut items = Vec::new();
    while let Some(item) = pages.next().await {
        items.push(serde_dynamo::from_item::<_, Value>(item.unwrap()).unwrap().to_string());
    }
    items.sort();
    items
}

/// Everything in both tables that contains one of these texts.
pub async fn items_with(texts: &[&str]) -> Vec<String> {
    let client = aws_sdk_dynamodb::Client::new(&config().await);
    let mut found = Vec::new();
    for table in ["TENANTS_TABLE", "AUDIT_TABLE"] {
        let scan = client.scan().table_name(variable(table)).consistent_read(true);
        let mut pages = scan.into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = serde_dynamo::from_item::<_, Value>(item.unwrap()).unwrap().to_string();
            if texts.iter().any(|text| item.contains(text)) {
                found.push(format!("{table}: {item}"));
            }
        }
    }
    found
}

/// The objects in the bucket that contain one of these texts, in archives too.
pub async fn objects_with(texts: &[&str]) -> Vec<String> {
    let client = s3().await;
    let versioning = client.get_bucket_versioning().bucket(variable("BUCKET")).send().await.unwrap();
    assert_eq!(versioning.status(), None, "the bucket keeps versions, which an erasure would have to delete");
    let mut pages = client.list_objects_v2().bucket(variable("BUCKET")).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        for key in page.unwrap().contents().iter().filter_map(|object| object.key()) {
            // One that another test has deleted meanwhile holds nothing.
            let Ok(answer) = client.get_object().bucket(variable("BUCKET")).key(key).send().await else { continue };
            let Ok(body) = answer.body.collect().await else { continue };
            let content = body.to_vec();
            let contains = |content: &[u8]| {
                texts.iter().any(|text| content.windows(text.len()).any(|window| window == text.as_bytes()))
            };
            if contains(&content) || unzip(&content).values().any(|content| contains(content)) {
                found.push(key.to_owned());
            }
        }
    }
    found
}

/// The files of an archive, by name; none if it isn't one.
pub fn unzip(content: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(content)) else { return BTreeMap::new() };
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

/// The messages that wait in the queue whose URL stands in this variable. They stay there.
pub async fn messages(queue: &str) -> Vec<String> {
    let client = aws_sdk_sqs::Client::new(&config().await);
    let request = client.receive_message().queue_url(variable(queue)).max_number_of_messages(10).visibility_timeout(0);
    let answer = request.send().await.unwrap();
    answer.messages().iter().filter_map(|message| message.body()).map(ToOwned::to_owned).collect()
}

/// How often grading the answer to question 1 of a submission was begun. `owner` is `{org}/{assessment}`.
pub async fn attempts_at_question_1(owner: &str, submission: &str) -> u32 {
    let (org, assessment) = owner.split_once('/').unwrap();
    let item = item(&format!("T#{org}#{assessment}#"), &format!("SUBMISSION#{submission}")).await.unwrap();
    let submission: Value = serde_dynamo::from_item(item).unwrap();
    submission["answers"]["1"]["attempts"].as_u64().unwrap() as u32
}

/// Sets a graded submission of one file back to where a teacher has just retried it, but no message was sent. `owner` is
/// `{org}/{assessment}`.
pub async fn put_back_to_reading_again(owner: &str, submission: &str) {
    let (org, assessment) = owner.split_once('/').unwrap();
    let client = aws_sdk_dynamodb::Client::new(&config().await);
    client
        .update_item()
        .table_name(variable("TENANTS_TABLE"))
        .key("PK", AttributeValue::S(format!("T#{org}#{assessment}#")))
        .key("SK", AttributeValue::S(format!("SUBMISSION#{submission}")))
        .update_expression(
            "SET #state = :reading, #run = :two, answers = :none, files.#one.#state = :reading REMOVE outcome",
        )
        .condition_expression("attribute_exists(PK)")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#run", "run")
        .expression_attribute_names("#one", "1")
        .expression_attribute_values(":reading", AttributeValue::S("reading".to_owned()))
        .expression_attribute_values(":two", AttributeValue::N("2".to_owned()))
        .expression_attribute_values(":none", AttributeValue::M(HashMap::new()))
        .send()
        .await
        .unwrap();
}

/// Sets a graded submission back to the moment before the answer to question 1 is graded. `owner` is `{org}/{assessment}`.
pub async fn put_back_to_grading(owner: &str, submission: &str) {
    let (org, assessment) = owner.split_once('/').unwrap();
    let client = aws_sdk_dynamodb::Client::new(&config().await);
    client
        .update_item()
        .table_name(variable("TENANTS_TABLE"))
        .key("PK", AttributeValue::S(format!("T#{org}#{assessment}#")))
        .key("SK", AttributeValue::S(format!("SUBMISSION#{submission}")))
        .update_expression("SET #state = :grading, answers.#one.#state = :pending REMOVE outcome")
        .condition_expression("attribute_exists(PK)")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#one", "1")
        .expression_attribute_values(":grading", AttributeValue::S("grading".to_owned()))
        .expression_attribute_values(":pending", AttributeValue::S("pending".to_owned()))
        .send()
        .await
        .unwrap();
}

/// The lines that the functions have logged and that contain this text.
pub async fn log_lines(text: &str) -> Vec<String> {
    let client = aws_sdk_cloudwatchlogs::Client::new(&config().await);
    let group = variable("FUNCTION_LOGS");
    let request = client.filter_log_events().log_group_name(group).filter_pattern(format!("\"{text}\""));
    let mut pages = request.into_paginator().send();
    let mut lines = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        lines.extend(page.events().iter().filter_map(|event| event.message()).map(ToOwned::to_owned));
    }
    lines
}

/// Runs a function that a schedule starts, now, and waits for its end.
pub async fn run_now(logical_id: &str) {
    let failed = try_now(logical_id).await;
    assert_eq!(failed, None, "{logical_id}");
}

/// The same; returns what it failed with, if it did.
pub async fn try_now(logical_id: &str) -> Option<String> {
    let client = aws_sdk_lambda::Client::new(&config().await);
    let mut pages = client.list_functions().into_paginator().items().send();
    let mut name = None;
    while let Some(function) = pages.next().await {
        let function = function.unwrap().function_name.unwrap();
        if function.starts_with(&format!("{}-{logical_id}-", variable("STACK"))) {
            name = Some(function);
        }
    }
    let name = name.unwrap_or_else(|| panic!("there is no function {logical_id}"));
    let answer = client.invoke().function_name(name).payload(b"{}".to_vec().into()).send().await.unwrap();
    let payload = answer.payload.map(|blob| String::from_utf8_lossy(blob.as_ref()).into_owned());
    answer.function_error.map(|error| format!("{error}: {payload:?}"))
}

/// Kills every process of these functions with SIGKILL; returns how many there were.
pub fn kill_functions(logical_ids: &[&str]) -> usize {
    let processes = logical_ids.iter().flat_map(|id| processes(id));
    processes
        .filter(|process| Pid::from_raw(*process).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok()))
        .count()
}

/// The most memory that any living process of a function has held at once, in MiB.
pub fn peak_memory(logical_id: &str) -> u64 {
    let peak = |process: i32| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
    };
    processes(logical_id).into_iter().filter_map(peak).max().unwrap_or(0) / 1024
}

/// The processes of a function of this very cloud.
fn processes(logical_id: &str) -> Vec<i32> {
    let endpoint = format!("AWS_ENDPOINT_URL={}", variable("AWS_ENDPOINT_URL"));
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(environment) = fs::read(entry.path().join("environ")) else { continue };
        let environment = String::from_utf8_lossy(&environment);
        let mut variables = environment.split('\0');
        let name = variables.clone().find_map(|line| line.strip_prefix("AWS_LAMBDA_FUNCTION_NAME="));
        if name.is_some_and(|name| name.contains(logical_id)) && variables.any(|line| line == endpoint) {
            found.push(process);
        }
    }
    found
}

/// Waits until `check` is true.
pub async fn eventually<F: Future<Output = bool>>(what: &str, seconds: u64, check: impl Fn() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(seconds);
    while !check().await {
        assert!(tokio::time::Instant::now() < deadline, "not within {seconds} s: {what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
