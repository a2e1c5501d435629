//! `GET /v1/orgs`: the organizations that the caller is a member of.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_http::{App, Caller, Json, Listing, Result, State, ToSchema, routes, serve};
use smartscripts_store::{Membership, Organization};

#[derive(Serialize, ToSchema)]
struct OrganizationOfCaller {
    organization: Organization,
    membership: Membership,
}

#[derive(Serialize, ToSchema)]
struct OrganizationsOfCaller {
    items: Vec<OrganizationOfCaller>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List the caller's organizations
#[utoipa::path(
    get,
    path = "/v1/orgs",
    params(Listing),
    responses((status = 200, body = OrganizationsOfCaller)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Json<OrganizationsOfCaller>> {
    let page = app.platform()?.memberships(caller.user, listing.limit, listing.cursor.as_deref()).await?;
    let of_caller = |(organization, membership)| OrganizationOfCaller { organization, membership };
    Ok(Json(OrganizationsOfCaller { items: page.items.into_iter().map(of_caller).collect(), cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
