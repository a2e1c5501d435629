//! What is kept of a subscription, brought into agreement with Stripe: by its events, its answers, and the seats.

use jiff::Timestamp;
use smartscripts_billing::{Reported, billed_seats};
use smartscripts_domain::{
    Error, Kind, Result,
    subscription::{Snapshot, that_counts},
};
use smartscripts_store::{Actor, Applied, Billing, EVENT_KNOWN, Origin, Platform, Tenant, now};

use crate::Stripe;

/// How often something is tried that others do at the same time.
const TRIES: u32 = 8;

/// Takes an event of Stripe's about a customer: what it says is kept, or, where only Stripe can say what is newer, what
/// Stripe says. An event that comes again, or late, changes nothing.
///
/// # Errors
/// `unavailable`; `billing_changed` if others changed the same again and again.
pub async fn take_event(
    platform: &Platform,
    stripe: &Stripe,
    (id, created, customer): (&str, Timestamp, &str),
    reported: Option<&Reported>,
    by: (Actor, &Origin),
) -> Result<()> {
    let told = reported.map(|reported| reported.snapshot(stripe.stage())).transpose()?;
    for attempt in 1.. {
        let Some((tenant, before)) = platform.organization_of_customer(customer).await? else {
            tracing::error!(
                metric = "billing_customer_unknown",
                event = id,
                customer,
                "no organization is this customer"
            );
            return Ok(());
        };
        if let Some(reported) = reported.filter(|reported| !is_of(reported, tenant)) {
            let subscription = &reported.id;
            let org = tenant.org();
            tracing::error!(metric = "billing_org_differs", event = id, subscription, %org, "another organization's");
            return Ok(());
        }
        let applied = match &told {
            Some(snapshot) => platform.take_event(tenant, &before, (id, created, snapshot), by).await,
            None if platform.knows_event(id).await? => Ok(Applied::Duplicate),
            None => Ok(Applied::Unsure),
        };
        let ended = match applied {
            Ok(Applied::Unsure) => ask(platform, stripe, (tenant, &before), told.as_ref(), Some(id), by).await,
            Ok(applied) => {
                tracing::info!(event = id, ?applied, "taken");
                Ok(())
            }
            Err(error) => Err(error),
        };
        match ended {
            Err(error) if error.code() == EVENT_KNOWN => return Ok(()),
            // The organization was erased meanwhile.
            Err(error) if error.kind() == Kind::NotFound && error.code() == "not_found" => return Ok(()),
            Err(error) if error.kind() == Kind::Conflict && attempt < TRIES => {}
            other => return other,
        }
    }
    Ok(())
}

/// Asks Stripe how a customer's subscription stands, and keeps that.
async fn ask(
    platform: &Platform,
    stripe: &Stripe,
    (tenant, before): (Tenant, &Billing),
    told: Option<&Snapshot>,
    event: Option<&str>,
    by: (Actor, &Origin),
) -> Result<()> {
    let asked = now();
    let kept = before.subscription.as_ref().map(|it| it.snapshot.id.as_str());
    let id = told.map(|told| told.id.as_str()).filter(|told| kept.is_none_or(|kept| kept == *told));
    let found = if let Some(id) = id {
        Some(stripe.subscription(id).await?.snapshot(stripe.stage())?)
    } else {
        let all = stripe.subscriptions_of(&before.customer).await?;
        let all = all.iter().filter(|it| is_of(it, tenant)).map(|it| it.snapshot(stripe.stage()));
        that_counts(all.collect::<Result<Vec<_>>>()?)
    };
    match (found, event) {
        (Some(snapshot), event) => platform.keep_answer(tenant, before, (snapshot, asked), event, by).await.map(drop),
        (None, Some(event)) => platform.note_event(tenant, event).await,
        (None, None) => Ok(()),
    }
}

/// Whether the organization that we have written on a subscription is the one that the customer is. One that a person has
/// made at Stripe by hand says nothing.
fn is_of(reported: &Reported, tenant: Tenant) -> bool {
    reported.org.as_ref().is_none_or(|org| *org == tenant.org().to_string())
}

/// Keeps what Stripe has answered to a change that was asked for at `asked`.
///
/// # Errors
/// `unavailable`, `billing_changed`.
pub async fn keep_answer(
    platform: &Platform,
    stripe: &Stripe,
    tenant: Tenant,
    (reported, asked): (&Reported, Timestamp),
    by: (Actor, &Origin),
) -> Result<Billing> {
    let snapshot = reported.snapshot(stripe.stage())?;
    for attempt in 1.. {
        let Some((_, before)) = platform.billing_of(tenant.org()).await? else { break };
        match platform.keep_answer(tenant, &before, (snapshot.clone(), asked), None, by).await {
            Err(error) if error.kind() == Kind::Conflict && attempt < TRIES => {}
            other => return other,
        }
    }
    Err(Error::not_found())
}

/// Tells Stripe how many seats are taken, if that is not what it knows. Done again, nothing happens.
///
/// # Errors
/// `unavailable`, `billing_changed`.
pub async fn sync_seats(
    platform: &Platform,
    stripe: &Stripe,
    (tenant, billing): (Tenant, &Billing),
    taken: usize,
    by: (Actor, &Origin),
) -> Result<()> {
    let Some(live) = billing.live() else { return Ok(()) };
    let seats = billed_seats(live.plan, taken)?;
    if live.seats == seats {
        return Ok(());
    }
    let asked = now();
    let reported = stripe.set_seats(live, seats).await?;
    keep_answer(platform, stripe, tenant, (&reported, asked), by).await.map(drop)
}
