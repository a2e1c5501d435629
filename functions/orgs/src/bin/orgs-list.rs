//! `GET /v1/orgs`: the organizations that the caller is a member of.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_http::{App, Caller, Json, Listing, Result, State, ToSchema, routes, serve};
use smartscripts_store::Membership;

#[derive(Serialize, ToSchema)]
struct Memberships {
    items: Vec<Membership>,
    /// Where the next page begins; none on the last.
    cursor: Option<String>,
}

/// List the caller's organizations
#[utoipa::path(
    get,
    path = "/v1/orgs",
    params(Listing),
    responses((status = 200, body = Memberships)),
    security(("access_token" = []))
)]
async fn list(State(app): State<App>, caller: Caller, listing: Listing) -> Result<Json<Memberships>> {
    let page = app.platform()?.memberships(caller.user, listing.limit, listing.cursor.as_deref()).await?;
    Ok(Json(Memberships { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
