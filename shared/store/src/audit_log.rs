//! Reading the audit log. Beside the events (`evt_…`) a log has a seal for each event that is in the chain (`SEAL#…`: its
//! number, its hash, and which event it is) and the chain's head (`HEAD`). An event's own item never changes but for the
//! number that it is given when it is sealed.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use smartscripts_domain::{
    Error, Result,
    chain::{Event, EventActor, Fault, FaultKind, Hash, Link, Partition, Sealed},
    id::AuditEventId,
};
use ulid::Ulid;
use utoipa::ToSchema;

use crate::{
    Page, Store, Tenant,
    item::{Item, decode, key_item, text, unavailable},
    keys::{self, Key},
};

/// How many items one request for items by their keys may name.
const AT_ONCE: usize = 100;
/// How many pages of a log are looked through for one page of what is asked for.
const PAGES: usize = 20;

/// An entry of the log, for those who may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// The event's id.
    pub id: AuditEventId,
    /// Its number in the chain; none as long as it is not sealed, for about a minute.
    pub sequence: Option<u64>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub actor: EventActor,
    /// What was done: `thing.done`.
    pub action: String,
    /// To what: an id, or the name of the route that was refused.
    pub target: String,
    /// Ids, codes and numbers that tell more.
    pub details: BTreeMap<String, String>,
    /// The caller's network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. None for a task.
    pub network: Option<String>,
    /// The request behind it.
    pub request_id: String,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this actor only: the id of a person or an API key, the name of a task, or `anybody`.
    pub actor: Option<String>,
    /// Of this action only.
    pub action: Option<String>,
    /// Of this target only.
    pub target: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// The sort keys between which the entries lie, at or behind the first and before the last.
    fn bounds(&self) -> (String, String) {
        let id = |time: Timestamp| {
            let milliseconds = time.as_millisecond().clamp(0, (1 << 48) - 1) as u64;
            AuditEventId::new(Ulid::from_parts(milliseconds, 0)).to_string()
        };
        let (first, last) = (keys::AUDIT_EVENTS.to_owned(), format!("{}~", keys::AUDIT_EVENTS));
        (self.from.map_or(first, id), self.to.map_or(last, id))
    }
}

/// An event as it is kept. An attribute that no event has makes it none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventItem {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    action: String,
    actor: EventActor,
    at: Timestamp,
    details: BTreeMap<String, String>,
    id: AuditEventId,
    network: Option<String>,
    request_id: String,
    target: String,
    pub sequence: Option<u64>,
    pub unsealed: Option<String>,
}

impl EventItem {
    /// The event, if the item stands where it says.
    pub fn event(self) -> Result<Event> {
        let Self { pk, sk, action, actor, at, details, id, network, request_id, target, .. } = self;
        let partition = keys::log_of(&pk).filter(|_| id.to_string() == sk);
        let partition = partition.ok_or_else(|| Error::internal("an audit event stands at another's place"))?;
        Ok(Event { action, actor, at, details, id, network, partition, request_id, target })
    }

    fn entry(self) -> AuditEntry {
        let Self { action, actor, at, details, id, network, request_id, target, sequence, .. } = self;
        AuditEntry { id, sequence, at, actor, action, target, details, network, request_id }
    }
}

/// The seal of an event.
#[derive(Serialize, Deserialize)]
pub(crate) struct Seal {
    pub sequence: u64,
    pub hash: Hash,
    pub event: AuditEventId,
}

/// The head of a log's chain, and how far it was written down elsewhere.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Number of the last sealed event; 0 if there is none.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
    /// Up to which number the chain is anchored.
    pub anchored: u64,
    /// Up to which number it is backed up.
    pub backed_up: u64,
}

impl Head {
    const START: Self = Self { sequence: 0, hash: Hash::NONE, anchored: 0, backed_up: 0 };

    /// The place in the chain.
    #[must_use]
    pub const fn link(&self) -> Link {
        Link { sequence: self.sequence, hash: self.hash }
    }
}

/// A stretch of a walk along the events.
#[derive(Clone, Copy, Debug)]
pub struct Walked {
    /// The last event that was looked at; none if the log ends here.
    pub after: Option<AuditEventId>,
    /// The number of the last sealed event among them, or that of the stretch before.
    pub place: u64,
    /// How many events were looked at.
    pub events: usize,
    /// An event that was never sealed and doesn't wait for it.
    pub fault: Option<Fault>,
}

