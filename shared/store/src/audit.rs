//! Audit events. Only ids and codes: no name, no e-mail address, no text of a student.

use jiff::Timestamp;
use serde::Serialize;
use smartscripts_domain::{
    Error, Result,
    id::{AuditEventId, OrgId, UserId},
};
use ulid::Ulid;

use crate::{
    item::{Item, encode},
    keys::{self, Key},
    now,
};

/// Who did it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// A person.
    User(UserId),
    /// A background task, by its function's name.
    Task(&'static str),
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
    #[serde(skip)]
    partition: String,
}

impl AuditEvent {
    /// Something done in an organization. `action` is `thing.done`, `target` the id of the thing.
    #[must_use]
    pub(crate) fn of_tenant(org: OrgId, actor: Actor, action: &'static str, target: String, request_id: &str) -> Self {
        Self::new(keys::tenant(org), actor, action, target, request_id)
    }

    /// Something a user did outside of any organization.
    #[must_use]
    pub fn of_user(user: UserId, action: &'static str, request_id: &str) -> Self {
        Self::new(keys::platform_audit(user), Actor::User(user), action, user.to_string(), request_id)
    }

    fn new(partition: String, actor: Actor, action: &'static str, target: String, request_id: &str) -> Self {
        let id = AuditEventId::new(Ulid::generate());
        Self { id, at: now(), actor, action, target, request_id: request_id.to_owned(), partition }
    }

    pub(crate) fn to_item(&self) -> Result<Item> {
        if self.partition.is_empty() {
            return Err(Error::internal("audit event without a partition"));
        }
        encode(&Key { pk: self.partition.clone(), sk: self.id.to_string() }, self)
    }
}
