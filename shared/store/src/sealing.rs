//! Sealing the audit log: events get their number and hash, a batch at a time, in one transaction that moves the chain's
//! head on from exactly where it was read. So two sealers at once can neither fork a chain nor leave a gap in it.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::{
    operation::{transact_write_items::TransactWriteItemsError, update_item::UpdateItemError},
    types::{AttributeValue, Put, TransactWriteItem, Update},
};
use serde::{Deserialize, de::DeserializeOwned};
use smartscripts_domain::{
    Error, Result,
    chain::{Event, Fault, Hash, Link, Partition, Sealed},
    id::AuditEventId,
};
use ulid::Ulid;

use crate::{
    Platform, Store,
    audit_log::{EventItem, Head, Seal, decode_all},
    item::{decode, encode, key_item, text, unavailable},
    keys,
};

/// The index of what is due.
const DUE: &str = "due";
/// Events sealed in one transaction: two writes each and one for the head, of the hundred that it may have.
const BATCH: usize = 49;
/// How often a batch is tried that meets another sealer.
const TRIES: u32 = 30;

/// Into how many parts the list of what is due is divided.
pub const SHARDS: u8 = keys::SHARDS;

/// An entry of the index.
#[derive(Deserialize)]
struct DueEvent {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
}

#[derive(Deserialize)]
struct DueHead {
    #[serde(rename = "PK")]
    pk: String,
    sequence: u64,
    anchored: u64,
}

impl Platform {
    /// The events that wait to be sealed in this part of the list, oldest first, by log; not more than `limit`.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn unsealed_events(&self, shard: u8, limit: usize) -> Result<BTreeMap<Partition, Vec<AuditEventId>>> {
        let due: Vec<DueEvent> = self.store().due(keys::unsealed(shard), limit).await?;
        let mut logs: BTreeMap<Partition, Vec<AuditEventId>> = BTreeMap::new();
        for DueEvent { pk, sk } in due {
            if let (Some(log), Ok(event)) = (keys::log_of(&pk), sk.parse()) {
                logs.entry(log).or_default().push(event);
            } else {
                tracing::error!("the audit table holds an event at a place that is no log's");
            }
        }
        Ok(logs)
    }

    /// The logs that have moved on since their last backup, in this part of the list; with `unanchored`, only those that
    /// are not anchored up to their head.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn moved_logs(&self, shard: u8, unanchored: bool) -> Result<Vec<Partition>> {
        let due: Vec<DueHead> = self.store().due(keys::moved_heads(shard), usize::MAX).await?;
        let due = due.into_iter().filter(|head| !unanchored || head.anchored < head.sequence);
        Ok(due.filter_map(|head| keys::log_of(&head.pk)).collect())
    }

    /// Seals these events of a log, but for those that are sealed already. Returns how many it has sealed.
    ///
    /// # Errors
    /// `unavailable`, also if other sealers were faster again and again.
    pub async fn seal(&self, log: Partition, events: &[AuditEventId]) -> Result<usize> {
        let mut sealed = 0;
        for batch in events.chunks(BATCH) {
            sealed += self.store().seal_batch(log, batch).await?;
        }
        Ok(sealed)
    }

    /// The head of a log's chain.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn audit_head(&self, log: Partition) -> Result<Head> {
        self.store().head_of(log).await
    }

    /// The hashes of a log's chain from `first` to `last`.
    ///
    /// # Errors
    /// `internal` if one is missing.
    pub async fn audit_hashes(&self, log: Partition, first: u64, last: u64) -> Result<Vec<Hash>> {
        let seals = self.store().seals_of(log, first, last).await?;
        if seals.iter().map(|seal| seal.sequence).ne(first..=last) {
            return Err(Error::internal(format!("the chain of {log} has a gap between {first} and {last}")));
        }
        Ok(seals.into_iter().map(|seal| seal.hash).collect())
    }

    /// As many as `limit` sealed events of a log from behind number `after` on, and the first thing that is wrong with
    /// them, at which they end.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn sealed_events(
        &self,
        log: Partition,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<Sealed>, Option<Fault>)> {
        self.store().sealed_of(log, after, limit).await
    }

    /// Notes that the chain is anchored up to this number.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn note_anchored(&self, log: Partition, sequence: u64) -> Result<()> {
        self.store().note(log, "SET anchored = :sequence", "anchored < :sequence", sequence).await
    }

    /// Notes that the log is backed up to this number, and if it ends there, that nothing of it is due.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn note_backed_up(&self, log: Partition, sequence: u64) -> Result<()> {
        self.store().note(log, "SET backed_up = :sequence", "backed_up < :sequence", sequence).await?;
        self.store().note(log, "REMOVE unsealed", "#sequence = :sequence AND anchored = :sequence", sequence).await
    }
}

