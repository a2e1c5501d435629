//! A member of the organization in the path, who holds a permission.

use std::{marker::PhantomData, ops::Deref};

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{Extensions, Method, request::Parts},
};
use smartscripts_domain::{
    Error, Kind,
    id::{AssessmentId, OrgId, Principal, SubmissionId, UserId},
    permission::{Deed, Permission},
    plan::{Feature, Plan},
    rate::Limit,
};
use smartscripts_files::SubmissionKeys;
use smartscripts_jobs::BillingJob;
use smartscripts_store::{Access, Actor, Assessment, AuditEvent, Origin, now};
use tracing::Span;

use crate::{
    App, Problem,
    caller::Credentials,
    origin::origin,
    rate::{self, WhenDown},
};

/// The caller as a member of the organization that the path names as `{org}`, holding the permission `P` (one of
/// [`may`]). An organization that doesn't exist and one that the caller is no member of give the same 404. What the
/// permission reaches, [`Access`] says.
#[derive(Clone, Debug)]
pub struct Member<P> {
    /// What the member may do.
    pub access: Access,
    /// The request.
    pub origin: Origin,
    extensions: Extensions,
    permission: PhantomData<P>,
}

impl<P> Deref for Member<P> {
    type Target = Access;

    fn deref(&self) -> &Access {
        &self.access
    }
}

impl<P> Member<P> {
    /// The audit event of what this member is about to do. `action` is `thing.done`, `target` the id of the thing.
    #[must_use]
    pub fn event(&self, action: &'static str, target: impl Into<String>) -> AuditEvent {
        self.tenant.event(Actor::from(self.principal), action, target, &self.origin)
    }

    /// The member as a person.
    ///
    /// # Errors
    /// `person_needed` for a program with an API key.
    pub fn user(&self) -> Result<UserId, Error> {
        match self.principal {
            Principal::User(user) => Ok(user),
            Principal::ApiKey(_) => {
                let message = "An API key can't do this. Log in as a member of the organization.";
                Err(Error::new(Kind::Forbidden, "person_needed", message))
            }
        }
    }

    /// Has Stripe told how many seats are taken, after a change that may have changed it. What isn't told now is found by
    /// the nightly reconciliation: the change that was made stands.
    pub async fn sync_seats(&self, app: &App) {
        // On the free plan there is nobody to tell.
        if self.plan == Plan::Free {
            return;
        }
        let job = BillingJob::SyncSeats { org: self.tenant.org() };
        let sent = match app.queue("BILLING_QUEUE_URL") {
            Ok(queue) => queue.send_all(&self.origin.request_id, [job]).await,
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            tracing::error!(metric = "seats_not_synced", context = error.context(), "left to the reconciliation");
        }
    }

    /// Takes a token from this member's bucket, beside those that every call takes.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn take(&self, app: &App, limit: Limit) -> Result<(), Error> {
        rate::take(app, &self.extensions, limit, &self.principal.to_string(), WhenDown::Open).await
    }
}

/// A permission as a type.
pub trait Permit: Send + Sync + 'static {
    /// Which.
    const PERMISSION: Permission;
}

/// One type for each permission of the domain, to be named in a handler's signature.
pub mod may {
    use super::{Permission, Permit};

    macro_rules! permits {
        ($($name:ident),*) => {$(
            #[doc = concat!("[`Permission::", stringify!($name), "`]")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Permit for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )*};
    }

    permits!(
        ReadOrganization,
        ManageOrganization,
        DeleteOrganization,
        ReadMembers,
        ManageMembers,
        ReadTeams,
        ManageTeams,
        ReadAssessments,
        ManageAssessments,
        ReadSubmissions,
        ManageSubmissions,
        Grade,
        GradeGroups,
        ReleaseFeedback,
        ReadReleased,
        ReadAudit,
        VerifyAudit,
        ExportAudit,
        CreateApiKeys,
        ManageApiKeys,
        ReadUsage,
        ReadBilling,
        ManageBilling,
        ManagePrivacy
    );
}

impl<P: Permit> FromRequestParts<App> for Member<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let credentials = Credentials::of(&parts.headers, app).await?;
        let principal = credentials.principal();
        Span::current().record("user", principal.to_string());
        let org: OrgId = path_id(parts, app, "org").await?;
        let store = app.store()?;
        let access = match credentials {
            Credentials::Person(claims) => {
                store.access_of_member(claims.sub, claims.second_factor, org, P::PERMISSION).await
            }
            Credentials::Program { org: key_org, id, secret_hash } => {
                store.access_of_api_key((key_org, id, &secret_hash), org, P::PERMISSION).await
            }
        };
        let origin = origin(&parts.extensions);
        let deed = match &parts.method {
            method if method.is_safe() => Deed::Read,
            &Method::DELETE => Deed::Remove,
            _ => Deed::Change,
        };
        let access = access.and_then(|access| check_plan(access, P::PERMISSION, deed));
        let access = match access {
            Ok(access) => access,
            Err(error) => {
                rate::take_for_principal(app, &parts.extensions, &principal.to_string()).await?;
                store.record_denied(principal, org, app.name(), &error, &origin).await?;
                return Err(error.into());
            }
        };
        Span::current().record("org", org.to_string());
        rate::take_for_member(app, &parts.extensions, &principal.to_string(), org, access.plan).await?;
        Ok(Self { access, origin, extensions: parts.extensions.clone(), permission: PhantomData })
    }
}

/// Lets through who holds the permission, if the organization's plan includes what it needs and its payments allow it.
fn check_plan(access: Access, permission: Permission, deed: Deed) -> Result<Access, Error> {
    if let Principal::ApiKey(_) = access.principal {
        smartscripts_billing::check_feature(access.plan, Feature::ApiKeys)?;
    }
    smartscripts_billing::check_permission(access.plan, permission)?;
    smartscripts_billing::check_standing(access.overdue_since, permission, deed, now())?;
    Ok(access)
}

/// An id of the path, by its name there.
async fn path_id<T: std::str::FromStr>(parts: &mut Parts, app: &App, name: &str) -> Result<T, Error> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(Error::internal)?;
    let value = params.iter().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned());
    value.and_then(|value| value.parse().ok()).ok_or_else(Error::not_found)
}

/// A member, and the assessment that the path names as `{assessment}`, which the permission reaches. One that is another
/// team's, or another organization's, looks like one that isn't there.
#[derive(Clone, Debug)]
pub struct OfAssessment<P> {
    /// The member.
    pub member: Member<P>,
    /// The assessment.
    pub assessment: Assessment,
}

impl<P> OfAssessment<P> {
    /// Where the files of one of its submissions lie, in the caller's own organization.
    #[must_use]
    pub fn keys(&self, submission: SubmissionId) -> SubmissionKeys {
        SubmissionKeys { org: self.member.tenant.org(), assessment: self.assessment.id, submission }
    }
}

impl<P> Deref for OfAssessment<P> {
    type Target = Member<P>;

    fn deref(&self) -> &Member<P> {
        &self.member
    }
}

impl<P: Permit> FromRequestParts<App> for OfAssessment<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let member = Member::<P>::from_request_parts(parts, app).await?;
        let id: AssessmentId = path_id(parts, app, "assessment").await?;
        let store = app.store()?;
        match member.access.assessment(store, id).await {
            Ok(assessment) => Ok(Self { member, assessment }),
            Err(error) => {
                let (principal, org) = (member.principal, member.tenant.org());
                store.record_denied(principal, org, app.name(), &error, &member.origin).await?;
                Err(error.into())
            }
        }
    }
}
