//! A member of the organization in the path, who holds a permission.

use std::marker::PhantomData;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use smartscripts_domain::{
    Error,
    id::{OrgId, UserId},
    permission::{Permission, Role},
};
use smartscripts_store::{Actor, AuditEvent, Tenant};
use tracing::Span;

use crate::{App, Caller, Problem};

/// The caller as a member of the organization that the path names as `{org}`, holding the permission `P` (one of
/// [`may`]). An organization that doesn't exist and one that the caller is no member of give the same 404.
#[derive(Clone, Debug)]
pub struct Member<P> {
    /// The organization, as the key to its data.
    pub tenant: Tenant,
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
    /// The request's id.
    pub request_id: String,
    permission: PhantomData<P>,
}

impl<P> Member<P> {
    /// The audit event of what this member is about to do. `action` is `thing.done`, `target` the id of the thing.
    #[must_use]
    pub fn event(&self, action: &'static str, target: impl Into<String>) -> AuditEvent {
        self.tenant.event(Actor::User(self.user), action, target, &self.request_id)
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

    permits!(ReadOrganization, ReadAssessments, ManageAssessments, ReadSubmissions, ManageSubmissions);
}

impl<P: Permit> FromRequestParts<App> for Member<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(Error::internal)?;
        let org = params.iter().find(|(name, _)| *name == "org").map(|(_, value)| value.to_owned());
        let org: OrgId = org.and_then(|org| org.parse().ok()).ok_or_else(Error::not_found)?;
        let (tenant, role) = app.store()?.tenant_of_member(caller.user, org, P::PERMISSION).await?;
        Span::current().record("org", org.to_string());
        Ok(Self { tenant, user: caller.user, role, request_id: caller.request_id, permission: PhantomData })
    }
}
