//! `POST /v1/orgs/{org}/billing/preview`: what a change of the plan would cost now and later. Nothing is changed.

use std::process::ExitCode;

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::Serialize;
use smartscripts_billing::price::{self, Offer};
use smartscripts_billing_routes::{Wanted, not_subscribed, subscriber};
use smartscripts_domain::{
    Error,
    id::OrgId,
    subscription::{Interval, Snapshot, SubscriptionStatus},
};
use smartscripts_http::{App, Json, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::now;
use smartscripts_stripe::{PreviewLine, Stripe};

/// What a change would cost. All amounts are whole numbers in the currency's smallest unit.
#[derive(Serialize, ToSchema)]
struct ChangePreview {
    /// What is to be paid at once.
    due_now: i64,
    /// ISO 4217, in lower case.
    currency: String,
    /// What is to be paid next.
    next_amount: u32,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    next_at: Timestamp,
    /// For which moment this is said: the change names it.
    #[schema(value_type = String, format = DateTime)]
    proration_at: Timestamp,
    /// How `due_now` comes about.
    lines: Vec<PreviewLine>,
}

/// Preview a change of the plan
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/billing/preview",
    params(("org" = OrgId, Path)),
    request_body = Wanted,
    responses((status = 200, body = ChangePreview)),
    security(("access_token" = []))
)]
async fn preview(
    State(app): State<App>,
    member: Member<may::ManageBilling>,
    Json(Wanted { plan, interval }): Json<Wanted>,
) -> Result<Json<ChangePreview>> {
    let stripe = Stripe::from_env()?;
    let to = price::offer(stripe.stage(), plan, interval, true)?;
    let kept = subscriber(app.store()?, member.tenant).await?;
    let live = kept.live().ok_or_else(not_subscribed)?;
    // Stripe counts in whole seconds.
    let at = Timestamp::from_second(now().as_second()).map_err(Error::internal)?;
    let cost = stripe.preview_change((&kept.customer, live), &to, at).await?;
    Ok(Json(ChangePreview {
        due_now: cost.due_now,
        currency: cost.currency,
        next_amount: to.offer.amount,
        next_at: next_payment(live, &to.offer, at)?,
        proration_at: at,
        lines: cost.lines,
    }))
}

/// When is paid next after a change at `at`: another interval begins anew at once, unless nothing is paid yet.
fn next_payment(live: &Snapshot, to: &Offer, at: Timestamp) -> Result<Timestamp, Error> {
    if live.interval == to.interval || live.status == SubscriptionStatus::Trialing {
        return Ok(live.current_period_end);
    }
    let span = match to.interval {
        Interval::Month => Span::new().months(1),
        Interval::Year => Span::new().years(1),
    };
    at.to_zoned(TimeZone::UTC).checked_add(span).map(|next| next.timestamp()).map_err(Error::internal)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(preview))
}
