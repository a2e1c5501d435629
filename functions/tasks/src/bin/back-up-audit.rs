//! Writes what was sealed since the last backup into the locked bucket, as JSON Lines with a manifest, so that the audit log
//! can be restored and verified from there alone (`make verify-audit-backup`). A schedule starts it every night.
//!
//! Each file begins where the one before has ended, and its key says where. So a run that was cut short, or two at once,
//! find what is there already and go on behind it.

use std::{process::ExitCode, sync::Arc};

use smartscripts_domain::{
    Error, Result,
    backup::{self, Manifest},
    chain::{Hash, Link, Partition, Verifier},
};
use smartscripts_files::{
    Vault,
    vault::{backup_file, backup_manifest},
};
use smartscripts_jobs::run_scheduled;
use smartscripts_store::{Platform, SHARDS, Store, now};

/// The most events in one file.
const EVENTS: usize = 10_000;

struct Shared {
    platform: Platform,
    vault: Vault,
}

async fn back_up_audit(shared: Arc<Shared>, _: String) -> Result<()> {
    let mut failed = 0;
    for shard in 0..SHARDS {
        for log in shared.platform.moved_logs(shard, false).await? {
            if let Err(error) = shared.back_up(log).await {
                tracing::error!(%log, code = error.code(), context = error.context(), "the log could not be backed up");
                failed += 1;
            }
        }
    }
    if failed > 0 {
        return Err(Error::internal(format!("{failed} logs could not be backed up")));
    }
    Ok(())
}

impl Shared {
    /// Backs up a log as far as it is anchored.
    async fn back_up(&self, log: Partition) -> Result<()> {
        let head = self.platform.audit_head(log).await?;
        let mut done = Link { sequence: head.backed_up, hash: self.hash_at(log, head.backed_up).await? };
        while done.sequence < head.anchored {
            done = self.write_file(log, done, head.anchored).await?;
            self.platform.note_backed_up(log, done.sequence).await?;
        }
        if head.backed_up >= head.anchored {
            self.platform.note_backed_up(log, head.backed_up).await?;
        }
        Ok(())
    }

    async fn hash_at(&self, log: Partition, sequence: u64) -> Result<Hash> {
        if sequence == 0 {
            return Ok(Hash::NONE);
        }
        let hashes = self.platform.audit_hashes(log, sequence, sequence).await?;
        hashes.first().copied().ok_or_else(|| Error::internal("the last event that was backed up is gone"))
    }

    /// Writes the file that begins behind `done`, and its manifest. Returns where it ends.
    async fn write_file(&self, log: Partition, done: Link, anchored: u64) -> Result<Link> {
        let first = done.sequence + 1;
        let limit = EVENTS.min(usize::try_from(anchored - done.sequence).unwrap_or(EVENTS));
        let (events, fault) = self.platform.sealed_events(log, done.sequence, limit).await?;
        let mut verifier = Verifier::new(log, done);
        let broken = events.iter().find_map(|event| verifier.check(event).err());
        // What is damaged is not put in the place of what is whole: somebody must look at it first.
        if let Some(fault) = broken.or(fault) {
            return Err(Error::internal(format!("the log is damaged at {fault}")));
        }
        let file = backup::write(&events).map_err(Error::internal)?;
        let file = self.put_or_read(&backup_file(log, first), "application/jsonl", file).await?;
        // The file may be another run's, and end elsewhere.
        let (events, damage) = backup::read(&file);
        if let Some(damage) = damage {
            return Err(Error::internal(format!("the backup from {first} on is damaged: {damage}")));
        }
        let manifest = Manifest::of(log, done, &events, &file, now(), env!("CARGO_PKG_VERSION"));
        let manifest = manifest.ok_or_else(|| Error::internal(format!("nothing to back up from {first} on")))?;
        let content = serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?;
        self.vault.put_new(&backup_manifest(log, first), "application/json", content).await?;
        Ok(Link { sequence: manifest.last, hash: manifest.head_hash })
    }

    /// Writes an object, or reads the one that is there already.
    async fn put_or_read(&self, key: &str, media_type: &str, content: Vec<u8>) -> Result<Vec<u8>> {
        if self.vault.put_new(key, media_type, content.clone()).await? {
            return Ok(content);
        }
        let kept = self.vault.find(key).await?.ok_or_else(|| Error::unavailable("an object came and went"))?;
        self.vault.read(&kept).await
    }
}

fn main() -> ExitCode {
    run_scheduled(
        env!("CARGO_BIN_NAME"),
        |config| Ok(Shared { platform: Platform::new(Store::from_env(config)?), vault: Vault::from_env(config)? }),
        back_up_audit,
    )
}