impl Store {
    /// The organization's log, newest first, filtered. A page may be shorter than `limit` and yet not be the last.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn audit_log(
        &self,
        tenant: Tenant,
        filter: &AuditFilter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>> {
        let mut start = cursor.map(read_cursor).transpose()?;
        let mut items = Vec::new();
        for _ in 0..PAGES {
            let (found, next) = self.audit_log_page(tenant, filter, false, start).await?;
            let wanted = limit - items.len();
            let whole = found.len() <= wanted;
            items.extend(found.into_iter().take(wanted));
            start = if whole { next } else { items.last().map(|entry| entry.id) };
            if start.is_none() || items.len() == limit {
                break;
            }
        }
        Ok(Page { items, cursor: start.map(|id| URL_SAFE_NO_PAD.encode(id.to_string())) })
    }

    /// A part of the organization's log, oldest first, from behind `after` on, and behind which event the next part begins.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn audit_log_part(
        &self,
        tenant: Tenant,
        filter: &AuditFilter,
        after: Option<AuditEventId>,
    ) -> Result<(Vec<AuditEntry>, Option<AuditEventId>)> {
        self.audit_log_page(tenant, filter, true, after).await
    }

    async fn audit_log_page(
        &self,
        tenant: Tenant,
        filter: &AuditFilter,
        oldest_first: bool,
        start: Option<AuditEventId>,
    ) -> Result<(Vec<AuditEntry>, Option<AuditEventId>)> {
        let log = Partition::Organization(tenant.org());
        let (first, last) = filter.bounds();
        if first > last {
            return Ok((Vec::new(), None));
        }
        let mut query = self
            .client
            .query()
            .table_name(&self.audit)
            .key_condition_expression("PK = :pk AND SK BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(keys::audit_log(log)))
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text(last))
            .scan_index_forward(oldest_first)
            .consistent_read(true);
        let mut conditions = Vec::new();
        if let Some(actor) = &filter.actor {
            conditions.push("(actor.#id = :actor OR (actor.#kind = :actor AND attribute_not_exists(actor.#id)))");
            query = query.expression_attribute_names("#id", "id").expression_attribute_names("#kind", "kind");
            query = query.expression_attribute_values(":actor", text(actor));
        }
        for (name, condition, value) in
            [("#action", "#action = :action", &filter.action), ("#target", "#target = :target", &filter.target)]
        {
            if let Some(value) = value {
                conditions.push(condition);
                query = query.expression_attribute_names(name, &name[1..]);
                query = query.expression_attribute_values(format!(":{}", &name[1..]), text(value));
            }
        }
        if !conditions.is_empty() {
            query = query.filter_expression(conditions.join(" AND "));
        }
        let start = start.map(|id| key_item(&keys::audit_event(log, id)));
        let answer = query.set_exclusive_start_key(start).send().await.map_err(unavailable)?;
        let entries = answer.items.unwrap_or_default().into_iter().filter_map(|item| {
            // One that was tampered with must not hide the others. Verifying the log finds it.
            let entry = decode::<EventItem>(item).map(EventItem::entry);
            entry.inspect_err(|error| tracing::error!(context = error.context(), "an audit event is damaged")).ok()
        });
        let next = answer.last_evaluated_key.as_ref().and_then(|key| key.get("SK")?.as_s().ok()?.parse().ok());
        Ok((entries.collect(), next))
    }

    /// The head of the organization's chain.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn audit_head(&self, tenant: Tenant) -> Result<Head> {
        self.head_of(Partition::Organization(tenant.org())).await
    }

    /// As many as `limit` sealed events of the organization from behind number `after` on, and the first thing that is
    /// wrong with them, at which they end.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn sealed_events(
        &self,
        tenant: Tenant,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<Sealed>, Option<Fault>)> {
        self.sealed_of(Partition::Organization(tenant.org()), after, limit).await
    }

    /// The hashes of the organization's chain from `first` to `last`.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn audit_hashes(&self, tenant: Tenant, first: u64, last: u64) -> Result<Vec<Hash>> {
        let seals = self.seals_of(Partition::Organization(tenant.org()), first, last).await?;
        Ok(seals.into_iter().map(|seal| seal.hash).collect())
    }

    /// Walks along a stretch of the organization's events and checks that each is the one that its number's seal names, or
    /// waits to be sealed.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn walk_events(&self, tenant: Tenant, after: Option<AuditEventId>, mut place: u64) -> Result<Walked> {
        #[derive(Deserialize)]
        struct Place {
            #[serde(rename = "SK")]
            sk: String,
            sequence: Option<u64>,
            unsealed: Option<String>,
        }
        let log = Partition::Organization(tenant.org());
        let answer = self
            .client
            .query()
            .table_name(&self.audit)
            .key_condition_expression("PK = :pk AND begins_with(SK, :events)")
            .expression_attribute_values(":pk", text(keys::audit_log(log)))
            .expression_attribute_values(":events", text(keys::AUDIT_EVENTS))
            .projection_expression("SK, #sequence, unsealed")
            .expression_attribute_names("#sequence", "sequence")
            .set_exclusive_start_key(after.map(|id| key_item(&keys::audit_event(log, id))))
            .limit(AT_ONCE as i32)
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        let after = answer.last_evaluated_key.as_ref().and_then(|key| key.get("SK")?.as_s().ok()?.parse().ok());
        let places: Vec<Place> = answer.items.unwrap_or_default().into_iter().map(decode).collect::<Result<_>>()?;
        let named = places.iter().filter_map(|place| place.sequence).map(|sequence| keys::seal(log, sequence));
        let seals: Vec<Seal> =
            self.audit_items(named.collect()).await?.into_iter().map(decode).collect::<Result<_>>()?;
        let seals: HashMap<u64, String> =
            seals.into_iter().map(|seal| (seal.sequence, seal.event.to_string())).collect();
        let events = places.len();
        for Place { sk, sequence, unsealed } in places {
            let waits = sequence.is_none() && unsealed.is_some();
            let is_sealed = sequence.is_some_and(|sequence| seals.get(&sequence) == Some(&sk));
            if !waits && !is_sealed {
                let fault = Fault { sequence: sequence.unwrap_or(place + 1), kind: FaultKind::Inserted };
                return Ok(Walked { after: None, place, events, fault: Some(fault) });
            }
            place = sequence.unwrap_or(place);
        }
        Ok(Walked { after, place, events, fault: None })
    }

    pub(crate) async fn head_of(&self, log: Partition) -> Result<Head> {
        let key = key_item(&keys::audit_head(log));
        let request = self.client.get_item().table_name(&self.audit).set_key(Some(key)).consistent_read(true);
        let answer = request.send().await.map_err(unavailable)?;
        answer.item.map_or(Ok(Head::START), decode)
    }

    pub(crate) async fn seals_of(&self, log: Partition, first: u64, last: u64) -> Result<Vec<Seal>> {
        if first > last {
            return Ok(Vec::new());
        }
        let mut pages = self
            .client
            .query()
            .table_name(&self.audit)
            .key_condition_expression("PK = :pk AND SK BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(keys::audit_log(log)))
            .expression_attribute_values(":first", text(keys::seal(log, first).sk))
            .expression_attribute_values(":last", text(keys::seal(log, last).sk))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut seals = Vec::new();
        while let Some(item) = pages.next().await {
            seals.push(decode(item.map_err(unavailable)?)?);
        }
        Ok(seals)
    }

    pub(crate) async fn sealed_of(
        &self,
        log: Partition,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<Sealed>, Option<Fault>)> {
        let mut found = Vec::new();
        for seals in self.seals_of(log, after + 1, after + limit as u64).await?.chunks(AT_ONCE) {
            let keys = seals.iter().map(|seal| keys::audit_event(log, seal.event)).collect();
            let items = self.audit_items(keys).await?;
            let mut items: HashMap<String, Item> =
                items.into_iter().filter_map(|item| Some((item.get("SK")?.as_s().ok()?.clone(), item))).collect();
            for Seal { sequence, hash, event } in seals {
                let fault = |kind| Some(Fault { sequence: *sequence, kind });
                let Some(item) = items.remove(&event.to_string()) else {
                    return Ok((found, fault(FaultKind::Missing)));
                };
                let item = decode::<EventItem>(item).ok().filter(|item| item.sequence == Some(*sequence));
                let Some(event) = item.and_then(|item| item.event().ok()) else {
                    return Ok((found, fault(FaultKind::Altered)));
                };
                found.push(Sealed { sequence: *sequence, hash: *hash, event });
            }
        }
        Ok((found, None))
    }

    /// Items of the audit table by their keys, in no order; those that aren't there are left out.
    pub(crate) async fn audit_items(&self, mut keys: Vec<Key>) -> Result<Vec<Item>> {
        // A log that was tampered with may name one item twice, and a request must not.
        keys.sort_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
        keys.dedup();
        let mut items = Vec::new();
        for keys in keys.chunks(AT_ONCE) {
            let mut wanted: Vec<Item> = keys.iter().map(key_item).collect();
            while !wanted.is_empty() {
                let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true);
                let request = request.build().map_err(Error::internal)?;
                let answer = self.client.batch_get_item().request_items(&self.audit, request).send().await;
                let answer = answer.map_err(unavailable)?;
                let found = answer.responses.and_then(|mut tables| tables.remove(&self.audit));
                items.extend(found.unwrap_or_default());
                // What was too much for one answer is asked for again.
                let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.audit));
                wanted = left.map(|left| left.keys).unwrap_or_default();
            }
        }
        Ok(items)
    }
}

