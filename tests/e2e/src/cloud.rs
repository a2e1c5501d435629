//! The cloud's own interfaces, with the operator's credentials.

use std::{fs, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

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
