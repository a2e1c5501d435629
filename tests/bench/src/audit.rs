//! How fast an audit log is verified: `bench audit --events N`. The log is made here; what is measured is reading its lines,
//! the canonical bytes, the hashes, and comparing them with an anchor.

use std::{collections::BTreeMap, time::Instant};

use clap::Args;
use smartscripts_domain::{
    backup,
    chain::{Anchor, Event, EventActor, Link, Partition, Sealed, verify},
};

use crate::Outcome;

/// Options of `bench audit`.
#[derive(Args)]
pub struct Options {
    /// How many events the log has.
    #[arg(long, default_value_t = 100_000)]
    events: u64,
}

/// A log of the usual kind.
fn log(length: u64) -> Outcome<Vec<Sealed>> {
    let mut at = Link::START;
    let mut log = Vec::new();
    for number in 1..=length {
        let event = Event {
            action: "submission.graded".to_owned(),
            actor: EventActor::Task("grade-answer".to_owned()),
            at: jiff::Timestamp::from_second(1_800_000_000 + i64::try_from(number)?)?,
            details: BTreeMap::from([("answers".to_owned(), "12".to_owned())]),
            id: format!("evt_{number:026}").parse()?,
            network: Some("203.0.113.0/24".to_owned()),
            partition: Partition::Nobody,
            request_id: format!("request-{number}"),
            target: format!("sub_{number:026}"),
        };
        at = at.next(&event)?;
        log.push(Sealed { sequence: at.sequence, hash: at.hash, event });
    }
    Ok(log)
}

/// Makes a log and verifies it.
#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
pub fn run(options: &Options) -> Outcome<()> {
    let made = log(options.events)?;
    let hashes = made.iter().map(|sealed| sealed.hash).collect();
    let anchors = [Anchor { schema_version: 1, partition: Partition::Nobody, first: 1, hashes }];
    let file = backup::write(&made)?;
    let started = Instant::now();
    let (read, damage) = backup::read(&file);
    let parsed = started.elapsed();
    let started = Instant::now();
    let head = verify(Partition::Nobody, &read, &anchors).map_err(|fault| fault.to_string())?;
    let verified = started.elapsed();
    if damage.is_some() || head.sequence != options.events {
        return Err("the log that was made does not hold".into());
    }
    let speed = |seconds: f64| options.events as f64 / seconds;
    println!(
        "Verifying an audit log of {} events, {} bytes each, one thread:",
        options.events,
        file.len() as u64 / options.events.max(1)
    );
    println!("  chain and anchors              {:>9.0} events/s", speed(verified.as_secs_f64()));
    println!("  with reading them from JSONL   {:>9.0} events/s", speed((parsed + verified).as_secs_f64()));
    Ok(())
}
