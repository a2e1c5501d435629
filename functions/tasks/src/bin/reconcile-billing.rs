//! Every night, compares the subscriptions that Stripe has with those that we keep. Each difference is written to the log
//! and the audit log, ids and the names of what differs only; then what Stripe says is kept, by the same way as an event of
//! Stripe's, and Stripe is told how many seats are taken. What can't be settled so (a customer that is none of ours, two
//! subscriptions at once) is left to a person: docs/billing.md says where to look.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
    sync::Arc,
};

use smartscripts_billing::{Reported, billed_seats};
use smartscripts_domain::{Error, Kind, Result, subscription::Snapshot};
use smartscripts_jobs::run_scheduled;
use smartscripts_store::{Actor, Billing, Origin, Platform, Store, Tenant, now};
use smartscripts_stripe::{Stripe, keep_answer, sync_seats};

const NAME: &str = env!("CARGO_BIN_NAME");

struct Shared {
    store: Store,
    platform: Platform,
}

async fn reconcile_billing(shared: Arc<Shared>, request_id: String) -> Result<()> {
    let kept = kept(&shared).await?;
    if kept.is_empty() {
        return Ok(());
    }
    let stripe = Stripe::from_env()?;
    let theirs = all_of(stripe).await?;
    let customers: BTreeSet<&str> = kept.iter().map(|(_, billing)| billing.customer.as_str()).collect();
    for customer in theirs.keys().filter(|customer| !customers.contains(customer.as_str())) {
        tracing::error!(metric = "billing_difference", customer, difference = "customer_unknown", "left to a person");
    }
    let origin = Origin::of_task(&request_id);
    let mut failure = None;
    for (tenant, billing) in &kept {
        let reported = theirs.get(&billing.customer).map(Vec::as_slice).unwrap_or_default();
        if let Err(error) = one(&shared, stripe, (*tenant, billing), reported, &origin).await {
            let org = tenant.org();
            tracing::error!(%org, code = error.code(), context = error.context(), "not reconciled, comes again");
            failure = Some(error);
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Every organization that is a customer of Stripe's.
async fn kept(shared: &Shared) -> Result<Vec<(Tenant, Billing)>> {
    let mut kept = Vec::new();
    for tenant in shared.platform.all_tenants().await? {
        kept.extend(shared.store.billing(tenant).await?.map(|billing| (tenant, billing)));
    }
    Ok(kept)
}

/// Every subscription that has not ended, by its customer.
async fn all_of(stripe: &Stripe) -> Result<BTreeMap<String, Vec<Reported>>> {
    let (mut all, mut after): (BTreeMap<String, Vec<Reported>>, _) = (BTreeMap::new(), None);
    loop {
        let (page, next) = stripe.all_subscriptions(after.as_deref()).await?;
        for reported in page {
            all.entry(reported.customer.clone()).or_default().push(reported);
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

async fn one(
    shared: &Shared,
    stripe: &Stripe,
    (tenant, billing): (Tenant, &Billing),
    theirs: &[Reported],
    origin: &Origin,
) -> Result<()> {
    let Shared { store, platform } = shared;
    let by = (Actor::Task(NAME), origin);
    let live: Vec<Snapshot> = theirs.iter().map(|it| it.snapshot(stripe.stage())).collect::<Result<_>>()?;
    let live: Vec<Snapshot> = live.into_iter().filter(|it| it.status.is_live()).collect();
    let ours = billing.subscription.as_ref().map(|it| &it.snapshot);
    let differences = differences(ours, &live);
    if !differences.is_empty() {
        report(store, tenant, &differences, origin).await?;
        let id = live.first().or(ours).map(|it| it.id.clone());
        if let (Some(id), true) = (id, live.len() < 2) {
            let asked = now();
            let reported = match stripe.subscription(&id).await {
                Ok(reported) => reported,
                // It is gone without a trace, which only a person can have done.
                Err(error) if error.kind() == Kind::NotFound => return Ok(()),
                Err(error) => return Err(error),
            };
            keep_answer(platform, stripe, tenant, (&reported, asked), by).await?;
        }
    }
    let Some(billing) = store.billing(tenant).await? else { return Ok(()) };
    let Some(live) = billing.live() else { return Ok(()) };
    let taken = store.seats_taken(tenant).await?;
    if live.seats != billed_seats(live.plan, taken)? {
        report(store, tenant, &["seats_taken"], origin).await?;
        sync_seats(platform, stripe, (tenant, &billing), taken, by).await?;
    }
    Ok(())
}

async fn report(store: &Store, tenant: Tenant, differences: &[&'static str], origin: &Origin) -> Result<()> {
    let (org, differ) = (tenant.org(), differences.join(" "));
    tracing::error!(metric = "billing_difference", %org, difference = differ, "Stripe has it otherwise");
    let event = tenant.event(Actor::Task(NAME), "billing.difference_found", org, origin);
    store.record(&event.with("differ", differ)).await
}

/// The names of what differs between the subscription that we keep and those that Stripe has.
fn differences(ours: Option<&Snapshot>, theirs: &[Snapshot]) -> Vec<&'static str> {
    let ours_live = ours.filter(|ours| ours.status.is_live());
    match (ours_live, theirs) {
        (None, []) => Vec::new(),
        (Some(_), []) => vec!["ended"],
        (_, [_, _, ..]) => vec!["several_subscriptions"],
        (None, [_]) => vec!["unknown_subscription"],
        (Some(ours), [theirs]) => {
            let differ = [
                ("subscription", ours.id != theirs.id),
                ("status", ours.status != theirs.status),
                ("plan", (ours.plan, ours.interval) != (theirs.plan, theirs.interval)),
                ("seats", ours.seats != theirs.seats),
                ("current_period_end", ours.current_period_end != theirs.current_period_end),
                ("cancels_at", ours.cancels_at != theirs.cancels_at),
                ("trial_ends_at", ours.trial_ends_at != theirs.trial_ends_at),
                ("items", (&ours.item, &ours.overage_item) != (&theirs.item, &theirs.overage_item)),
            ];
            differ.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
        }
    }
}

fn main() -> ExitCode {
    run_scheduled(
        NAME,
        |config| {
            let store = Store::from_env(config)?;
            Ok::<_, Error>(Shared { platform: Platform::new(store.clone()), store })
        },
        reconcile_billing,
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use smartscripts_domain::{
        plan::Plan,
        subscription::{Interval, SubscriptionStatus},
    };

    use super::*;

    #[test]
    fn every_difference_is_named() {
        let ours = Snapshot {
            id: "sub_1".to_owned(),
            status: SubscriptionStatus::Active,
            plan: Plan::Teacher,
            interval: Interval::Month,
            seats: 1,
            current_period_end: Timestamp::UNIX_EPOCH,
            cancels_at: None,
            trial_ends_at: None,
            item: "si_1".to_owned(),
            overage_item: None,
        };
        let same = [ours.clone()];
        assert!(differences(Some(&ours), &same).is_empty() && differences(None, &[]).is_empty());
        assert_eq!(differences(Some(&ours), &[]), ["ended"]);
        assert_eq!(differences(None, &same), ["unknown_subscription"]);
        assert_eq!(differences(Some(&ours), &[ours.clone(), ours.clone()]), ["several_subscriptions"]);
        let ended = Snapshot { status: SubscriptionStatus::Canceled, ..ours.clone() };
        assert!(differences(Some(&ended), &[]).is_empty());
        assert_eq!(differences(Some(&ended), &same), ["unknown_subscription"]);
        let other = Snapshot { seats: 2, plan: Plan::School, status: SubscriptionStatus::PastDue, ..ours.clone() };
        assert_eq!(differences(Some(&ours), &[other]), ["status", "plan", "seats"]);
    }
}
