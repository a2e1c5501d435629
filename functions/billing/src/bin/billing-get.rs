//! `GET /v1/orgs/{org}/billing`: the plan, the subscription, how its payments stand, and what can be bought.

use std::process::ExitCode;

use smartscripts_billing_routes::Billing;
use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};

/// Get the subscription
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/billing",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = Billing)),
    security(("access_token" = []))
)]
async fn get(State(app): State<App>, member: Member<may::ReadBilling>) -> Result<Json<Billing>> {
    Ok(Json(Billing::load(app.store()?, member.tenant).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(get))
}