/// Reads the items of a list of the audit table.
pub(crate) fn decode_all<T: DeserializeOwned>(items: Option<Vec<HashMap<String, AttributeValue>>>) -> Result<Vec<T>> {
    items.unwrap_or_default().into_iter().map(decode).collect()
}

fn read_cursor(cursor: &str) -> Result<AuditEventId> {
    let invalid = || Error::invalid("cursor_invalid", "`cursor` is not one that this list has given out.");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    String::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::id::OrgId;

    use super::*;
    use crate::{Actor, AuditEvent, Origin, item};

    fn written(actor: Actor) -> (AuditEvent, Item) {
        let origin = Origin { request_id: "r".to_owned(), network: Some("203.0.113.0/24".to_owned()) };
        let org = OrgId::new(Ulid::from(1));
        let event = AuditEvent::of_tenant(org, actor, "thing.done", "t".to_owned(), &origin).with("n", 1);
        let item = event.to_item().unwrap();
        (event, item)
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let user = "usr_00000000000000000000000001".parse().unwrap();
        for (actor, read) in [
            (Actor::User(user), EventActor::User(user)),
            (Actor::Task("seal-audit"), EventActor::Task("seal-audit".to_owned())),
            (Actor::Anybody, EventActor::Anybody),
        ] {
            let (_, item) = written(actor);
            let kept: EventItem = item::decode(item).unwrap();
            assert!(kept.sequence.is_none() && kept.unsealed.as_deref().unwrap().starts_with("P#UNSEALED#"));
            let event = kept.event().unwrap();
            assert_eq!((event.actor, event.action.as_str()), (read, "thing.done"));
            assert_eq!(event.partition, Partition::Organization(OrgId::new(Ulid::from(1))));
            assert_eq!(event.details, BTreeMap::from([("n".to_owned(), "1".to_owned())]));
        }
    }

    #[test]
    fn an_event_with_something_more_or_at_anothers_place_is_none() {
        let (_, item) = written(Actor::Anybody);
        let mut more = item.clone();
        more.insert("note".to_owned(), text("x"));
        assert!(item::decode::<EventItem>(more).is_err());
        let mut elsewhere = item;
        elsewhere.insert("SK".to_owned(), text("evt_00000000000000000000000001"));
        assert!(item::decode::<EventItem>(elsewhere).unwrap().event().is_err());
    }

    #[test]
    fn a_period_is_a_range_of_ids() {
        let (event, item) = written(Actor::Anybody);
        let at: Timestamp = item["at"].as_s().unwrap().parse().unwrap();
        let id = item["SK"].as_s().unwrap();
        let within = |from: Option<Timestamp>, to: Option<Timestamp>| {
            let (first, last) = AuditFilter { from, to, ..AuditFilter::default() }.bounds();
            first <= *id && *id <= last
        };
        let next = Timestamp::from_millisecond(at.as_millisecond() + 1).unwrap();
        assert!(within(None, None) && within(Some(at), Some(next)), "{event:?}");
        assert!(!within(None, Some(at)) && !within(Some(next), None));
    }
}
