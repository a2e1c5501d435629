//! The calls.

use std::{collections::HashMap, env, sync::OnceLock, time::Duration};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use smartscripts_billing::{
    Reported, billed_seats,
    price::{OfferedPrice, not_set_up, stage},
};
use smartscripts_domain::{Error, Kind, Result, id::OrgId, subscription::Snapshot};
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_billing::{
    billing_meter_event::CreateBillingMeterEvent,
    billing_portal_session::CreateBillingPortalSession,
    invoice::{
        CreatePreviewInvoice, CreatePreviewInvoiceSubscriptionDetails, CreatePreviewInvoiceSubscriptionDetailsItems,
        CreatePreviewInvoiceSubscriptionDetailsProrationBehavior, ListInvoice,
    },
    subscription::{
        ListSubscription, ListSubscriptionStatus, RetrieveSubscription, UpdateSubscription, UpdateSubscriptionItems,
        UpdateSubscriptionPaymentBehavior, UpdateSubscriptionProrationBehavior,
    },
};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionCustomerUpdate, CreateCheckoutSessionCustomerUpdateAddress,
    CreateCheckoutSessionCustomerUpdateName, CreateCheckoutSessionLineItems, CreateCheckoutSessionSubscriptionData,
    CreateCheckoutSessionTaxIdCollection, ExpireCheckoutSession, ListCheckoutSession,
};
use stripe_core::customer::CreateCustomer;
use stripe_shared::{CheckoutSessionMode, CheckoutSessionStatus};

use crate::answers::{Identified, Invoice, InvoiceAnswer, List, Preview, Session};

/// How long one attempt may take: a route ends after fifteen seconds.
const PATIENCE: Duration = Duration::from_secs(6);

/// How often what changes nothing is tried.
const TRIES: u32 = 2;

/// The name of the meter at Stripe that counts scripts beyond a plan; `infra/billing` makes it.
const METER: &str = "smartscripts_scripts_beyond";

/// Stripe, with the key of this environment.
#[derive(Debug)]
pub struct Stripe {
    client: Client,
    stage: String,
}

/// A subscription to be begun on Stripe's own page.
#[derive(Debug)]
pub struct Checkout<'a> {
    /// The organization.
    pub org: OrgId,
    /// Which customer of Stripe's it is.
    pub customer: &'a str,
    /// What is bought.
    pub price: &'a OfferedPrice,
    /// For how many seats.
    pub seats: u32,
    /// Where Stripe sends people afterwards: if they have subscribed, and if they haven't.
    pub return_urls: [String; 2],
    /// By which Stripe opens the page once, however often it is asked for it.
    pub once: &'a str,
}

