//! Students: who is on an organization's roster, with or without an account.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{StudentId, TeamId, UserId},
};
use utoipa::ToSchema;

use crate::{Page, Store, Tenant, keys};

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
}
