//! An organization's subscription as Stripe has it, and what we take from what Stripe tells of it. Stripe's events come late,
//! twice, and in any order, and their times are whole seconds: [`step`] decides by the times alone what to do with one, so
//! the order in which they come makes no difference to where the subscription ends.

use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::plan::Plan;

/// Where a subscription stands, in Stripe's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// It is tried out, and nothing is charged yet.
    Trialing,
    /// It is paid.
    Active,
    /// A payment has failed; Stripe tries again.
    PastDue,
    /// A payment has failed as often as Stripe tries.
    Unpaid,
    /// Stripe has paused it: the trial ended without a way to pay.
    Paused,
    /// The first payment is still to come.
    Incomplete,
    /// It has ended.
    Canceled,
}

impl SubscriptionStatus {
    /// From Stripe's word for it.
    #[must_use]
    pub fn from_stripe(word: &str) -> Option<Self> {
        Some(match word {
            "trialing" => Self::Trialing,
            "active" => Self::Active,
            "past_due" => Self::PastDue,
            "unpaid" => Self::Unpaid,
            "paused" => Self::Paused,
            "incomplete" => Self::Incomplete,
            // The first payment never came, which ends it as well.
            "canceled" | "incomplete_expired" => Self::Canceled,
            _ => return None,
        })
    }

    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Incomplete => "incomplete",
            Self::Canceled => "canceled",
        }
    }

    /// Whether it has begun and not ended, so that there can't be another one beside it.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Canceled | Self::Incomplete)
    }

    /// Whether money is missing.
    #[must_use]
    pub const fn is_overdue(self) -> bool {
        matches!(self, Self::PastDue | Self::Unpaid | Self::Paused)
    }
}

/// How often is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

impl Interval {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Month, Self::Year];

    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// What we keep of a subscription: how it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Stripe's id of it.
    pub id: String,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// The plan that is paid for.
    pub plan: Plan,
    /// How often.
    pub interval: Interval,
    /// For how many seats, as Stripe was told.
    pub seats: u32,
    /// Until when is paid.
    pub current_period_end: Timestamp,
    /// When it ends, if that is decided.
    pub cancels_at: Option<Timestamp>,
    /// When its trial ends or ended, if it has one.
    pub trial_ends_at: Option<Timestamp>,
    /// Stripe's id of the item that the plan and its seats stand on.
    pub item: String,
    /// Stripe's id of the item that scripts beyond the plan are charged on.
    pub overage_item: Option<String>,
}

impl Snapshot {
    /// The plan that the organization may use.
    #[must_use]
    pub const fn entitles(&self) -> Plan {
        if self.status.is_live() { self.plan } else { Plan::Free }
    }
}

/// The moment that a snapshot is of, as well as it is known: whatever Stripe did before `from` is in it, what it did after
/// `until` is not, and of the time between one can't say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The first second of the moment.
    pub from: Timestamp,
    /// The last second.
    pub until: Timestamp,
}

/// By how many seconds our clock and Stripe's may differ.
const SKEW_SECONDS: i64 = 10;

impl Seen {
    /// Of what an event tells: Stripe says its time in whole seconds, so of two in one second none is known to be later.
    #[must_use]
    pub const fn of_event(created: Timestamp) -> Self {
        Self { from: created, until: created }
    }

    /// Of what Stripe has answered to a request that was sent at `asked`, by our clock.
    #[must_use]
    pub fn of_answer(asked: Timestamp) -> Self {
        let shifted = |seconds: i64| asked.checked_add(Span::new().seconds(seconds)).unwrap_or(asked);
        Self { from: shifted(-SKEW_SECONDS), until: shifted(SKEW_SECONDS) }
    }
}

/// A subscription as we keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// How it was.
    pub snapshot: Snapshot,
    /// When it was so.
    pub seen: Seen,
    /// Since when a payment is missing.
    pub overdue_since: Option<Timestamp>,
}