impl Stripe {
    /// From `STRIPE_SECRET_KEY`, `STRIPE_API_URL` (Stripe's own unless set) and `STAGE`.
    ///
    /// # Errors
    /// `billing_not_set_up` without a key.
    pub fn from_env() -> Result<&'static Self> {
        static SHARED: OnceLock<Stripe> = OnceLock::new();
        if let Some(shared) = SHARED.get() {
            return Ok(shared);
        }
        let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let secret = set("STRIPE_SECRET_KEY").ok_or_else(|| not_set_up("STRIPE_SECRET_KEY is not set"))?;
        let stripe = Self::new(secret, set("STRIPE_API_URL"), stage()?)?;
        Ok(SHARED.get_or_init(|| stripe))
    }

    fn new(secret: String, url: Option<String>, stage: String) -> Result<Self> {
        let builder = ClientBuilder::new(secret).timeout(PATIENCE);
        let builder = if let Some(url) = url { builder.url(url) } else { builder };
        // The error would say what stands in the key's place.
        let client = builder.build().map_err(|_| Error::internal("the key or the address of Stripe is none"))?;
        Ok(Self { client, stage })
    }

    /// The environment whose prices count.
    #[must_use]
    pub fn stage(&self) -> &str {
        &self.stage
    }

    /// Makes the organization a customer; returns the customer's id. The organization's name goes along, for the invoice,
    /// and no person's.
    ///
    /// # Errors
    /// `unavailable`, as all that follow.
    pub async fn create_customer(&self, org: OrgId, name: &str) -> Result<String> {
        let request = CreateCustomer::new().name(name).metadata(of_org(org));
        let customer: Identified = self.create(&request, &format!("customer:{org}")).await?;
        Ok(customer.id)
    }

    /// Opens a page on which the organization can subscribe; returns its address. Pages that were opened before are closed,
    /// so that no two of them can be paid.
    ///
    /// # Errors
    /// `checkout_changed` if one of them was paid at this moment.
    pub async fn start_checkout(&self, checkout: &Checkout<'_>) -> Result<String> {
        let Checkout { org, customer, price, seats, return_urls: [done, canceled], once } = checkout;
        let item = CreateCheckoutSessionLineItems {
            price: Some(price.id.clone()),
            quantity: Some(u64::from(*seats)),
            ..CreateCheckoutSessionLineItems::new()
        };
        let metered = |id: &String| CreateCheckoutSessionLineItems {
            price: Some(id.clone()),
            ..CreateCheckoutSessionLineItems::new()
        };
        let items: Vec<_> = [item].into_iter().chain(price.overage_id.as_ref().map(metered)).collect();
        let trial_days = price.offer.trial_days;
        let subscription = CreateCheckoutSessionSubscriptionData {
            metadata: Some(of_org(*org)),
            trial_period_days: (trial_days > 0).then_some(trial_days),
            ..CreateCheckoutSessionSubscriptionData::new()
        };
        let update = CreateCheckoutSessionCustomerUpdate {
            address: Some(CreateCheckoutSessionCustomerUpdateAddress::Auto),
            name: Some(CreateCheckoutSessionCustomerUpdateName::Auto),
            ..CreateCheckoutSessionCustomerUpdate::new()
        };
        let request = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Subscription)
            .client_reference_id(org.to_string())
            .customer(*customer)
            .line_items(items)
            .subscription_data(subscription)
            .tax_id_collection(CreateCheckoutSessionTaxIdCollection::new(true))
            .customer_update(update)
            .success_url(done)
            .cancel_url(canceled);
        let session: Session = self.create(&request, &format!("checkout:{once}")).await?;
        self.close_other_checkouts(customer, &session.id).await?;
        session.url.ok_or_else(|| Error::internal("a Checkout session of Stripe's without an address"))
    }

    /// Closes what is open, but for this one. Of two that do so at once, no more than one page stays open.
    async fn close_other_checkouts(&self, customer: &str, keep: &str) -> Result<()> {
        let open = ListCheckoutSession::new().customer(customer).status(CheckoutSessionStatus::Open).limit(100);
        let open: List = self.read(&open).await?;
        for session in open.data {
            let Identified { id } = serde_json::from_value(session).map_err(not_understood)?;
            if id == keep {
                continue;
            }
            let request = ExpireCheckoutSession::new(id).build().customize::<miniserde::json::Value>();
            match request.request_strategy(RequestStrategy::Once).send(&self.client).await {
                Ok(_) => (),
                Err(StripeError::Stripe(_, 400)) => {
                    let message = "Somebody is just subscribing, or has a page open for it. Look again in a minute.";
                    return Err(Error::conflict("checkout_changed", message));
                }
                Err(error) => return Err(refused(error)),
            }
        }
        Ok(())
    }

    /// Opens Stripe's page on which a customer changes the card and the tax id; returns its address.
    pub async fn open_portal(&self, customer: &str, return_url: &str, once: &str) -> Result<String> {
        let request = CreateBillingPortalSession::new().customer(customer).return_url(return_url);
        let session: Session = self.create(&request, &format!("portal:{once}")).await?;
        session.url.ok_or_else(|| Error::internal("a portal session of Stripe's without an address"))
    }

    /// A subscription as it stands.
    pub async fn subscription(&self, id: &str) -> Result<Reported> {
        Reported::read(self.read(&RetrieveSubscription::new(id)).await?)
    }

    /// All of a customer's subscriptions, those that have ended too.
    pub async fn subscriptions_of(&self, customer: &str) -> Result<Vec<Reported>> {
        let request = ListSubscription::new().customer(customer).status(ListSubscriptionStatus::All).limit(100);
        let list: List = self.read(&request).await?;
        list.data.into_iter().map(Reported::read).collect()
    }

    /// A page of all subscriptions that have not ended, and the id behind which the next page begins.
    pub async fn all_subscriptions(&self, after: Option<&str>) -> Result<(Vec<Reported>, Option<String>)> {
        let mut request = ListSubscription::new().limit(100);
        if let Some(after) = after {
            request = request.starting_after(after);
        }
        let list: List = self.read(&request).await?;
        let page: Vec<Reported> = list.data.into_iter().map(Reported::read).collect::<Result<_>>()?;
        let next = page.last().filter(|_| list.has_more).map(|last| last.id.clone());
        Ok((page, next))
    }

    /// What it would cost to change to this price at `at`.
    pub async fn preview_change(
        &self,
        (customer, now): (&str, &Snapshot),
        to: &OfferedPrice,
        at: Timestamp,
    ) -> Result<Preview> {
        let item = |change: ItemChange| CreatePreviewInvoiceSubscriptionDetailsItems {
            id: change.id,
            price: change.price,
            quantity: change.quantity,
            deleted: change.is_deleted.then_some(true),
            ..CreatePreviewInvoiceSubscriptionDetailsItems::new()
        };
        let details = CreatePreviewInvoiceSubscriptionDetails {
            items: Some(item_changes(now, to)?.into_iter().map(item).collect()),
            proration_behavior: Some(CreatePreviewInvoiceSubscriptionDetailsProrationBehavior::AlwaysInvoice),
            proration_date: Some(at.as_second()),
            ..CreatePreviewInvoiceSubscriptionDetails::new()
        };
        let request =
            CreatePreviewInvoice::new().customer(customer).subscription(&now.id).subscription_details(details);
        let invoice: InvoiceAnswer = self.read(&request).await?;
        Ok(invoice.into_preview())
    }

    /// Changes to this price, as it was previewed for `at`. What is to be paid is paid at once, or nothing changes.
    ///
    /// # Errors
    /// `payment_failed`.
    pub async fn change(&self, now: &Snapshot, to: &OfferedPrice, at: Timestamp, once: &str) -> Result<Reported> {
        let item = |change: ItemChange| UpdateSubscriptionItems {
            id: change.id,
            price: change.price,
            quantity: change.quantity,
            deleted: change.is_deleted.then_some(true),
            ..UpdateSubscriptionItems::new()
        };
        let items: Vec<_> = item_changes(now, to)?.into_iter().map(item).collect();
        let request = UpdateSubscription::new(now.id.as_str())
            .items(items)
            .proration_behavior(UpdateSubscriptionProrationBehavior::AlwaysInvoice)
            .proration_date(at.as_second())
            .payment_behavior(UpdateSubscriptionPaymentBehavior::ErrorIfIncomplete);
        Reported::read(self.create(&request, &format!("change:{once}")).await?)
    }

    /// Ends the subscription when what is paid for is over, or takes that back.
    pub async fn cancel_at_period_end(&self, id: &str, cancel: bool) -> Result<Reported> {
        Reported::read(
            self.send(&UpdateSubscription::new(id).cancel_at_period_end(cancel), RequestStrategy::Once).await?,
        )
    }

    /// Says how many seats there are.
    pub async fn set_seats(&self, now: &Snapshot, seats: u32) -> Result<Reported> {
        let item = UpdateSubscriptionItems {
            id: Some(now.item.clone()),
            quantity: Some(u64::from(seats)),
            ..UpdateSubscriptionItems::new()
        };
        let request = UpdateSubscription::new(now.id.as_str())
            .items(vec![item])
            .proration_behavior(UpdateSubscriptionProrationBehavior::CreateProrations);
        Reported::read(self.send(&request, RequestStrategy::Once).await?)
    }

    /// A customer's invoices, newest first, and the id behind which the next page begins.
    pub async fn invoices(
        &self,
        customer: &str,
        limit: usize,
        after: Option<&str>,
    ) -> Result<(Vec<Invoice>, Option<String>)> {
        let mut request = ListInvoice::new().customer(customer).limit(limit as i64);
        if let Some(after) = after {
            request = request.starting_after(after);
        }
        let list: List = self.read(&request).await?;
        let read = |value| {
            serde_json::from_value::<InvoiceAnswer>(value).map_err(not_understood).and_then(InvoiceAnswer::into_invoice)
        };
        let page: Vec<Invoice> = list.data.into_iter().map(read).collect::<Result<_>>()?;
        let next = page.last().filter(|_| list.has_more).map(|last| last.id.clone());
        Ok((page, next))
    }

    /// Tells of scripts beyond the plan, which were used at `at`. With the same `identifier`, they count once.
    pub async fn report_scripts_beyond(
        &self,
        customer: &str,
        scripts: u32,
        identifier: &str,
        at: Timestamp,
    ) -> Result<()> {
        let payload = [("stripe_customer_id", customer.to_owned()), ("value", scripts.to_string())];
        let payload: HashMap<String, String> = payload.map(|(name, value)| (name.to_owned(), value)).into();
        let request = CreateBillingMeterEvent::new(METER, payload).identifier(identifier).timestamp(at.as_second());
        // The identifier is what counts once. No idempotency key beside it: what is told again may name another moment, and a
        // key that comes with something else is refused.
        let request = request.build().customize::<miniserde::json::Value>().request_strategy(RequestStrategy::Once);
        match request.send(&self.client).await {
            Ok(_) => Ok(()),
            Err(StripeError::Stripe(error, 400)) if is_told_already(error.message.as_deref()) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }

    async fn create<T: DeserializeOwned>(&self, request: &impl StripeRequest, once: &str) -> Result<T> {
        let key = IdempotencyKey::new(once).map_err(Error::internal)?;
        self.send(request, RequestStrategy::Idempotent(key)).await
    }

    async fn read<T: DeserializeOwned>(&self, request: &impl StripeRequest) -> Result<T> {
        self.send(request, RequestStrategy::ExponentialBackoff(TRIES)).await
    }

    async fn send<T: DeserializeOwned>(&self, request: &impl StripeRequest, strategy: RequestStrategy) -> Result<T> {
        let request = request.build().customize::<miniserde::json::Value>().request_strategy(strategy);
        let answer = request.send(&self.client).await.map_err(refused)?;
        // async-stripe reads JSON with a library of its own; what we read is described for serde.
        serde_json::from_str(&miniserde::json::to_string(&answer)).map_err(not_understood)
    }
}

