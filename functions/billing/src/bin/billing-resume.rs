//! `POST /v1/orgs/{org}/billing/resume`: takes back that the subscription is to end.

use std::process::ExitCode;

use smartscripts_billing_routes::{Billing, not_subscribed, subscriber};
use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};
use smartscripts_store::{Actor, now};
use smartscripts_stripe::{Stripe, keep_answer};

/// Take the cancellation back
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/billing/resume",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = Billing)),
    security(("access_token" = []))
)]
async fn resume(State(app): State<App>, member: Member<may::ManageBilling>) -> Result<Json<Billing>> {
    let by = (Actor::User(member.user()?), &member.origin);
    let (stripe, store) = (Stripe::from_env()?, app.store()?);
    let kept = subscriber(store, member.tenant).await?;
    let live = kept.live().ok_or_else(not_subscribed)?;
    let asked = now();
    let reported = stripe.cancel_at_period_end(&live.id, false).await?;
    keep_answer(&app.platform()?, stripe, member.tenant, (&reported, asked), by).await?;
    Ok(Json(Billing::load(store, member.tenant).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(resume))
}