/// What to do with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It tells of what is past: keep what we have.
    Ignore,
    /// Whether it is older or newer can't be said: ask Stripe how it stands, and [`become_as`] that.
    Fetch,
    /// This is how it stands from now on, and what has changed by it.
    Become(Box<Subscription>, Option<Change>),
}

/// What an event, of this second and with this snapshot, makes of what we have.
#[must_use]
pub fn step(before: Option<&Subscription>, created: Timestamp, snapshot: &Snapshot) -> Step {
    if let Some(before) = before {
        if created < before.seen.from {
            return Step::Ignore;
        }
        // One customer with two subscriptions: which of them counts, only both together can tell.
        if created <= before.seen.until || snapshot.id != before.snapshot.id {
            return Step::Fetch;
        }
    }
    let (next, change) = become_as(before, snapshot.clone(), Seen::of_event(created));
    Step::Become(Box::new(next), change)
}

/// What we have once it stands like this.
#[must_use]
pub fn become_as(before: Option<&Subscription>, snapshot: Snapshot, seen: Seen) -> (Subscription, Option<Change>) {
    let since = before.and_then(|before| before.overdue_since).unwrap_or(seen.until);
    let overdue_since = snapshot.status.is_overdue().then_some(since);
    let change = Change::between(before.map(|before| &before.snapshot), &snapshot);
    // What was certain before stays so: an answer is never older than an event that was there when it was asked for.
    let seen = before.map_or(seen, |before| Seen { from: seen.from.max(before.seen.from), ..seen });
    (Subscription { snapshot, seen, overdue_since }, change)
}

/// Which of a customer's subscriptions counts: one that is live, else the one that was paid for longest.
#[must_use]
pub fn that_counts(all: impl IntoIterator<Item = Snapshot>) -> Option<Snapshot> {
    all.into_iter().max_by_key(|it| (it.status.is_live(), it.current_period_end, it.id.clone()))
}

/// What has changed, as the audit log names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change(&'static str);

impl Change {
    /// Every action there is.
    pub const ACTIONS: [&str; 11] =
        [STARTED, ACTIVATED, FAILED, RECOVERED, PAUSED, ENDED, PLAN, CANCELLATION, RESUMED, SEATS, RENEWED];

    /// The action.
    #[must_use]
    pub const fn action(self) -> &'static str {
        self.0
    }

    fn between(before: Option<&Snapshot>, after: &Snapshot) -> Option<Self> {
        let Some(before) = before.filter(|before| before.id == after.id) else { return Some(Self(STARTED)) };
        let action = if before.status != after.status {
            match after.status {
                SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => FAILED,
                SubscriptionStatus::Paused => PAUSED,
                SubscriptionStatus::Canceled => ENDED,
                _ if before.status.is_overdue() => RECOVERED,
                _ => ACTIVATED,
            }
        } else if (before.plan, before.interval) != (after.plan, after.interval) {
            PLAN
        } else if before.cancels_at.is_none() && after.cancels_at.is_some() {
            CANCELLATION
        } else if before.cancels_at.is_some() && after.cancels_at.is_none() {
            RESUMED
        } else if before.seats != after.seats {
            SEATS
        } else if before != after {
            RENEWED
        } else {
            return None;
        };
        Some(Self(action))
    }
}

const STARTED: &str = "billing.subscription_started";
const ACTIVATED: &str = "billing.subscription_activated";
const FAILED: &str = "billing.payment_failed";
const RECOVERED: &str = "billing.payment_recovered";
const PAUSED: &str = "billing.subscription_paused";
const ENDED: &str = "billing.subscription_ended";
const PLAN: &str = "billing.plan_changed";
const CANCELLATION: &str = "billing.cancellation_requested";
const RESUMED: &str = "billing.cancellation_withdrawn";
const SEATS: &str = "billing.seats_changed";
const RENEWED: &str = "billing.subscription_renewed";

/// What an organization may do, by its payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything that its plan includes.
    Good,
    /// Everything still, until then: a payment is missing.
    Grace(Timestamp),
    /// Nothing is changed any more until the payment has come. Nothing is deleted either.
    ReadOnly,
}

