//! `POST /v1/orgs`: anyone who is logged in may create an organization, and becomes its owner.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::{Error, id::OrgId};
use smartscripts_http::{App, Caller, Json, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_store::{Organization, now};
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
    let name = input.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name_invalid", "`name` must have 1 to 100 characters.").into());
    }
    let organization = Organization { id: OrgId::new(Ulid::generate()), name: name.to_owned(), created_at: now() };
    app.platform()?.create_organization(&organization, caller.user, &caller.request_id).await?;
    Ok((StatusCode::CREATED, Json(organization)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
