//! Audit events. Only ids and codes: no name, no e-mail address, no text of a student.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use smartscripts_domain::{
    Error, Result,
    id::{AuditEventId, OrgId, Principal, UserId},
};
use ulid::Ulid;

use crate::{
    Store,
    item::{Item, encode},
    keys::{self, Key},
    now,
    transaction::Transaction,
};

/// The request behind an event: its id, and where it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request's id.
    pub request_id: String,
    /// The caller's network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. None for a task.
    pub network: Option<String>,
}

impl Origin {
    /// A task's work for this request.
    #[must_use]
    pub fn of_task(request_id: &str) -> Self {
        Self { request_id: request_id.to_owned(), network: None }
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// A person.
    User(UserId),
    /// A program, with an API key.
    ApiKey(smartscripts_domain::id::ApiKeyId),
    /// A background task, by its function's name.
    Task(&'static str),
    /// Somebody who has not logged in.
    Anybody,
}

impl From<Principal> for Actor {
    fn from(principal: Principal) -> Self {
        match principal {
            Principal::User(id) => Self::User(id),
            Principal::ApiKey(id) => Self::ApiKey(id),
        }
    }
}

/// What happened. It is written in the same transaction as the mutation it tells of.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEvent {
    id: AuditEventId,
    at: Timestamp,
    actor: Actor,
    action: &'static str,
    target: String,
    request_id: String,
    network: Option<String>,
    details: BTreeMap<&'static str, String>,
    /// Its key in the index of what is due, until it is sealed into the chain of its partition.
    unsealed: String,
    #[serde(skip)]
    partition: String,
}

impl AuditEvent {
    /// Something done in an organization. `action` is `thing.done`, `target` the id of the thing.
    #[must_use]
    pub(crate) fn of_tenant(org: OrgId, actor: Actor, action: &'static str, target: String, origin: &Origin) -> Self {
        Self::new(keys::tenant(org), actor, action, target, origin)
    }

    /// Something a user did outside of any organization, or that was done to the user's account.
    #[must_use]
    pub fn of_user(user: UserId, action: &'static str, origin: &Origin) -> Self {
        Self::new(keys::platform_user(user), Actor::User(user), action, user.to_string(), origin)
    }

    /// An attempt to get into an account, by somebody who may not be its owner; none if there is no such account.
    #[must_use]
    pub fn of_attempt(user: Option<UserId>, action: &'static str, origin: &Origin) -> Self {
        let (partition, target) = match user {
            Some(user) => (keys::platform_user(user), user.to_string()),
            None => (keys::NOBODY.to_owned(), String::new()),
        };
        Self::new(partition, Actor::Anybody, action, target, origin)
    }

    /// The same, done by a background task.
    #[must_use]
    pub fn by_task(mut self, name: &'static str) -> Self {
        self.actor = Actor::Task(name);
        self
    }

    /// Adds an id, a code or a number that tells more: `role_before`, `role_after`. Never a name, an address or a text.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.details.insert(name, value.to_string());
        self
    }

    fn new(partition: String, actor: Actor, action: &'static str, target: String, origin: &Origin) -> Self {
        let Origin { request_id, network } = origin.clone();
        let ulid = Ulid::generate();
        Self {
            id: AuditEventId::new(ulid),
            // The time in the id, by which a period of the log is found.
            at: Timestamp::from_millisecond(ulid.timestamp_ms() as i64).unwrap_or_else(|_| now()),
            actor,
            action,
            target,
            request_id,
            network,
            details: BTreeMap::new(),
            unsealed: keys::unsealed_of(&partition),
            partition,
        }
    }

    pub(crate) fn to_item(&self) -> Result<Item> {
        if self.partition.is_empty() {
            return Err(Error::internal("audit event without a partition"));
        }
        encode(&Key { pk: self.partition.clone(), sk: self.id.to_string() }, self)
    }
}

impl Store {
    /// Writes an event that tells of no mutation: an attempt that was denied, an export, a log-in that failed.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn record(&self, event: &AuditEvent) -> Result<()> {
        Transaction::default().audit(self, event)?.commit(self).await
    }
}
