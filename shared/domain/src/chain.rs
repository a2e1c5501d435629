//! The audit chain: what makes the audit log tell of its own tampering. Every event of a partition (an organization, an
//! account) gets a sequence number, from 1 and without a gap, and a hash of the hash before it, that number, and the
//! event's canonical bytes. Whoever knows the last hash knows the whole log.
//!
//! A chain alone misses a tail that was cut off, and one that was rewritten with new hashes. So its head is kept elsewhere
//! too, as an [`Anchor`] that nobody can change.

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::id::{ApiKeyId, AuditEventId, InvalidId, OrgId, UserId};

/// Whose log it is. Each has a chain of its own. In JSON and in keys, its id alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Partition {
    /// An organization's.
    Organization(OrgId),
    /// An account's, for what happens outside of any organization.
    User(UserId),
    /// Of attempts on accounts that don't exist.
    Nobody,
}

const NOBODY: &str = "nobody";

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(id) => id.fmt(f),
            Self::User(id) => id.fmt(f),
            Self::Nobody => f.write_str(NOBODY),
        }
    }
}

impl FromStr for Partition {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text == NOBODY {
            return Ok(Self::Nobody);
        }
        text.parse().map(Self::User).or_else(|_| text.parse().map(Self::Organization))
    }
}

impl TryFrom<String> for Partition {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> Self {
        partition.to_string()
    }
}

/// Who did it, as it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id", deny_unknown_fields)]
pub enum EventActor {
    /// A person.
    User(UserId),
    /// A program, with an API key.
    ApiKey(ApiKeyId),
    /// A background task, by its function's name.
    Task(String),
    /// Somebody who has not logged in.
    Anybody,
}

/// An event as it is hashed. No personal data but opaque ids, so that erasing a person leaves the chain whole.
///
/// The fields stand in the order of the alphabet, because that is the order of the canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What was done: `thing.done`.
    pub action: String,
    /// Who.
    pub actor: EventActor,
    /// When.
    pub at: Timestamp,
    /// Ids, codes and numbers that tell more.
    pub details: BTreeMap<String, String>,
    /// The event's id.
    pub id: AuditEventId,
    /// The caller's network, cut short; none for a task.
    pub network: Option<String>,
    /// Whose log it stands in.
    pub partition: Partition,
    /// The request behind it.
    pub request_id: String,
    /// To what.
    pub target: String,
}

/// Half of the JSON of [`EventActor`] is in another order than the alphabet's, so it is written out here.
#[derive(Serialize)]
struct CanonicalActor<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    kind: &'a str,
}

#[derive(Serialize)]
struct Canonical<'a> {
    action: &'a str,
    actor: CanonicalActor<'a>,
    at: String,
    details: &'a BTreeMap<String, String>,
    id: String,
    network: Option<&'a str>,
    partition: String,
    request_id: &'a str,
    target: &'a str,
}

impl Event {
    /// The bytes that are hashed: JSON without spaces, its keys in the order of the alphabet (RFC 8785).
    ///
    /// # Errors
    /// None in practice: there is nothing here that JSON can't say.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        let (kind, id) = match &self.actor {
            EventActor::User(id) => ("user", Some(id.to_string())),
            EventActor::ApiKey(id) => ("api_key", Some(id.to_string())),
            EventActor::Task(name) => ("task", Some(name.clone())),
            EventActor::Anybody => ("anybody", None),
        };
        serde_json::to_vec(&Canonical {
            action: &self.action,
            actor: CanonicalActor { id, kind },
            at: self.at.to_string(),
            details: &self.details,
            id: self.id.to_string(),
            network: self.network.as_deref(),
            partition: self.partition.to_string(),
            request_id: &self.request_id,
            target: &self.target,
        })
    }
}

/// A SHA-256, hexadecimal in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

impl Hash {
    /// What stands before the first event.
    pub const NONE: Self = Self([0; 32]);

