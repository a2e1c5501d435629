//! What we read of a subscription as Stripe writes it, in an event or in an answer. As little as possible, and from either
//! place where versions of Stripe's API have it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    subscription::{Snapshot, SubscriptionStatus},
};

use crate::price::{self, PriceKind};

/// A subscription as Stripe tells of it: ids, times, and where it stands. No personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// Its id.
    pub id: String,
    /// The customer's id.
    pub customer: String,
    /// Where it stands, in Stripe's word.
    pub status: String,
    /// The organization that we have written on it.
    pub org: Option<String>,
    /// What is paid for.
    pub items: Vec<ReportedItem>,
    /// Until when is paid, in seconds since 1970, as the others.
    pub current_period_end: i64,
    /// When it ends, if that is decided.
    pub cancels_at: Option<i64>,
    /// When its trial ends or ended.
    pub trial_ends_at: Option<i64>,
}

/// One thing that is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedItem {
    /// Its id.
    pub id: String,
    /// The price's id.
    pub price: String,
    /// How many; none where that is metered.
    pub quantity: Option<u32>,
}

/// An id, or the object itself where Stripe was asked to expand it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Id(String),
    Object { id: String },
}

impl Reference {
    fn into_id(self) -> String {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

#[derive(Deserialize)]
struct Object {
    id: String,
    customer: Reference,
    status: String,
    #[serde(default)]
    metadata: Option<Metadata>,
    items: Items,
    current_period_end: Option<i64>,
    cancel_at: Option<i64>,
    #[serde(default)]
    cancel_at_period_end: bool,
    trial_end: Option<i64>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    org: Option<String>,
}

#[derive(Deserialize)]
struct Items {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    price: Option<Reference>,
    plan: Option<Reference>,
    quantity: Option<u32>,
    current_period_end: Option<i64>,
}

impl Reported {
    /// Reads a subscription of Stripe's.
    ///
    /// # Errors
    /// `event_invalid` if it is none.
    pub fn read(object: serde_json::Value) -> Result<Self> {
        // What is missing, without quoting what stands there.
        let invalid = |context: String| {
            let message = "This is not a subscription as Stripe describes it.";
            Error::invalid("event_invalid", message).with_context(context)
        };
        let object: Object = serde_json::from_value(object)
            .map_err(|error| invalid(format!("a subscription of Stripe's: {:?}", error.classify())))?;
        let of_items = object.items.data.iter().filter_map(|item| item.current_period_end).max();
        let current_period_end = object.current_period_end.or(of_items);
        let current_period_end =
            current_period_end.ok_or_else(|| invalid("without an end of its period".to_owned()))?;
        let cancels_at = object.cancel_at.or(object.cancel_at_period_end.then_some(current_period_end));
        let item = |item: Item| {
            let price = item.price.or(item.plan).map(Reference::into_id);
            let price = price.ok_or_else(|| invalid("an item without a price".to_owned()))?;
            Ok(ReportedItem { id: item.id, price, quantity: item.quantity })
        };
        Ok(Self {
            id: object.id,
            customer: object.customer.into_id(),
            status: object.status,
            org: object.metadata.unwrap_or_default().org,
            items: object.items.data.into_iter().map(item).collect::<Result<_>>()?,
            current_period_end,
            cancels_at,
            trial_ends_at: object.trial_end,
        })
    }

    /// What we keep of it.
    ///
    /// # Errors
    /// `internal` if it is none that this environment sells.
    pub fn snapshot(&self, stage: &str) -> Result<Snapshot> {
        let unknown = |what: &str| Error::internal(format!("{}: {what}", self.id));
        let status = SubscriptionStatus::from_stripe(&self.status).ok_or_else(|| unknown("unknown status"))?;
        let (mut base, mut overage_item) = (None, None);
        for item in &self.items {
            match price::of_stripe(stage, &item.price)? {
                Some(PriceKind::Plan(plan, interval)) => base = Some((plan, interval, item)),
                Some(PriceKind::Overage) => overage_item = Some(item.id.clone()),
                None => {}
            }
        }
        let (plan, interval, item) = base.ok_or_else(|| unknown("none of its prices is in plans.json"))?;
        let time = |seconds: i64| Timestamp::from_second(seconds).map_err(Error::internal);
        Ok(Snapshot {
            id: self.id.clone(),
            status,
            plan,
            interval,
            seats: item.quantity.unwrap_or(1),
            current_period_end: time(self.current_period_end)?,
            cancels_at: self.cancels_at.map(time).transpose()?,
            trial_ends_at: self.trial_ends_at.map(time).transpose()?,
            item: item.id.clone(),
            overage_item,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use smartscripts_domain::{plan::Plan, subscription::Interval};

    use super::*;

    #[test]
    fn both_places_of_the_period_are_read() {
        let object = |on_item: bool| {
            let item = json!({ "id": "si_1", "quantity": 3, "price": { "id": "price_local_teacher_year" } });
            let mut object = json!({
                "id": "sub_1", "customer": "cus_1", "status": "trialing", "cancel_at": null, "trial_end": 50,
                "metadata": { "org": "org_x" }, "items": { "data": [item] }, "cancel_at_period_end": true,
            });
            if on_item {
                object["items"]["data"][0]["current_period_end"] = json!(100);
            } else {
                object["current_period_end"] = json!(100);
                object["customer"] = json!({ "id": "cus_1" });
            }
            object
        };
        let reported = Reported::read(object(true)).unwrap();
        assert_eq!(Reported::read(object(false)).unwrap(), reported);
        assert_eq!((reported.org.as_deref(), reported.cancels_at), (Some("org_x"), Some(100)));
        let snapshot = reported.snapshot("local").unwrap();
        assert_eq!((snapshot.plan, snapshot.interval, snapshot.seats), (Plan::Teacher, Interval::Year, 3));
        assert_eq!(reported.snapshot("production").unwrap_err().code(), "internal");
        let mut without = object(true);
        without["items"]["data"][0].as_object_mut().unwrap().remove("current_period_end");
        assert_eq!(Reported::read(without).unwrap_err().code(), "event_invalid");
        assert_eq!(Reported::read(json!({ "id": 7 })).unwrap_err().code(), "event_invalid");
    }
}
