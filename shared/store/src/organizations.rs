//! Organizations and who is a member.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{OrgId, UserId},
    permission::Role,
};
use utoipa::ToSchema;

use crate::{Actor, Page, Platform, Tenant, item::encode, keys, transaction::Transaction};

/// A school, a department, a teacher on her own: the tenant.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// What it is called.
    pub name: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// What a user is in an organization.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    /// The organization.
    pub organization: OrgId,
    /// Its name, when the user joined.
    pub organization_name: String,
    /// The user.
    pub user: UserId,
    /// The role.
    pub role: Role,
}

impl Platform {
    /// Creates an organization with `owner` as its owner.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_organization(
        &self,
        organization: &Organization,
        owner: UserId,
        request_id: &str,
    ) -> Result<()> {
        let store = self.store();
        let membership = Membership {
            organization: organization.id,
            organization_name: organization.name.clone(),
            user: owner,
            role: Role::Owner,
        };
        let tenant = Tenant::created(organization.id);
        let event = tenant.event(Actor::User(owner), "organization.created", organization.id, request_id);
        let exists = || Error::conflict("organization_exists", "Please try again.");
        let (member_key, mirror_key) = (keys::member(organization.id, owner), keys::membership(owner, organization.id));
        Transaction::default()
            .create(store, encode(&keys::organization(organization.id), organization)?, exists())?
            .create(store, encode(&member_key, &membership)?, exists())?
            .create(store, encode(&mirror_key, &membership)?, exists())?
            .audit(store, &event)?
            .commit(store)
            .await
    }

    /// The organizations that a user is a member of.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn memberships(&self, user: UserId, limit: usize, cursor: Option<&str>) -> Result<Page<Membership>> {
        self.store().list(&keys::memberships_of(user), keys::MEMBERSHIPS, limit, cursor).await
    }
}
