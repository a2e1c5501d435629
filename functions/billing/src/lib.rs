//! What the routes of `billing` share.

use std::env;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_billing::{price, price::Offer, standing};
use smartscripts_domain::{
    Error, Result,
    id::OrgId,
    plan::Plan,
    subscription::{Interval, Standing, SubscriptionStatus},
};
use smartscripts_http::ToSchema;
use smartscripts_store::{Billing as Kept, Store, Tenant, now};

/// An organization's plan, its subscription, and what it can buy. All amounts are whole numbers in the currency's smallest
/// unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Billing {
    /// The plan that counts now.
    plan: Plan,
    /// The subscription; none before the first. One that has ended stays until the next.
    subscription: Option<SubscriptionReport>,
    /// What may be done, by the payments.
    standing: StandingName,
    /// Until when everything works although a payment is missing.
    #[schema(value_type = Option<String>, format = DateTime)]
    grace_ends_at: Option<Timestamp>,
    /// What can be bought here, the smallest plan first. Empty where Stripe is not set up.
    offers: Vec<Offer>,
}

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
struct SubscriptionReport {
    status: SubscriptionStatus,
    /// The plan that is paid for.
    plan: Plan,
    interval: Interval,
    /// For how many seats, as Stripe knows.
    seats: u32,
    /// Until when is paid.
    #[schema(value_type = String, format = DateTime)]
    current_period_end: Timestamp,
    /// When it ends, if that is decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    cancels_at: Option<Timestamp>,
    /// When its trial ends or ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    trial_ends_at: Option<Timestamp>,
}

/// What may be done, by the payments.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StandingName {
    /// Everything that the plan includes.
    Good,
    /// Everything still: a payment is missing.
    Grace,
    /// Nothing is changed until the payment has come.
    ReadOnly,
}

/// What is to be bought.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The plan.
    pub plan: Plan,
    /// How often is paid.
    pub interval: Interval,
}

/// Where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redirection {
    /// A page of Stripe's.
    pub url: String,
}

impl Billing {
    /// As it is kept.
    ///
    /// # Errors
    /// `not_found`, `unavailable`.
    pub async fn load(store: &Store, tenant: Tenant) -> Result<Self> {
        let organization = store.organization(tenant).await?;
        let kept = store.billing(tenant).await?;
        let (standing, grace_ends_at) = match standing(organization.overdue_since, now())? {
            Standing::Good => (StandingName::Good, None),
            Standing::Grace(until) => (StandingName::Grace, Some(until)),
            Standing::ReadOnly => (StandingName::ReadOnly, None),
        };
        let had_trial = kept.as_ref().is_some_and(|kept| kept.had_trial);
        let offers = price::offers(&price::stage()?, had_trial)?.into_iter().map(|it| it.offer).collect();
        let subscription = kept.and_then(|kept| kept.subscription).map(|it| it.snapshot).map(|it| SubscriptionReport {
            status: it.status,
            plan: it.plan,
            interval: it.interval,
            seats: it.seats,
            current_period_end: it.current_period_end,
            cancels_at: it.cancels_at,
            trial_ends_at: it.trial_ends_at,
        });
        Ok(Self { plan: organization.plan, subscription, standing, grace_ends_at, offers })
    }
}

/// The organization at Stripe.
///
/// # Errors
/// `no_customer` before it has thought of subscribing for the first time.
pub async fn customer(store: &Store, tenant: Tenant) -> Result<Kept> {
    let message = "The organization has never subscribed, so there is nothing here yet. Choose a plan first.";
    store.billing(tenant).await?.ok_or_else(|| Error::conflict("no_customer", message))
}

/// The same, if it has a subscription that has begun and not ended.
///
/// # Errors
/// `no_customer`, `not_subscribed`.
pub async fn subscriber(store: &Store, tenant: Tenant) -> Result<Kept> {
    let kept = customer(store, tenant).await?;
    if kept.live().is_none() {
        return Err(not_subscribed());
    }
    Ok(kept)
}

/// There is no subscription that could be changed.
#[must_use]
pub fn not_subscribed() -> Error {
    Error::conflict("not_subscribed", "The organization has no subscription, or it has ended. Choose a plan first.")
}

/// There is one already.
#[must_use]
pub fn already_subscribed() -> Error {
    let message = "The organization has a subscription already. Change its plan instead of beginning another one.";
    Error::conflict("already_subscribed", message)
}

/// The address of the organization's page in the web application where its plan is shown.
///
/// # Errors
/// `internal` without `WEB_ORIGIN` in the environment.
pub fn page(org: OrgId) -> Result<String> {
    let origin = env::var("WEB_ORIGIN").map_err(|_| Error::internal("WEB_ORIGIN is not set"))?;
    Ok(format!("{origin}/o/{org}/plan"))
}
