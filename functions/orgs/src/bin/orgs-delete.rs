//! `DELETE /v1/orgs/{org}`: an owner has the organization erased after thirty days. Until then nobody can work in it, and an
//! owner can take that back.

use std::process::ExitCode;

use jiff::{Timestamp, ToSpan};
use smartscripts_domain::{Error, id::OrgId};
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};
use smartscripts_store::{Organization, now};

/// How long the erasure can be taken back, in days.
const GRACE_DAYS: i64 = 30;

/// Delete an organization
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = Organization)),
    security(("access_token" = []))
)]
async fn delete(State(app): State<App>, member: Member<may::DeleteOrganization>) -> Result<Json<Organization>> {
    let store = app.store()?;
    let mut organization = store.organization(member.tenant).await?;
    if organization.delete_at.is_some() {
        return Ok(Json(organization));
    }
    let billing = store.billing(member.tenant).await?;
    if billing.is_some_and(|billing| billing.live().is_some_and(|live| live.cancels_at.is_none())) {
        let message = "The organization has a subscription, which would go on being charged. Cancel it under Plan, then \
                       delete the organization.";
        return Err(Error::conflict("subscription_alive", message).into());
    }
    organization.delete_at = Some(end_of_grace(now())?);
    let event = member.event("organization.deletion_requested", organization.id);
    Ok(Json(store.save_organization(member.tenant, &organization, &event).await?))
}

fn end_of_grace(from: Timestamp) -> Result<Timestamp, Error> {
    from.checked_add((GRACE_DAYS * 24).hours()).map_err(Error::internal)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(delete))
}
