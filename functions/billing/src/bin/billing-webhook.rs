//! `POST /v1/billing/webhook`: Stripe tells what has happened. The signature is checked over the body as it was sent; what of
//! the event matters goes to a queue, and the answer is given. This function can reach no table.

use std::{env, process::ExitCode};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use smartscripts_billing::{Reported, price::stage, webhook::verify};
use smartscripts_domain::{Error, Result as DomainResult};
use smartscripts_http::{App, Json, RequestId, Result, SignedBody, State, ToSchema, routes, serve};
use smartscripts_jobs::BillingJob;
use smartscripts_store::now;

/// An event of Stripe's: <https://docs.stripe.com/api/events/object>.
#[derive(Deserialize, ToSchema)]
struct StripeEvent {
    id: String,
    r#type: String,
    /// When it happened, in seconds since 1970.
    created: i64,
    /// Whether it is about real money.
    livemode: bool,
    data: StripeEventData,
}

#[derive(Deserialize, ToSchema)]
struct StripeEventData {
    /// What it happened to, as it was then.
    #[schema(value_type = Object)]
    object: Value,
}

#[derive(Serialize, ToSchema)]
struct Received {}

/// Take an event of Stripe's
#[utoipa::path(
    post,
    path = "/v1/billing/webhook",
    params(("stripe-signature" = String, Header, description = "Stripe's signature of the body")),
    request_body = StripeEvent,
    responses((status = 200, body = Received))
)]
async fn webhook(
    State(app): State<App>,
    request_id: RequestId,
    SignedBody { signature, bytes }: SignedBody,
) -> Result<Json<Received>> {
    let secrets = env::var("STRIPE_WEBHOOK_SECRETS").unwrap_or_default();
    let secrets: Vec<&str> = secrets.split(',').map(str::trim).collect();
    verify(signature.as_deref(), &bytes, &secrets, now().as_second())?;
    let Some(job) = job(&bytes, &stage()?)? else { return Ok(Json(Received {})) };
    app.queue("BILLING_QUEUE_URL")?.send_all(request_id.as_ref(), [job]).await?;
    Ok(Json(Received {}))
}

/// What is to be done about an event; none if it doesn't concern us.
fn job(body: &[u8], stage: &str) -> DomainResult<Option<BillingJob>> {
    let text = std::str::from_utf8(body);
    let text =
        text.map_err(|_| Error::invalid("body_not_text", "The body is not text in UTF-8, as Stripe sends it."))?;
    // What is wrong and where, without quoting what stands there.
    let invalid = |error: serde_json::Error| {
        let context = format!("{:?} at column {}", error.classify(), error.column());
        Error::invalid("event_invalid", "The body is not an event as Stripe describes it.").with_context(context)
    };
    let event: StripeEvent = serde_json::from_str(text).map_err(invalid)?;
    if stage == "production" && !event.livemode {
        tracing::error!(metric = "billing_test_mode_refused", event = event.id, "an event of Stripe's test mode");
        let message =
            "This is an event of Stripe's test mode, and this is the real thing. Correct the webhook's address.";
        return Err(Error::invalid("test_mode_refused", message));
    }
    let StripeEvent { id, r#type: kind, created, data: StripeEventData { object }, .. } = event;
    let (customer, subscription) = match kind.as_str() {
        "customer.subscription.created"
        | "customer.subscription.updated"
        | "customer.subscription.deleted"
        | "customer.subscription.paused"
        | "customer.subscription.resumed" => {
            let reported = Reported::read(object)?;
            (Some(reported.customer.clone()), Some(reported))
        }
        // These say that the subscription has changed, and not how.
        "checkout.session.completed" | "invoice.paid" | "invoice.payment_failed" => (customer_of(&object), None),
        _ => (None, None),
    };
    let Some(customer) = customer else {
        tracing::info!(metric = "billing_event_ignored", event = id, kind, "does not concern us");
        return Ok(None);
    };
    tracing::info!(event = id, kind, "taken");
    Ok(Some(BillingJob::Event { id, created, customer, subscription }))
}

/// The customer whom an object of Stripe's belongs to, by the id, or expanded.
fn customer_of(object: &Value) -> Option<String> {
    let customer = &object["customer"];
    customer.as_str().or_else(|| customer["id"].as_str()).map(ToOwned::to_owned)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(webhook))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, livemode: bool, object: &Value) -> Vec<u8> {
        let event = json!({ "id": "evt_1", "object": "event", "type": kind, "created": 7, "livemode": livemode,
            "data": { "object": object }, "api_version": "x" });
        event.to_string().into_bytes()
    }

    fn code(body: &[u8], stage: &str) -> &'static str {
        job(body, stage).unwrap_err().code()
    }

    #[test]
    fn a_subscription_s_event_goes_on_without_anything_personal() {
        let subscription = json!({
            "id": "sub_1", "customer": "cus_1", "status": "active", "current_period_end": 9, "cancel_at": null,
            "trial_end": null, "metadata": { "org": "org_1", "name": "Ada" }, "description": "Ada's",
            "items": { "data": [{ "id": "si_1", "price": { "id": "price_1" }, "quantity": 2 }] },
        });
        let job = job(&event("customer.subscription.updated", true, &subscription), "production").unwrap().unwrap();
        let sent = serde_json::to_string(&job).unwrap();
        assert!(sent.contains("sub_1") && sent.contains("price_1") && !sent.contains("Ada"), "{sent}");
        assert_eq!(code(&event("customer.subscription.updated", true, &json!({})), "local"), "event_invalid");
    }

    #[test]
    fn what_only_hints_asks_stripe_and_what_is_unknown_is_left() {
        let hint = json!({ "customer": { "id": "cus_1" }, "customer_email": "ada@school.example" });
        let job_of = |kind| job(&event(kind, false, &hint), "staging").unwrap();
        let expected =
            BillingJob::Event { id: "evt_1".to_owned(), created: 7, customer: "cus_1".to_owned(), subscription: None };
        for kind in ["checkout.session.completed", "invoice.paid", "invoice.payment_failed"] {
            assert_eq!(job_of(kind), Some(expected.clone()), "{kind}");
        }
        assert_eq!(job_of("charge.refunded"), None);
        assert_eq!(job(&event("invoice.paid", false, &json!({ "customer": null })), "staging").unwrap(), None);
    }

    #[test]
    fn test_money_is_refused_where_money_is_real() {
        assert_eq!(code(&event("charge.refunded", false, &json!({})), "production"), "test_mode_refused");
        assert_eq!(code(&[0xff], "production"), "body_not_text");
        assert_eq!(code(b"{}", "production"), "event_invalid");
    }
}
