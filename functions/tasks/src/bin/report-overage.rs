//! Tells Stripe of the scripts that were graded beyond a metered plan, so that they stand on the next invoice. Each is told
//! once: what is about to be told is written down first, with a number by which Stripe counts it once, and is told again
//! under that number until it is known to have arrived. Only what was there at the run before, too, is told, so that a
//! script which failed meanwhile was never charged.

use std::{process::ExitCode, sync::Arc};

use jiff::{Span, Timestamp, Unit, civil::Date, tz::TimeZone};
use smartscripts_billing::quota;
use smartscripts_domain::{Error, Result};
use smartscripts_jobs::run_scheduled;
use smartscripts_store::{Actor, Billing, Origin, OverageReport, Platform, Store, Tenant, now};
use smartscripts_stripe::Stripe;

const NAME: &str = env!("CARGO_BIN_NAME");

struct Shared {
    store: Store,
    platform: Platform,
}

async fn report_overage(shared: Arc<Shared>, request_id: String) -> Result<()> {
    let mut failure = None;
    for tenant in shared.platform.all_tenants().await? {
        if let Err(error) = of_organization(&shared.store, tenant, &Origin::of_task(&request_id)).await {
            let org = tenant.org();
            tracing::error!(%org, code = error.code(), context = error.context(), "not told, comes again");
            failure = Some(error);
        }
    }
    failure.map_or(Ok(()), Err)
}

async fn of_organization(store: &Store, tenant: Tenant, origin: &Origin) -> Result<()> {
    let Some(billing) = store.billing(tenant).await? else { return Ok(()) };
    let Some(live) = billing.live() else { return Ok(()) };
    let quota = quota(live.plan)?;
    if !quota.is_metered {
        return Ok(());
    }
    let used = store.usage(tenant).await?;
    let now = now();
    for (month, at) in months(now)? {
        let of_all = used.iter().find(|usage| usage.month == month && usage.team.is_none());
        let beyond = of_all.map_or(0, |usage| quota.charged(usage.metered));
        of_month(store, (tenant, &billing), (&month, at), beyond, origin).await?;
    }
    Ok(())
}

async fn of_month(
    store: &Store,
    (tenant, billing): (Tenant, &Billing),
    (month, at): (&str, Timestamp),
    beyond: u32,
    origin: &Origin,
) -> Result<()> {
    let mut report = store.overage_report(tenant, month).await?;
    if report.pending == 0 {
        let next = planned(&report, beyond);
        if next == report {
            return Ok(());
        }
        let event = (next.pending > 0).then(|| {
            let event = tenant.event(Actor::Task(NAME), "billing.overage_reported", tenant.org(), origin);
            event.with("month", month).with("batch", next.batch).with("scripts", next.pending)
        });
        report = store.save_overage_report(tenant, &report, next, event.as_ref()).await?;
    }
    if report.pending == 0 {
        return Ok(());
    }
    let identifier = format!("{}:{month}:{}", tenant.org(), report.batch);
    Stripe::from_env()?.report_scripts_beyond(&billing.customer, report.pending, &identifier, at).await?;
    let told = OverageReport { reported: report.reported + report.pending, pending: 0, ..report.clone() };
    store.save_overage_report(tenant, &report, told, None).await.map(drop)
}

/// What to tell next of a month in which so many scripts are beyond the plan now.
fn planned(report: &OverageReport, beyond: u32) -> OverageReport {
    let settled = report.seen.min(beyond);
    let pending = settled.saturating_sub(report.reported);
    let batch = report.batch + u32::from(pending > 0);
    OverageReport { seen: beyond, batch, pending, ..report.clone() }
}

/// This month and the one before it, each with a moment that lies in it: Stripe puts a script on the invoice of the period
/// in which it was used.
fn months(now: Timestamp) -> Result<[(String, Timestamp); 2]> {
    let first: Date = now.to_zoned(TimeZone::UTC).date().first_of_month();
    let begin = first.to_zoned(TimeZone::UTC).map_err(Error::internal)?.timestamp();
    let end_before = begin.checked_sub(Span::new().seconds(1)).map_err(Error::internal)?;
    let now = now.round(Unit::Second).unwrap_or(now);
    Ok([end_before, now].map(|at| (at.strftime("%Y-%m").to_string(), at)))
}

fn main() -> ExitCode {
    run_scheduled(
        NAME,
        |config| {
            let store = Store::from_env(config)?;
            Ok::<_, Error>(Shared { platform: Platform::new(store.clone()), store })
        },
        report_overage,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(reported: u32, seen: u32, batch: u32) -> OverageReport {
        OverageReport { month: "2026-11".to_owned(), reported, seen, batch, pending: 0, version: 1 }
    }

    #[test]
    fn what_was_there_twice_is_told_once() {
        let first = planned(&report(0, 0, 0), 5);
        assert_eq!((first.seen, first.pending, first.batch), (5, 0, 0), "the first time it is only seen");
        let second = planned(&first, 7);
        assert_eq!((second.seen, second.pending, second.batch), (7, 5, 1));
        let third = planned(&OverageReport { reported: 5, pending: 0, ..second }, 7);
        assert_eq!((third.seen, third.pending, third.batch), (7, 2, 2));
        let done = OverageReport { reported: 7, pending: 0, ..third };
        assert_eq!(planned(&done, 7), done, "nothing is told again");
    }

    #[test]
    fn what_fails_before_it_is_told_is_never_charged_nor_taken_back() {
        assert_eq!(planned(&report(0, 5, 0), 3).pending, 3);
        let fewer = planned(&report(5, 5, 1), 3);
        assert_eq!((fewer.seen, fewer.pending, fewer.batch), (3, 0, 1));
        assert_eq!(planned(&fewer, 6).pending, 0, "first what was told already comes again");
    }

    #[test]
    fn months_are_of_the_calendar_in_utc() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let [before, this] = months(at("2026-01-31T23:59:59Z")).unwrap();
        assert_eq!(before, ("2025-12".to_owned(), at("2025-12-31T23:59:59Z")));
        assert_eq!(this, ("2026-01".to_owned(), at("2026-01-31T23:59:59Z")));
        assert_eq!(months(at("2026-03-01T00:00:00Z")).unwrap()[0].0, "2026-02");
    }
}
