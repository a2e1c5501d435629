//! Every mutation and its audit event are one transaction: this reads the crate's source and finds those that aren't.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it must be")]

use std::{collections::BTreeSet, fs, path::Path};

/// Transactions without an event, and why.
const UNAUDITED: &[(&str, &str)] = &[
    // The event is in the transaction that these are given.
    ("users.rs", "create_user"),
    ("users.rs", "save_user"),
    ("users.rs", "save_user_with_token"),
    ("invites.rs", "accept_invite"),
    ("invites.rs", "accept_invite_as_new"),
    // A mail is about to be sent; that its link was used is an event.
    ("users.rs", "create_token"),
    ("invites.rs", "create_invite_token"),
    // The export's file is gone after its day, as was said when it was made.
    ("exports.rs", "forget_export_file"),
    // An event of Stripe's that changes nothing.
    ("billing.rs", "note_event"),
];

/// Writes that aren't transactions, and why.
const ALONE: &[(&str, &str)] = &[
    ("item.rs", "update_if"),                 // what the others here are built on
    ("transaction.rs", "commit"),             // this is the transaction
    ("sealing.rs", "try_to_seal"),            // seals events, and is none
    ("sealing.rs", "note"),                   // how far the log was anchored and backed up
    ("rate.rs", "take_token_at"),             // a token of a rate limit
    ("api_keys.rs", "note_use"),              // when a key was last used
    ("presence.rs", "note_presence"),         // who is looking at a script, for half a minute
    ("sessions.rs", "replace"), // a refresh token's rotation, many times a day; a copy presented is an event
    ("personal.rs", "erase"),   // one of the many items of an erasure, whose beginning and end are events
    ("reviews.rs", "note_pages"), // which pages are drawn; the decision that they show is an event
    ("class_scans.rs", "begin_scan_file"), // steps of splitting a scan; how they end is an event
    ("class_scans.rs", "finish_scan_file"), // the same
    ("learning.rs", "ask_to_learn"), // that a message is on its way; what comes of it are events
    ("learning.rs", "begin_learning"), // the same
    ("learning.rs", "note_learned"), // from how many decisions was learned; each answer that this changes is an event
    ("student_match.rs", "forget_proposals"), // part of an erasure, whose beginning and end are events
    ("submissions.rs", "change"), // steps of reading and grading; how they end is an event
];

/// Every function in the source: file, name, and text.
fn functions() -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let source = fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
        for function in source.split("fn ").skip(1) {
            let name: String = function.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push((file.clone(), name, function.to_owned()));
        }
    }
    found
}

fn with(functions: &[(String, String, String)], is_wanted: impl Fn(&str) -> bool) -> BTreeSet<(&str, &str)> {
    let wanted = functions.iter().filter(|(_, _, text)| is_wanted(text));
    wanted.map(|(file, name, _)| (file.as_str(), name.as_str())).collect()
}

#[test]
fn every_transaction_has_its_event() {
    let functions = functions();
    let without = with(&functions, |text| text.contains(".commit(") && !text.contains(".audit("));
    assert_eq!(without, UNAUDITED.iter().copied().collect(), "add the event, or say here why there is none");
    let with_event = with(&functions, |text| text.contains(".commit(") && text.contains(".audit("));
    assert!(with_event.len() > 10, "{with_event:?}");
}

#[test]
fn every_other_write_is_one_that_needs_none() {
    let functions = functions();
    let writes = [
        ".put_item()",
        ".update_item()",
        ".delete_item()",
        ".transact_write_items()",
        ".batch_write_item()",
        ".update_if(",
    ];
    let found = with(&functions, |text| writes.iter().any(|write| text.contains(write)));
    assert_eq!(found, ALONE.iter().copied().collect(), "make it a transaction with its event, or say here why not");
}
