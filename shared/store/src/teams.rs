//! Teams: classes with their teachers, graders and students.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{Error, Result, id::TeamId};
use utoipa::ToSchema;

use crate::{AuditEvent, Page, Store, Tenant, item::encode, keys, transaction::Transaction};

/// A class with its teachers, graders and students. Who is in it, each [`crate::Membership`] says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What it is called.
    pub name: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Counted up at every change.
    pub version: u32,
}

impl Store {
    /// Creates a team.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_team(&self, tenant: Tenant, team: &Team, event: &AuditEvent) -> Result<()> {
        let exists = Error::conflict("team_exists", "Please try again.");
        Transaction::default()
            .create(self, encode(&keys::team(tenant.org(), team.id), team)?, exists)?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// The team.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn team(&self, tenant: Tenant, id: TeamId) -> Result<Team> {
        self.get(&keys::team(tenant.org(), id)).await?.ok_or_else(Error::not_found)
    }

    /// The organization's teams, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn teams(&self, tenant: Tenant, limit: usize, cursor: Option<&str>) -> Result<Page<Team>> {
        self.list(&keys::tenant(tenant.org()), keys::TEAMS, limit, cursor).await
    }

    /// All teams of the organization.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn all_teams(&self, tenant: Tenant) -> Result<Vec<Team>> {
        self.list_all(&keys::tenant(tenant.org()), keys::TEAMS).await
    }

    /// Keeps a changed team, if nobody has changed it since it was read.
    ///
    /// # Errors
    /// `team_changed`.
    pub async fn save_team(&self, tenant: Tenant, team: &Team, event: &AuditEvent) -> Result<Team> {
        let changed = Error::conflict("team_changed", "The team was changed meanwhile. Load it again.");
        let next = Team { version: team.version + 1, ..team.clone() };
        Transaction::default()
            .replace(self, encode(&keys::team(tenant.org(), team.id), &next)?, team.version, changed)?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(next)
    }
}
