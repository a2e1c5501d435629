//! Members of an organization: listing, changing, removing them, and the rule that an organization never loses its last
//! owner.

use smartscripts_domain::{
    Error, Result,
    id::{TeamId, UserId},
};

use crate::{
    Assessment, AuditEvent, Invite, Membership, Page, Store, Student, Team, Tenant,
    item::{encode, number, text},
    keys,
    transaction::Transaction,
};

impl Store {
    /// The member.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn member(&self, tenant: Tenant, user: UserId) -> Result<Membership> {
        self.get(&keys::member(tenant.org(), user)).await?.ok_or_else(Error::not_found)
    }

    /// The organization's members, the longest registered first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn members(&self, tenant: Tenant, limit: usize, cursor: Option<&str>) -> Result<Page<Membership>> {
        self.list(&keys::tenant(tenant.org()), keys::MEMBERS, limit, cursor).await
    }

    /// All members of the organization.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn all_members(&self, tenant: Tenant) -> Result<Vec<Membership>> {
        self.list_all(&keys::tenant(tenant.org()), keys::MEMBERS).await
    }

    /// Keeps a changed member, if nobody has changed it since it was read as `before`.
    ///
    /// # Errors
    /// `member_changed`; `last_owner` if the organization would have no owner left.
    pub async fn save_member(
        &self,
        tenant: Tenant,
        before: &Membership,
        after: &Membership,
        event: &AuditEvent,
    ) -> Result<Membership> {
        let next = Membership { version: before.version + 1, ..after.clone() };
        let transaction = if next.is_acting_owner() {
            Transaction::default()
        } else {
            self.keeping_an_owner(tenant, before, last_owner).await?
        };
        let item = encode(&keys::member(tenant.org(), next.user), &next)?;
        transaction.replace(self, item, before.version, member_changed())?.audit(self, event)?.commit(self).await?;
        Ok(next)
    }

    /// Takes a member out of the organization.
    ///
    /// # Errors
    /// `member_changed`, `last_owner`.
    pub async fn remove_member(&self, tenant: Tenant, member: &Membership, event: &AuditEvent) -> Result<()> {
        let (org, user) = (tenant.org(), member.user);
        let transaction = self.keeping_an_owner(tenant, member, last_owner).await?;
        self.unlinking(transaction, tenant, member)
            .await?
            .delete_version(self, &keys::member(org, user), member.version, member_changed())?
            .delete(self, &keys::membership(user, org), member_changed())?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// Takes the account of whoever leaves from the student on the roster: the school keeps the student, and the account's
    /// owner no tie to it.
    async fn unlinking(&self, transaction: Transaction, tenant: Tenant, leaving: &Membership) -> Result<Transaction> {
        let Some(student) = leaving.student else { return Ok(transaction) };
        let key = keys::student(tenant.org(), student);
        let found: Option<Student> = self.get(&key).await?;
        if found.is_none_or(|student| student.user != Some(leaving.user)) {
            return Ok(transaction);
        }
        transaction.update(self, &key, member_changed(), |update| {
            update
                .update_expression("REMOVE #user ADD version :one")
                .condition_expression("#user = :user")
                .expression_attribute_names("#user", "user")
                .expression_attribute_values(":user", text(leaving.user.to_string()))
                .expression_attribute_values(":one", number(1))
        })
    }

    /// The beginning of a transaction that takes `leaving` from the owners: it demands that another one stays, so that two
    /// owners who leave at once can't both go.
    async fn keeping_an_owner(
        &self,
        tenant: Tenant,
        leaving: &Membership,
        refused: impl Fn() -> Error,
    ) -> Result<Transaction> {
        if !leaving.is_acting_owner() {
            return Ok(Transaction::default());
        }
        let members = self.all_members(tenant).await?;
        let other = members.iter().find(|member| member.is_acting_owner() && member.user != leaving.user);
        let other = other.ok_or_else(&refused)?;
        Transaction::default().check(self, &keys::member(tenant.org(), other.user), refused(), |check| {
            check
                .condition_expression("version = :version")
                .expression_attribute_values(":version", number(other.version))
        })
    }

    /// Puts a member into a team, or takes the member out.
    ///
    /// # Errors
    /// `member_changed`; `not_found` if the team was deleted meanwhile.
    pub async fn save_team_member(
        &self,
        tenant: Tenant,
        team: TeamId,
        (before, after): (&Membership, &Membership),
        event: &AuditEvent,
    ) -> Result<Membership> {
        let next = Membership { version: before.version + 1, ..after.clone() };
        let item = encode(&keys::member(tenant.org(), next.user), &next)?;
        self.touching_team(Transaction::default(), tenant, team)?
            .replace(self, item, before.version, member_changed())?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(next)
    }

    /// Creates a team with a first member.
    ///
    /// # Errors
    /// `member_changed`.
    pub async fn create_team_with(
        &self,
        tenant: Tenant,
        team: &Team,
        member: &Membership,
        event: &AuditEvent,
    ) -> Result<()> {
        let exists = Error::conflict("team_exists", "Please try again.");
        let mut next = Membership { version: member.version + 1, ..member.clone() };
        next.teams.insert(team.id);
        Transaction::default()
            .create(self, encode(&keys::team(tenant.org(), team.id), team)?, exists)?
            .replace(self, encode(&keys::member(tenant.org(), next.user), &next)?, member.version, member_changed())?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// Deletes a team in which nobody and nothing is left, but for `leaving`, who leaves it by that.
    ///
    /// # Errors
    /// `team_not_empty`, `team_changed`.
    pub async fn delete_team(
        &self,
        tenant: Tenant,
        team: &Team,
        leaving: Option<UserId>,
        event: &AuditEvent,
    ) -> Result<()> {
        // A preview of a roster that names the team must not be committed after this.
        let mut transaction = self.moving_roster(Transaction::default(), tenant)?;
        let partition = keys::tenant(tenant.org());
        let mut members = self.all_members(tenant).await?;
        members.retain(|member| member.teams.contains(&team.id));
        if let Some(index) = members.iter().position(|member| Some(member.user) == leaving) {
            let member = members.swap_remove(index);
            let mut next = Membership { version: member.version + 1, ..member };
            next.teams.remove(&team.id);
            let item = encode(&keys::member(tenant.org(), next.user), &next)?;
            transaction = transaction.replace(self, item, member.version, member_changed())?;
        }
        let assessments: Vec<Assessment> = self.list_all(&partition, keys::ASSESSMENTS).await?;
        let students: Vec<Student> = self.list_all(&partition, keys::STUDENTS).await?;
        let invites: Vec<Invite> = self.list_all(&partition, keys::INVITES).await?;
        let is_used = !members.is_empty()
            || assessments.iter().any(|assessment| assessment.team == Some(team.id))
            || students.iter().any(|student| student.teams.contains(&team.id))
            || invites.iter().any(|invite| invite.is_open() && invite.teams.contains(&team.id));
        if is_used {
            let message = "Members, students, assessments or invitations still belong to this team. Move them first.";
            return Err(Error::conflict("team_not_empty", message));
        }
        let changed = Error::conflict("team_changed", "The team was changed meanwhile. Load it again.");
        transaction
            .delete_version(self, &keys::team(tenant.org(), team.id), team.version, changed)?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// Counts the team's version up, so that a deletion which has just found the team empty is refused.
    pub(crate) fn touching_team(&self, transaction: Transaction, tenant: Tenant, team: TeamId) -> Result<Transaction> {
        transaction.update(self, &keys::team(tenant.org(), team), Error::not_found(), |update| {
            update
                .update_expression("SET version = version + :one")
                .condition_expression("attribute_exists(PK)")
                .expression_attribute_values(":one", number(1))
        })
    }
}

fn member_changed() -> Error {
    Error::conflict("member_changed", "The member was changed meanwhile. Load it again.")
}

fn last_owner() -> Error {
    Error::conflict("last_owner", "An organization needs an owner. Make somebody else owner first, or delete it.")
}
