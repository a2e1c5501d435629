//! Which customer of Stripe's an organization is, its subscription as Stripe has it, and how many scripts beyond the plan
//! Stripe was told of. What Stripe tells is kept in one transaction: the event's id, so that it counts once; the
//! subscription; the organization's plan; and the audit event.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::OrgId,
    plan::Plan,
    subscription::{Change, Seen, Snapshot, Step, Subscription, become_as, step},
};

use crate::{
    Actor, AuditEvent, Origin, Platform, Store, Tenant,
    item::{attribute, encode, number},
    keys, now,
    transaction::Transaction,
};

/// For how many seconds an event's id is remembered. Stripe delivers an event again for three days, and shows it for thirty.
const EVENT_SECONDS: i64 = 35 * 24 * 60 * 60;

/// An organization at Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billing {
    /// The organization.
    pub organization: OrgId,
    /// Stripe's id of the customer that it is.
    pub customer: String,
    /// Its subscription; none before the first. One that has ended stays until the next.
    pub subscription: Option<Subscription>,
    /// Whether it has tried a plan out already.
    pub had_trial: bool,
    /// Counted up at every change.
    pub version: u32,
}

impl Billing {
    /// The subscription, if it has begun and not ended.
    #[must_use]
    pub fn live(&self) -> Option<&Snapshot> {
        self.subscription.as_ref().map(|it| &it.snapshot).filter(|it| it.status.is_live())
    }

    fn entitles(&self) -> Plan {
        self.subscription.as_ref().map_or(Plan::Free, |it| it.snapshot.entitles())
    }

    fn overdue_since(&self) -> Option<Timestamp> {
        self.subscription.as_ref().and_then(|it| it.overdue_since)
    }
}

/// Which organization a customer of Stripe's is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StripeCustomer {
    organization: OrgId,
}

/// That an event of Stripe's has come.
#[derive(Serialize, Deserialize)]
struct StripeEvent {
    organization: OrgId,
    /// When it is forgotten, in seconds since 1970.
    expires_at: i64,
}

/// What Stripe was told of scripts beyond the plan, of one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverageReport {
    /// The month (UTC), as `2026-11`.
    pub month: String,
    /// How many scripts Stripe was told of for certain.
    pub reported: u32,
    /// How many there were beyond the plan when it was last looked: what is there twice has neither failed meanwhile nor
    /// been deleted, and is told.
    pub seen: u32,
    /// The number of the last batch that was or is being told.
    pub batch: u32,
    /// How many scripts are in the batch that is being told; 0 when none is. Told again with the same number, they count once.
    pub pending: u32,
    /// Counted up at every change.
    pub version: u32,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It has come before.
    Duplicate,
    /// It tells of what is past.
    Older,
    /// Only Stripe can say whether it is older or newer: ask, and [`Platform::keep_answer`].
    Unsure,
    /// What it says is what is kept now.
    Kept,
}

