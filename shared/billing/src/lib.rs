//! # billing
//!
//! What each plan includes, and the checks that refuse what it does not. The table is `plans.json`, one file with a
//! version, and `docs/plans.md` prints it. How often an organization on a plan may call the API, and with which
//! permissions, the runner of a route takes from it. What of Stripe needs no call lies here too: prices, the signature
//! of its webhook, and how its subscriptions are read.

pub mod price;
mod stripe_object;
pub mod webhook;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    sync::LazyLock,
};

use jiff::Timestamp;
use serde::Deserialize;
use smartscripts_domain::{
    Error, Result,
    permission::{Deed, Permission},
    plan::{Feature, Plan, Quota},
    rate,
    rate::Limit,
    subscription::{self, Interval, Standing},
};

pub use stripe_object::{Reported, ReportedItem};

use price::Price;

static TABLE: LazyLock<serde_json::Result<Table>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../plans.json")));

/// All plans, in the version that this code was built with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Counted up at every change.
    version: u32,
    /// For how many days everything works although a payment is missing.
    grace_days: u32,
    plans: BTreeMap<Plan, Terms>,
}

/// What a plan includes.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Members who work for the organization; none where they aren't counted.
    pub seats: Option<u32>,
    /// Scripts graded in a calendar month.
    pub scripts_a_month: u32,
    /// What the plan has beyond what every plan has.
    pub features: BTreeSet<Feature>,
    /// What becomes of a script beyond `scripts_a_month`.
    pub overage: Overage,
    /// Days for which it can be tried out.
    pub trial_days: u32,
    /// What it costs; none for what is free or agreed on with a person.
    pub price: Option<Price>,
    calls: Calls,
}

/// What becomes of scripts beyond those that a plan includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overage {
    /// They are not graded until the next month or a larger plan.
    Refused,
    /// They are graded, counted and charged.
    Metered,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Calls {
    user: Bucket,
    organization: Bucket,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bucket {
    capacity: u32,
    refill_milliseconds: u32,
}

impl Bucket {
    const fn limit(self, name: &'static str) -> Limit {
        Limit { name, capacity: self.capacity, refill: self.refill_milliseconds }
    }
}

impl Terms {
    /// How often one member or API key may call the API in the organization.
    #[must_use]
    pub const fn calls_of_user(&self) -> Limit {
        self.calls.user.limit(rate::PRINCIPAL.name)
    }

    /// How often all members and API keys of the organization together may call it.
    #[must_use]
    pub const fn calls_of_organization(&self) -> Limit {
        self.calls.organization.limit("organization")
    }
}

/// What a plan includes.
///
/// # Errors
/// `internal` if the table that was built in is damaged.
pub fn terms(plan: Plan) -> Result<&'static Terms> {
    table()?.plans.get(&plan).ok_or_else(|| Error::internal(format!("plans.json has no plan {}", plan.name())))
}

/// Checks that the plan includes what a permission needs, whatever the role of the member who holds it.
///
/// # Errors
/// `feature_not_in_plan`, with the smallest plan that includes it.
pub fn check_permission(plan: Plan, permission: Permission) -> Result<()> {
    permission.feature().map_or(Ok(()), |feature| check_feature(plan, feature))
}

/// Checks that the plan includes a feature.
///
/// # Errors
/// `feature_not_in_plan`, with the smallest plan that includes it.
pub fn check_feature(plan: Plan, feature: Feature) -> Result<()> {
    if terms(plan)?.features.contains(&feature) {
        return Ok(());
    }
    let smallest = smallest(|terms| terms.features.contains(&feature))?;
    let with = smallest.map_or_else(String::new, |plan| format!(" Change to the plan {}.", plan.name()));
    let message = format!("The plan {} does not include {}.{with}", plan.name(), feature.title());
    Err(Error::payment_required("feature_not_in_plan", message, smallest))
}

/// Checks that the plan has a seat for each of so many members who work for the organization.
///
/// # Errors
/// `seats_exhausted`, with the smallest plan that has as many.
pub fn check_seats(plan: Plan, wanted: usize) -> Result<()> {
    let has_room = |terms: &Terms| terms.seats.is_none_or(|seats| wanted <= seats as usize);
    let terms = terms(plan)?;
    if has_room(terms) {
        return Ok(());
    }
    let smallest = smallest(has_room)?;
    let message = format!(
        "The plan {} has {} seats; with open invitations, {wanted} would be taken. Remove a member, take an invitation \
         back, or change to the plan {}.",
        plan.name(),
        terms.seats.unwrap_or_default(),
        smallest.map_or("that has more", Plan::name),
    );
    Err(Error::payment_required("seats_exhausted", message, smallest))
}

