//! Erasures: asked for, waited for, carried out, certified. Everything in here is an opaque id, a count or a moment, so the
//! certificate can stay when what it tells of is gone.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{ErasureId, OrgId, Principal, StudentId, UserId},
};
use ulid::Ulid;
use utoipa::ToSchema;

use crate::{
    About, AuditEvent, Owner, Page, Store, Subject, Tenant,
    entities::{self, Erasing, Whose},
    item::encode,
    keys, now,
    personal::Pointer,
    transaction::Transaction,
};

/// How many audit events fit into one transaction beside its other writes.
const EVENTS: usize = 90;

/// An erasure.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Erasure {
    /// The id.
    pub id: ErasureId,
    /// What it is about.
    pub about: About,
    /// The organization, unless it is about an account.
    pub organization: Option<OrgId>,
    /// The account or the member.
    pub user: Option<UserId>,
    /// The student.
    pub student: Option<StudentId>,
    /// Where it stands.
    pub state: ErasureState,
    /// Who has asked for it; an organization's is asked for by deleting the organization.
    pub requested_by: Option<Principal>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// The request.
    pub request_id: String,
    /// When it is carried out; until then it can be taken back.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// When it was begun.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub began_at: Option<Timestamp>,
    /// What there was to be erased when it was begun.
    pub counts: Vec<Counted>,
    /// What was done, once it is done.
    pub certificate: Option<Certificate>,
    /// Whose accounts keep a copy, because the organization that has asked for it is gone.
    pub copied_to: Vec<UserId>,
    /// Counted up at every change.
    pub version: u32,
}

/// Where an erasure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// It waits, and can be taken back.
    Pending,
    /// It was taken back.
    Cancelled,
    /// It is being carried out.
    Erasing,
    /// It is done.
    Erased,
}

/// How many there are of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    /// The kind, as `docs/privacy.md` lists them.
    pub kind: String,
    /// How many.
    pub count: u64,
}

/// A kind that is kept, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Kept {
    /// The kind.
    pub kind: String,
    /// On which ground, or when it is gone by itself.
    pub ground: String,
}

/// What an erasure has erased, what it has not and why. It names persons by opaque ids only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Certificate {
    /// The erasure.
    pub erasure: ErasureId,
    /// What it was about.
    pub about: About,
    /// The organization.
    pub organization: Option<OrgId>,
    /// The account or the member.
    pub user: Option<UserId>,
    /// The student.
    pub student: Option<StudentId>,
    /// Who has asked for it.
    pub requested_by: Option<Principal>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// By which request.
    pub request_id: String,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Timestamp,
    /// When it was done, and nothing was found any more.
    #[schema(value_type = String, format = DateTime)]
    pub erased_at: Timestamp,
    /// What was erased.
    pub erased: Vec<Counted>,
    /// What is kept, on which ground.
    pub kept: Vec<Kept>,
}

/// Counts as a list, in the order of the names.
#[must_use]
pub fn counted(counts: &BTreeMap<&'static str, u64>) -> Vec<Counted> {
    counts.iter().map(|(kind, count)| Counted { kind: (*kind).to_owned(), count: *count }).collect()
}

/// What an erasure of this sort keeps.
#[must_use]
pub fn kept(about: About) -> Vec<Kept> {
    let is_of_account = about == About::Account;
    entities::ENTITIES
        .iter()
        .filter(|entity| is_of_account || entity.whose != Whose::Person)
        .filter_map(|entity| match entity.erasure {
            Erasing::Deleted => None,
            Erasing::Kept(ground) => Some((entity.name, ground.to_owned())),
            Erasing::Expires(when) => Some((entity.name, format!("gone {when}"))),
        })
        .map(|(kind, ground)| Kept { kind: kind.to_owned(), ground })
        .collect()
}

impl Erasure {
    /// An erasure of `subject`, asked for now and due after `days`.
    #[must_use]
    pub fn new(id: ErasureId, subject: Subject, requested_by: Principal, request_id: &str, days: i64) -> Self {
        let requested_at = now();
        let due_at = requested_at.checked_add((days * 24).hours()).unwrap_or(requested_at);
        Self { requested_by: Some(requested_by), ..Self::due(id, subject, request_id, requested_at, due_at) }
    }

    /// The erasure of an organization whose grace period has ended. Its id follows from the organization and that moment,
    /// so that two who begin it begin the same one.
    #[must_use]
    pub fn of_organization(tenant: Tenant, delete_at: Timestamp, copied_to: Vec<UserId>, request_id: &str) -> Self {
        let org = tenant.org().to_string();
        let ulid = Ulid::from_string(org.trim_start_matches(OrgId::PREFIX)).unwrap_or_default();
        let id = ErasureId::new(Ulid::from_parts(delete_at.as_millisecond().unsigned_abs(), ulid.random()));
        let subject = Subject::Organization(tenant);
        Self { copied_to, ..Self::due(id, subject, request_id, now(), delete_at) }
    }

    fn due(id: ErasureId, subject: Subject, request_id: &str, requested_at: Timestamp, due_at: Timestamp) -> Self {
        let (organization, user, student) = subject.ids();
        Self {
            id,
            about: subject.about(),
            organization,
            user,
            student,
            state: ErasureState::Pending,
            requested_by: None,
            requested_at,
            request_id: request_id.to_owned(),
            due_at,
            began_at: None,
            counts: Vec::new(),
            certificate: None,
            copied_to: Vec::new(),
            version: 1,
        }
    }