impl Platform {
    /// The organization that a customer of Stripe's is, and what is kept of it; none if it is none of ours.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn organization_of_customer(&self, customer: &str) -> Result<Option<(Tenant, Billing)>> {
        let store = self.store();
        let found: Option<StripeCustomer> = store.get(&keys::stripe_customer(customer)).await?;
        let Some(StripeCustomer { organization }) = found else { return Ok(None) };
        let tenant = Tenant::listed(organization);
        let billing = store.billing(tenant).await?;
        Ok(billing.filter(|billing| billing.customer == customer).map(|billing| (tenant, billing)))
    }

    /// An organization as a tenant, for a message about its seats; none if it is no customer of Stripe's.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn billing_of(&self, org: OrgId) -> Result<Option<(Tenant, Billing)>> {
        let tenant = Tenant::listed(org);
        Ok(self.store().billing(tenant).await?.map(|billing| (tenant, billing)))
    }

    /// Keeps which customer an organization is.
    ///
    /// # Errors
    /// `customer_exists` if it is one already.
    pub async fn create_billing(&self, tenant: Tenant, customer: &str, event: &AuditEvent) -> Result<Billing> {
        let store = self.store();
        let exists = || Error::conflict("customer_exists", "The organization is known to Stripe already. Try again.");
        let organization = tenant.org();
        let customer = customer.to_owned();
        let lookup = encode(&keys::stripe_customer(&customer), &StripeCustomer { organization })?;
        let billing = Billing { organization, customer, subscription: None, had_trial: false, version: 1 };
        Transaction::default()
            .create(store, encode(&keys::billing(organization), &billing)?, exists())?
            .create(store, lookup, exists())?
            .audit(store, event)?
            .commit(store)
            .await?;
        Ok(billing)
    }

    /// Takes an event of Stripe's: what it says becomes what is kept if it is newer, and in any case it counts once.
    ///
    /// # Errors
    /// `billing_changed` if something else was kept at the same time: take it again.
    pub async fn take_event(
        &self,
        tenant: Tenant,
        before: &Billing,
        (id, created, snapshot): (&str, Timestamp, &Snapshot),
        by: (Actor, &Origin),
    ) -> Result<Applied> {
        if self.knows_event(id).await? {
            return Ok(Applied::Duplicate);
        }
        let (next, change) = match step(before.subscription.as_ref(), created, snapshot) {
            Step::Fetch => return Ok(Applied::Unsure),
            Step::Ignore => {
                let noted = self.note_event(tenant, id).await;
                return noted.map(|()| Applied::Older).or_else(duplicate);
            }
            Step::Become(next, change) => (*next, change.map(Change::action)),
        };
        let kept = self.keep(tenant, before, next, change, Some(id), by).await;
        kept.map(|_| Applied::Kept).or_else(duplicate)
    }

    /// Keeps what Stripe has answered about the subscription to what was asked at `asked`, for an event or without one.
    /// Returns what is kept now.
    ///
    /// # Errors
    /// `billing_changed`; `event_known` if the event has come before.
    pub async fn keep_answer(
        &self,
        tenant: Tenant,
        before: &Billing,
        (snapshot, asked): (Snapshot, Timestamp),
        event: Option<&str>,
        by: (Actor, &Origin),
    ) -> Result<Billing> {
        let (next, change) = become_as(before.subscription.as_ref(), snapshot, Seen::of_answer(asked));
        self.keep(tenant, before, next, change.map(Change::action), event, by).await
    }

    /// Whether an event has come before.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn knows_event(&self, id: &str) -> Result<bool> {
        let found: Option<StripeEvent> = self.store().get(&keys::stripe_event(id)).await?;
        Ok(found.is_some())
    }

    /// Remembers that an event has come which changes nothing.
    ///
    /// # Errors
    /// `event_known`.
    pub async fn note_event(&self, tenant: Tenant, id: &str) -> Result<()> {
        let store = self.store();
        self.noting(Transaction::default(), tenant, id)?.commit(store).await
    }

    fn noting(&self, transaction: Transaction, tenant: Tenant, id: &str) -> Result<Transaction> {
        let expires_at = now().as_second() + EVENT_SECONDS;
        let item = encode(&keys::stripe_event(id), &StripeEvent { organization: tenant.org(), expires_at })?;
        transaction.create(self.store(), item, Error::conflict(EVENT_KNOWN, "This event has come before."))
    }

    async fn keep(
        &self,
        tenant: Tenant,
        before: &Billing,
        next: Subscription,
        change: Option<&'static str>,
        event: Option<&str>,
        by: (Actor, &Origin),
    ) -> Result<Billing> {
        let store = self.store();
        let had_trial = before.had_trial || next.snapshot.trial_ends_at.is_some();
        let after = Billing { subscription: Some(next), had_trial, version: before.version + 1, ..before.clone() };
        let changed =
            || Error::conflict("billing_changed", "The subscription was changed at the same time. Try again.");
        let mut transaction = match event {
            Some(id) => self.noting(Transaction::default(), tenant, id)?,
            None => Transaction::default(),
        };
        let item = encode(&keys::billing(tenant.org()), &after)?;
        transaction = transaction.replace(store, item, before.version, changed())?;
        let (plan, overdue) = (after.entitles(), after.overdue_since());
        // A plan that was agreed on with a person stays as long as the subscription says nothing else than before.
        if plan != before.entitles() || overdue != before.overdue_since() {
            let (plan_is, overdue_is) = (attribute(&plan)?, attribute(&overdue)?);
            transaction =
                transaction.update(store, &keys::organization(tenant.org()), Error::not_found(), |update| {
                    let is_new_plan = plan != before.entitles();
                    let set = if is_new_plan {
                        "SET overdue_since = :overdue, #plan = :plan"
                    } else {
                        "SET overdue_since = :overdue"
                    };
                    let update = update
                        .update_expression(format!("{set} ADD version :one"))
                        .condition_expression("attribute_exists(PK)")
                        .expression_attribute_values(":overdue", overdue_is)
                        .expression_attribute_values(":one", number(1));
                    if is_new_plan {
                        update.expression_attribute_names("#plan", "plan").expression_attribute_values(":plan", plan_is)
                    } else {
                        update
                    }
                })?;
        }
        if let Some(action) = change {
            transaction = transaction.audit(store, &told(tenant, action, (before, &after), by))?;
        }
        transaction.commit(store).await?;
        Ok(after)
    }
}

