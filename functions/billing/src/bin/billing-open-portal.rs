//! `POST /v1/orgs/{org}/billing/portal`: opens Stripe's page on which the organization changes its card and its tax id.

use std::process::ExitCode;

use smartscripts_billing_routes::{Redirection, customer, page};
use smartscripts_domain::{id::OrgId, rate};
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};
use smartscripts_stripe::Stripe;

/// Open the payment details
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/billing/portal",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = Redirection)),
    security(("access_token" = []))
)]
async fn open(State(app): State<App>, member: Member<may::ManageBilling>) -> Result<Json<Redirection>> {
    member.user()?;
    let stripe = Stripe::from_env()?;
    let kept = customer(app.store()?, member.tenant).await?;
    member.take(&app, rate::SELDOM).await?;
    let url = stripe.open_portal(&kept.customer, &page(member.tenant.org())?, &member.origin.request_id).await?;
    Ok(Json(Redirection { url }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(open))
}