/// For how many seats Stripe is told that an organization pays, of which so many are taken. At least one; and at most those
/// of the plan, since its price covers these, and a seat beyond them, which two changes at once can take, would have it
/// charged twice.
///
/// # Errors
/// `internal` if the table that was built in is damaged.
pub fn billed_seats(plan: Plan, taken: usize) -> Result<u32> {
    let most = terms(plan)?.seats.unwrap_or(u32::MAX);
    Ok(u32::try_from(taken).unwrap_or(u32::MAX).clamp(1, most))
}

/// How an organization stands of which a payment is missing since then.
///
/// # Errors
/// `internal` if the table that was built in is damaged.
pub fn standing(overdue_since: Option<Timestamp>, now: Timestamp) -> Result<Standing> {
    Ok(subscription::standing(overdue_since, table()?.grace_days, now))
}

/// Checks that an organization may do this, by its payments.
///
/// # Errors
/// `payment_overdue` when the grace period is over.
pub fn check_standing(
    overdue_since: Option<Timestamp>,
    permission: Permission,
    deed: Deed,
    now: Timestamp,
) -> Result<()> {
    if permission.outlasts_overdue(deed) || standing(overdue_since, now)? != Standing::ReadOnly {
        return Ok(());
    }
    let message = "A payment is overdue, so nothing can be changed for now. An owner or an administrator can pay, or \
                   give another card, under Plan; everything works again as soon as the payment has come. Nothing is \
                   deleted, and all of it can be read, exported and erased.";
    Err(Error::payment_required("payment_overdue", message, None))
}

/// How many scripts an organization on this plan may have graded in a month.
///
/// # Errors
/// `internal` if the table that was built in is damaged.
pub fn quota(plan: Plan) -> Result<Quota> {
    let &Terms { scripts_a_month, overage, .. } = terms(plan)?;
    let larger = smallest(|terms| terms.scripts_a_month > scripts_a_month)?;
    Ok(Quota { plan, scripts_a_month, is_metered: overage == Overage::Metered, larger })
}

/// The smallest plan whose terms are such.
fn smallest(is_enough: impl Fn(&Terms) -> bool) -> Result<Option<Plan>> {
    for plan in Plan::ALL {
        if is_enough(terms(plan)?) {
            return Ok(Some(plan));
        }
    }
    Ok(None)
}

fn table() -> Result<&'static Table> {
    TABLE.as_ref().map_err(|error| Error::internal(format!("plans.json: {error}")))
}

/// The table as Markdown, for the documentation.
///
/// # Errors
/// `internal` if the table that was built in is damaged.
pub fn markdown() -> Result<String> {
    let Table { version, grace_days, .. } = table()?;
    let mut text =
        format!("Version {version} of the table. Days of grace when a payment is missing: {grace_days}.\n\n");
    text.push_str(
        "| Plan | A month | A year | Seats | Scripts a month | Beyond that | Features | Trial | Calls of one member | \
         Calls of all |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for plan in Plan::ALL {
        let terms = terms(plan)?;
        let seats = terms.seats.map_or_else(|| "not counted".to_owned(), |seats| seats.to_string());
        let without_price = if plan == Plan::Free { "free" } else { "ask us" };
        let cost = |interval| {
            terms.price.as_ref().map_or_else(|| without_price.to_owned(), |it| it.in_words(it.amount(interval)))
        };
        let overage = match (terms.overage, &terms.price) {
            (Overage::Refused, _) => "refused".to_owned(),
            (Overage::Metered, Some(price)) => {
                format!("{} each", price.in_words(price.overage.unwrap_or_default()))
            }
            (Overage::Metered, None) => "counted".to_owned(),
        };
        let features: Vec<&str> = terms.features.iter().map(|feature| feature.title()).collect();
        let features = if features.is_empty() { "–".to_owned() } else { features.join(", ") };
        let trial = if terms.trial_days == 0 { "–".to_owned() } else { format!("{} days", terms.trial_days) };
        // Writing to a text can't fail.
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {seats} | {} | {overage} | {features} | {trial} | {} | {} |",
            plan.name(),
            cost(Interval::Month),
            cost(Interval::Year),
            terms.scripts_a_month,
            calls(terms.calls_of_user()),
            calls(terms.calls_of_organization()),
        );
    }
    Ok(text)
}

