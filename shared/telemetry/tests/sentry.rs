//! What reaches Sentry, seen by a receiver on the loopback interface.

#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it must be")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;
use smartscripts_telemetry::{Settings, Telemetry};

/// Takes envelopes (a line of JSON about the envelope, then for each item a line about it and its payload) and passes on
/// the payloads of the events.
fn receive(listener: TcpListener) -> mpsc::Receiver<Value> {
    let (sender, events) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                let line = line.trim().to_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            let mut envelope = vec![0; length];
            stream.read_exact(&mut envelope).unwrap();
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").unwrap();
            let envelope = String::from_utf8(envelope).unwrap();
            let lines: Vec<&str> = envelope.lines().skip(1).collect();
            for item in lines.chunks(2) {
                let about: Value = serde_json::from_str(item[0]).unwrap();
                if about["type"] == "event" {
                    sender.send(serde_json::from_str(item[1]).unwrap()).unwrap();
                }
            }
        }
    });
    events
}

#[test]
fn an_error_and_a_panic_are_reported_without_what_they_quote() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let events = receive(listener);
    let settings = Settings {
        level: "info".to_owned(),
        sentry_dsn: format!("http://key@{address}/1"),
        stage: "staging".to_owned(),
    };
    let telemetry = Telemetry::start("read-script", &settings);

    let span = tracing::info_span!("job", request_id = "req-1");
    span.in_scope(|| tracing::error!(code = "unavailable", "failed, comes again"));
    tracing::info!("this is no error");
    let answer = "a student's words";
    thread::spawn(move || panic!("byte index 3 is not a char boundary of `{answer}`")).join().unwrap_err();
    telemetry.flush();

    let mut messages = Vec::new();
    while let Ok(event) = events.recv_timeout(Duration::from_secs(2)) {
        let text = event.to_string();
        assert!(!text.contains(answer), "{text}");
        assert_eq!(event["tags"]["function"], "read-script", "{text}");
        assert_eq!(event["environment"], "staging");
        messages.push(text);
    }
    assert!(messages.iter().any(|text| text.contains("failed, comes again")), "{messages:?}");
    assert!(
        messages.iter().any(|text| text.contains("panicked") || text.contains("\"type\":\"panic\"")),
        "{messages:?}"
    );
    assert!(!messages.iter().any(|text| text.contains("this is no error")), "{messages:?}");
}