impl Standing {
    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Grace(_) => "grace",
            Self::ReadOnly => "read_only",
        }
    }
}

/// How an organization stands of which a payment is missing since then, with so many days of grace.
#[must_use]
pub fn standing(overdue_since: Option<Timestamp>, grace_days: u32, now: Timestamp) -> Standing {
    let Some(since) = overdue_since else { return Standing::Good };
    let grace = Span::new().hours(i64::from(grace_days) * 24);
    match since.checked_add(grace) {
        Ok(until) if now < until => Standing::Grace(until),
        _ => Standing::ReadOnly,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A subscription's life: trial, active, past due, active, another plan, cancelled, ended. Some of it happens within
    /// one second.
    fn life(seconds: [i64; 7]) -> Vec<(Timestamp, Snapshot)> {
        let mut now = Snapshot {
            id: "sub_1".to_owned(),
            status: SubscriptionStatus::Trialing,
            plan: Plan::Teacher,
            interval: Interval::Month,
            seats: 1,
            current_period_end: at(5000),
            cancels_at: None,
            trial_ends_at: Some(at(5000)),
            item: "si_1".to_owned(),
            overage_item: None,
        };
        let mut life = Vec::new();
        let changes: [fn(&mut Snapshot); 7] = [
            |_| {},
            |it| it.status = SubscriptionStatus::Active,
            |it| it.status = SubscriptionStatus::PastDue,
            |it| it.status = SubscriptionStatus::Active,
            |it| it.plan = Plan::School,
            |it| it.cancels_at = Some(at(9000)),
            |it| it.status = SubscriptionStatus::Canceled,
        ];
        for (second, change) in seconds.into_iter().zip(changes) {
            change(&mut now);
            life.push((at(second), now.clone()));
        }
        life
    }

    /// Delivers events in this order, to an account that asks Stripe at `asked`; what is there in the end, and the changes.
    fn deliver(
        life: &[(Timestamp, Snapshot)],
        order: &[usize],
        asked: Timestamp,
    ) -> (Option<Subscription>, Vec<Change>) {
        let (mut kept, mut changes) = (None, Vec::new());
        for (created, snapshot) in order.iter().map(|index| &life[*index]) {
            let (next, change) = match step(kept.as_ref(), *created, snapshot) {
                Step::Ignore => continue,
                Step::Fetch => become_as(kept.as_ref(), life.last().unwrap().1.clone(), Seen::of_answer(asked)),
                Step::Become(next, change) => (*next, change),
            };
            kept = Some(next);
            changes.extend(change);
        }
        (kept, changes)
    }

    #[test]
    fn in_order_each_transition_is_one_change() {
        let life = life([1000, 1001, 1002, 1003, 1004, 1005, 1006]);
        let (kept, changes) = deliver(&life, &[0, 1, 2, 3, 4, 5, 6], at(1006));
        assert_eq!(kept.unwrap().snapshot, life[6].1);
        let actions: Vec<&str> = changes.into_iter().map(Change::action).collect();
        assert_eq!(actions, [STARTED, ACTIVATED, FAILED, RECOVERED, PLAN, CANCELLATION, ENDED]);
    }

    #[test]
    fn every_action_is_in_the_list_once() {
        let mut actions = Change::ACTIONS.to_vec();
        actions.sort_unstable();
        actions.dedup();
        assert_eq!(actions.len(), Change::ACTIONS.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn whatever_the_order_it_ends_the_same_and_no_change_is_told_twice(
            // Each delivered one to three times, in any order; gaps of 0 make ties.
            order in Just((0..7usize).flat_map(|index| [index; 3]).collect::<Vec<_>>()).prop_shuffle(),
            drop in proptest::collection::vec(0..3usize, 7),
            gaps in proptest::array::uniform7(0..3i64),
            delay in 0..40i64,
        ) {
            let mut second = 1000;
            let seconds = gaps.map(|gap| { second += gap; second });
            let life = life(seconds);
            let mut seen = [0; 7];
            let mut ids = [false; 7];
            let kept_order: Vec<usize> = order
                .into_iter()
                .filter(|index| {
                    seen[*index] += 1;
                    seen[*index] <= 3 - drop[*index]
                })
                // What was recorded once is never looked at again.
                .filter(|index| !std::mem::replace(&mut ids[*index], true))
                .collect();
            let (kept, changes) = deliver(&life, &kept_order, at(second + delay));
            prop_assert_eq!(&kept.unwrap().snapshot, &life[6].1);
            prop_assert!(!changes.is_empty() && changes.len() <= 7);
            // Delivered once more, nothing happens.
            prop_assert_eq!(changes[0], Change(STARTED));
            let ended = changes.iter().filter(|change| change.action() == ENDED).count();
            prop_assert!(ended <= 1);
        }
    }

    #[test]
    fn a_tie_asks_stripe_and_what_it_answers_is_not_undone() {
        let life = life([1000, 1001, 1002, 1002, 1004, 1005, 1006]);
        let (kept, _) = deliver(&life, &[0, 1, 2], at(1002));
        assert_eq!(step(kept.as_ref(), life[3].0, &life[3].1), Step::Fetch);
        let (fetched, _) = become_as(kept.as_ref(), life[3].1.clone(), Seen::of_answer(at(1003)));
        // What Stripe did about when it was asked may or may not be in its answer.
        assert_eq!(step(Some(&fetched), at(1004), &life[4].1), Step::Fetch);
        assert_eq!(step(Some(&fetched), at(900), &life[0].1), Step::Ignore);
        assert!(matches!(step(Some(&fetched), at(1014), &life[4].1), Step::Become(..)));
    }

    #[test]
    fn another_subscription_is_weighed_against_the_one_that_is_kept() {
        let life = life([1000, 1001, 1002, 1003, 1004, 1005, 1006]);
        let (kept, _) = deliver(&life, &[0, 1], at(1002));
        let other = Snapshot { id: "sub_2".to_owned(), ..life[1].1.clone() };
        assert_eq!(step(kept.as_ref(), at(2000), &other), Step::Fetch);
        let ended = life[6].1.clone();
        assert_eq!(that_counts([ended.clone(), other.clone()]), Some(other));
        assert_eq!(that_counts([ended.clone()]), Some(ended));
        assert_eq!(that_counts([]), None);
    }

    #[test]
    fn grace_ends_in_reading_only_and_a_payment_restores() {
        let since = Some(at(0));
        let day = 24 * 60 * 60;
        assert_eq!(standing(None, 14, at(0)), Standing::Good);
        assert_eq!(standing(since, 14, at(14 * day - 1)), Standing::Grace(at(14 * day)));
        assert_eq!(standing(since, 14, at(14 * day)), Standing::ReadOnly);
        let life = life([1000, 1001, 1002, 1003, 1004, 1005, 1006]);
        let (overdue, _) = deliver(&life, &[0, 1, 2], at(1002));
        assert_eq!(overdue.as_ref().unwrap().overdue_since, Some(at(1002)));
        assert_eq!(overdue.unwrap().snapshot.entitles(), Plan::Teacher, "the plan stays while a payment is missing");
        let (paid, _) = deliver(&life, &[0, 1, 2, 3], at(1003));
        assert_eq!(paid.unwrap().overdue_since, None);
    }

    #[test]
    fn stripes_words_are_understood() {
        for word in ["trialing", "active", "past_due", "unpaid", "paused", "incomplete", "canceled"] {
            let status = SubscriptionStatus::from_stripe(word).unwrap();
            assert_eq!(status.name(), word);
            assert_eq!(serde_json::to_value(status).unwrap(), word);
        }
        assert_eq!(SubscriptionStatus::from_stripe("incomplete_expired"), Some(SubscriptionStatus::Canceled));
        assert_eq!(SubscriptionStatus::from_stripe("else"), None);
    }
}