impl Store {
    async fn due<T: DeserializeOwned>(&self, key: String, limit: usize) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.audit)
                .index_name(DUE)
                .key_condition_expression("unsealed = :key")
                .expression_attribute_values(":key", text(&key))
                .limit(i32::try_from(limit - found.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(unavailable)?;
            found.extend(decode_all(answer.items)?);
            start = answer.last_evaluated_key;
            if start.is_none() || found.len() >= limit {
                return Ok(found);
            }
        }
    }

    async fn seal_batch(&self, log: Partition, ids: &[AuditEventId]) -> Result<usize> {
        for attempt in 0..TRIES {
            let head = self.head_of(log).await?.link();
            let events = self.unsealed(log, ids).await?;
            if events.is_empty() {
                return Ok(0);
            }
            if self.try_to_seal(log, head, &events).await? {
                return Ok(events.len());
            }
            // Another sealer was faster; a random wait, so that the two don't meet at every step.
            let random = u64::try_from(Ulid::generate().random() & 0x1f).unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(random * u64::from(attempt.min(4) + 1))).await;
        }
        Err(Error::unavailable(format!("the log {log} could not be sealed: its head has always moved on")))
    }

    /// Those of these events that wait to be sealed, oldest first. The index may lag behind; this does not.
    async fn unsealed(&self, log: Partition, ids: &[AuditEventId]) -> Result<Vec<Event>> {
        let keys = ids.iter().map(|id| keys::audit_event(log, *id)).collect();
        let mut events = Vec::new();
        for item in self.audit_items(keys).await? {
            // One that is damaged must not keep the others from being sealed.
            let event = decode::<EventItem>(item)
                .map(|item| (item.sequence.is_none() && item.unsealed.is_some()).then_some(item))
                .and_then(|item| item.map(EventItem::event).transpose());
            match event {
                Ok(event) => events.extend(event),
                Err(error) => tracing::error!(%log, context = error.context(), "an unsealed event is damaged"),
            }
        }
        events.sort_by_key(|event| event.id);
        Ok(events)
    }

    /// Seals all of these events behind `head`; false if the head has moved on meanwhile.
    async fn try_to_seal(&self, log: Partition, head: Link, events: &[Event]) -> Result<bool> {
        let mut writes = Vec::new();
        let mut at = head;
        for event in events {
            at = at.next(event).map_err(Error::internal)?;
            let seal = Seal { sequence: at.sequence, hash: at.hash, event: event.id };
            let put = Put::builder()
                .table_name(&self.audit)
                .set_item(Some(encode(&keys::seal(log, at.sequence), &seal)?))
                .condition_expression("attribute_not_exists(PK)");
            let update = Update::builder()
                .table_name(&self.audit)
                .set_key(Some(key_item(&keys::audit_event(log, event.id))))
                .update_expression("SET #sequence = :sequence REMOVE unsealed")
                .condition_expression("attribute_exists(unsealed) AND attribute_not_exists(#sequence)")
                .expression_attribute_names("#sequence", "sequence")
                .expression_attribute_values(":sequence", number(at.sequence));
            let (put, update) = (put.build().map_err(Error::internal)?, update.build().map_err(Error::internal)?);
            writes.push(TransactWriteItem::builder().put(put).build());
            writes.push(TransactWriteItem::builder().update(update).build());
        }
        let moved = Update::builder()
            .table_name(&self.audit)
            .set_key(Some(key_item(&keys::audit_head(log))))
            .update_expression(
                "SET #sequence = :after, #hash = :hash, unsealed = :due, \
                 anchored = if_not_exists(anchored, :zero), backed_up = if_not_exists(backed_up, :zero)",
            )
            .condition_expression(if head.sequence == 0 {
                "attribute_not_exists(PK)"
            } else {
                "#sequence = :before AND #hash = :hash_before"
            })
            .expression_attribute_names("#sequence", "sequence")
            .expression_attribute_names("#hash", "hash")
            .expression_attribute_values(":after", number(at.sequence))
            .expression_attribute_values(":hash", text(at.hash))
            .expression_attribute_values(":due", text(keys::moved_heads_of(&keys::audit_log(log))))
            .expression_attribute_values(":zero", number(0));
        let moved = if head.sequence == 0 {
            moved
        } else {
            moved
                .expression_attribute_values(":before", number(head.sequence))
                .expression_attribute_values(":hash_before", text(head.hash))
        };
        writes.push(TransactWriteItem::builder().update(moved.build().map_err(Error::internal)?).build());
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let met = |code: Option<&str>| {
                        matches!(code, None | Some("None" | "ConditionalCheckFailed" | "TransactionConflict"))
                    };
                    let all_met = cancelled.cancellation_reasons().iter().all(|reason| met(reason.code()));
                    if all_met { Ok(false) } else { Err(unavailable(error)) }
                }
                _ => Err(unavailable(error)),
            },
        }
    }

    /// Changes a head if the condition holds.
    async fn note(&self, log: Partition, change: &str, condition: &str, sequence: u64) -> Result<()> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.audit)
            .set_key(Some(key_item(&keys::audit_head(log))))
            .update_expression(change)
            .condition_expression(condition)
            .expression_attribute_values(":sequence", number(sequence));
        if condition.contains("#sequence") {
            update = update.expression_attribute_names("#sequence", "sequence");
        }
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(unavailable(error)),
        }
    }
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