    fn of_event(previous: Self, sequence: u64, canonical: &[u8]) -> Self {
        let hasher = Sha256::new().chain_update(previous.0).chain_update(sequence.to_be_bytes());
        Self(hasher.chain_update(canonical).finalize().into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Hash {
    type Error = hex::FromHexError;
    fn try_from(text: String) -> Result<Self, hex::FromHexError> {
        text.parse()
    }
}

impl FromStr for Hash {
    type Err = hex::FromHexError;
    fn from_str(text: &str) -> Result<Self, hex::FromHexError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

impl utoipa::PartialSchema for Hash {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[0-9a-f]{64}$"))
            .into()
    }
}

impl utoipa::ToSchema for Hash {}

/// A place in a chain: the number of an event, and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChainLink)]
pub struct Link {
    /// The number of the event, from 1; 0 before the first.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Link {
    /// Before the first event.
    pub const START: Self = Self { sequence: 0, hash: Hash::NONE };

    /// The place of `event`, which follows this one.
    ///
    /// # Errors
    /// As [`Event::canonical`].
    pub fn next(self, event: &Event) -> Result<Self, serde_json::Error> {
        let sequence = self.sequence + 1;
        Ok(Self { sequence, hash: Hash::of_event(self.hash, sequence, &event.canonical()?) })
    }
}

/// An event with its place in the chain: a line of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Its number.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
    /// The event.
    pub event: Event,
}

impl Sealed {
    /// Its place.
    #[must_use]
    pub const fn link(&self) -> Link {
        Link { sequence: self.sequence, hash: self.hash }
    }
}

/// What is kept where nobody can change it: the hashes of the events from `first` on, up to the head at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// 1.
    pub schema_version: u32,
    /// Whose chain.
    pub partition: Partition,
    /// Number of the event that the first hash belongs to.
    pub first: u64,
    /// The hashes, one for each event.
    pub hashes: Vec<Hash>,
}

impl Anchor {
    /// The head that it holds; none if it holds nothing.
    #[must_use]
    pub fn head(&self) -> Option<Link> {
        let last = u64::try_from(self.hashes.len()).ok()?.checked_add(self.first)?.checked_sub(1)?;
        self.hashes.last().map(|hash| Link { sequence: last, hash: *hash })
    }

    /// The first event whose hash isn't the one that is anchored; `hashes` are those found from `first` on.
    #[must_use]
    pub fn first_difference(&self, hashes: &[Hash]) -> Option<u64> {
        let found = hashes.iter().map(Some).chain(std::iter::repeat(None));
        let differs = self.hashes.iter().zip(found).position(|(anchored, found)| Some(anchored) != found)?;
        Some(self.first + u64::try_from(differs).ok()?)
    }
}

/// What is wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The event with this number is gone.
    Missing,
    /// The event with this number isn't the one that was sealed: it was altered, or exchanged for another.
    Altered,
    /// There is an event with this number, or at this place, that was never sealed.
    Inserted,
    /// The log ends before this number, and did not when its head was written down.
    Truncated,
    /// From this number on the log was written anew with new hashes: they are not those that were anchored.
    Rewritten,
}

impl FaultKind {
    /// In a sentence.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Missing => "The event with this number is gone.",
            Self::Altered => "The event with this number is not the one that was sealed.",
            Self::Inserted => "There is an event with this number, or at this place, that was never sealed.",
            Self::Truncated => "The log ends before this number, and did not when its head was written down.",
            Self::Rewritten => "From this number on the hashes are not those that were anchored.",
        }
    }
}

/// The first thing that is wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// The first bad sequence number.
    pub sequence: u64,
    /// What is wrong with it.
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sequence {}: {}", self.sequence, self.kind.description())
    }
}

/// Walks along a chain, event by event.
#[derive(Clone, Copy, Debug)]
pub struct Verifier {
    partition: Partition,
    at: Link,
}

impl Verifier {
    /// Begins behind a link that is known to be good: [`Link::START`], or where an earlier walk has ended.
    #[must_use]
    pub const fn new(partition: Partition, at: Link) -> Self {
        Self { partition, at }
    }

    /// How far all is well.
    #[must_use]
    pub const fn link(&self) -> Link {
        self.at
    }