/// A change of one of a subscription's items.
struct ItemChange {
    id: Option<String>,
    price: Option<String>,
    quantity: Option<u64>,
    is_deleted: bool,
}

/// What changes a subscription to this price: its plan, and whether scripts beyond it are charged.
fn item_changes(now: &Snapshot, to: &OfferedPrice) -> Result<Vec<ItemChange>> {
    let plan = ItemChange {
        id: Some(now.item.clone()),
        price: Some(to.id.clone()),
        quantity: Some(u64::from(billed_seats(to.offer.plan, now.seats as usize)?)),
        is_deleted: false,
    };
    let overage = match (&now.overage_item, &to.overage_id) {
        (None, None) => None,
        (id, Some(price)) => {
            Some(ItemChange { id: id.clone(), price: Some(price.clone()), quantity: None, is_deleted: false })
        }
        (Some(id), None) => Some(ItemChange { id: Some(id.clone()), price: None, quantity: None, is_deleted: true }),
    };
    Ok([plan].into_iter().chain(overage).collect())
}

/// What says on an object of Stripe's which organization it is of.
fn of_org(org: OrgId) -> HashMap<String, String> {
    HashMap::from([("org".to_owned(), org.to_string())])
}

// What is wrong, without quoting what stands there.
#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn not_understood(error: serde_json::Error) -> Error {
    Error::internal(format!("an answer of Stripe's is not as expected: {:?}", error.classify()))
}

