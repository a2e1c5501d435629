//! Students: who is on an organization's roster, with or without an account. Every change counts the roster's version up.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{StudentId, TeamId, UserId},
};
use utoipa::ToSchema;

use crate::{AuditEvent, Page, Store, Tenant, item::encode, keys, transaction::Transaction};

/// A student on the roster. A script that names the number is the student's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Student {
    /// The id.
    pub id: StudentId,
    /// The number at the school; no two students of an organization have the same.
    pub number: String,
    /// What they are called.
    pub name: String,
    /// Where they can be invited; lower case.
    pub email: Option<String>,
    /// The classes that they are in.
    pub teams: BTreeSet<TeamId>,
    /// The account, once they have accepted an invitation.
    pub user: Option<UserId>,
    /// When they were put on the roster.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Counted up at every change.
    pub version: u32,
}

/// Which student a number belongs to.
#[derive(Serialize, Deserialize)]
pub(crate) struct NumberOwner {
    pub student: StudentId,
}

impl Store {
    /// The student.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn student(&self, tenant: Tenant, id: StudentId) -> Result<Student> {
        self.get(&keys::student(tenant.org(), id)).await?.ok_or_else(Error::not_found)
    }

    /// The student with this number, if it is on the roster.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn student_by_number(&self, tenant: Tenant, number: &str) -> Result<Option<Student>> {
        let owner: Option<NumberOwner> = self.get(&keys::student_number(tenant.org(), number)).await?;
        match owner {
            Some(owner) => self.get(&keys::student(tenant.org(), owner.student)).await,
            None => Ok(None),
        }
    }

    /// The organization's students, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn students(&self, tenant: Tenant, limit: usize, cursor: Option<&str>) -> Result<Page<Student>> {
        self.list(&keys::tenant(tenant.org()), keys::STUDENTS, limit, cursor).await
    }

    /// All students of the organization.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn all_students(&self, tenant: Tenant) -> Result<Vec<Student>> {
        self.list_all(&keys::tenant(tenant.org()), keys::STUDENTS).await
    }

    /// Puts a student onto the roster.
    ///
    /// # Errors
    /// `number_taken`, `roster_importing`; `not_found` if there is no such team.
    pub async fn create_student(&self, tenant: Tenant, student: &Student, event: &AuditEvent) -> Result<()> {
        let transaction = self.moving_roster(Transaction::default(), tenant)?;
        let transaction = self.entering(transaction, tenant, student.teams.iter())?;
        self.adding_student(transaction, tenant, student, number_taken)?.audit(self, event)?.commit(self).await
    }

    /// Keeps a changed student, if `before` is still how the student is, and the version that `after` was made from.
    ///
    /// # Errors
    /// `student_changed`, `number_taken`, `roster_importing`; `not_found` if there is no such team.
    pub async fn save_student(
        &self,
        tenant: Tenant,
        before: &Student,
        after: &Student,
        event: &AuditEvent,
    ) -> Result<Student> {
        if after.version != before.version {
            return Err(student_changed());
        }
        let next = Student { version: before.version + 1, ..after.clone() };
        let item = encode(&keys::student(tenant.org(), next.id), &next)?;
        let mut transaction = self.moving_roster(Transaction::default(), tenant)?.replace(
            self,
            item,
            before.version,
            student_changed(),
        )?;
        transaction = self.entering(transaction, tenant, next.teams.difference(&before.teams))?;
        if next.number != before.number {
            let owner = NumberOwner { student: next.id };
            let taken = encode(&keys::student_number(tenant.org(), &next.number), &owner)?;
            transaction = transaction
                .delete(self, &keys::student_number(tenant.org(), &before.number), student_changed())?
                .create(self, taken, number_taken())?;
        }
        transaction.audit(self, event)?.commit(self).await?;
        Ok(next)
    }

    /// Takes a student off the roster. Scripts that were handed in keep the name and the number that came with them.
    ///
    /// # Errors
    /// `not_found`, `student_changed`, `roster_importing`.
    pub async fn remove_student(&self, tenant: Tenant, student: &Student, event: &AuditEvent) -> Result<()> {
        self.moving_roster(Transaction::default(), tenant)?
            .delete(self, &keys::student(tenant.org(), student.id), Error::not_found())?
            .delete(self, &keys::student_number(tenant.org(), &student.number), student_changed())?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// Demands that the teams are there, and counts their versions up, so that a deletion which has just found one of them
    /// empty is refused.
    fn entering<'a>(
        &self,
        transaction: Transaction,
        tenant: Tenant,
        teams: impl Iterator<Item = &'a TeamId>,
    ) -> Result<Transaction> {
        teams.copied().try_fold(transaction, |transaction, team| self.touching_team(transaction, tenant, team))
    }
}

fn number_taken() -> Error {
    Error::conflict("number_taken", "Another student on the roster has this number.")
}

fn student_changed() -> Error {
    Error::conflict("student_changed", "The student was changed meanwhile. Load the student again.")
}