    /// The number of the event that must come next.
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        self.at.sequence + 1
    }

    /// Checks the next event. After a fault the walk is over.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&mut self, sealed: &Sealed) -> Result<(), Fault> {
        let expected = self.next_sequence();
        let fault = |sequence, kind| Err(Fault { sequence, kind });
        if sealed.sequence > expected {
            return fault(expected, FaultKind::Missing);
        }
        if sealed.sequence < expected {
            return fault(sealed.sequence, FaultKind::Inserted);
        }
        match self.at.next(&sealed.event) {
            Ok(link) if link.hash == sealed.hash && sealed.event.partition == self.partition => {
                self.at = link;
                Ok(())
            }
            _ => fault(expected, FaultKind::Altered),
        }
    }

    /// Checks that the walk has come as far as a head that was written down.
    ///
    /// # Errors
    /// `Truncated` if it hasn't, `Rewritten` if it ends there with another hash.
    pub fn check_head(&self, head: Link) -> Result<(), Fault> {
        if self.at.sequence < head.sequence {
            return Err(Fault { sequence: self.next_sequence(), kind: FaultKind::Truncated });
        }
        if self.at.sequence == head.sequence && self.at.hash != head.hash {
            return Err(Fault { sequence: head.sequence, kind: FaultKind::Rewritten });
        }
        Ok(())
    }
}

/// Verifies a whole log, in the order of its numbers, against everything that was anchored of it. Returns its head.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify<'a>(
    partition: Partition,
    log: impl IntoIterator<Item = &'a Sealed>,
    anchors: &[Anchor],
) -> Result<Link, Fault> {
    let mut verifier = Verifier::new(partition, Link::START);
    let mut hashes = Vec::new();
    let mut broken = None;
    for sealed in log {
        if let Err(fault) = verifier.check(sealed) {
            broken = Some(fault);
            break;
        }
        hashes.push(sealed.hash);
    }
    let faults = anchors.iter().filter_map(|anchor| difference(anchor, &hashes));
    // What breaks the chain may stand behind what was rewritten.
    match faults.chain(broken).min_by_key(|fault| fault.sequence) {
        Some(fault) => Err(broken.filter(|broken| broken.sequence == fault.sequence).unwrap_or(fault)),
        None => Ok(verifier.link()),
    }
}

