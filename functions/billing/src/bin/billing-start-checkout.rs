//! `POST /v1/orgs/{org}/billing/checkout`: opens Stripe's page on which the organization subscribes. What comes of it, the
//! webhook tells.

use std::process::ExitCode;

use smartscripts_billing::{billed_seats, check_seats, price};
use smartscripts_billing_routes::{Redirection, Wanted, already_subscribed, page};
use smartscripts_domain::{Error, Kind, id::OrgId, rate};
use smartscripts_http::{App, Json, Member, Result, State, may, routes, serve};
use smartscripts_store::Billing;
use smartscripts_stripe::{Checkout, Stripe};

/// Subscribe
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/billing/checkout",
    params(("org" = OrgId, Path)),
    request_body = Wanted,
    responses((status = 200, body = Redirection)),
    security(("access_token" = []))
)]
async fn start(
    State(app): State<App>,
    member: Member<may::ManageBilling>,
    Json(Wanted { plan, interval }): Json<Wanted>,
) -> Result<Json<Redirection>> {
    member.user()?;
    let (stripe, store) = (Stripe::from_env()?, app.store()?);
    let org = member.tenant.org();
    let seats = store.seats_taken(member.tenant).await?;
    price::offer(stripe.stage(), plan, interval, false)?;
    check_seats(plan, seats)?;
    let kept = match store.billing(member.tenant).await? {
        Some(kept) if kept.live().is_some() => return Err(already_subscribed().into()),
        Some(kept) => kept,
        None => begin(&app, &member, stripe).await?,
    };
    member.take(&app, rate::SELDOM).await?;
    // Somebody may have subscribed a moment ago, of which the webhook is about to tell.
    for reported in stripe.subscriptions_of(&kept.customer).await? {
        if reported.snapshot(stripe.stage())?.status.is_live() {
            return Err(already_subscribed().into());
        }
    }
    let page = page(org)?;
    let checkout = Checkout {
        org,
        customer: &kept.customer,
        price: &price::offer(stripe.stage(), plan, interval, kept.had_trial)?,
        seats: billed_seats(plan, seats)?,
        return_urls: [format!("{page}?checkout=done"), format!("{page}?checkout=canceled")],
        once: &member.origin.request_id,
    };
    Ok(Json(Redirection { url: stripe.start_checkout(&checkout).await? }))
}

/// Makes the organization a customer of Stripe's. Of two who do so at once, both get the same customer.
async fn begin(app: &App, member: &Member<may::ManageBilling>, stripe: &Stripe) -> Result<Billing, Error> {
    let (store, org) = (app.store()?, member.tenant.org());
    let name = store.organization(member.tenant).await?.name;
    let customer = stripe.create_customer(org, &name).await?;
    let event = member.event("billing.customer_created", org).with("customer", &customer);
    match app.platform()?.create_billing(member.tenant, &customer, &event).await {
        Err(error) if error.kind() == Kind::Conflict => store.billing(member.tenant).await?.ok_or(error),
        other => other,
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(start))
}
