//! `POST /v1/orgs`: anyone who is logged in may create an organization, and becomes its owner.

use std::{collections::BTreeSet, process::ExitCode};

use serde::Deserialize;
use smartscripts_domain::{id::OrgId, permission::Role, plan::Plan, rate};
use smartscripts_http::{App, Caller, Json, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_orgs::organization_name;
use smartscripts_store::{Membership, Organization, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Create an organization
#[utoipa::path(
    post,
    path = "/v1/orgs",
    request_body = NewOrganization,
    responses((status = 201, body = Organization)),
    security(("access_token" = []))
)]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<NewOrganization>,
) -> Result<(StatusCode, Json<Organization>)> {
    let name = organization_name(&input.name)?;
    caller.take(&app, rate::SELDOM).await?;
    let platform = app.platform()?;
    let owner = platform.user(caller.user).await?;
    let (id, now) = (OrgId::new(Ulid::generate()), now());
    let organization = Organization {
        id,
        name,
        require_second_factor: false,
        plan: Plan::default(),
        overdue_since: None,
        delete_at: None,
        created_at: now,
        version: 1,
    };
    let membership = Membership::new(id, &owner, Role::Owner, BTreeSet::new());
    platform.create_organization(&organization, &membership, &caller.origin).await?;
    Ok((StatusCode::CREATED, Json(organization)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
