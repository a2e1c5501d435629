//! `GET /v1/orgs/{org}/billing/invoices`: the organization's invoices, newest first, with links to Stripe's own pages.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{Error, Kind, id::OrgId};
use smartscripts_http::{App, Json, Listing, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_stripe::{Invoice, Stripe};

#[derive(Serialize, ToSchema)]
struct Invoices {
    items: Vec<Invoice>,
    /// Give this back as `cursor` to get the next page; none on the last.
    next_cursor: Option<String>,
}

/// List invoices
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/billing/invoices",
    params(("org" = OrgId, Path), Listing),
    responses((status = 200, body = Invoices)),
    security(("access_token" = []))
)]
async fn list(
    State(app): State<App>,
    member: Member<may::ReadBilling>,
    Listing { limit, cursor }: Listing,
) -> Result<Json<Invoices>> {
    let Some(kept) = app.store()?.billing(member.tenant).await? else {
        return Ok(Json(Invoices { items: Vec::new(), next_cursor: None }));
    };
    let listed = Stripe::from_env()?.invoices(&kept.customer, limit, cursor.as_deref()).await;
    let (items, next_cursor) = listed.map_err(|error| match (error.kind(), &cursor) {
        // Stripe knows no such invoice, or it is another customer's.
        (Kind::NotFound | Kind::Internal, Some(_)) => {
            Error::invalid("cursor_invalid", "`cursor` is not one that this list has given out.")
        }
        _ => error,
    })?;
    Ok(Json(Invoices { items, next_cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