fn calls(limit: Limit) -> String {
    format!("{} at once, then {} a second", limit.capacity, 1000 / limit.refill)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_plan_and_nothing_else() {
        let table = table().unwrap();
        assert!(table.version > 0);
        assert_eq!(table.plans.keys().copied().collect::<Vec<_>>(), Plan::ALL);
    }

    #[test]
    fn a_seat_too_many_is_not_charged_as_a_second_plan() {
        assert_eq!([0, 1, 3, 4].map(|taken| billed_seats(Plan::Teacher, taken).unwrap()), [1, 1, 3, 3]);
        assert_eq!(billed_seats(Plan::District, 5000).unwrap(), 5000);
    }

    #[test]
    fn a_larger_plan_has_no_less_of_anything() {
        for pair in Plan::ALL.windows(2) {
            let (smaller, larger) = (terms(pair[0]).unwrap(), terms(pair[1]).unwrap());
            let seats = |terms: &Terms| terms.seats.unwrap_or(u32::MAX);
            assert!(seats(smaller) <= seats(larger), "{pair:?}");
            assert!(smaller.scripts_a_month < larger.scripts_a_month, "{pair:?}");
            assert!(smaller.features.is_subset(&larger.features), "{pair:?}");
            for calls in [Terms::calls_of_user, Terms::calls_of_organization] {
                assert!(calls(smaller).capacity <= calls(larger).capacity, "{pair:?}");
                assert!(calls(smaller).refill >= calls(larger).refill, "{pair:?}");
            }
        }
    }

    #[test]
    fn limits_are_ones_that_a_bucket_can_keep() {
        for plan in Plan::ALL {
            let terms = terms(plan).unwrap();
            for limit in [terms.calls_of_user(), terms.calls_of_organization()] {
                assert!(limit.capacity > 0 && limit.refill > 0, "{plan:?}: {limit:?}");
                assert_eq!(1000 % limit.refill, 0, "{plan:?}: the documentation says a whole number a second");
                assert!(limit.window_seconds() <= 60, "{plan:?}: {limit:?}");
            }
            assert!(terms.calls_of_user().capacity < terms.calls_of_organization().capacity, "{plan:?}");
        }
    }

    #[test]
    fn what_a_plan_lacks_names_the_smallest_plan_that_has_it() {
        for permission in Permission::ALL {
            let refused = check_permission(Plan::Free, *permission).err();
            let smallest = |feature| if feature == Feature::AnswerGroups { Plan::Teacher } else { Plan::School };
            let expected = permission.feature().map(|feature| ("feature_not_in_plan", Some(smallest(feature))));
            assert_eq!(refused.map(|error| (error.code(), error.plan())), expected, "{permission:?}");
            check_permission(Plan::School, *permission).unwrap();
        }
        assert_eq!(check_feature(Plan::Free, Feature::AnswerGroups).unwrap_err().plan(), Some(Plan::Teacher));
    }

    #[test]
    fn seats_are_enough_up_to_the_last_one() {
        check_seats(Plan::Free, 2).unwrap();
        let wanted = |wanted| check_seats(Plan::Free, wanted).unwrap_err();
        assert_eq!((wanted(3).code(), wanted(3).plan()), ("seats_exhausted", Some(Plan::Teacher)));
        assert_eq!((wanted(4).plan(), wanted(101).plan()), (Some(Plan::School), Some(Plan::District)));
        check_seats(Plan::District, 1_000_000).unwrap();
    }

    #[test]
    fn a_quota_is_a_limit_only_where_nothing_is_metered() {
        let of = |plan| quota(plan).unwrap();
        assert_eq!((of(Plan::Free).limit(), of(Plan::Free).larger), (Some(60), Some(Plan::Teacher)));
        assert_eq!((of(Plan::School).limit(), of(Plan::District).larger), (None, None));
        let school = of(Plan::School);
        assert_eq!([19_999, 20_000, 20_004].map(|metered| school.charged(metered)), [0, 0, 4]);
        assert_eq!(of(Plan::Teacher).charged(1_000_000), 0, "what is beyond is refused, never charged");
        let exhausted = of(Plan::Teacher).exhausted();
        assert_eq!(exhausted.plan(), Some(Plan::School));
        assert!(exhausted.message().contains("teacher") && exhausted.message().contains("school"), "{exhausted}");
    }

    #[test]
    fn the_documentation_prints_this_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/plans.md");
        let document = std::fs::read_to_string(path).unwrap();
        let table = markdown().unwrap();
        assert!(document.contains(&table), "docs/plans.md must contain:\n\n{table}");
    }
}
