"""A stand-in for Stripe, for the cloud on a laptop: no account, no network, no money.

Customers, cards, tax ids, products and payments are localstripe's, which runs beside this program as a process of its
own; what it lacks is here: prices, subscriptions, invoices and meters (stripe_books.py), pages in place of Stripe's
Checkout, Billing Portal and invoices (stripe_pages.py), and the webhooks of all that, signed as Stripe signs them.
Everything else is handed on.

Time does not pass here: `POST /_fake/advance` with a subscription's id ends its period (or its trial) at once; the page
at `/` has a button for it. Started by launcher.py in the emulator's process group; what it does is in
`.local/stripe.log`.
"""

import asyncio
import copy
import hashlib
import hmac
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, web

import keys
import settings
import stripe_pages
from settings import HOST, PLANS
from stripe_books import (
    API_VERSION,
    ENDED,
    Books,
    Change,
    Problem,
    a_list,
    is_metered,
    missing,
    new_id,
    period_end,
    subscription_of,
    unflatten,
)

METER = "smartscripts_scripts_beyond"

# Stripe sends a webhook again for three days; here, for about two minutes.
PAUSES = [0, 0.5, 1, 2, 4, 8, 15, 30, 60]

START_SECONDS = 30

# What of localstripe's own events the application is sent, by localstripe itself.
LOCALSTRIPE_EVENTS = [
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
]

# What may be said of a subscription when it is changed. All else is refused, so that nothing is passed over in silence.
CHANGES = {
    "cancel_at_period_end",
    "default_payment_method",
    "expand",
    "items",
    "metadata",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "trial_end",
}


