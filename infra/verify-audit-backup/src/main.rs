//! Restores the audit log from the locked bucket alone, and verifies it: every file against its manifest, the chain from the
//! first event to the last, and every anchor. For operators (`make verify-audit-backup`); it reads the bucket and nothing
//! else, with the credentials of its environment.
//!
//! The log of each organization or account becomes `{folder}/{id}.jsonl`. Ends with status 1 if anything is wrong.

#![expect(clippy::print_stdout, reason = "what it finds is the program's output")]

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use smartscripts_domain::{
    Error, Result,
    backup::{self, Manifest},
    chain::{Fault, FaultKind, Link, Partition, Sealed, Verifier},
};
use smartscripts_files::{
    Vault,
    vault::{Kept, backups},
};

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    /// The locked bucket.
    #[arg(long, env = "AUDIT_BUCKET")]
    bucket: String,
    /// The folder that the log is restored into.
    #[arg(long)]
    out: PathBuf,
    /// Only this organization's or account's log: `org_…`, `usr_…`, or `nobody`.
    #[arg(long)]
    log: Option<Partition>,
}

/// What is wrong with a backup.
enum Problem {
    /// The bucket could not be read, or the folder not be written.
    Unreadable(Error),
    /// A file isn't what it must be.
    Damaged { first_bad: u64, what: String },
    /// The chain doesn't hold.
    Broken(Fault),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Unreadable(error)
    }
}

struct Restored {
    events: usize,
    head: Link,
    anchors: usize,
    overwritten: usize,
    not_yet_backed_up: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let vault = Vault::new(&smartscripts_aws::config_from_env(), arguments.bucket.clone());
    match run(&vault, &arguments).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(bad) => {
            println!("{bad} logs are not as they were written.");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!(
                "The bucket can't be read, or the folder not be written: {}",
                error.context().unwrap_or(error.code())
            );
            ExitCode::FAILURE
        }
    }
}

async fn run(vault: &Vault, arguments: &Arguments) -> Result<usize> {
    fs::create_dir_all(&arguments.out).map_err(Error::internal)?;
    let logs = match arguments.log {
        Some(log) => vec![log],
        None => vault.logs().await?,
    };
    let mut bad = 0;
    for log in &logs {
        match restore(vault, *log, &arguments.out).await {
            Ok(restored) => print_restored(*log, &restored),
            Err(Problem::Unreadable(error)) => return Err(error),
            Err(Problem::Damaged { first_bad, what }) => {
                println!("{log}: FIRST BAD SEQUENCE {first_bad}: {what}");
                bad += 1;
            }
            Err(Problem::Broken(fault)) => {
                println!("{log}: FIRST BAD SEQUENCE {}: {}", fault.sequence, fault.kind.description());
                bad += 1;
            }
        }
    }
    println!("{} logs were restored into {} and verified.", logs.len(), arguments.out.display());
    Ok(bad)
}

fn print_restored(log: Partition, restored: &Restored) {
    let Restored { events, head, anchors, overwritten, not_yet_backed_up } = restored;
    println!("{log}: {events} events hold, {anchors} anchors, head {} {}", head.sequence, head.hash);
    if *not_yet_backed_up > 0 {
        println!("{log}: {not_yet_backed_up} events are anchored and not backed up yet");
    }
    if *overwritten > 0 {
        println!("{log}: somebody has tried to overwrite {overwritten} objects; the oldest versions were read");
    }
}

/// Restores one log and verifies it.
async fn restore(vault: &Vault, log: Partition, folder: &Path) -> Result<Restored, Problem> {
    let mut verifier = Verifier::new(log, Link::START);
    let mut hashes = Vec::new();
    let mut out = File::create(folder.join(format!("{log}.jsonl"))).map_err(Error::internal)?;
    let objects = vault.find_all(&backups(log)).await?;
    let files = objects.iter().filter(|object| is_file(object));
    let mut broken = None;
    for file in files {
        let (content, events) = match read_file(vault, &objects, file, verifier.link()).await {
            Ok(read) => read,
            Err(Problem::Unreadable(error)) => return Err(error.into()),
            Err(problem) => {
                broken = Some(problem);
                break;
            }
        };
        let fault = events.iter().find_map(|event| {
            let fault = verifier.check(event).err();
            hashes.extend(fault.is_none().then_some(event.hash));
            fault
        });
        if let Some(fault) = fault {
            broken = Some(Problem::Broken(fault));
            break;
        }
        out.write_all(&content).map_err(Error::internal)?;
    }
    let heads = vault.anchored_heads(log, 0, u64::MAX).await?;
    let backed_up = hashes.len() as u64;
    for head in heads.iter().take_while(|head| head.link.sequence <= backed_up) {
        if hashes.get((head.link.sequence - 1) as usize) != Some(&head.link.hash) {
            let anchor = vault.read_anchor(log, head).await?;
            let from = hashes.get((anchor.first - 1) as usize..).unwrap_or_default();
            let sequence = anchor.first_difference(from).unwrap_or(head.link.sequence);
            return Err(Problem::Broken(Fault { sequence, kind: FaultKind::Rewritten }));
        }
    }
    if let Some(problem) = broken {
        return Err(problem);
    }
    let last_anchored = heads.last().map_or(0, |head| head.link.sequence);
    Ok(Restored {
        events: hashes.len(),
        head: verifier.link(),
        anchors: heads.len(),
        overwritten: objects.iter().map(|object| object.overwritten).sum(),
        not_yet_backed_up: last_anchored.saturating_sub(backed_up),
    })
}

fn is_file(object: &Kept) -> bool {
    Path::new(&object.key).extension().is_some_and(|extension| extension == "jsonl")
}

/// A file that follows `previous`, checked against its manifest.
async fn read_file(
    vault: &Vault,
    objects: &[Kept],
    file: &Kept,
    previous: Link,
) -> Result<(Vec<u8>, Vec<Sealed>), Problem> {
    let first_bad = previous.sequence + 1;
    let damaged = |what: String| Problem::Damaged { first_bad, what };
    let name = file.key.trim_end_matches(".jsonl");
    let manifest = objects.iter().find(|object| object.key == format!("{name}.manifest.json"));
    let manifest = manifest.ok_or_else(|| damaged(format!("{} has no manifest", file.key)))?;
    let manifest = Manifest::parse(&vault.read(manifest).await?);
    let manifest = manifest.ok_or_else(|| damaged(format!("the manifest of {} can't be read", file.key)))?;
    let content = vault.read(file).await?;
    let (events, damage) = backup::read(&content);
    // The chain names the very event, where it can: so it goes first.
    let mut verifier = Verifier::new(manifest.partition, previous);
    if let Some(fault) = events.iter().find_map(|event| verifier.check(event).err()) {
        return Err(Problem::Broken(fault));
    }
    if let Some(damage) = damage {
        return Err(Problem::Damaged { first_bad: verifier.next_sequence(), what: format!("{}: {damage}", file.key) });
    }
    manifest.check(&content, &events).map_err(|damage| damaged(format!("{}: {damage}", file.key)))?;
    let follows = manifest.previous_hash == previous.hash && manifest.first == first_bad;
    if follows { Ok((content, events)) } else { Err(damaged(format!("{} does not follow the file before", file.key))) }
}
