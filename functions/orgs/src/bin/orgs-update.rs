//! `PATCH /v1/orgs/{org}`: an administrator renames the organization or changes its settings.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{Error, id::OrgId};
use smartscripts_http::{App, Json, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_orgs::{check_version, organization_name};
use smartscripts_store::Organization;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationChange {
    /// The version that the change is made to.
    version: u32,
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Whether everyone but students must have logged in with a second factor.
    require_second_factor: Option<bool>,
}

/// Change an organization
#[utoipa::path(
    patch,
    path = "/v1/orgs/{org}",
    params(("org" = OrgId, Path)),
    request_body = OrganizationChange,
    responses((status = 200, body = Organization)),
    security(("access_token" = []))
)]
async fn update(
    State(app): State<App>,
    member: Member<may::ManageOrganization>,
    Json(input): Json<OrganizationChange>,
) -> Result<Json<Organization>> {
    let store = app.store()?;
    let mut organization = store.organization(member.tenant).await?;
    check_version(input.version, organization.version)?;
    let mut event = member.event("organization.changed", organization.id);
    if let Some(name) = &input.name {
        organization.name = organization_name(name)?;
        event = event.with("name", "changed");
    }
    if let Some(required) = input.require_second_factor {
        if required && !member.second_factor {
            // Otherwise the next call would shut out the very person who has just asked for it.
            let message = "Set up a second factor for your own account first, and log in with it.";
            return Err(Error::conflict("second_factor_missing", message).into());
        }
        event = event.with("require_second_factor", required);
        organization.require_second_factor = required;
    }
    Ok(Json(store.save_organization(member.tenant, &organization, &event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(update))
}
