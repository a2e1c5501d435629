//! What the plans cost, and which price of Stripe's that is in which environment.

use std::{collections::BTreeMap, env};

use serde::{Deserialize, Serialize};
use smartscripts_domain::{Error, Kind, Result, plan::Plan, subscription::Interval};
use utoipa::ToSchema;

use crate::{Terms, terms};

/// What a plan costs. All amounts are whole numbers in the currency's smallest unit.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// ISO 4217, in lower case as Stripe writes it.
    pub currency: String,
    /// For a month.
    pub month: u32,
    /// For a year.
    pub year: u32,
    /// For each script beyond those that the plan includes, where these are metered.
    pub overage: Option<u32>,
    /// The prices' ids at Stripe, by environment. What has none there can't be bought there.
    ids: BTreeMap<String, PriceIds>,
}

/// The ids of a plan's prices at Stripe.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceIds {
    month: String,
    year: String,
    /// Of scripts beyond the plan, billed every month.
    overage_month: Option<String>,
    /// The same, billed every year.
    overage_year: Option<String>,
}

impl PriceIds {
    fn base(&self, interval: Interval) -> &str {
        match interval {
            Interval::Month => &self.month,
            Interval::Year => &self.year,
        }
    }

    fn overage(&self, interval: Interval) -> Option<&str> {
        match interval {
            Interval::Month => self.overage_month.as_deref(),
            Interval::Year => self.overage_year.as_deref(),
        }
    }
}

/// A plan as it can be bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Offer {
    /// The plan.
    pub plan: Plan,
    /// How often is paid.
    pub interval: Interval,
    /// How much each time, in the currency's smallest unit.
    pub amount: u32,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// Days before the first payment.
    pub trial_days: u32,
}

/// An offer's prices at Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedPrice {
    /// What is offered.
    pub offer: Offer,
    /// The id of the plan's price.
    pub id: String,
    /// The id of the price of scripts beyond the plan, where these are metered.
    pub overage_id: Option<String>,
}

/// What a price of Stripe's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceKind {
    /// The plan itself.
    Plan(Plan, Interval),
    /// Scripts beyond it.
    Overage,
}

/// The environment that this function runs in, whose prices count.
///
/// # Errors
/// `internal` without `STAGE` in the environment.
pub fn stage() -> Result<String> {
    env::var("STAGE").map_err(|_| Error::internal("STAGE is not set"))
}

/// Stripe, or its prices, are not set up here.
#[must_use]
pub fn not_set_up(context: &str) -> Error {
    let message = "Nothing can be bought here yet: whoever operates this installation has to set up Stripe \
                   (docs/billing.md says how). Everything else works.";
    Error::new(Kind::Unavailable, "billing_not_set_up", message).with_context(context)
}

/// What can be bought in this environment, the smallest plan first. Without a trial for whoever has had one.
///
/// # Errors
/// `internal` if the table that was built in is damaged.
pub fn offers(stage: &str, had_trial: bool) -> Result<Vec<OfferedPrice>> {
    let mut offers = Vec::new();
    for plan in Plan::ALL {
        let Terms { price: Some(price), trial_days, .. } = terms(plan)? else { continue };
        let Some(ids) = price.ids.get(stage) else { continue };
        for interval in Interval::ALL {
            let amount = price.amount(interval);
            let trial_days = if had_trial { 0 } else { *trial_days };
            offers.push(OfferedPrice {
                offer: Offer { plan, interval, amount, currency: price.currency.clone(), trial_days },
                id: ids.base(interval).to_owned(),
                overage_id: ids.overage(interval).map(ToOwned::to_owned),
            });
        }
    }
    Ok(offers)
}

/// One of them.
///
/// # Errors
/// `billing_not_set_up` if nothing can be bought here; `plan_not_offered`, for plans that are agreed on with a person.
pub fn offer(stage: &str, plan: Plan, interval: Interval, had_trial: bool) -> Result<OfferedPrice> {
    let offers = offers(stage, had_trial)?;
    if offers.is_empty() {
        return Err(not_set_up("no prices in plans.json for this stage"));
    }
    let found = offers.into_iter().find(|it| (it.offer.plan, it.offer.interval) == (plan, interval));
    found.ok_or_else(|| {
        let message = format!("The plan {} can't be bought here. Ask us, or choose another plan.", plan.name());
        Error::invalid("plan_not_offered", message)
    })
}

