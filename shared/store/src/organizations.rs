//! Organizations and who is a member.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{OrgId, StudentId, TeamId, UserId},
    permission::Role,
    plan::Plan,
};
use utoipa::ToSchema;

use crate::{
    Actor, AuditEvent, Origin, Page, Platform, Store, Tenant, User, item::encode, keys, now, transaction::Transaction,
};

/// A school, a department, a teacher on her own: the tenant.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// What it is called.
    pub name: String,
    /// Whether everyone but students must have logged in with a second factor.
    pub require_second_factor: bool,
    /// The plan that it is on.
    #[serde(default)]
    pub plan: Plan,
    /// Since when a payment is missing; some days after that, nothing can be changed until it has come.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub overdue_since: Option<Timestamp>,
    /// When it will be erased, if its owner has asked for that; until then it can be taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub delete_at: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Counted up at every change; a change names the version that it was made to.
    pub version: u32,
}

/// What a user is in an organization.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    /// The organization.
    pub organization: OrgId,
    /// The user.
    pub user: UserId,
    /// What the user is called.
    pub name: String,
    /// The address of the user's account.
    pub email: String,
    /// The role.
    pub role: Role,
    /// The teams that the user is in.
    pub teams: BTreeSet<TeamId>,
    /// The student on the roster who this is.
    pub student: Option<StudentId>,
    /// A disabled member can do nothing in the organization.
    pub disabled: bool,
    /// When the user joined.
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Timestamp,
    /// Counted up at every change.
    pub version: u32,
}

impl Membership {
    /// A user who joins an organization.
    #[must_use]
    pub fn new(organization: OrgId, user: &User, role: Role, teams: BTreeSet<TeamId>) -> Self {
        let (name, email) = (user.name.clone(), user.email.clone());
        let (student, disabled, joined_at, version) = (None, false, now(), 1);
        Self { organization, user: user.id, name, email, role, teams, student, disabled, joined_at, version }
    }

    /// Whether the member takes one of the plan's seats.
    #[must_use]
    pub const fn takes_seat(&self) -> bool {
        self.role.is_staff() && !self.disabled
    }

    /// Whether this is an owner who can act as one.
    #[must_use]
    pub fn is_acting_owner(&self) -> bool {
        self.role == Role::Owner && !self.disabled
    }
}

/// An organization in a list: where a user is a member, and where all organizations stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrganizationRef {
    /// The organization.
    pub organization: OrgId,
}

impl Platform {
    /// Creates an organization with `owner` as its owner.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_organization(
        &self,
        organization: &Organization,
        owner: &Membership,
        origin: &Origin,
    ) -> Result<()> {
        let store = self.store();
        let tenant = Tenant::created(organization.id);
        let event = tenant.event(Actor::User(owner.user), "organization.created", organization.id, origin);
        let exists = || Error::conflict("organization_exists", "Please try again.");
        let (member_key, mirror_key) =
            (keys::member(organization.id, owner.user), keys::membership(owner.user, organization.id));
        let mirror = OrganizationRef { organization: organization.id };
        Transaction::default()
            .create(store, encode(&keys::organization(organization.id), organization)?, exists())?
            .create(store, encode(&member_key, owner)?, exists())?
            .create(store, encode(&mirror_key, &mirror)?, exists())?
            .create(store, encode(&keys::listed_organization(organization.id), &mirror)?, exists())?
            .audit(store, &event)?
            .commit(store)
            .await
    }

    /// Puts an organization on a plan: for the operator, since the organization can't do it itself.
    ///
    /// # Errors
    /// `not_found`; `organization_changed` if somebody else has changed it at the same time.
    pub async fn set_plan(&self, org: OrgId, plan: Plan, by: &'static str, origin: &Origin) -> Result<Organization> {
        let tenant = Tenant::listed(org);
        let before = self.store().organization(tenant).await?;
        let event = tenant
            .event(Actor::Task(by), "organization.plan_changed", org, origin)
            .with("plan_before", before.plan.name())
            .with("plan_after", plan.name());
        self.store().save_organization(tenant, &Organization { plan, ..before }, &event).await
    }

    /// All organizations as tenants, for the tasks that a schedule starts.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn all_tenants(&self) -> Result<Vec<Tenant>> {
        let listed: Vec<OrganizationRef> = self.store().list_all(keys::ALL_ORGANIZATIONS, keys::MEMBERSHIPS).await?;
        Ok(listed.into_iter().map(|listed| Tenant::listed(listed.organization)).collect())
    }

    /// The organizations that a user is a member of, and as what.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn memberships(
        &self,
        user: UserId,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<(Organization, Membership)>> {
        let page: Page<OrganizationRef> =
            self.store().list(&keys::platform_user(user), keys::MEMBERSHIPS, limit, cursor).await?;
        let mut items = Vec::new();
        for OrganizationRef { organization } in page.items {
            let keys = [keys::organization(organization), keys::member(organization, user)];
            // An organization that is being erased this very moment is passed over.
            if let (Some(organization), Some(member)) = self.store().get_two(&keys).await? {
                items.push((organization, member));
            }
        }
        Ok(Page { items, cursor: page.cursor })
    }
}

impl Store {
    /// The organization.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn organization(&self, tenant: Tenant) -> Result<Organization> {
        self.get(&keys::organization(tenant.org())).await?.ok_or_else(Error::not_found)
    }

    /// Keeps a changed organization, if nobody has changed it since it was read.
    ///
    /// # Errors
    /// `organization_changed`.
    pub async fn save_organization(
        &self,
        tenant: Tenant,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<Organization> {
        let message = "The organization was changed meanwhile. Load it again.";
        let changed = Error::conflict("organization_changed", message);
        let next = Organization { version: organization.version + 1, ..organization.clone() };
        let item = encode(&keys::organization(tenant.org()), &next)?;
        Transaction::default()
            .replace(self, item, organization.version, changed)?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(next)
    }
}
