//! A subscription's life: on the stand-in for Stripe with its own signed webhooks, and by events that the tests sign, in any
//! order and eight at once.

use std::{collections::BTreeMap, env, sync::Arc};

use futures::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rand::seq::SliceRandom;
use reqwest::{Client, Method, redirect::Policy};
use serde_json::{Value, json};
use sha2::Sha256;
use smartscripts_domain::{
    Kind,
    plan::Plan,
    subscription::{Interval, Snapshot, SubscriptionStatus},
};
use smartscripts_e2e::{Answer, Teacher, cloud, small_guide, unique, url, variable};
use smartscripts_store::{Actor, Applied, Origin, Platform, Store, now};

const PAYS: &str = "4242424242424242";
const DECLINED_LATER: &str = "4000000000000341";

fn secret(file: &str) -> String {
    std::fs::read_to_string(format!("{}/../../.local/secrets/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

// ---- The stand-in ------------------------------------------------------------------------------------------------

fn fake(path: &str) -> String {
    format!("{}{path}", variable("STRIPE_FAKE_URL"))
}

/// Fills in one of the stand-in's pages.
async fn fill_in(address: &str, form: &[(&str, &str)]) {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
    let request = client.post(address).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(body.join("&")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 303, "{}", answer.text().await.unwrap());
}

/// Ends the period, the trial, or Stripe's patience.
async fn advance(subscription: &str) {
    let body = json!({ "subscription": subscription });
    let answer = Client::new().post(fake("/_fake/advance")).json(&body).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{}", answer.text().await.unwrap());
}

async fn at_stripe(path: &str) -> Value {
    let request = Client::new().get(fake(path)).bearer_auth(secret("stripe-secret-key"));
    request.send().await.unwrap().json().await.unwrap()
}

/// Subscribes on the stand-in's page, and waits until we know of it. Returns the id of the subscription.
async fn subscribe(owner: &Teacher, plan: &str, interval: &str) -> String {
    let wanted = json!({ "plan": plan, "interval": interval });
    let checkout = owner.post(&owner.at("/billing/checkout"), wanted).await.expect(200);
    fill_in(checkout["url"].as_str().unwrap(), &[("name", "Test School"), ("tax_id", "DE123456789"), ("card", PAYS)])
        .await;
    until(owner, |billing| billing["subscription"]["status"] == "trialing").await;
    kept(owner).await["subscription"]["snapshot"]["id"].as_str().unwrap().to_owned()
}

async fn billing(owner: &Teacher) -> Value {
    owner.get(&owner.at("/billing")).await.expect(200)
}

/// Waits until the organization's billing is such.
async fn until(owner: &Teacher, is_so: impl Fn(&Value) -> bool) -> Value {
    let what = format!("billing of {}", owner.org);
    cloud::eventually(&what, 40, async || is_so(&billing(owner).await)).await;
    billing(owner).await
}

/// What is kept of the organization at Stripe.
async fn kept(owner: &Teacher) -> Value {
    let item = cloud::item(&format!("T#{}#", owner.org), "BILLING").await.unwrap();
    serde_dynamo::from_item(item).unwrap()
}

/// Changes what is kept, past all rules.
async fn falsify(owner: &Teacher, change: impl FnOnce(&mut Value)) {
    let mut item = kept(owner).await;
    change(&mut item);
    let item: std::collections::HashMap<_, _> = serde_dynamo::to_item(item).unwrap();
    cloud::put(item).await;
}

/// Waits until Stripe's events of what was done are all taken.
async fn settled(owner: &Teacher) {
    cloud::eventually("nothing changes any more", 60, async || {
        let version = kept(owner).await["version"].clone();
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        kept(owner).await["version"] == version
    })
    .await;
}

/// The actions of the organization's audit log that tell of billing, each with how often.
async fn actions(owner: &Teacher) -> BTreeMap<String, usize> {
    let log = owner.get(&owner.at("/audit?limit=100")).await.expect(200);
    let mut actions = BTreeMap::new();
    for action in log["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()) {
        if action.starts_with("billing.") {
            *actions.entry(action.to_owned()).or_default() += 1;
        }
    }
    actions
}

#[tokio::test]
async fn of_the_pages_to_subscribe_on_only_the_last_can_be_paid() {
    let owner = Teacher::on_plan("free").await;
    let mut pages = Vec::new();
    for plan in ["teacher", "school", "teacher"] {
        let wanted = json!({ "plan": plan, "interval": "month" });
        let checkout = owner.post(&owner.at("/billing/checkout"), wanted).await.expect(200);
        pages.push(checkout["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
    }
    let mut standing = Vec::new();
    for page in &pages {
        standing.push(at_stripe(&format!("/v1/checkout/sessions/{page}")).await["status"].clone());
    }
    assert_eq!(standing, ["expired", "expired", "open"]);
}

#[tokio::test]
async fn subscribe_change_invoice_cancel() {
    let owner = Teacher::on_plan("free").await;
    let before = billing(&owner).await;
    assert_eq!((&before["plan"], &before["subscription"]), (&json!("free"), &Value::Null));
    assert_eq!((&before["offers"][0]["trial_days"], &before["offers"][0]["amount"]), (&json!(14), &json!(1200)));
    assert_eq!(owner.get(&owner.at("/billing/invoices")).await.expect(200)["items"], json!([]));
    owner.post(&owner.at("/billing/portal"), json!({})).await.expect_problem(409, "no_customer");
    let district = json!({ "plan": "district", "interval": "month" });
    owner.post(&owner.at("/billing/checkout"), district).await.expect_problem(400, "plan_not_offered");

    let id = subscribe(&owner, "teacher", "month").await;
    let trial = billing(&owner).await;
    assert_eq!((&trial["plan"], &trial["standing"]), (&json!("teacher"), &json!("good")));
    assert_eq!(trial["offers"][0]["trial_days"], 0, "a trial is given once");
    let again = json!({ "plan": "school", "interval": "month" });
    owner.post(&owner.at("/billing/checkout"), again).await.expect_problem(409, "already_subscribed");

    advance(&id).await;
    until(&owner, |billing| billing["subscription"]["status"] == "active").await;
    owner.delete(&owner.at("")).await.expect_problem(409, "subscription_alive");

    // Seats follow.
    owner.invite(json!({ "email": format!("{}@school.example", unique("t")), "role": "teacher" })).await;
    until(&owner, |billing| billing["subscription"]["seats"] == 2).await;
    assert_eq!(at_stripe(&format!("/v1/subscriptions/{id}")).await["items"]["data"][0]["quantity"], 2);

    // Another plan: what is previewed is what is paid.
    let wanted = json!({ "plan": "school", "interval": "month" });
    let preview = owner.post(&owner.at("/billing/preview"), wanted.clone()).await.expect(200);
    let due = preview["due_now"].as_i64().unwrap();
    assert!(due > 0 && due <= 19_900 && preview["next_amount"] == 19_900 && preview["currency"] == "eur", "{preview}");
    let sum: i64 = preview["lines"].as_array().unwrap().iter().map(|line| line["amount"].as_i64().unwrap()).sum();
    assert_eq!(sum, due, "{preview}");
    let mut change = wanted;
    change["proration_at"] = json!("2026-01-01T00:00:00Z");
    owner.post(&owner.at("/billing/change"), change.clone()).await.expect_problem(400, "preview_old");
    change["proration_at"] = preview["proration_at"].clone();
    let changed = owner.post(&owner.at("/billing/change"), change).await.expect(200);
    assert_eq!((&changed["plan"], &changed["subscription"]["plan"]), (&json!("school"), &json!("school")));
    let invoices = owner.get(&owner.at("/billing/invoices")).await.expect(200);
    let newest = &invoices["items"][0];
    assert_eq!((&newest["total"], &newest["status"]), (&json!(due), &json!("paid")), "{invoices}");
    for link in ["pdf_url", "page_url"] {
        let answer = Client::new().get(newest[link].as_str().unwrap()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{link}");
    }
    let first = owner.get(&owner.at("/billing/invoices?limit=1")).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = owner.get(&owner.at(&format!("/billing/invoices?limit=1&cursor={cursor}"))).await.expect(200);
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    let portal = owner.post(&owner.at("/billing/portal"), json!({})).await.expect(200);
    let page = Client::new().get(portal["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);

    // What Stripe answers counts, whatever was kept before.
    settled(&owner).await;
    let overdue = |item: &mut Value| {
        item["subscription"]["snapshot"]["status"] = json!("past_due");
        item["subscription"]["overdue_since"] = json!("2026-11-01T00:00:00Z");
    };
    falsify(&owner, overdue).await;
    let canceled = owner.post(&owner.at("/billing/cancel"), json!({})).await.expect(200);
    assert!(canceled["subscription"]["cancels_at"].is_string() && canceled["plan"] == "school", "{canceled}");
    assert_eq!(canceled["subscription"]["status"], "active");
    settled(&owner).await;
    falsify(&owner, overdue).await;
    let resumed = owner.post(&owner.at("/billing/resume"), json!({})).await.expect(200);
    assert_eq!(resumed["subscription"]["cancels_at"], Value::Null, "{resumed}");
    owner.post(&owner.at("/billing/cancel"), json!({})).await.expect(200);
    advance(&id).await;
    let ended = until(&owner, |billing| billing["subscription"]["status"] == "canceled").await;
    assert_eq!(ended["plan"], "free", "{ended}");
    owner.post(&owner.at("/billing/cancel"), json!({})).await.expect_problem(409, "not_subscribed");
    let told = actions(&owner).await;
    for action in ["subscription_started", "subscription_activated", "plan_changed", "subscription_ended"] {
        assert_eq!(told.get(&format!("billing.{action}")), Some(&1), "{action}: {told:?}");
    }
}

#[tokio::test]
async fn a_missing_payment_ends_in_reading_only_and_a_payment_restores() {
    let owner = Teacher::on_plan("free").await;
    let assessment = owner.assessment(small_guide()).await;
    let id = subscribe(&owner, "teacher", "year").await;
    advance(&id).await;
    until(&owner, |billing| billing["subscription"]["status"] == "active").await;
    let [grader, teacher] = [owner.member("grader").await, owner.member("teacher").await];
    let portal = async |form: &[(&str, &str)]| {
        let portal = owner.post(&owner.at("/billing/portal"), json!({})).await.expect(200);
        fill_in(portal["url"].as_str().unwrap(), form).await;
    };
    portal(&[("do", "card"), ("card", DECLINED_LATER)]).await;
    advance(&id).await;
    let overdue = until(&owner, |billing| billing["subscription"]["status"] == "past_due").await;
    assert_eq!((&overdue["standing"], &overdue["plan"]), (&json!("grace"), &json!("teacher")));
    assert!(overdue["grace_ends_at"].is_string());
    let create = async || owner.post(&owner.at("/assessments"), json!({ "title": "T" })).await;
    create().await.expect(201);

    // The grace period is over.
    let org = format!("T#{}#", owner.org);
    let since = Timestamp::from_second(now().as_second() - 15 * 24 * 60 * 60).unwrap();
    cloud::set_text(&org, "ORGANIZATION", "overdue_since", &since.to_string()).await;
    assert_eq!(billing(&owner).await["standing"], "read_only");
    let detail = create().await.expect_problem(402, "payment_overdue")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("pay") && detail.contains("deleted"), "{detail}");
    let upload = json!({ "files": [{ "content_type": "text/plain" }] });
    let submissions = format!("{}/submissions", assessment.path);
    owner.post(&submissions, upload).await.expect_problem(402, "payment_overdue");
    // Reading, paying, taking one's data along, and leaving go on.
    for path in ["", "/members", "/assessments", "/audit", "/usage", "/billing", "/billing/invoices", "/invites"] {
        owner.get(&owner.at(path)).await.expect(200);
    }
    owner.get(&submissions).await.expect(200);
    owner.post(&owner.at("/privacy/exports"), json!({})).await.expect(202);
    owner.post(&owner.at("/privacy/erasure-plan"), json!({})).await.expect(200);
    owner.delete(&owner.at(&format!("/members/{}", grader.user))).await.expect(204);
    owner
        .patch(&owner.at(&format!("/members/{}", teacher.user)), json!({ "role": "grader", "version": 1 }))
        .await
        .expect_problem(402, "payment_overdue");
    let mut same = owner.clone();
    same.log_in().await;

    portal(&[("do", "card"), ("card", PAYS)]).await;
    advance(&id).await;
    let paid = until(&owner, |billing| billing["subscription"]["status"] == "active").await;
    assert_eq!((&paid["standing"], &paid["plan"]), (&json!("good"), &json!("teacher")));
    create().await.expect(201);
    let told = actions(&owner).await;
    assert_eq!(told.get("billing.payment_failed"), Some(&1), "{told:?}");
    assert_eq!(told.get("billing.payment_recovered"), Some(&1), "{told:?}");
}

#[tokio::test]
async fn scripts_beyond_the_plan_are_charged_once_and_every_difference_is_found() {
    let owner = Teacher::on_plan("free").await;
    let month = owner.get(&owner.at("/usage")).await.expect(200)["month"].as_str().unwrap().to_owned();
    let id = subscribe(&owner, "school", "month").await;
    // What was used on a plan that charged nothing for it stays free.
    let used_since = async |scripts| cloud::use_scripts(&owner.org, &month, 10_000 + scripts, scripts).await;
    used_since(20_005).await;
    let reported = async || {
        let item = cloud::item(&format!("T#{}#", owner.org), &format!("OVERAGE#{month}")).await.unwrap();
        let report: Value = serde_dynamo::from_item(item).unwrap();
        (report["reported"].as_u64().unwrap(), report["pending"].as_u64().unwrap())
    };
    // What is seen twice is told; what is told is not told again.
    cloud::run_now("ReportOverage").await;
    assert_eq!(reported().await, (0, 0));
    used_since(20_004).await;
    assert_eq!(owner.get(&owner.at("/usage")).await.expect(200)["scripts_charged"], 4);
    for _ in 0..3 {
        cloud::run_now("ReportOverage").await;
        assert_eq!(reported().await, (4, 0));
    }
    advance(&id).await;
    until(&owner, |billing| billing["subscription"]["status"] == "active").await;
    let invoices = owner.get(&owner.at("/billing/invoices")).await.expect(200);
    assert_eq!(invoices["items"][0]["total"], 19_900 + 4 * 5, "{invoices}");

    // Every night, what we keep and what Stripe has is compared.
    settled(&owner).await;
    let before = kept(&owner).await["subscription"]["snapshot"].clone();
    falsify(&owner, |item| {
        item["subscription"]["snapshot"]["plan"] = json!("teacher");
        item["subscription"]["snapshot"]["status"] = json!("unpaid");
        item["subscription"]["overdue_since"] = json!("2026-11-01T00:00:00Z");
    })
    .await;
    cloud::run_now("ReconcileBilling").await;
    assert_eq!(kept(&owner).await["subscription"]["snapshot"], before);
    assert_eq!(actions(&owner).await.get("billing.difference_found"), Some(&1));
    cloud::run_now("ReconcileBilling").await;
    assert_eq!(actions(&owner).await.get("billing.difference_found"), Some(&1), "what agrees is not told of");
}

// ---- The webhook -------------------------------------------------------------------------------------------------

fn event(kind: &str, created: i64, object: &Value) -> Value {
    json!({ "id": unique("evt"), "object": "event", "type": kind, "created": created, "livemode": false,
        "data": { "object": object } })
}

fn sign(body: &[u8], secret: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

async fn deliver(body: Vec<u8>, signature: Option<&str>) -> Answer {
    let mut request = Client::new().request(Method::POST, url("/v1/billing/webhook"));
    request = request.header("content-type", "application/json; charset=utf-8").body(body);
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    Answer::of(request.send().await.unwrap()).await
}

/// Delivers an event as Stripe does.
async fn deliver_signed(event: &Value) -> Answer {
    let body = event.to_string().into_bytes();
    let signature = sign(&body, &secret("stripe-webhook-secret"), now().as_second());
    deliver(body, Some(&signature)).await
}

#[tokio::test]
async fn the_webhook_believes_what_stripe_has_signed_and_nothing_else() {
    let (now, ours) = (now().as_second(), secret("stripe-webhook-secret"));
    let body = event("charge.refunded", now, &json!({})).to_string().into_bytes();
    let good = sign(&body, &ours, now);
    deliver(body.clone(), Some(&good)).await.expect(200);
    deliver(body.clone(), None).await.expect_problem(400, "signature_missing");
    let v1 = good.split_once("v1=").unwrap().1;
    let bad = "00".repeat(32);
    for signature in [format!("t={now},v1=zz"), format!("t={now},v0={v1}"), sign(&body, "whsec_else", now)] {
        deliver(body.clone(), Some(&signature)).await.expect_problem(400, "signature_invalid");
    }
    for signature in [format!("t={now},v1={v1},v1={bad}"), format!("t={now},v1={bad},v1={v1}")] {
        deliver(body.clone(), Some(&signature)).await.expect(200);
    }
    for off in [-310, 310] {
        let signature = sign(&body, &ours, now + off);
        deliver(body.clone(), Some(&signature)).await.expect_problem(400, "signature_old");
    }
    let mut altered = body.clone();
    altered[2] ^= 1;
    deliver(altered, Some(&good)).await.expect_problem(400, "signature_invalid");
    // The secret that is about to take its place.
    let next = sign(&body, &secret("stripe-webhook-secret-next"), now);
    deliver(body, Some(&next)).await.expect(200);
    let large = event("charge.refunded", now, &json!({ "description": "x".repeat(300 * 1024) }));
    deliver_signed(&large).await.expect(200);
    let too_large = event("charge.refunded", now, &json!({ "description": "x".repeat(1024 * 1024) }));
    deliver_signed(&too_large).await.expect_problem(413, "body_too_large");
    let no_text = vec![b'{', 0xff, 0xfe, b'}'];
    let signature = sign(&no_text, &ours, now);
    let answer = deliver(no_text, Some(&signature)).await;
    assert_eq!(answer.status.as_u16(), 400, "{}", answer.body);
    let broken = event("customer.subscription.updated", now, &json!({ "id": 7 }));
    deliver_signed(&broken).await.expect_problem(400, "event_invalid");
    let stranger = subscription("cus_nobody", "sub_1", "active", "teacher", None);
    deliver_signed(&event("customer.subscription.updated", now, &stranger)).await.expect(200);
}

/// A subscription as Stripe writes it.
fn subscription(customer: &str, id: &str, status: &str, plan: &str, cancel_at: Option<i64>) -> Value {
    let price = format!("price_local_{plan}_month");
    let item = json!({ "id": "si_1", "quantity": 1, "price": { "id": price }, "current_period_end": 2_000_000_000 });
    json!({ "id": id, "object": "subscription", "customer": customer, "status": status, "cancel_at": cancel_at,
        "cancel_at_period_end": cancel_at.is_some(), "trial_end": 1_900_000_000, "metadata": {},
        "items": { "object": "list", "data": [item] } })
}

/// The life of a subscription: trial, active, past due, active, another plan, cancelled, ended.
fn life(customer: &str, id: &str) -> Vec<Value> {
    let at = |status: &str, plan: &str, cancel_at| subscription(customer, id, status, plan, cancel_at);
    let mut life = vec![
        at("trialing", "teacher", None),
        at("active", "teacher", None),
        at("past_due", "teacher", None),
        at("active", "teacher", None),
        at("active", "school", None),
        at("active", "school", Some(2_000_000_000)),
        at("canceled", "school", Some(2_000_000_000)),
    ];
    for (step, object) in life.iter_mut().enumerate() {
        object["created"] = json!(step);
    }
    life
}

/// An organization that is a customer of Stripe's, without a person.
async fn organization_of_nobody() -> (String, String) {
    let org = format!("org_{}", ulid::Ulid::generate());
    let customer = unique("cus").replace('-', "_");
    let put = async |item: Value| {
        cloud::put(serde_dynamo::to_item::<_, std::collections::HashMap<_, _>>(item).unwrap()).await;
    };
    let pk = format!("T#{org}#");
    put(
        json!({ "PK": pk, "SK": "ORGANIZATION", "id": org, "name": "N", "require_second_factor": false, "plan": "free",
        "created_at": "2026-01-01T00:00:00Z", "version": 1 }),
    )
    .await;
    put(json!({ "PK": pk, "SK": "BILLING", "organization": org, "customer": customer, "had_trial": false, "version": 1 }))
        .await;
    put(json!({ "PK": format!("P#STRIPE_CUSTOMER#{customer}#"), "SK": "CUSTOMER", "organization": org })).await;
    (org, customer)
}

/// What the audit log tells of an organization's subscription: how often each state was left and reached.
async fn transitions(org: &str) -> Vec<(String, String, String)> {
    let client = aws_sdk_dynamodb::Client::new(&cloud::config().await);
    let request = client.query().table_name(variable("AUDIT_TABLE")).consistent_read(true);
    let request = request.key_condition_expression("PK = :pk AND begins_with(SK, :events)");
    let value = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let request = request.expression_attribute_values(":pk", value(format!("T#{org}#")));
    let answer = request.expression_attribute_values(":events", value("evt_".to_owned())).send().await.unwrap();
    let events = answer.items.unwrap_or_default().into_iter();
    let events = events.map(|item| serde_dynamo::from_item::<_, Value>(item).unwrap());
    let told = |event: &Value, when: &str| {
        let part = |name: &str| event["details"][format!("{name}_{when}")].as_str().unwrap_or("none").to_owned();
        format!("{} {}", part("status"), part("plan"))
    };
    events
        .map(|event| (event["action"].as_str().unwrap().to_owned(), told(&event, "before"), told(&event, "after")))
        .collect()
}

/// Checks that the log tells of one way from nothing to the end, each step once.
async fn check_way(org: &str) {
    let steps = transitions(org).await;
    let mut balance: BTreeMap<&str, i32> = BTreeMap::new();
    for (_, before, after) in &steps {
        *balance.entry(before).or_default() -= 1;
        *balance.entry(after).or_default() += 1;
    }
    balance.retain(|_, balance| *balance != 0);
    assert_eq!(balance, BTreeMap::from([("none none", -1), ("canceled school", 1)]), "{steps:?}");
    let started = steps.iter().filter(|(action, ..)| action == "billing.subscription_started").count();
    assert_eq!(started, 1, "{steps:?}");
}

async fn check_end(org: &str) {
    let item = cloud::item(&format!("T#{org}#"), "ORGANIZATION").await.unwrap();
    let organization: Value = serde_dynamo::from_item(item).unwrap();
    assert_eq!(
        (&organization["plan"], &organization["overdue_since"]),
        (&json!("free"), &Value::Null),
        "{organization}"
    );
    let item = cloud::item(&format!("T#{org}#"), "BILLING").await.unwrap();
    let billing: Value = serde_dynamo::from_item(item).unwrap();
    let snapshot = &billing["subscription"]["snapshot"];
    assert_eq!((&snapshot["status"], &snapshot["plan"]), (&json!("canceled"), &json!("school")), "{billing}");
    check_way(org).await;
}

#[tokio::test]
async fn whatever_the_order_and_with_eight_at_once_it_ends_the_same() {
    let store = Store::new(&cloud::config().await, variable("TENANTS_TABLE"), variable("AUDIT_TABLE"));
    let platform = Arc::new(Platform::new(store));
    for round in 0..rounds() {
        let (org, customer) = organization_of_nobody().await;
        // Some happen within one second.
        let mut second = 1_790_000_000;
        let mut events = Vec::new();
        for object in life(&customer, "sub_1") {
            second += i64::from(rand::random::<bool>());
            events.push((unique("evt"), Timestamp::from_second(second).unwrap(), snapshot(&object)));
        }
        let last = events.last().unwrap().2.clone();
        let mut deliveries = [events.clone(), events.clone(), events].concat();
        deliveries.shuffle(&mut rand::rng());
        let share = deliveries.len().div_ceil(8);
        let workers = deliveries.chunks(share).map(|mine| {
            let (platform, customer, last, mine) =
                (Arc::clone(&platform), customer.clone(), last.clone(), mine.to_vec());
            tokio::spawn(async move {
                for (id, created, snapshot) in mine {
                    take(&platform, &customer, (&id, created, &snapshot), &last).await;
                }
            })
        });
        for worker in join_all(workers).await {
            worker.unwrap();
        }
        check_end(&org).await;
        assert!(transitions(&org).await.len() <= 7, "round {round}");
    }
}

/// How many lives are mixed up: `BILLING_ROUNDS`, or as many as the tests have time for.
fn rounds() -> u32 {
    env::var("BILLING_ROUNDS").map_or(50, |text| text.parse().expect("BILLING_ROUNDS is a number"))
}

/// Takes an event as `apply-billing-event` does, with `last` as what Stripe answers.
async fn take(
    platform: &Platform,
    customer: &str,
    (id, created, snapshot): (&str, Timestamp, &Snapshot),
    last: &Snapshot,
) {
    let origin = Origin::of_task("test");
    let by = (Actor::Task("test"), &origin);
    loop {
        let (tenant, before) = platform.organization_of_customer(customer).await.unwrap().unwrap();
        let taken = match platform.take_event(tenant, &before, (id, created, snapshot), by).await {
            Ok(Applied::Unsure) => {
                let asked = now();
                platform.keep_answer(tenant, &before, (last.clone(), asked), Some(id), by).await.map(drop)
            }
            other => other.map(drop),
        };
        match taken {
            Err(error) if error.code() == "event_known" => return,
            Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Unavailable) => {}
            Err(error) => panic!("{error}"),
            Ok(()) => return,
        }
    }
}

fn snapshot(object: &Value) -> Snapshot {
    let time = |second: i64| Timestamp::from_second(second).unwrap();
    Snapshot {
        id: object["id"].as_str().unwrap().to_owned(),
        status: SubscriptionStatus::from_stripe(object["status"].as_str().unwrap()).unwrap(),
        plan: if object["items"].to_string().contains("school") { Plan::School } else { Plan::Teacher },
        interval: Interval::Month,
        seats: 1,
        current_period_end: time(2_000_000_000),
        cancels_at: object["cancel_at"].as_i64().map(time),
        trial_ends_at: Some(time(1_900_000_000)),
        item: "si_1".to_owned(),
        overage_item: None,
    }
}

#[tokio::test]
async fn through_webhook_and_queue_it_ends_the_same() {
    let (org, customer) = organization_of_nobody().await;
    let began = now().as_second() - 1000;
    let events = life(&customer, "sub_1").into_iter().zip(0..);
    let events: Vec<Value> =
        events.map(|(object, step)| event("customer.subscription.updated", began + step, &object)).collect();
    let mut deliveries = [events.clone(), events].concat();
    deliveries.shuffle(&mut rand::rng());
    for answer in join_all(deliveries.iter().map(deliver_signed)).await {
        answer.expect(200);
    }
    let seen = async || {
        let known = deliveries.iter().map(async |event| {
            let pk = format!("P#STRIPE_EVENT#{}#", event["id"].as_str().unwrap());
            cloud::item(&pk, "EVENT").await.is_some_and(|item| item.contains_key("expires_at"))
        });
        join_all(known).await.into_iter().all(|known| known)
    };
    cloud::eventually("every event is known", 60, seen).await;
    check_end(&org).await;
}

#[tokio::test]
async fn on_a_tie_stripe_is_asked_and_another_organization_s_subscription_is_left() {
    let owner = Teacher::on_plan("free").await;
    let id = subscribe(&owner, "teacher", "month").await;
    let billing_before = kept(&owner).await;
    let mut lie = at_stripe(&format!("/v1/subscriptions/{id}")).await;
    lie["status"] = json!("canceled");
    // As of the same second as what is kept: which of the two is newer, only Stripe can say.
    let until: Timestamp = billing_before["subscription"]["seen"]["until"].as_str().unwrap().parse().unwrap();
    let tie = event("customer.subscription.updated", until.as_second(), &lie);
    deliver_signed(&tie).await.expect(200);
    let pk = format!("P#STRIPE_EVENT#{}#", tie["id"].as_str().unwrap());
    cloud::eventually("the tie is settled", 30, async || cloud::item(&pk, "EVENT").await.is_some()).await;
    assert_eq!(billing(&owner).await["subscription"]["status"], "trialing", "Stripe knows better");
    // A subscription that names another organization than its customer is.
    let mut foreign = lie;
    foreign["metadata"]["org"] = json!(format!("org_{}", ulid::Ulid::generate()));
    let forged = event("customer.subscription.deleted", now().as_second() + 200, &foreign);
    deliver_signed(&forged).await.expect(200);
    let said = async || !cloud::log_lines("billing_org_differs").await.is_empty();
    cloud::eventually("it is logged", 30, said).await;
    assert_eq!(billing(&owner).await["subscription"]["status"], "trialing");
}
