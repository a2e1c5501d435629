//! `POST /v1/orgs/{org}/audit/verify`: whether the organization's audit log is as it was written. A long log is verified in
//! several calls: each looks at a part and says where to go on.
//!
//! Two walks are made. One goes along the chain: every seal has its event, with the hash that it must have, and the hashes
//! are those that were anchored. The other goes along the events: every event has its seal, or waits for it.

use std::process::ExitCode;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error,
    chain::{Fault, FaultKind, Hash, Link, Partition, Verifier},
    id::{AuditEventId, OrgId},
    rate,
};
use smartscripts_files::{Vault, vault::AnchoredHead};
use smartscripts_http::{App, Json, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::{Head, Store, Tenant};

/// How many events each walk looks at in one call.
const EVENTS: u64 = 10_000;
/// How many at once.
const AT_ONCE: u64 = 1_000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyAudit {
    /// The `cursor` of the answer before; none to begin at the first event.
    #[schema(max_length = 1000)]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AuditVerification {
    /// Whether all that was looked at is as it was written.
    holds: bool,
    /// Whether all was looked at. If not, call again with `cursor`.
    complete: bool,
    /// Up to which event the chain was found whole.
    verified: Link,
    /// The head of the chain.
    head: Link,
    /// The last event whose hash was compared with one in the locked bucket; 0 if there was none in this part.
    anchored: u64,
    /// The first thing that is wrong.
    fault: Option<AuditFault>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AuditFault {
    /// The first bad sequence number.
    sequence: u64,
    /// What is wrong with it.
    kind: FaultKind,
    /// The same in a sentence.
    message: String,
}

/// How far the two walks have come.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    chain: Link,
    events: EventsWalk,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventsWalk {
    after: Option<AuditEventId>,
    place: u64,
    done: bool,
}

impl Progress {
    const START: Self = Self { chain: Link::START, events: EventsWalk { after: None, place: 0, done: false } };

    fn read(cursor: &str) -> Result<Self, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        let progress = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        progress.ok_or_else(|| Error::invalid("cursor_invalid", "`cursor` is not one that this route has given out."))
    }

    fn cursor(&self) -> Result<String, Error> {
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).map_err(Error::internal)?))
    }
}

/// Verify the audit log
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/audit/verify",
    params(("org" = OrgId, Path)),
    request_body = VerifyAudit,
    responses((status = 200, body = AuditVerification)),
    security(("access_token" = []))
)]
async fn verify(
    State(app): State<App>,
    member: Member<may::VerifyAudit>,
    Json(input): Json<VerifyAudit>,
) -> Result<Json<AuditVerification>> {
    let start = input.cursor.as_deref().map_or(Ok(Progress::START), Progress::read)?;
    // Going on is part of what was begun.
    if input.cursor.is_none() {
        member.take(&app, rate::SELDOM).await?;
    }
    let (store, tenant) = (app.store()?, member.tenant);
    let head = store.audit_head(tenant).await?;
    let mut progress = start.clone();
    let walk = walk_chain(store, tenant, start.chain, head).await?;
    progress.chain = walk.reached;
    let stray = walk_events(store, tenant, &mut progress.events).await?;
    let complete = progress.events.done && progress.chain.sequence >= head.sequence;
    let anchors = Anchors { vault: app.vault()?, store, tenant };
    let (anchored, unlike_anchor) = anchors.compare(start.chain, &walk, complete).await?;
    let fault = [walk.fault, stray, unlike_anchor].into_iter().flatten().min_by_key(|fault| fault.sequence);
    let mut event = member
        .event("audit.verified", tenant.org())
        .with("holds", fault.is_none())
        .with("from", start.chain.sequence + 1)
        .with("to", progress.chain.sequence);
    if let Some(fault) = &fault {
        event = event.with("first_bad_sequence", fault.sequence);
    }
    store.record(&event).await?;
    let cursor = if complete || fault.is_some() { None } else { Some(progress.cursor()?) };
    Ok(Json(AuditVerification {
        holds: fault.is_none(),
        complete: complete || fault.is_some(),
        verified: progress.chain,
        head: head.link(),
        anchored,
        fault: fault.map(|Fault { sequence, kind }| AuditFault {
            sequence,
            kind,
            message: kind.description().to_owned(),
        }),
        cursor,
    }))
}