/// Whether Stripe has refused a meter event because it has one of the same identifier, whose answer got lost. It has no code
/// for that: <https://docs.stripe.com/api/billing/meter-event/create>.
fn is_told_already(message: Option<&str>) -> bool {
    message.is_some_and(|message| message.starts_with("An event already exists with identifier "))
}

/// Of an error of Stripe's only the codes may be logged: the text may name a person or a card.
fn refused(error: StripeError) -> Error {
    match error {
        StripeError::Stripe(error, 402) => {
            let code = error.code.map(|code| code.to_string()).unwrap_or_default();
            let message = "The payment did not go through, so nothing was changed. Give another card under “Payment \
                           details and invoices”, or ask your bank, and try again.";
            Error::payment_required("payment_failed", message, None).with_context(code)
        }
        StripeError::Stripe(error, status) => {
            let context = format!("Stripe: {status} {} {:?}", error.type_, error.code.map(|code| code.to_string()));
            match status {
                404 => Error::new(Kind::NotFound, "stripe_object_missing", "Stripe does not know this any more.")
                    .with_context(context),
                409 | 424 | 429 | 500.. => Error::unavailable(context),
                _ => Error::internal(context),
            }
        }
        StripeError::Timeout => Error::unavailable("Stripe: no answer in time"),
        StripeError::ClientError(error) => Error::unavailable(format!("Stripe: {error}")),
        StripeError::JSONDeserialize(_) => Error::unavailable("Stripe: an answer that is no JSON of Stripe's"),
        StripeError::ConfigError(_) => Error::internal("Stripe: the configuration is wrong"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stripe_was_told_before_is_told() {
        assert!(is_told_already(Some("An event already exists with identifier org_1:2026-11:1.")));
        assert!(!is_told_already(Some("No active meter found for event_name another")));
        assert!(!is_told_already(None));
    }
}