/// The first event of an anchor that isn't in the log as it was; `hashes` are the log's from 1 on.
fn difference(anchor: &Anchor, hashes: &[Hash]) -> Option<Fault> {
    let skipped = usize::try_from(anchor.first.saturating_sub(1)).ok()?.min(hashes.len());
    let sequence = anchor.first_difference(hashes.get(skipped..)?)?;
    let end = u64::try_from(hashes.len()).ok()?;
    let fault = if sequence > end {
        // All that is anchored behind the end is gone, whichever anchor tells of it.
        Fault { sequence: end + 1, kind: FaultKind::Truncated }
    } else {
        Fault { sequence, kind: FaultKind::Rewritten }
    };
    Some(fault)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ulid::Ulid;

    use super::*;

    const PARTITION: Partition = Partition::Organization(OrgId::new(Ulid(7)));

    fn event(number: u64) -> Event {
        Event {
            action: "member.role_changed".to_owned(),
            actor: EventActor::User(UserId::new(Ulid(3))),
            at: Timestamp::from_second(1_800_000_000 + number as i64).unwrap(),
            details: BTreeMap::from([("role_after".to_owned(), "grader".to_owned())]),
            id: AuditEventId::new(Ulid(u128::from(number))),
            network: Some("203.0.113.0/24".to_owned()),
            partition: PARTITION,
            request_id: format!("request-{number}"),
            target: "usr_x".to_owned(),
        }
    }

    fn seal(events: impl IntoIterator<Item = Event>) -> Vec<Sealed> {
        seal_from(Link::START, events)
    }

    fn seal_from(mut at: Link, events: impl IntoIterator<Item = Event>) -> Vec<Sealed> {
        let seal = |event: Event| {
            at = at.next(&event).unwrap();
            Sealed { sequence: at.sequence, hash: at.hash, event }
        };
        events.into_iter().map(seal).collect()
    }

    fn anchor(log: &[Sealed], first: u64) -> Anchor {
        let hashes = log[first as usize - 1..].iter().map(|sealed| sealed.hash).collect();
        Anchor { schema_version: 1, partition: PARTITION, first, hashes }
    }

    fn log(length: u64) -> Vec<Sealed> {
        seal((1..=length).map(event))
    }

    fn fault(sequence: u64, kind: FaultKind) -> Result<Link, Fault> {
        Err(Fault { sequence, kind })
    }

    #[test]
    fn canonical_bytes_are_these_and_stay_these() {
        let bytes = String::from_utf8(event(1).canonical().unwrap()).unwrap();
        assert_eq!(
            bytes,
            r#"{"action":"member.role_changed","actor":{"id":"usr_00000000000000000000000003","kind":"user"},"#
                .to_owned()
                + r#""at":"2027-01-15T08:00:01Z","details":{"role_after":"grader"},"#
                + r#""id":"evt_00000000000000000000000001","network":"203.0.113.0/24","#
                + r#""partition":"org_00000000000000000000000007","request_id":"request-1","target":"usr_x"}"#
        );
        let head = Link::START.next(&event(1)).unwrap();
        let expected = Sha256::new().chain_update([0; 32]).chain_update(1_u64.to_be_bytes()).chain_update(bytes);
        assert_eq!(head.hash, Hash(expected.finalize().into()));
    }

    #[test]
    fn an_untouched_log_holds() {
        let log = log(20);
        let head = log.last().unwrap().link();
        assert_eq!(verify(PARTITION, &log, &[anchor(&log, 1), anchor(&log, 15), anchor(&log[..7], 3)]), Ok(head));
        assert_eq!(verify(PARTITION, &[], &[]), Ok(Link::START));
    }

    #[test]
    fn first_kind_of_tampering_a_field_is_edited() {
        let mut log = log(20);
        log[8].event.details.insert("role_after".to_owned(), "owner".to_owned());
        assert_eq!(verify(PARTITION, &log, &[]), fault(9, FaultKind::Altered));
    }

    #[test]
    fn second_kind_an_event_is_deleted_from_the_middle() {
        let mut log = log(20);
        log.remove(8);
        assert_eq!(verify(PARTITION, &log, &[]), fault(9, FaultKind::Missing));
        // With the numbers closed up behind it.
        for sealed in &mut log[8..] {
            sealed.sequence -= 1;
        }
        assert_eq!(verify(PARTITION, &log, &[]), fault(9, FaultKind::Altered));
    }

    #[test]
    fn third_kind_an_event_is_inserted() {
        let untouched = log(20);
        let mut log = untouched.clone();
        log.insert(8, Sealed { event: event(99), ..untouched[8].clone() });
        assert_eq!(verify(PARTITION, &log, &[]), fault(9, FaultKind::Altered));
        // Beside the one whose number it takes.
        let mut log = untouched.clone();
        log.insert(9, Sealed { event: event(99), ..untouched[8].clone() });
        assert_eq!(verify(PARTITION, &log, &[]), fault(9, FaultKind::Inserted));
        // With the right hash, and the numbers behind it moved up: the next one gives it away, an anchor the very one.
        let mut log = untouched[..8].to_vec();
        log.extend(seal_from(untouched[7].link(), [event(99)]));
        log.extend(untouched[8..].iter().map(|sealed| Sealed { sequence: sealed.sequence + 1, ..sealed.clone() }));
        assert_eq!(verify(PARTITION, &log, &[]), fault(10, FaultKind::Altered));
        assert_eq!(verify(PARTITION, &log, &[anchor(&untouched, 1)]), fault(9, FaultKind::Rewritten));
    }

    #[test]
    fn fourth_kind_two_events_are_swapped() {
        let mut log = log(20);
        log.swap(8, 12);
        assert_eq!(verify(PARTITION, &log, &[]), fault(9, FaultKind::Missing));
        let (nine, thirteen) = (log[8].sequence, log[12].sequence);
        (log[8].sequence, log[12].sequence) = (thirteen, nine);
        assert_eq!(verify(PARTITION, &log, &[]), fault(9, FaultKind::Altered));
    }

    #[test]
    fn fifth_kind_the_tail_is_cut_off() {
        let untouched = log(20);
        let cut = &untouched[..12];
        assert!(verify(PARTITION, cut, &[]).is_ok(), "a chain alone can't tell");
        assert_eq!(verify(PARTITION, cut, &[anchor(&untouched, 1)]), fault(13, FaultKind::Truncated));
        assert_eq!(verify(PARTITION, cut, &[anchor(&untouched, 18)]), fault(13, FaultKind::Truncated));
        assert_eq!(verify(PARTITION, &[], &[anchor(&untouched, 1)]), fault(1, FaultKind::Truncated));
        let mut verifier = Verifier::new(PARTITION, Link::START);
        assert!(cut.iter().all(|sealed| verifier.check(sealed).is_ok()));
        let truncated = Fault { sequence: 13, kind: FaultKind::Truncated };
        assert_eq!(verifier.check_head(untouched[19].link()), Err(truncated));
    }

    #[test]
    fn sixth_kind_the_tail_is_written_anew_with_new_hashes() {
        let untouched = log(20);
        let mut log = untouched[..8].to_vec();
        log.extend(seal_from(log[7].link(), (101..=112).map(event)));
        assert!(verify(PARTITION, &log, &[]).is_ok(), "a chain alone can't tell");
        assert_eq!(verify(PARTITION, &log, &[anchor(&untouched, 5)]), fault(9, FaultKind::Rewritten));
        assert_eq!(verify(PARTITION, &log, &[anchor(&untouched, 15)]), fault(15, FaultKind::Rewritten));
        // A forged anchor beside the real one hides nothing.
        let forged = anchor(&log, 1);
        assert_eq!(verify(PARTITION, &log, &[forged, anchor(&untouched, 1)]), fault(9, FaultKind::Rewritten));
    }

    #[test]
    fn seventh_kind_an_old_event_is_sealed_again() {
        let untouched = log(20);
        // As the newest, in place of where it stood.
        let mut log = untouched.clone();
        let old = log.remove(4).event;
        log.extend(seal_from(untouched[19].link(), [old]));
        assert_eq!(verify(PARTITION, &log, &[]), fault(5, FaultKind::Missing));
        // In another's log.
        let mut log = untouched[..8].to_vec();
        let foreign = Event { partition: Partition::Nobody, ..event(9) };
        log.extend(seal_from(untouched[7].link(), [foreign]));
        assert_eq!(verify(PARTITION, &log, &[]), fault(9, FaultKind::Altered));
    }

    proptest! {
        #[test]
        fn canonical_bytes_say_the_same_event(target: String, value: String, number: u64) {
            let mut event = event(number % 1_000_000);
            event.target = target;
            event.details.insert("value".to_owned(), value);
            let bytes = event.canonical().unwrap();
            prop_assert_eq!(serde_json::from_slice::<Event>(&bytes).unwrap(), event);
        }

        #[test]
        fn whatever_is_edited_is_found_where_it_is(length in 1_u64..40, at: prop::sample::Index, text in "[a-z]{1,8}") {
            let untouched = log(length);
            let index = at.index(untouched.len());
            let mut log = untouched.clone();
            log[index].event.target.push_str(&text);
            prop_assert_eq!(verify(PARTITION, &log, &[anchor(&untouched, 1)]), fault(index as u64 + 1, FaultKind::Altered));
        }

        #[test]
        fn whatever_is_rewritten_is_found_where_it_begins(length in 1_u64..40, at: prop::sample::Index, more in 0_u64..5) {
            let untouched = log(length);
            let index = at.index(untouched.len());
            let before = untouched[..index].last().map_or(Link::START, Sealed::link);
            let mut log = untouched[..index].to_vec();
            log.extend(seal_from(before, (1_000..=1_000 + length - index as u64 + more).map(event)));
            let anchors = [anchor(&untouched, 1)];
            prop_assert_eq!(verify(PARTITION, &log, &anchors), fault(index as u64 + 1, FaultKind::Rewritten));
        }

        #[test]
        fn a_walk_can_be_taken_up_where_it_was_left(length in 1_u64..40, at: prop::sample::Index) {
            let log = log(length);
            let index = at.index(log.len());
            let before = log[..index].last().map_or(Link::START, Sealed::link);
            let mut verifier = Verifier::new(PARTITION, before);
            prop_assert!(log[index..].iter().all(|sealed| verifier.check(sealed).is_ok()));
            prop_assert_eq!(verifier.link(), log.last().unwrap().link());
        }
    }
}