    /// Whose data.
    ///
    /// # Errors
    /// `internal` if it names nobody.
    pub fn subject(&self, owner: Owner) -> Result<Subject> {
        Subject::named(owner, self.about, self.user, self.student)
    }

    /// Whether it waits or is being carried out for this subject.
    #[must_use]
    pub fn is_open_for(&self, subject: Subject) -> bool {
        let is_open = matches!(self.state, ErasureState::Pending | ErasureState::Erasing);
        is_open && self.about == subject.about() && (self.organization, self.user, self.student) == subject.ids()
    }

    /// The certificate of this erasure, done now.
    #[must_use]
    pub fn certify(&self) -> Certificate {
        let erased_at = now();
        Certificate {
            erasure: self.id,
            about: self.about,
            organization: self.organization,
            user: self.user,
            student: self.student,
            requested_by: self.requested_by,
            requested_at: self.requested_at,
            request_id: self.request_id.clone(),
            began_at: self.began_at.unwrap_or(erased_at),
            erased_at,
            erased: self.counts.clone(),
            kept: kept(self.about),
        }
    }
}

fn changed() -> Error {
    Error::conflict("erasure_changed", "The erasure was changed meanwhile. Load it again.")
}

impl Store {
    /// Notes that an erasure was asked for.
    ///
    /// # Errors
    /// `erasure_exists`.
    pub async fn create_erasure(&self, owner: Owner, erasure: &Erasure, event: &AuditEvent) -> Result<()> {
        let exists = || Error::conflict("erasure_exists", "This erasure was asked for already.");
        let pointer = Pointer::new(owner, None, Some(erasure.id));
        Transaction::default()
            .create(self, encode(&keys::erasure(owner, erasure.id), erasure)?, exists())?
            .create(self, encode(&keys::due_erasure(erasure.id), &pointer)?, exists())?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// The erasure.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn erasure(&self, owner: Owner, id: ErasureId) -> Result<Erasure> {
        self.get(&keys::erasure(owner, id)).await?.ok_or_else(Error::not_found)
    }

    /// The erasures of an organization or an account, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn erasures(&self, owner: Owner, limit: usize, cursor: Option<&str>) -> Result<Page<Erasure>> {
        self.list(&owner.partition(), keys::ERASURES, limit, cursor).await
    }

    /// Checks that no erasure of this subject waits already.
    ///
    /// # Errors
    /// `erasure_exists`.
    pub async fn check_no_erasure(&self, subject: Subject) -> Result<()> {
        let all: Vec<Erasure> = self.list_all(&subject.owner().partition(), keys::ERASURES).await?;
        if all.iter().any(|erasure| erasure.is_open_for(subject)) {
            return Err(Error::conflict("erasure_exists", "This erasure was asked for already."));
        }
        Ok(())
    }

    /// Takes an erasure back that is not begun.
    ///
    /// # Errors
    /// `erasure_not_pending`, `erasure_changed`.
    pub async fn cancel_erasure(&self, owner: Owner, erasure: &Erasure, event: &AuditEvent) -> Result<Erasure> {
        if erasure.state != ErasureState::Pending {
            let message = "Only an erasure that waits can be taken back.";
            return Err(Error::conflict("erasure_not_pending", message));
        }
        let next = Erasure { state: ErasureState::Cancelled, version: erasure.version + 1, ..erasure.clone() };
        Transaction::default()
            .replace(self, encode(&keys::erasure(owner, erasure.id), &next)?, erasure.version, changed())?
            .delete(self, &keys::due_erasure(erasure.id), changed())?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(next)
    }

    /// Begins an erasure whose time has come.
    ///
    /// # Errors
    /// `erasure_changed` if it was taken back, or another run has begun it.
    pub async fn begin_erasure(
        &self,
        owner: Owner,
        erasure: &Erasure,
        counts: Vec<Counted>,
        events: &[AuditEvent],
    ) -> Result<Erasure> {
        let (state, began_at) = (ErasureState::Erasing, Some(now()));
        let next = Erasure { state, began_at, counts, version: erasure.version + 1, ..erasure.clone() };
        let item = encode(&keys::erasure(owner, erasure.id), &next)?;
        let mut transaction = Transaction::default().replace(self, item, erasure.version, changed())?;
        for event in events.iter().take(EVENTS) {
            transaction = transaction.audit(self, event)?;
        }
        transaction.commit(self).await?;
        Ok(next)
    }

    /// Notes that an erasure is done, with its certificate.
    ///
    /// # Errors
    /// `erasure_changed` if another run was faster.
    pub async fn complete_erasure(&self, owner: Owner, erasure: &Erasure, event: &AuditEvent) -> Result<Erasure> {
        let (state, certificate) = (ErasureState::Erased, Some(erasure.certify()));
        let next = Erasure { state, certificate, version: erasure.version + 1, ..erasure.clone() };
        let mut transaction = Transaction::default()
            .replace(self, encode(&keys::erasure(owner, erasure.id), &next)?, erasure.version, changed())?
            .delete(self, &keys::due_erasure(erasure.id), changed())?
            .audit(self, event)?;
        for user in erasure.copied_to.iter().take(EVENTS) {
            let copy = keys::erasure(Owner::User(*user), erasure.id);
            transaction = transaction.create(self, encode(&copy, &next)?, changed())?;
        }
        transaction.commit(self).await?;
        Ok(next)
    }
}