/// What a price of Stripe's is for; none if it is not one of ours.
///
/// # Errors
/// `internal` if the table that was built in is damaged.
pub fn of_stripe(stage: &str, id: &str) -> Result<Option<PriceKind>> {
    for OfferedPrice { offer, id: base, overage_id } in offers(stage, true)? {
        if base == id {
            return Ok(Some(PriceKind::Plan(offer.plan, offer.interval)));
        }
        if overage_id.is_some_and(|overage| overage == id) {
            return Ok(Some(PriceKind::Overage));
        }
    }
    Ok(None)
}

impl Price {
    /// What is paid each time.
    #[must_use]
    pub const fn amount(&self, interval: Interval) -> u32 {
        match interval {
            Interval::Month => self.month,
            Interval::Year => self.year,
        }
    }

    /// The price list's words for an amount, like `12.00 EUR` or `1200 JPY`.
    #[must_use]
    pub fn in_words(&self, amount: u32) -> String {
        in_words(i64::from(amount), &self.currency)
    }
}

/// Currencies without a smaller unit, so that an amount of 500 is 500 of them: <https://docs.stripe.com/currencies>,
/// "Zero-decimal currencies".
const ZERO_DECIMAL: [&str; 16] =
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"];

/// Currencies with three decimals; the same page, "Three-decimal currencies".
const THREE_DECIMAL: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// How many decimals a currency (ISO 4217, in lower case) has.
#[must_use]
pub fn decimals(currency: &str) -> u32 {
    if ZERO_DECIMAL.contains(&currency) {
        0
    } else if THREE_DECIMAL.contains(&currency) {
        3
    } else {
        2
    }
}

/// An amount in the currency's smallest unit, as people write it: `12.00 EUR`, `1200 JPY`, `-0.05 EUR`. Whole numbers only,
/// so that nothing is rounded.
#[must_use]
pub fn in_words(amount: i64, currency: &str) -> String {
    let (sign, size) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    let decimals = decimals(currency);
    let code = currency.to_uppercase();
    let unit = 10u64.pow(decimals);
    match decimals {
        0 => format!("{sign}{size} {code}"),
        width => format!("{sign}{}.{:0width$} {code}", size / unit, size % unit, width = width as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_numbers_in_the_smallest_unit() {
        assert_eq!(in_words(1200, "eur"), "12.00 EUR");
        assert_eq!(in_words(1205, "usd"), "12.05 USD");
        assert_eq!(in_words(-5, "eur"), "-0.05 EUR");
        assert_eq!(in_words(1200, "jpy"), "1200 JPY", "the yen has no smaller unit");
        assert_eq!(in_words(1200, "kwd"), "1.200 KWD");
        assert_eq!(in_words(i64::MIN, "krw"), "-9223372036854775808 KRW");
    }

    #[test]
    fn what_has_no_price_is_not_offered_and_what_has_one_leads_back_to_it() {
        let local = offers("local", false).unwrap();
        let plans: Vec<Plan> = local.iter().map(|it| it.offer.plan).collect();
        assert_eq!(plans, [Plan::Teacher, Plan::Teacher, Plan::School, Plan::School]);
        for it in &local {
            let found = of_stripe("local", &it.id).unwrap();
            assert_eq!(found, Some(PriceKind::Plan(it.offer.plan, it.offer.interval)));
            assert!(it.offer.amount > 0 && it.offer.trial_days > 0);
        }
        assert!(offers("local", true).unwrap().iter().all(|it| it.offer.trial_days == 0));
        assert_eq!(of_stripe("local", "price_else").unwrap(), None);
        let code = |stage: &str, plan| offer(stage, plan, Interval::Month, false).unwrap_err().code();
        assert_eq!(code("local", Plan::District), "plan_not_offered");
        assert_eq!(code("local", Plan::Free), "plan_not_offered");
        assert_eq!(code("nowhere", Plan::Teacher), "billing_not_set_up");
    }

    #[test]
    fn ids_are_those_of_one_price_each() {
        for stage in ["local", "staging", "production"] {
            let offers = offers(stage, true).unwrap();
            let ids: Vec<_> =
                offers.iter().flat_map(|it| [Some(it.id.clone()), it.overage_id.clone()]).flatten().collect();
            assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len(), "{stage}: {ids:?}");
        }
    }

    #[test]
    fn a_year_costs_no_more_than_twelve_months_and_a_larger_plan_more() {
        let mut before = 0;
        for plan in Plan::ALL {
            let terms = terms(plan).unwrap();
            let Some(price) = &terms.price else { continue };
            assert!(price.month > before && price.year <= 12 * price.month, "{plan:?}");
            assert_eq!(price.currency, price.currency.to_lowercase());
            assert_eq!(price.overage.is_some(), terms.overage == crate::Overage::Metered, "{plan:?}");
            before = price.month;
        }
    }
}