/// The code of the error that says that an event has come before.
pub const EVENT_KNOWN: &str = "event_known";

/// Another delivery of the same event was faster, which is as good.
fn duplicate(error: Error) -> Result<Applied> {
    if error.code() == EVENT_KNOWN { Ok(Applied::Duplicate) } else { Err(error) }
}

/// The audit event of what Stripe has told.
fn told(
    tenant: Tenant,
    action: &'static str,
    (before, after): (&Billing, &Billing),
    (actor, origin): (Actor, &Origin),
) -> AuditEvent {
    let event = tenant.event(actor, action, tenant.org(), origin);
    let was = before.subscription.as_ref().map(|it| &it.snapshot);
    let Some(is) = after.subscription.as_ref().map(|it| &it.snapshot) else { return event };
    let mut event = event
        .with("subscription", &is.id)
        .with("status_after", is.status.name())
        .with("plan_after", is.plan.name())
        .with("interval", is.interval.name())
        .with("seats", is.seats);
    if let Some(was) = was {
        event = event.with("status_before", was.status.name()).with("plan_before", was.plan.name());
    }
    event
}

impl Store {
    /// What is kept of the organization at Stripe; none before it has first thought of subscribing.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn billing(&self, tenant: Tenant) -> Result<Option<Billing>> {
        self.get(&keys::billing(tenant.org())).await
    }

    /// What Stripe was told of scripts beyond the plan in this month.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn overage_report(&self, tenant: Tenant, month: &str) -> Result<OverageReport> {
        let found = self.get(&keys::overage(tenant.org(), month)).await?;
        let none = || OverageReport { month: month.to_owned(), reported: 0, seen: 0, batch: 0, pending: 0, version: 0 };
        Ok(found.unwrap_or_else(none))
    }

    /// Keeps how far Stripe was told, if nobody has told it anything since that was read as `before`. With an audit event
    /// when a batch is begun.
    ///
    /// # Errors
    /// `overage_changed`.
    pub async fn save_overage_report(
        &self,
        tenant: Tenant,
        before: &OverageReport,
        after: OverageReport,
        event: Option<&AuditEvent>,
    ) -> Result<OverageReport> {
        let changed = Error::conflict("overage_changed", "Another run tells Stripe of the same scripts.");
        let next = OverageReport { version: before.version + 1, ..after };
        let item = encode(&keys::overage(tenant.org(), &next.month), &next)?;
        let transaction = Transaction::default();
        let mut transaction = match before.version {
            0 => transaction.create(self, item, changed)?,
            version => transaction.replace(self, item, version, changed)?,
        };
        if let Some(event) = event {
            transaction = transaction.audit(self, event)?;
        }
        transaction.commit(self).await?;
        Ok(next)
    }
}
