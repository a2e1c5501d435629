//! Brings what we keep of an organization's payments and what Stripe has into agreement: takes what Stripe has told, and
//! tells Stripe how many seats are taken. Delivered twice, late, or eight at once, it ends the same.

use std::{process::ExitCode, sync::Arc};

use jiff::Timestamp;
use smartscripts_domain::{Error, Result};
use smartscripts_jobs::{BillingJob, Delivery, run};
use smartscripts_store::{Actor, Origin, Platform, Store};
use smartscripts_stripe::{Stripe, sync_seats, take_event};

const NAME: &str = env!("CARGO_BIN_NAME");

struct Shared {
    store: Store,
    platform: Platform,
}

async fn apply(shared: Arc<Shared>, delivery: Delivery<BillingJob>) -> Result<()> {
    let Shared { store, platform } = &*shared;
    let origin = Origin::of_task(delivery.trace(""));
    let by = (Actor::Task(NAME), &origin);
    match &delivery.message {
        BillingJob::Event { id, created, customer, subscription } => {
            let created = Timestamp::from_second(*created).map_err(Error::internal)?;
            take_event(platform, Stripe::from_env()?, (id, created, customer), subscription.as_ref(), by).await
        }
        BillingJob::SyncSeats { org } => {
            let Some((tenant, billing)) = platform.billing_of(*org).await? else { return Ok(()) };
            if billing.live().is_none() {
                return Ok(());
            }
            let taken = store.seats_taken(tenant).await?;
            sync_seats(platform, Stripe::from_env()?, (tenant, &billing), taken, by).await
        }
    }
}

fn main() -> ExitCode {
    run(
        NAME,
        |config| {
            let store = Store::from_env(config)?;
            Ok(Shared { platform: Platform::new(store.clone()), store })
        },
        apply,
    )
}