class Fake:
    """The fake's state, and what it does with it. Whatever changes something holds `lock`."""

    def __init__(self, session: ClientSession):
        self.session = session
        self.books = Books(settings.stripe_url())
        self.key = keys.stripe_secret_key()
        self.webhook_secret = keys.stripe_webhook_secrets()[0]
        self.checkouts: dict[str, dict] = {}
        self.portals: dict[str, dict] = {}
        self.events: dict[str, dict] = {}
        self.deliveries: dict[str, dict] = {}
        self.answered: dict[str, tuple[str, int, bytes]] = {}
        self.lock = asyncio.Lock()
        self.tasks: set[asyncio.Task] = set()

    # localstripe.

    async def local(self, method: str, path: str, data: dict | None = None) -> dict:
        """Asks localstripe. What it refuses is refused here, too."""
        headers = {"Authorization": f"Bearer {self.key}"}
        url = f"http://{HOST}:{settings.localstripe_port()}{path}"
        async with self.session.request(method, url, json=data, headers=headers) as answer:
            body = await answer.json(content_type=None)
            if answer.status >= 400:
                problem = Problem(answer.status, "localstripe refused")
                problem.body = body
                raise problem
            return body

    async def seed(self) -> None:
        """Products, the prices that plans.json names for `local`, and the meter: what infra/billing makes at Stripe."""
        now = int(time.time())
        meter = self.books.add_meter({"event_name": METER, "display_name": "Scripts beyond the plan"}, now)
        for name, plan in json.loads(PLANS.read_text())["plans"].items():
            price = plan.get("price", {"ids": {}})
            for which, identifier in price["ids"].get("local", {}).items():
                overage, interval = which.startswith("overage_"), which.removeprefix("overage_")
                title = f"{name.capitalize()}: scripts beyond the plan" if overage else name.capitalize()
                product = await self.add_product(f"prod_{name}" + ("_overage" if overage else ""), title)
                wanted = {"id": identifier, "product": product, "currency": price["currency"]}
                wanted["unit_amount"] = price["overage" if overage else interval]
                wanted["recurring"] = {"interval": interval} | ({"meter": meter["id"]} if overage else {})
                if plan["seats"] is not None and not overage:
                    wanted["transform_quantity"] = {"divide_by": plan["seats"], "round": "up"}
                self.books.add_price(wanted, now)
        webhook = {"url": settings.webhook_url(), "secret": self.webhook_secret, "events": LOCALSTRIPE_EVENTS}
        url = f"http://{HOST}:{settings.localstripe_port()}/_config/webhooks/smartscripts"
        async with self.session.post(url, json=webhook) as answer:
            answer.raise_for_status()

    async def add_product(self, identifier: str, name: str) -> str:
        if identifier not in self.books.products:
            await self.local("POST", "/v1/products", {"id": identifier, "name": name})
            self.books.products[identifier] = name
        return identifier

    # Webhooks.

    def announce(self, kind: str, thing: dict, previous: dict | None = None) -> None:
        """Records an event and sends it, again and again until the application takes it."""
        data = {"object": copy.deepcopy(thing)} | ({"previous_attributes": previous} if previous else {})
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(time.time()),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.events[event["id"]] = event
        self.send(event)

    def send(self, event: dict) -> None:
        self.deliveries[event["id"]] = {"id": event["id"], "type": event["type"], "attempts": 0, "status": None}
        task = asyncio.create_task(self.deliver(event, self.deliveries[event["id"]]))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def deliver(self, event: dict, delivery: dict) -> None:
        body = json.dumps(event, indent=2).encode()
        for pause in PAUSES:
            await asyncio.sleep(pause)
            delivery["attempts"] += 1
            headers = {"Content-Type": "application/json; charset=utf-8"}
            headers["Stripe-Signature"] = sign(body, self.webhook_secret, int(time.time()))
            try:
                async with self.session.post(settings.webhook_url(), data=body, headers=headers) as answer:
                    delivery["status"] = answer.status
            except (ClientError, TimeoutError):
                delivery["status"] = 0
            log(f"webhook {event['type']} {event['id']}: {delivery['status']}")
            if 200 <= delivery["status"] < 300:
                return

    # Money.

    async def has_paid(self, invoice: dict, subscription: dict, card: str | None = None) -> bool:
        """Charges the customer's card for what is due, through localstripe; settles the invoice if that went well."""
        customer = await self.local("GET", f"/v1/customers/{invoice['customer']}")
        card = card or subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
        invoice["attempted"] = True
        invoice["attempt_count"] += 1
        if card is None:
            return False
        wanted = {"amount": invoice["amount_due"], "currency": invoice["currency"], "customer": customer["id"]}
        try:
            await self.local("POST", "/v1/payment_intents", wanted | {"payment_method": card, "confirm": True})
        except Problem as problem:
            if problem.status != 402:
                raise
            return False
        self.books.mark_paid(invoice, int(time.time()))
        return True

    async def settle(self, invoice: dict, subscription: dict, now: int) -> None:
        """Finalizes an invoice, has it paid and tells of it; a failure makes the subscription `past_due`."""
        self.books.finalize(invoice, subscription, now)
        self.announce("invoice.created", invoice)
        self.announce("invoice.finalized", invoice)
        await self.collect(invoice, subscription, "past_due")

    async def collect(self, invoice: dict, subscription: dict, otherwise: str) -> bool:
        """Has an invoice paid, and sets the subscription's status by how that went: `active`, or the one given."""
        paid = invoice["status"] == "paid" or await self.has_paid(invoice, subscription)
        if paid:
            self.announce("invoice.paid", invoice)
            self.announce("invoice.payment_succeeded", invoice)
        else:
            self.announce("invoice.payment_failed", invoice)
        owes = self.books.list_invoices({"subscription": subscription["id"], "status": "open"})
        status = subscription["status"]
        if subscription["status"] not in ENDED:
            subscription["status"] = otherwise if not paid else status if owes else "active"
        if subscription["status"] != status:
            self.announce("customer.subscription.updated", subscription, {"status": status})
        return paid

    # Subscriptions.

    async def update(self, subscription: dict, data: dict) -> None:
        """A change through the API or a page."""
        now, before = int(time.time()), copy.deepcopy(subscription)
        if unknown := data.keys() - CHANGES:
            raise Problem(
                400, f"Received unknown parameter: {sorted(unknown)[0]} (the fake knows {', '.join(sorted(CHANGES))})"
            )
        if subscription["status"] in ENDED and data.keys() - {"metadata", "expand"}:
            raise Problem(400, "A canceled subscription can only update its cancellation_details and metadata.")
        behavior = data.get("payment_behavior", "allow_incomplete")
        if behavior not in ("allow_incomplete", "error_if_incomplete"):
            raise Problem(400, f"payment_behavior {behavior} is unknown to the fake")
        change = self.books.change(subscription, data, now)
        subscription["metadata"] |= data.get("metadata") or {}
        if "default_payment_method" in data:
            subscription["default_payment_method"] = data["default_payment_method"] or None
        if "cancel_at_period_end" in data:
            self.cancel_at_end(subscription, data["cancel_at_period_end"] == "true", now)
        if data.get("items"):
            await self.change_items(subscription, change, before, behavior == "error_if_incomplete")
        if data.get("trial_end") == "now" and subscription["status"] == "trialing":
            await self.begin_next(subscription, now)
        previous = {key: value for key, value in before.items() if subscription[key] != value}
        if previous:
            self.announce("customer.subscription.updated", subscription, previous)

    def cancel_at_end(self, subscription: dict, wanted: bool, now: int) -> None:
        subscription |= {
            "cancel_at_period_end": wanted,
            "cancel_at": subscription["current_period_end"] if wanted else None,
            "canceled_at": now if wanted else None,
        }
        subscription["cancellation_details"]["reason"] = "cancellation_requested" if wanted else None

    async def change_items(self, subscription: dict, change: Change, before: dict, or_nothing: bool) -> None:
        """Takes over changed items, with an invoice at once or lines that wait for the next one."""
        pending = self.books.pending.setdefault(subscription["id"], [])
        subscription["items"]["data"] = change.items
        if change.restarts:
            self.books.begin_period(subscription, change.at, period_end(change.items, change.at))
        if not change.at_once:
            pending += change.lines
            return
        if not change.lines:
            return
        invoice = self.books.draft(subscription, change.lines, "subscription_update", int(time.time()))
        if or_nothing and invoice["amount_due"] and not await self.has_paid(invoice, subscription):
            subscription.clear()
            subscription |= before
            raise Problem(402, "Your card was declined.", "card_declined", "card_error")
        await self.settle(invoice, subscription, int(time.time()))

    async def begin_next(self, subscription: dict, now: int) -> None:
        """Ends the period or the trial now, and begins the next one with its invoice."""
        items = subscription["items"]["data"]
        lines = [*self.books.pending.pop(subscription["id"], []), *self.books.metered_lines(subscription, now)]
        end = period_end(items, now)
        self.books.begin_period(subscription, now, end)
        if subscription["status"] == "trialing":
            subscription |= {"trial_end": now, "status": "active"}
        lines += self.books.period_lines(items, now, end)
        await self.settle(self.books.draft(subscription, lines, "subscription_cycle", now), subscription, now)

    async def end(self, subscription: dict, now: int) -> None:
        """Ends a subscription for good."""
        subscription |= {"status": "canceled", "ended_at": now, "canceled_at": subscription["canceled_at"] or now}
        subscription["cancel_at_period_end"] = False
        if used := [line for line in self.books.metered_lines(subscription, now) if line["amount"]]:
            await self.settle(self.books.draft(subscription, used, "subscription_cycle", now), subscription, now)
        self.announce("customer.subscription.deleted", subscription)

    async def advance(self, subscription: dict) -> None:
        """As if time had passed: the end of the trial or of the period, or Stripe's last attempt to be paid."""
        now, before = int(time.time()), copy.deepcopy(subscription)
        if subscription["status"] in ENDED:
            raise Problem(400, f"This subscription is {subscription['status']}: nothing can happen to it.")
        if owed := self.books.list_invoices({"subscription": subscription["id"], "status": "open"}):
            await self.collect(owed[-1], subscription, "unpaid")
        elif subscription["cancel_at_period_end"]:
            await self.end(subscription, now)
        else:
            await self.begin_next(subscription, now)
            self.announce("customer.subscription.updated", subscription, {"status": before["status"]})

    # Checkout.

    async def subscribe(self, checkout: dict, form: dict) -> None:
        """What a filled in Checkout page leads to."""
        if checkout["status"] != "open":
            raise Problem(400, "This Checkout is over: go back and begin again.")
        now, data = int(time.time()), checkout.pop("wanted")
        try:
            card = await self.keep_card(checkout["customer"], form)
            await self.keep_billing_details(checkout["customer"], form)
            subscription = self.books.open_subscription(data | {"customer": checkout["customer"]}, now)
            if subscription["status"] == "incomplete":
                period = (subscription["current_period_start"], subscription["current_period_end"])
                lines = self.books.period_lines(subscription["items"]["data"], *period)
                invoice = self.books.draft(subscription, lines, "subscription_create", now)
                if invoice["amount_due"] and not await self.has_paid(invoice, subscription, card):
                    del self.books.subscriptions[subscription["id"]]
                    raise Problem(402, "Your card was declined.", "card_declined", "card_error")
                subscription["status"] = "active"
                self.books.finalize(invoice, subscription, now)
        except Problem:
            checkout["wanted"] = data
            raise
        checkout |= {"status": "complete", "subscription": subscription["id"], "payment_status": "paid"}
        self.announce("customer.subscription.created", subscription)
        if subscription["latest_invoice"]:
            for kind in ("invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"):
                self.announce(kind, self.books.invoice(subscription["latest_invoice"]))
        self.announce("checkout.session.completed", shown(checkout))

    async def keep_card(self, customer: str, form: dict) -> str:
        """Makes one of the test cards the customer's."""
        number = form.get("card")
        if number not in stripe_pages.CARDS:
            raise Problem(400, "Choose one of the test cards: no other number is taken here.")
        card = {"number": number, "exp_month": 12, "exp_year": datetime.now(UTC).year + 3, "cvc": "123"}
        method = await self.local("POST", "/v1/payment_methods", {"type": "card", "card": card})
        await self.local("POST", f"/v1/payment_methods/{method['id']}/attach", {"customer": customer})
        settings_ = {"invoice_settings": {"default_payment_method": method["id"]}}
        await self.local("POST", f"/v1/customers/{customer}", settings_)
        return method["id"]

    async def keep_billing_details(self, customer: str, form: dict) -> None:
        if name := form.get("name", "").strip():
            await self.local("POST", f"/v1/customers/{customer}", {"name": name})
        if number := form.get("tax_id", "").replace(" ", ""):
            if len(number) < 11:
                raise Problem(400, "The VAT number is too short: for example DE123456789.")
            await self.local("POST", f"/v1/customers/{customer}/tax_ids", {"type": "eu_vat", "value": number})


