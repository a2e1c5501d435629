//! The proof that one may touch an organization's data.

use std::collections::BTreeSet;

use jiff::Timestamp;
use smartscripts_domain::{
    Error, Kind, Result,
    id::{ApiKeyId, AssessmentId, ClassScanId, OrgId, Principal, StudentId, SubmissionId, TeamId, UserId},
    permission::{Permission, Role, Scope},
    plan::Plan,
};

use crate::{
    Actor, ApiKey, Assessment, AuditEvent, ClassScan, Learning, Membership, Organization, Origin, Store, Student,
    Submission, Team, keys, now,
};

/// An organization whose data this request or job may touch. It has no public constructor: it comes from a membership
/// or an API key that holds the permission, or from a job whose submission exists in that very organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenant {
    org: OrgId,
}

impl Tenant {
    /// The organization's id.
    #[must_use]
    pub const fn org(self) -> OrgId {
        self.org
    }

    /// An audit event of this organization. `action` is `thing.done`, `target` the id of the thing.
    #[must_use]
    pub fn event(self, actor: Actor, action: &'static str, target: impl Into<String>, origin: &Origin) -> AuditEvent {
        AuditEvent::of_tenant(self.org, actor, action, target.into(), origin)
    }

    /// The tenant that `Platform` has just created.
    pub(crate) const fn created(org: OrgId) -> Self {
        Self { org }
    }

    /// A tenant from the list of all, which only `Platform` reads.
    pub(crate) const fn listed(org: OrgId) -> Self {
        Self { org }
    }
}

/// What a principal may do in an organization, for one permission.
#[derive(Clone, Debug)]
pub struct Access {
    /// The organization, as the key to its data.
    pub tenant: Tenant,
    /// Who.
    pub principal: Principal,
    /// As what; an API key has no role.
    pub role: Option<Role>,
    /// How far the permission reaches.
    pub scope: Scope,
    /// The teams that the principal is in.
    pub teams: BTreeSet<TeamId>,
    /// Whether the principal has logged in with a second factor.
    pub second_factor: bool,
    /// The plan that the organization is on.
    pub plan: Plan,
    /// Since when the organization's payment is missing.
    pub overdue_since: Option<Timestamp>,
}

impl Access {
    /// Whether the permission reaches something of this team that was made by `created_by`.
    #[must_use]
    pub fn reaches(&self, team: Option<TeamId>, created_by: Principal) -> bool {
        let own = created_by == self.principal;
        match self.scope {
            Scope::Organization => true,
            Scope::Team => own || team.is_some_and(|team| self.teams.contains(&team)),
            Scope::Own => own,
        }
    }

    /// Whether the permission reaches this student of the roster. A student reaches nobody but oneself.
    #[must_use]
    pub fn reaches_student(&self, student: &Student) -> bool {
        let own = student.user.map(Principal::User) == Some(self.principal);
        match self.scope {
            Scope::Organization => true,
            Scope::Team => own || !student.teams.is_disjoint(&self.teams),
            Scope::Own => own,
        }
    }

