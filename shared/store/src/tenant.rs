//! The proof that one may touch an organization's data.

use smartscripts_domain::{
    Error, Result,
    id::{AssessmentId, OrgId, SubmissionId, UserId},
    permission::{Permission, Role},
};

use crate::{Actor, AuditEvent, Membership, Store, Submission, keys};

/// An organization whose data this request or job may touch. It has no public constructor: it comes from a membership
/// that holds the permission, or from a job whose submission exists in that very organization.
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
    pub fn event(self, actor: Actor, action: &'static str, target: impl Into<String>, request_id: &str) -> AuditEvent {
        AuditEvent::of_tenant(self.org, actor, action, target.into(), request_id)
    }

    /// The tenant that `Platform` has just created.
    pub(crate) const fn created(org: OrgId) -> Self {
        Self { org }
    }
}

impl Store {
    /// The organization as a tenant, for a member who holds the permission.
    ///
    /// # Errors
    /// `not_found` if there is no such organization or the user is no member of it, `forbidden` without the permission.
    pub async fn tenant_of_member(&self, user: UserId, org: OrgId, permission: Permission) -> Result<(Tenant, Role)> {
        let membership: Option<Membership> = self.get(&keys::member(org, user)).await?;
        let role = membership.ok_or_else(Error::not_found)?.role;
        if !role.may(permission) {
            let message = "Your role in this organization does not allow this. Ask an administrator.";
            return Err(Error::new(smartscripts_domain::Kind::Forbidden, "forbidden", message));
        }
        Ok((Tenant { org }, role))
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
}