def sign(body: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` of a body: the one that counts, and one of the scheme that Stripe adds for tests."""
    signature = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signature},v0={signature[::-1]}"


def shown(checkout: dict) -> dict:
    """A Checkout Session as Stripe prints it."""
    return {key: value for key, value in checkout.items() if key != "wanted"}


def log(text: str) -> None:
    """One line of what happened: ids and types, never what a person has typed."""
    line = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "program": "stripe-fake",
        "message": text,
    }
    print(json.dumps(line), flush=True)


# The API.

routes = web.RouteTableDef()


def fake_of(request: web.Request) -> Fake:
    return request.app[FAKE]


async def sent(request: web.Request) -> dict:
    """What a request says, in its body or its query."""
    if request.content_type == "application/json":
        return await request.json()
    return unflatten((await request.post() if request.method == "POST" else request.query).items())


@routes.get("/v1/prices")
async def list_prices(request):
    query = await sent(request)
    return web.json_response(a_list("/v1/prices", fake_of(request).books.list_prices(query), query))


@routes.post("/v1/prices")
async def create_price(request):
    return web.json_response(fake_of(request).books.add_price(await sent(request), int(time.time())))


@routes.get("/v1/prices/{id}")
async def get_price(request):
    return web.json_response(fake_of(request).books.price(request.match_info["id"]))


@routes.post("/v1/products")
async def create_product(request):
    """localstripe's, but prices need its name."""
    fake, data = fake_of(request), await sent(request)
    product = await fake.local("POST", "/v1/products", data)
    fake.books.products[product["id"]] = product["name"]
    return web.json_response(product)


@routes.get("/v1/billing/meters")
async def list_meters(request):
    query = await sent(request)
    return web.json_response(a_list("/v1/billing/meters", list(fake_of(request).books.meters.values()), query))


@routes.post("/v1/billing/meters")
async def create_meter(request):
    return web.json_response(fake_of(request).books.add_meter(await sent(request), int(time.time())))


@routes.post("/v1/billing/meter_events")
async def create_meter_event(request):
    return web.json_response(fake_of(request).books.add_meter_event(await sent(request), int(time.time())))


@routes.get("/v1/subscriptions")
async def list_subscriptions(request):
    query = await sent(request)
    found = fake_of(request).books.list_subscriptions(query)
    return web.json_response(a_list("/v1/subscriptions", found, query))


@routes.get("/v1/subscriptions/{id}")
async def get_subscription(request):
    return web.json_response(fake_of(request).books.subscription(request.match_info["id"]))


@routes.post("/v1/subscriptions/{id}")
async def update_subscription(request):
    fake = fake_of(request)
    subscription = fake.books.subscription(request.match_info["id"])
    await fake.update(subscription, await sent(request))
    return web.json_response(subscription)


@routes.delete("/v1/subscriptions/{id}")
async def cancel_subscription(request):
    fake = fake_of(request)
    subscription = fake.books.subscription(request.match_info["id"])
    if subscription["status"] in ENDED:
        raise missing("subscription", subscription["id"])
    await fake.end(subscription, int(time.time()))
    return web.json_response(subscription)


@routes.delete("/v1/customers/{id}")
async def delete_customer(request):
    """localstripe's, but what the customer has subscribed to ends, as at Stripe."""
    fake, customer = fake_of(request), request.match_info["id"]
    for subscription in fake.books.list_subscriptions({"customer": customer}):
        await fake.end(subscription, int(time.time()))
    return web.json_response(await fake.local("DELETE", f"/v1/customers/{customer}"))


@routes.get("/v1/invoices")
async def list_invoices(request):
    query = await sent(request)
    return web.json_response(a_list("/v1/invoices", fake_of(request).books.list_invoices(query), query))


@routes.post("/v1/invoices/create_preview")
async def preview_invoice(request):
    fake, data = fake_of(request), await sent(request)
    subscription = fake.books.subscription(data.get("subscription"))
    if data.get("customer") not in (None, subscription["customer"]):
        raise Problem(400, "The subscription is not this customer's.")
    return web.json_response(fake.books.preview(subscription, data.get("subscription_details") or {}, int(time.time())))


@routes.get("/v1/invoices/{id}")
async def get_invoice(request):
    return web.json_response(fake_of(request).books.invoice(request.match_info["id"]))


@routes.post("/v1/invoices/{id}/pay")
async def pay_invoice(request):
    fake = fake_of(request)
    invoice = fake.books.invoice(request.match_info["id"])
    await pay(fake, invoice)
    return web.json_response(invoice)


async def pay(fake: Fake, invoice: dict) -> None:
    """A customer pays an open invoice."""
    if invoice["status"] != "open":
        raise Problem(400, f"Invoice is already {invoice['status']}", f"invoice_{invoice['status']}")
    subscription = fake.books.subscription(subscription_of(invoice))
    if not await fake.collect(invoice, subscription, subscription["status"]):
        raise Problem(402, "Your card was declined.", "card_declined", "card_error")


@routes.post("/v1/checkout/sessions")
async def create_checkout(request):
    fake, data, now = fake_of(request), await sent(request), int(time.time())
    if data.get("mode") != "subscription":
        raise Problem(400, "The fake knows Checkout Sessions with mode=subscription only.")
    if not data.get("success_url"):
        raise Problem(400, "Missing required param: success_url.")
    if not (items := data.get("line_items")):
        raise Problem(400, "Missing required param: line_items.")
    for item in items:
        if is_metered(fake.books.price(item.get("price"))) == ("quantity" in item):
            raise Problem(400, "A licensed price needs a quantity, and a metered one takes none.")
    if customer := data.get("customer"):
        customer = (await fake.local("GET", f"/v1/customers/{customer}"))["id"]
    else:
        customer = (await fake.local("POST", "/v1/customers", {"email": data.get("customer_email")}))["id"]
    details = data.get("subscription_data") or {}
    identifier = new_id("cs_test")
    fake.checkouts[identifier] = {
        "id": identifier,
        "object": "checkout.session",
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "cancel_url": data.get("cancel_url"),
        "client_reference_id": data.get("client_reference_id"),
        "created": now,
        "currency": fake.books.price(items[0]["price"])["currency"],
        "custom_fields": [],
        "customer": customer,
        "expires_at": now + 86_400,
        "livemode": False,
        "metadata": data.get("metadata") or {},
        "mode": "subscription",
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "subscription": None,
        "success_url": data["success_url"],
        "url": f"{settings.stripe_url()}/checkout/{identifier}",
        "wanted": {
            "items": items,
            "metadata": details.get("metadata"),
            "trial_period_days": details.get("trial_period_days"),
        },
    }
    return web.json_response(shown(fake.checkouts[identifier]))


@routes.get("/v1/checkout/sessions")
async def list_checkouts(request):
    query = request.query
    wanted = {name: query[name] for name in ("customer", "status") if name in query}
    found = [it for it in reversed(fake_of(request).checkouts.values()) if wanted.items() <= it.items()]
    return web.json_response(a_list("/v1/checkout/sessions", [shown(it) for it in found], query))


@routes.get("/v1/checkout/sessions/{id}")
async def get_checkout(request):
    return web.json_response(shown(checkout_of(request)))


@routes.post("/v1/checkout/sessions/{id}/expire")
async def expire_checkout(request):
    checkout = checkout_of(request)
    if checkout["status"] != "open":
        raise Problem(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
    checkout |= {"status": "expired", "url": None}
    fake_of(request).announce("checkout.session.expired", shown(checkout))
    return web.json_response(shown(checkout))


def checkout_of(request) -> dict:
    if request.match_info["id"] not in fake_of(request).checkouts:
        raise missing("checkout.session", request.match_info["id"])
    return fake_of(request).checkouts[request.match_info["id"]]


@routes.post("/v1/billing_portal/sessions")
async def create_portal(request):
    fake, data = fake_of(request), await sent(request)
    customer = await fake.local("GET", f"/v1/customers/{data.get('customer')}")
    identifier = new_id("bps")
    fake.portals[identifier] = {
        "id": identifier,
        "object": "billing_portal.session",
        "configuration": "bpc_fake",
        "created": int(time.time()),
        "customer": customer["id"],
        "livemode": False,
        "return_url": data.get("return_url"),
        "url": f"{settings.stripe_url()}/portal/{identifier}",
    }
    return web.json_response(fake.portals[identifier])


@routes.get("/v1/events")
async def list_events(request):
    query = await sent(request)
    found = [
        event for event in reversed(fake_of(request).events.values()) if query.get("type") in (None, event["type"])
    ]
    return web.json_response(a_list("/v1/events", found, query))


@routes.get("/v1/events/{id}")
async def get_event(request):
    return web.json_response(event_of(request, request.match_info["id"]))


def event_of(request, identifier) -> dict:
    if identifier not in fake_of(request).events:
        raise missing("event", str(identifier))
    return fake_of(request).events[identifier]


@routes.route("*", "/v1/{path:.*}")
async def hand_on(request):
    """Everything else is localstripe's."""
    data = await sent(request)
    data.pop("expand", None)
    target = request.path if request.method == "POST" else request.path_qs
    return web.json_response(await fake_of(request).local(request.method, target, data or None))


# What no Stripe has: for tests, and for whoever clicks.


@routes.get("/_fake/health")
async def health(request):
    return web.json_response({})


@routes.get("/_fake/deliveries")
async def list_deliveries(request):
    """The events so far, how often each was sent and what the application said to it."""
    return web.json_response(list(fake_of(request).deliveries.values()))


@routes.post("/_fake/resend")
async def resend(request):
    """Sends an event once more, as Stripe sometimes does."""
    fake_of(request).send(event_of(request, (await sent(request)).get("event")))
    return web.json_response({})


@routes.post("/_fake/advance")
async def advance(request):
    fake, data = fake_of(request), await sent(request)
    subscription = fake.books.subscription(data.get("subscription"))
    await fake.advance(subscription)
    if data.get("back"):
        raise web.HTTPSeeOther("/")
    return web.json_response(subscription)


# The pages.


@routes.get("/")
async def index(request):
    return stripe_pages.page("index", stripe_pages.index(fake_of(request).books))


@routes.get("/style.css")
async def style(request):
    return web.Response(text=(stripe_pages.FOLDER / "style.css").read_text(), content_type="text/css")


@routes.get("/checkout/{id}")
async def show_checkout(request):
    return await checkout_page(request, None)


async def checkout_page(request, problem: Problem | None):
    fake, checkout = fake_of(request), checkout_of(request)
    if checkout["status"] != "open":
        return stripe_pages.page("over", {"url": checkout["cancel_url"] or checkout["success_url"]})
    customer = await fake.local("GET", f"/v1/customers/{checkout['customer']}")
    return stripe_pages.page("checkout", stripe_pages.checkout(fake.books, checkout, customer), problem)


@routes.post("/checkout/{id}")
async def fill_in_checkout(request):
    fake, checkout = fake_of(request), checkout_of(request)
    try:
        await fake.subscribe(checkout, dict(await request.post()))
    except Problem as problem:
        return await checkout_page(request, problem)
    raise web.HTTPSeeOther(checkout["success_url"].replace("{CHECKOUT_SESSION_ID}", checkout["id"]))


@routes.get("/portal/{id}")
async def show_portal(request):
    return await portal_page(request, None)


def portal_of(request) -> dict:
    if request.match_info["id"] not in fake_of(request).portals:
        raise missing("billing_portal.session", request.match_info["id"])
    return fake_of(request).portals[request.match_info["id"]]


async def portal_page(request, problem: Problem | None):
    fake, portal = fake_of(request), portal_of(request)
    customer = await fake.local("GET", f"/v1/customers/{portal['customer']}")
    card = {}
    if method := customer["invoice_settings"]["default_payment_method"]:
        card = (await fake.local("GET", f"/v1/payment_methods/{method}"))["card"]
    return stripe_pages.page("portal", stripe_pages.portal(fake.books, portal, customer, card), problem)


@routes.post("/portal/{id}")
async def use_portal(request):
    """One of the portal's forms: a card, billing details, cancel or resume a subscription, pay an invoice."""
    fake, portal, form = fake_of(request), portal_of(request), dict(await request.post())
    try:
        match form.get("do"):
            case "card":
                await fake.keep_card(portal["customer"], form)
            case "details":
                await fake.keep_billing_details(portal["customer"], form)
            case "cancel" | "resume":
                subscription = fake.books.subscription(form.get("subscription"))
                wanted = "true" if form["do"] == "cancel" else "false"
                await fake.update(subscription, {"cancel_at_period_end": wanted})
            case "pay":
                await pay(fake, fake.books.invoice(form.get("invoice")))
            case _:
                raise Problem(400, "The portal knows no such form.")
    except Problem as problem:
        return await portal_page(request, problem)
    raise web.HTTPSeeOther(request.path)


@routes.get("/invoices/{id}")
async def show_invoice(request):
    return invoice_page(request, None)


def invoice_page(request, problem: Problem | None):
    fake = fake_of(request)
    invoice = fake.books.invoice(request.match_info["id"])
    return stripe_pages.page("invoice", stripe_pages.invoice(invoice), problem)


@routes.post("/invoices/{id}")
async def pay_on_page(request):
    fake = fake_of(request)
    invoice = fake.books.invoice(request.match_info["id"])
    try:
        await fake.keep_card(invoice["customer"], dict(await request.post()))
        await pay(fake, invoice)
    except Problem as problem:
        return invoice_page(request, problem)
    raise web.HTTPSeeOther(request.path)


@routes.get("/invoices/{id}/pdf")
async def invoice_pdf(request):
    invoice = fake_of(request).books.invoice(request.match_info["id"])
    named = {"Content-Disposition": f'inline; filename="{invoice["number"]}.pdf"'}
    return web.Response(body=stripe_pages.invoice_pdf(invoice), content_type="application/pdf", headers=named)


# What holds for every request.


@web.middleware
async def answer_problems(request, handler):
    """A refusal as Stripe spells it, or a page that says it; each request is a line of the log."""
    try:
        answer = await handler(request)
    except Problem as problem:
        if request.path.startswith(("/v1/", "/_fake/")):
            answer = web.json_response(problem.body, status=problem.status)
        else:
            answer = stripe_pages.page("over", {"url": settings.web_origin()}, problem)
    log(f"{request.method} {request.path}: {answer.status}")
    return answer


@web.middleware
async def check_key(request, handler):
    if request.path.startswith("/v1/") and request.headers.get("Authorization") != f"Bearer {fake_of(request).key}":
        raise Problem(401, "Invalid API Key provided.")
    return await handler(request)


@web.middleware
async def one_at_a_time(request, handler):
    """Whatever changes something is alone, and happens once for an `Idempotency-Key`."""
    if request.method not in ("POST", "DELETE"):
        return await handler(request)
    fake = fake_of(request)
    async with fake.lock:
        if (key := request.headers.get("Idempotency-Key")) is None:
            return await handler(request)
        asked = f"{request.method} {request.path} {hashlib.sha256(await request.read()).hexdigest()}"
        if key in fake.answered:
            first, status, body = fake.answered[key]
            if first != asked:
                text = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                raise Problem(400, text, kind="idempotency_error")
            replayed = {"Idempotent-Replayed": "true"}
            return web.Response(status=status, body=body, content_type="application/json", headers=replayed)
        answer = await handler(request)
        fake.answered[key] = (asked, answer.status, answer.body)
        return answer


FAKE = web.AppKey("fake", Fake)


async def start_localstripe(session: ClientSession) -> asyncio.subprocess.Process:
    """localstripe as a process of its own, confined to the loopback interface; returns when it answers."""
    environment = {
        "PATH": os.defpath,
        "HOME": os.environ.get("HOME", "/nonexistent"),
        "PYTHONPATH": str(Path(__file__).with_name("confined")),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    arguments = ["-m", "localstripe", "--from-scratch", "--port", str(settings.localstripe_port())]
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere
    )
    url = f"http://{HOST}:{settings.localstripe_port()}/v1/balance"
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            async with session.get(url, headers={"Authorization": "Bearer sk_test_health"}) as answer:
                if answer.status == 200:
                    return process
        except ClientError:
            pass
        if process.returncode is not None or time.monotonic() > deadline:
            sys.exit("localstripe did not start: `python -m localstripe` in .local/venv says why.")
        await asyncio.sleep(0.1)


async def orphaned() -> None:
    """Returns when what has started this program is gone, so that it doesn't stay behind and hold the ports."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)


async def serve() -> None:
    """Runs until it is told to end, or localstripe or what has started it ends."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with ClientSession(timeout=ClientTimeout(total=30)) as session:
        localstripe = await start_localstripe(session)
        try:
            fake = Fake(session)
            await fake.seed()
            app = web.Application(middlewares=[answer_problems, check_key, one_at_a_time])
            app[FAKE] = fake
            app.add_routes(routes)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, HOST, settings.stripe_port()).start()
            log(f"ready at {settings.stripe_url()}")
            ends = [localstripe.wait(), stop.wait(), orphaned()]
            await asyncio.wait(map(asyncio.create_task, ends), return_when=asyncio.FIRST_COMPLETED)
            await runner.cleanup()
        finally:
            if localstripe.returncode is None:
                localstripe.terminate()
                await localstripe.wait()


def main() -> None:
    asyncio.run(serve())


if __name__ == "__main__":
    main()
