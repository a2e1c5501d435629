//! `POST /v1/orgs/{org}/billing/change`: the organization changes to another plan, or pays in another interval, as it was
//! previewed. What is due is paid at once, or nothing changes.

use std::process::ExitCode;

use jiff::Timestamp;
use serde::Deserialize;
use smartscripts_billing::{check_seats, price};
use smartscripts_billing_routes::{Billing, not_subscribed, subscriber};
use smartscripts_domain::{Error, id::OrgId, plan::Plan, subscription::Interval};
use smartscripts_http::{App, Json, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::{Actor, now};
use smartscripts_stripe::{Stripe, keep_answer};

/// For how many seconds a preview holds.
const PREVIEW_SECONDS: i64 = 15 * 60;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanChange {
    /// The plan to change to.
    plan: Plan,
    /// How often is paid.
    interval: Interval,
    /// The moment that the preview was for.
    #[schema(value_type = String, format = DateTime)]
    proration_at: Timestamp,
}

/// Change the plan
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/billing/change",
    params(("org" = OrgId, Path)),
    request_body = PlanChange,
    responses((status = 200, body = Billing)),
    security(("access_token" = []))
)]
async fn change(
    State(app): State<App>,
    member: Member<may::ManageBilling>,
    Json(PlanChange { plan, interval, proration_at }): Json<PlanChange>,
) -> Result<Json<Billing>> {
    let actor = Actor::User(member.user()?);
    let (stripe, store) = (Stripe::from_env()?, app.store()?);
    let to = price::offer(stripe.stage(), plan, interval, true)?;
    let asked = now();
    let age = asked.as_second() - proration_at.as_second();
    if !(0..=PREVIEW_SECONDS).contains(&age) {
        let message = "The preview is older than fifteen minutes, or not yet. Look at it again, then change.";
        return Err(Error::invalid("preview_old", message).into());
    }
    let kept = subscriber(store, member.tenant).await?;
    let live = kept.live().ok_or_else(not_subscribed)?;
    check_seats(plan, store.seats_taken(member.tenant).await?)?;
    let reported = stripe.change(live, &to, proration_at, &member.origin.request_id).await?;
    let by = (actor, &member.origin);
    keep_answer(&app.platform()?, stripe, member.tenant, (&reported, asked), by).await?;
    Ok(Json(Billing::load(store, member.tenant).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(change))
}