    /// Whether the permission reaches the feedback on this script that was released: a student's own, or that of an
    /// assessment in reach.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn reaches_released(
        &self,
        store: &Store,
        assessment: &Assessment,
        student: Option<StudentId>,
    ) -> Result<bool> {
        if self.scope != Scope::Own {
            return Ok(self.reaches(assessment.team, assessment.created_by));
        }
        let Some(id) = student else { return Ok(false) };
        match store.student(self.tenant, id).await {
            Ok(student) => Ok(self.reaches_student(&student)),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The team, if the permission reaches it.
    ///
    /// # Errors
    /// `not_found`, also for one that is out of reach.
    pub async fn team(&self, store: &Store, id: TeamId) -> Result<Team> {
        let team = store.team(self.tenant, id).await?;
        let within = self.scope == Scope::Organization || self.teams.contains(&id);
        if within { Ok(team) } else { Err(Error::not_found()) }
    }

    /// The assessment, if the permission reaches it.
    ///
    /// # Errors
    /// `not_found`, also for one that is out of reach.
    pub async fn assessment(&self, store: &Store, id: AssessmentId) -> Result<Assessment> {
        let assessment = store.assessment(self.tenant, id).await?;
        if self.reaches(assessment.team, assessment.created_by) { Ok(assessment) } else { Err(Error::not_found()) }
    }
}

impl Store {
    /// What a member may do.
    ///
    /// # Errors
    /// `not_found` if there is no such organization or the user is no member of it; `forbidden` without the permission;
    /// `second_factor_required` if the organization demands one and the session was begun without.
    pub async fn access_of_member(
        &self,
        user: UserId,
        second_factor: bool,
        org: OrgId,
        permission: Permission,
    ) -> Result<Access> {
        let found = self.get_two(&[keys::organization(org), keys::member(org, user)]).await?;
        let (Some(organization), Some(member)): (Option<Organization>, Option<Membership>) = found else {
            return Err(Error::not_found());
        };
        if member.disabled {
            return Err(Error::not_found());
        }
        let tenant = Tenant { org };
        let scope = member.role.scope(permission).ok_or_else(|| {
            let message = "Your role in this organization does not allow this. Ask an administrator.";
            Error::new(Kind::Forbidden, "forbidden", message)
        })?;
        if organization.require_second_factor && member.role.is_staff() && !second_factor {
            let message = "This organization demands a second factor. Set one up in your account, then log in again.";
            return Err(Error::new(Kind::Forbidden, "second_factor_required", message));
        }
        let principal = Principal::User(user);
        check_not_deleted(&organization, permission)?;
        let (role, teams) = (Some(member.role), member.teams);
        let Organization { plan, overdue_since, .. } = organization;
        Ok(Access { tenant, principal, role, scope, teams, second_factor, plan, overdue_since })
    }

    /// What the bearer of an API key may do. `hash` is the SHA-256 of the key's secret.
    ///
    /// # Errors
    /// `api_key_invalid` if there is no such key, it has expired or was revoked; `not_found` if it is another
    /// organization's; `forbidden` if it was not made for this.
    pub async fn access_of_api_key(
        &self,
        (key_org, id, hash): (OrgId, ApiKeyId, &str),
        org: OrgId,
        permission: Permission,
    ) -> Result<Access> {
        let invalid =
            || Error::new(Kind::Unauthenticated, "api_key_invalid", "The API key is wrong, expired or revoked.");
        let found = self.get_two(&[keys::organization(key_org), keys::api_key(key_org, id)]).await?;
        let (Some(organization), Some(key)): (Option<Organization>, Option<ApiKey>) = found else {
            return Err(invalid());
        };
        if !key.is_valid(hash, now()) {
            return Err(invalid());
        }
        if key_org != org {
            return Err(Error::not_found());
        }
        if !key.permissions.contains(&permission) {
            let message = "This API key was not made for this. Make one with the permission.";
            return Err(Error::new(Kind::Forbidden, "forbidden", message));
        }
        check_not_deleted(&organization, permission)?;
        let tenant = Tenant { org };
        self.note_use(id).await;
        let principal = Principal::ApiKey(id);
        let (scope, teams) = (Scope::Organization, BTreeSet::new());
        let Organization { plan, overdue_since, .. } = organization;
        Ok(Access { tenant, principal, role: None, scope, teams, second_factor: false, plan, overdue_since })
    }

    /// The organization as a tenant, for a job about one of its submissions, and the submission as it stands.
    ///
    /// # Errors
    /// `not_found` if the submission isn't one of that organization and assessment (or was deleted).
    pub async fn tenant_of_job(
        &self,
        org: OrgId,
        assessment: AssessmentId,
        submission: SubmissionId,
    ) -> Result<(Tenant, Submission)> {
        let found: Option<Submission> = self.get(&keys::submission(org, assessment, submission)).await?;
        Ok((Tenant { org }, found.ok_or_else(Error::not_found)?))
    }

    /// The same for a job about the scan of a class.
    ///
    /// # Errors
    /// `not_found` if the scan isn't one of that organization and assessment (or was deleted).
    pub async fn tenant_of_scan(
        &self,
        org: OrgId,
        assessment: AssessmentId,
        scan: ClassScanId,
    ) -> Result<(Tenant, ClassScan)> {
        let found: Option<ClassScan> = self.get(&keys::class_scan(org, assessment, scan)).await?;
        Ok((Tenant { org }, found.ok_or_else(Error::not_found)?))
    }

    /// The same for a job about a question of which something was to be learned.
    ///
    /// # Errors
    /// `not_found` if there is no such question in that organization and assessment.
    pub async fn tenant_of_question(&self, org: OrgId, assessment: AssessmentId, question: &str) -> Result<Tenant> {
        let found: Option<Learning> = self.get(&keys::learning(org, assessment, question)).await?;
        found.map(|_| Tenant { org }).ok_or_else(Error::not_found)
    }
}

impl Store {
    /// Writes down that `operation` was refused. A member without the permission is seen in the organization's own log.
    /// A stranger is seen in the log of the stranger's account alone: an organization that isn't the caller's must not be
    /// told apart from one that isn't there, not by the time that it takes either.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn record_denied(
        &self,
        principal: Principal,
        org: OrgId,
        operation: &'static str,
        error: &Error,
        origin: &Origin,
    ) -> Result<()> {
        let event = match (error.kind(), principal) {
            (Kind::Forbidden, _) => Tenant { org }.event(principal.into(), "access.denied", operation, origin),
            (Kind::NotFound, Principal::User(user)) => AuditEvent::of_user(user, "access.denied", origin)
                .with("organization", org)
                .with("operation", operation),
            _ => return Ok(()),
        };
        self.record(&event.with("code", error.code())).await
    }
}

/// While an organization waits for its erasure, its owner may look at it and take the erasure back, and nothing else.
fn check_not_deleted(organization: &Organization, permission: Permission) -> Result<()> {
    let open = matches!(permission, Permission::ReadOrganization | Permission::DeleteOrganization);
    if organization.delete_at.is_none() || open {
        return Ok(());
    }
    let message = "This organization will be deleted. Its owner can take that back.";
    Err(Error::conflict("organization_deleted", message))
}
