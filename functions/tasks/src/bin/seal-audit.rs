//! Seals what has happened since the last run into the chains of the audit log, and anchors the heads of the chains in the
//! locked bucket. A schedule starts it every minute; two at once do no harm.

use std::{process::ExitCode, sync::Arc};

use smartscripts_domain::{
    Error, Result,
    chain::{Anchor, Partition},
    id::AuditEventId,
};
use smartscripts_files::Vault;
use smartscripts_jobs::run_scheduled;
use smartscripts_store::{Platform, SHARDS, Store};

/// Events sealed in one run from each part of the list of what is due; what is left, the next run takes up.
const EVENTS: usize = 2_000;
/// The most hashes in one anchor.
const HASHES: u64 = 10_000;

struct Shared {
    platform: Platform,
    vault: Vault,
}

async fn seal_audit(shared: Arc<Shared>, _: String) -> Result<()> {
    // What is wrong with one log must not keep the others from being sealed.
    let mut failed = 0;
    for shard in 0..SHARDS {
        for (log, events) in shared.platform.unsealed_events(shard, EVENTS).await? {
            failed += usize::from(!is_done(log, &shared.seal(log, &events).await));
        }
    }
    // What an earlier run has sealed and not anchored, because it was cut short.
    for shard in 0..SHARDS {
        for log in shared.platform.moved_logs(shard, true).await? {
            failed += usize::from(!is_done(log, &shared.anchor(log).await));
        }
    }
    if failed > 0 {
        return Err(Error::internal(format!("{failed} logs could not be sealed or anchored")));
    }
    Ok(())
}

fn is_done(log: Partition, result: &Result<()>) -> bool {
    if let Err(error) = result {
        tracing::error!(%log, code = error.code(), context = error.context(), "the log could not be sealed");
    }
    result.is_ok()
}

impl Shared {
    async fn seal(&self, log: Partition, events: &[AuditEventId]) -> Result<()> {
        self.platform.seal(log, events).await?;
        self.anchor(log).await
    }

    /// Anchors all that is sealed and not anchored.
    async fn anchor(&self, log: Partition) -> Result<()> {
        let head = self.platform.audit_head(log).await?;
        let mut anchored = head.anchored;
        while anchored < head.sequence {
            let (first, last) = (anchored + 1, head.sequence.min(anchored + HASHES));
            let hashes = self.platform.audit_hashes(log, first, last).await?;
            self.vault.anchor(&Anchor { schema_version: 1, partition: log, first, hashes }).await?;
            self.platform.note_anchored(log, last).await?;
            anchored = last;
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    run_scheduled(
        env!("CARGO_BIN_NAME"),
        |config| Ok(Shared { platform: Platform::new(Store::from_env(config)?), vault: Vault::from_env(config)? }),
        seal_audit,
    )
}