struct ChainWalk {
    reached: Link,
    /// The hashes from behind the start on.
    hashes: Vec<Hash>,
    fault: Option<Fault>,
}

async fn walk_chain(store: &Store, tenant: Tenant, start: Link, head: Head) -> Result<ChainWalk, Error> {
    let mut verifier = Verifier::new(Partition::Organization(tenant.org()), start);
    let end = head.sequence.min(start.sequence + EVENTS);
    let mut hashes = Vec::new();
    let mut fault = None;
    while fault.is_none() && verifier.link().sequence < end {
        let at = verifier.link().sequence;
        let limit = AT_ONCE.min(end - at) as usize;
        let (events, broken) = store.sealed_events(tenant, at, limit).await?;
        for event in &events {
            fault = verifier.check(event).err();
            if fault.is_some() {
                break;
            }
            hashes.push(event.hash);
        }
        // What a missing event hides from the list, the numbers tell.
        let broken = broken.map(|broken| Fault { sequence: broken.sequence.min(verifier.next_sequence()), ..broken });
        let is_short = events.len() < limit;
        fault = fault.or(broken).or_else(|| if is_short { verifier.check_head(head.link()).err() } else { None });
    }
    if fault.is_none() {
        fault = if end == head.sequence { verifier.check_head(head.link()).err() } else { None };
    }
    Ok(ChainWalk { reached: verifier.link(), hashes, fault })
}

async fn walk_events(store: &Store, tenant: Tenant, walk: &mut EventsWalk) -> Result<Option<Fault>, Error> {
    let mut looked_at = 0;
    while !walk.done && looked_at < EVENTS {
        let walked = store.walk_events(tenant, walk.after, walk.place).await?;
        if walked.fault.is_some() {
            return Ok(walked.fault);
        }
        looked_at += walked.events as u64;
        *walk = EventsWalk { after: walked.after, place: walked.place, done: walked.after.is_none() };
    }
    Ok(None)
}

struct Anchors<'a> {
    vault: &'a Vault,
    store: &'a Store,
    tenant: Tenant,
}

impl Anchors<'_> {
    /// Compares what the walk has found with the heads that were anchored, those behind the end of the log too if it was
    /// walked to its end. Returns the number of the last one that was compared, and what is unlike.
    async fn compare(&self, start: Link, walk: &ChainWalk, to_the_end: bool) -> Result<(u64, Option<Fault>), Error> {
        let log = Partition::Organization(self.tenant.org());
        let reached = walk.reached.sequence;
        let last = if to_the_end { u64::MAX } else { reached };
        let mut compared = 0;
        for head in self.vault.anchored_heads(log, start.sequence, last).await? {
            if head.link.sequence > reached {
                return Ok((compared, self.beyond_the_end(&head, reached).await?));
            }
            let found = walk.hashes.get((head.link.sequence - start.sequence - 1) as usize);
            if found != Some(&head.link.hash) {
                return Ok((compared, Some(self.first_unlike(log, &head).await?)));
            }
            compared = head.link.sequence;
        }
        Ok((compared, None))
    }

    /// An anchor behind the end is a sign that the end was cut off, unless the log has grown meanwhile.
    async fn beyond_the_end(&self, head: &AnchoredHead, reached: u64) -> Result<Option<Fault>, Error> {
        let now = self.store.audit_head(self.tenant).await?;
        let is_cut = now.sequence < head.link.sequence;
        Ok(is_cut.then_some(Fault { sequence: reached + 1, kind: FaultKind::Truncated }))
    }

    /// The first event that isn't the one that was anchored.
    async fn first_unlike(&self, log: Partition, head: &AnchoredHead) -> Result<Fault, Error> {
        let anchor = self.vault.read_anchor(log, head).await?;
        let hashes = self.store.audit_hashes(self.tenant, anchor.first, head.link.sequence).await?;
        let sequence = anchor.first_difference(&hashes).unwrap_or(head.link.sequence);
        Ok(Fault { sequence, kind: FaultKind::Rewritten })
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(verify))
}
