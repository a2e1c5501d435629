//! Exports: what a person or an organization has asked to be given of what is kept of them.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{ExportId, OrgId, Principal, StudentId, UserId},
};
use utoipa::ToSchema;

use crate::{
    About, AuditEvent, Failure, Owner, Page, Store, Subject, Tenant,
    item::{attribute, encode},
    keys, now,
    personal::Pointer,
    transaction::Transaction,
};

/// How long an export's file can be downloaded, and how long making one may take before it counts as failed.
const HOURS: i64 = 24;

/// An export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// The id.
    pub id: ExportId,
    /// What it is about.
    pub about: About,
    /// The organization, unless it is about an account.
    pub organization: Option<OrgId>,
    /// The account or the member.
    pub user: Option<UserId>,
    /// The student.
    pub student: Option<StudentId>,
    /// Who has asked for it.
    pub requested_by: Principal,
    /// When.
    pub requested_at: Timestamp,
    /// The request; the task that makes the file logs it.
    pub request_id: String,
    /// How far it is.
    stage: Stage,
    /// The file's size in bytes, once it is there.
    pub bytes: Option<u64>,
    /// Until when the file can be downloaded.
    pub available_until: Option<Timestamp>,
    /// Why there is no file.
    pub failure: Option<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Requested,
    Completed,
    Failed,
}

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// The file is being made.
    InProgress,
    /// The file can be downloaded.
    Ready,
    /// The file was there for a day and is deleted.
    Expired,
    /// The file could not be made.
    Failed,
}

impl Export {
    /// An export of `subject`, asked for now.
    #[must_use]
    pub fn new(id: ExportId, subject: Subject, requested_by: Principal, request_id: &str) -> Self {
        let (organization, user, student) = subject.ids();
        Self {
            id,
            about: subject.about(),
            organization,
            user,
            student,
            requested_by,
            requested_at: now(),
            request_id: request_id.to_owned(),
            stage: Stage::Requested,
            bytes: None,
            available_until: None,
            failure: None,
        }
    }

    /// Where it stands at this moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ExportState {
        match (self.stage, self.available_until) {
            (Stage::Completed, Some(until)) if now < until => ExportState::Ready,
            (Stage::Completed, _) => ExportState::Expired,
            (Stage::Failed, _) => ExportState::Failed,
            (Stage::Requested, _) if now > later(self.requested_at) => ExportState::Failed,
            (Stage::Requested, _) => ExportState::InProgress,
        }
    }

    /// Whether its file is still to be made.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.stage == Stage::Requested
    }

    /// Whose data.
    ///
    /// # Errors
    /// `internal` if it names nobody.
    pub fn subject(&self, owner: Owner) -> Result<Subject> {
        Subject::named(owner, self.about, self.user, self.student)
    }
}

fn later(than: Timestamp) -> Timestamp {
    than.checked_add(HOURS.hours()).unwrap_or(than)
}

impl Store {
    /// Notes that an export was asked for.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_export(&self, owner: Owner, export: &Export, event: &AuditEvent) -> Result<()> {
        let exists = || Error::conflict("export_exists", "Please try again.");
        let pointer = Pointer::new(owner, Some(export.id), None);
        Transaction::default()
            .create(self, encode(&keys::export(owner, export.id), export)?, exists())?
            .create(self, encode(&keys::due_export(export.id), &pointer)?, exists())?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// The export.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn export(&self, owner: Owner, id: ExportId) -> Result<Export> {
        self.get(&keys::export(owner, id)).await?.ok_or_else(Error::not_found)
    }

    /// The exports of an organization or an account, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn exports(&self, owner: Owner, limit: usize, cursor: Option<&str>) -> Result<Page<Export>> {
        self.list(&owner.partition(), keys::EXPORTS, limit, cursor).await
    }

    /// The export that a job is about, which proves whose it is.
    ///
    /// # Errors
    /// `not_found` if it isn't theirs, or was deleted.
    pub async fn export_of_job(
        &self,
        organization: Option<OrgId>,
        user: Option<UserId>,
        id: ExportId,
    ) -> Result<(Owner, Export)> {
        let owner = match (organization, user) {
            (Some(org), None) => Owner::Organization(Tenant::listed(org)),
            (None, Some(user)) => Owner::User(user),
            _ => return Err(Error::not_found()),
        };
        Ok((owner, self.export(owner, id).await?))
    }

    /// Notes that the file is there, and from now on for a day. False if the export is gone or was done with before.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn complete_export(&self, owner: Owner, id: ExportId, bytes: u64, event: &AuditEvent) -> Result<bool> {
        let set = [
            (":stage", attribute(&Stage::Completed)?),
            (":bytes", attribute(&bytes)?),
            (":until", attribute(&later(now()))?),
        ];
        self.end_export(owner, id, "SET stage = :stage, bytes = :bytes, available_until = :until", set, event).await
    }

    /// Notes why there will be no file. False if the export is gone or was done with before.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn fail_export(&self, owner: Owner, id: ExportId, failure: &Failure, event: &AuditEvent) -> Result<bool> {
        let set = [(":stage", attribute(&Stage::Failed)?), (":failure", attribute(failure)?)];
        self.end_export(owner, id, "SET stage = :stage, failure = :failure", set, event).await
    }

    async fn end_export<const N: usize>(
        &self,
        owner: Owner,
        id: ExportId,
        expression: &str,
        values: [(&str, AttributeValue); N],
        event: &AuditEvent,
    ) -> Result<bool> {
        let requested = attribute(&Stage::Requested)?;
        let ended = Transaction::default()
            .update(self, &keys::export(owner, id), Error::not_found(), |update| {
                let update = update
                    .update_expression(expression)
                    .condition_expression("stage = :requested")
                    .expression_attribute_values(":requested", requested);
                values.into_iter().fold(update, |update, (name, value)| update.expression_attribute_values(name, value))
            })?
            .audit(self, event)?
            .commit(self)
            .await;
        match ended {
            Ok(()) => Ok(true),
            Err(error) if error.code() == "not_found" => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes an export off the list of what a schedule must come back to: its file is deleted.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn forget_export_file(&self, id: ExportId) -> Result<()> {
        let deleted =
            Transaction::default().delete(self, &keys::due_export(id), Error::not_found())?.commit(self).await;
        match deleted {
            Err(error) if error.code() == "not_found" => Ok(()),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    #[test]
    fn an_export_is_there_for_a_day() {
        let user = UserId::new(Ulid::from(1));
        let mut export = Export::new(ExportId::new(Ulid::from(2)), Subject::Account(user), Principal::User(user), "r");
        let begun = export.requested_at;
        assert_eq!(export.state(begun), ExportState::InProgress);
        assert_eq!(export.state(begun.checked_add(25.hours()).unwrap()), ExportState::Failed);
        export.stage = Stage::Completed;
        export.available_until = Some(later(begun));
        assert_eq!(export.state(begun.checked_add(23.hours()).unwrap()), ExportState::Ready);
        assert_eq!(export.state(begun.checked_add(24.hours()).unwrap()), ExportState::Expired);
    }
}
