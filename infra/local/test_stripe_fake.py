"""Tests of what stands in for Stripe, with localstripe as it is, and an application that keeps events it is sent."""

import hashlib
import hmac
import json
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import emulator
import keys
import settings
from stripe_books import Books, Problem, later, spell, unflatten

PAYS, DECLINED_LATER, DECLINED = "4242424242424242", "4000000000000341", "4000000000000002"
DAY = 86_400


class Application(ThreadingHTTPServer):
    """Keeps the events that it is sent, with their signatures; refuses as many as it is told to."""

    def __init__(self, port: int):
        super().__init__(("127.0.0.1", port), Handler)
        self.events, self.to_refuse = [], 0


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refused = self.server.to_refuse > 0
        self.server.to_refuse -= refused
        if not refused:
            self.server.events.append((self.path, self.headers["Stripe-Signature"], body))
        self.send_response(500 if refused else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Stripe:
    """Calls the fake as the functions and a browser would."""

    def __init__(self, application: Application):
        self.application = application

    def call(self, method: str, path: str, data: dict | None = None, key: str | None = None, **headers):
        """Calls the API; returns the status and the JSON. `data` is flat, as a form is."""
        headers["Authorization"] = f"Bearer {key or keys.stripe_secret_key()}"
        form = urllib.parse.urlencode(data or {})
        query = f"?{form}" if form and method == "GET" else ""
        body = form.encode() if method == "POST" else None
        return self.ask(urllib.request.Request(settings.stripe_url() + path + query, body, headers, method=method))

    def ask(self, request):
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def made(self, path: str, data: dict) -> dict:
        status, body = self.call("POST", path, data)
        assert status == 200, body
        return body

    def got(self, path: str, data: dict | None = None) -> dict:
        status, body = self.call("GET", path, data)
        assert status == 200, body
        return body

    def fill_in(self, url: str, form: dict) -> tuple[int, str, str | None]:
        """Sends a page's form; returns the status, the page and where it leads."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        try:
            answer = urllib.request.build_opener(Stay).open(url, urllib.parse.urlencode(form).encode())
        except urllib.error.HTTPError as error:
            answer = error
        return answer.status, answer.read().decode(), answer.headers.get("Location")

    def prices(self) -> dict[str, str]:
        """Four prices of two products, made once."""
        if found := {
            price["nickname"]: price["id"]
            for price in self.got("/v1/prices", {"limit": 100})["data"]
            if price["nickname"]
        }:
            return found
        made = {}
        for product, month, year in [("Small", 1200, 12_000), ("Large", 19_900, 199_000)]:
            owner = self.made("/v1/products", {"name": product})["id"]
            for interval, amount in [("month", month), ("year", year)]:
                wanted = {"product": owner, "currency": "eur", "unit_amount": amount, "recurring[interval]": interval}
                wanted["nickname"] = f"{product} {interval}"
                made[wanted["nickname"]] = self.made("/v1/prices", wanted)["id"]
        return made

    def checkout(self, price: str, trial_days: int | None = None, org: str = "org_1", quantity: int = 1) -> dict:
        customer = self.made("/v1/customers", {"name": "A School", "metadata[org]": org})["id"]
        wanted = {
            "mode": "subscription",
            "client_reference_id": org,
            "customer": customer,
            "line_items[0][price]": self.prices()[price],
            "line_items[0][quantity]": quantity,
            "subscription_data[metadata][org]": org,
            "success_url": "http://127.0.0.1:1/?checkout=done",
            "cancel_url": "http://127.0.0.1:1/?checkout=canceled",
            "tax_id_collection[enabled]": "true",
        }
        if trial_days:
            wanted["subscription_data[trial_period_days]"] = trial_days
        return self.made("/v1/checkout/sessions", wanted)

    def subscribe(self, price: str, card: str = PAYS, trial_days: int | None = None, org: str = "org_1") -> dict:
        session = self.checkout(price, trial_days, org)
        status, page, place = self.fill_in(session["url"], {"card": card, "name": "A School", "tax_id": "DE123456789"})
        assert (status, place) == (303, "http://127.0.0.1:1/?checkout=done"), page
        return self.got(f"/v1/subscriptions/{self.got('/v1/checkout/sessions/' + session['id'])['subscription']}")

    def advance(self, subscription: dict) -> dict:
        return self.made("/_fake/advance", {"subscription": subscription["id"]})

    def invoices(self, subscription: dict) -> list[dict]:
        return self.got("/v1/invoices", {"subscription": subscription["id"]})["data"]

    def events(self, identifier: str, *wanted: str) -> list[dict]:
        """Waits until events of these types about an object have come; returns all about it, as they came."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            events = [json.loads(body) for _path, _signature, body in self.application.events]
            found = [event for event in events if identifier in json.dumps(event["data"])]
            if {event["type"] for event in found} >= set(wanted):
                return found
            time.sleep(0.05)
        pytest.fail(f"of {wanted} there came only {[event['type'] for event in found]}")

    def portal(self, subscription: dict) -> str:
        return self.made(
            "/v1/billing_portal/sessions", {"customer": subscription["customer"], "return_url": "http://x/"}
        )["url"]


def free_ports() -> int:
    """The first of four ports in a row that are free."""
    for port in range(21_000, 60_000, 4):
        if all(emulator.is_port_free(port + place) for place in range(4)):
            return port
    pytest.fail("no four free ports in a row")


@pytest.fixture(scope="module")
def stripe(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        port = free_ports()
        patch.setenv("SMARTSCRIPTS_PORT", str(port))
        patch.delenv("STRIPE_SECRET_KEY", raising=False)
        application = Application(port)
        threading.Thread(target=application.serve_forever, daemon=True).start()
        with open(tmp_path_factory.mktemp("stripe") / "log", "w+") as log:
            program = Path(__file__).with_name("stripe_fake.py")
            process = subprocess.Popen(
                [sys.executable, str(program)], stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            deadline = time.monotonic() + 30
            while not emulator.has_stripe():
                assert process.poll() is None and time.monotonic() < deadline, Path(log.name).read_text()
                time.sleep(0.1)
            client = Stripe(application)
            client.log, client.process = Path(log.name), process
            yield client
            process.terminate()
            process.wait(10)
            # It has taken localstripe along.
            assert emulator.members(process.pid) == []
        application.shutdown()
        application.server_close()


def test_a_subscription_begins_with_checkout_and_its_events(stripe):
    subscription = stripe.subscribe("Small month", org="org_begins")
    assert (subscription["status"], subscription["metadata"]) == ("active", {"org": "org_begins"})
    item = subscription["items"]["data"][0]
    assert (item["price"]["unit_amount"], item["quantity"]) == (1200, 1)
    assert (
        item["current_period_end"] == subscription["current_period_end"] == later(subscription["start_date"], "month")
    )
    events = stripe.events(
        subscription["id"], "customer.subscription.created", "checkout.session.completed", "invoice.paid"
    )
    completed = next(event for event in events if event["type"] == "checkout.session.completed")["data"]["object"]
    assert (completed["client_reference_id"], completed["customer"]) == ("org_begins", subscription["customer"])
    [invoice] = stripe.invoices(subscription)
    assert (invoice["status"], invoice["total"], invoice["amount_paid"]) == ("paid", 1200, 1200)
    # The payment and the customer are localstripe's, and so are their events.
    assert "payment_intent.succeeded" in {
        event["type"] for event in stripe.events(subscription["customer"], "payment_intent.succeeded")
    }
    customer = stripe.got(f"/v1/customers/{subscription['customer']}")
    assert customer["tax_ids"]["data"][0]["value"] == "DE123456789"


def test_every_event_bears_a_signature_that_holds(stripe):
    subscription = stripe.subscribe("Small month", org="org_signed")
    stripe.events(subscription["customer"], "checkout.session.completed", "payment_intent.succeeded")
    for path, signature, body in stripe.application.events:
        parts = dict(part.split("=", 1) for part in signature.split(","))
        signed = parts["t"].encode() + b"." + body
        wanted = hmac.new(keys.stripe_webhook_secrets()[0].encode(), signed, hashlib.sha256).hexdigest()
        assert (path, parts["v1"]) == ("/v1/billing/webhook", wanted)
        assert abs(int(parts["t"]) - time.time()) < 300
        assert json.loads(body)["livemode"] is False


def test_an_event_that_is_refused_is_sent_again(stripe):
    stripe.application.to_refuse = 4
    subscription = stripe.subscribe("Small month", org="org_again")
    events = stripe.events(
        subscription["id"], "customer.subscription.created", "invoice.paid", "checkout.session.completed"
    )
    assert len({event["id"] for event in events}) == len(events)
    # And one that was taken, if it is asked for.
    stripe.made("/_fake/resend", {"event": events[0]["id"]})
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        identifiers = [json.loads(body)["id"] for _path, _signature, body in stripe.application.events]
        if identifiers.count(events[0]["id"]) == 2:
            return
        time.sleep(0.05)
    pytest.fail("it was not sent twice")


def test_a_declined_card_subscribes_to_nothing(stripe):
    session = stripe.checkout("Small month")
    for card in (DECLINED, DECLINED_LATER):
        status, page, _place = stripe.fill_in(session["url"], {"card": card})
        assert (status, "Your card was declined." in page) == (402, True)
    assert stripe.got("/v1/subscriptions", {"customer": session["customer"], "status": "all"})["data"] == []
    # The page can be filled in anew, and once.
    assert stripe.fill_in(session["url"], {"card": PAYS})[0] == 303
    assert "Nothing to do here" in stripe.fill_in(session["url"], {"card": PAYS})[1]
    assert len(stripe.got("/v1/subscriptions", {"customer": session["customer"]})["data"]) == 1


def test_pages_that_are_open_are_listed_and_closed(stripe):
    first, other = stripe.checkout("Small month"), stripe.checkout("Small month")
    listed = stripe.got("/v1/checkout/sessions", {"customer": first["customer"], "status": "open", "limit": 100})["data"]
    assert [it["id"] for it in listed] == [first["id"]]
    assert other["customer"] != first["customer"]
    stripe.made(f"/v1/checkout/sessions/{first['id']}/expire", {})
    assert stripe.got("/v1/checkout/sessions", {"customer": first["customer"], "status": "open"})["data"] == []
    assert "Nothing to do here" in stripe.fill_in(first["url"], {"card": PAYS})[1]


def test_only_test_cards_are_taken(stripe):
    session = stripe.checkout("Small month")
    status, page, _place = stripe.fill_in(session["url"], {"card": "4111111111111111"})
    assert (status, "Choose one of the test cards" in page) == (400, True)
    assert "4111" not in page and "4111" not in stripe.log.read_text()


def test_a_trial_costs_nothing_until_it_ends(stripe):
    subscription = stripe.subscribe("Small month", trial_days=14)
    assert (subscription["status"], stripe.invoices(subscription)) == ("trialing", [])
    assert subscription["trial_end"] == subscription["current_period_end"] == subscription["start_date"] + 14 * DAY
    subscription = stripe.advance(subscription)
    assert subscription["status"] == "active"
    assert [invoice["total"] for invoice in stripe.invoices(subscription)] == [1200]


def test_a_renewal_is_an_invoice_of_the_next_period(stripe):
    subscription = stripe.subscribe("Small year")
    renewed = stripe.advance(subscription)
    assert renewed["current_period_end"] == later(renewed["current_period_start"], "year")
    [second, first] = stripe.invoices(renewed)
    assert (second["billing_reason"], second["status"], second["total"]) == ("subscription_cycle", "paid", 12_000)
    assert first["billing_reason"] == "subscription_create"
    assert second["number"] != first["number"]


def test_a_preview_says_what_the_change_then_costs(stripe):
    subscription = stripe.subscribe("Small month")
    item, start, end = (
        subscription["items"]["data"][0]["id"],
        subscription["current_period_start"],
        subscription["current_period_end"],
    )
    at = start + (end - start) // 4
    change = {"items[0][id]": item, "items[0][price]": stripe.prices()["Large month"], "proration_date": at}
    change["proration_behavior"] = "always_invoice"
    asked = {
        f"subscription_details[{key.replace('[', '][', 1)}" if "[" in key else f"subscription_details[{key}]": value
        for key, value in change.items()
    }
    preview = stripe.made(
        "/v1/invoices/create_preview",
        {"customer": subscription["customer"], "subscription": subscription["id"]} | asked,
    )
    left = (end - at) / (end - start)
    assert [line["amount"] for line in preview["lines"]["data"]] == [-round(1200 * left), round(19_900 * left)]
    assert preview["amount_due"] == preview["total"] == round(19_900 * left) - round(1200 * left)
    assert all(line["parent"]["subscription_item_details"]["proration"] for line in preview["lines"]["data"])
    # Nothing has happened yet.
    assert len(stripe.invoices(subscription)) == 1
    changed = stripe.made(f"/v1/subscriptions/{subscription['id']}", change)
    assert changed["items"]["data"][0]["id"] == item
    assert changed["items"]["data"][0]["price"]["id"] == stripe.prices()["Large month"]
    assert stripe.invoices(changed)[0]["total"] == preview["total"]
    [updated] = [
        event
        for event in stripe.events(subscription["id"], "customer.subscription.updated")
        if event["type"].endswith("updated")
    ]
    assert "items" in updated["data"]["previous_attributes"]


def test_what_is_given_back_is_taken_off_the_next_invoice(stripe):
    subscription = stripe.subscribe("Large month")
    item = {"items[0][id]": subscription["items"]["data"][0]["id"], "items[0][price]": stripe.prices()["Small month"]}
    at = {"proration_behavior": "always_invoice", "proration_date": subscription["current_period_start"]}
    stripe.made(f"/v1/subscriptions/{subscription['id']}", item | at)
    [change, _first] = stripe.invoices(subscription)
    assert (change["total"], change["amount_due"], change["status"]) == (1200 - 19_900, 0, "paid")
    stripe.advance(subscription)
    assert (stripe.invoices(subscription)[0]["total"], stripe.invoices(subscription)[0]["amount_due"]) == (1200, 0)


def test_another_interval_begins_a_period_at_once(stripe):
    subscription = stripe.subscribe("Small month")
    change = {"items[0][id]": subscription["items"]["data"][0]["id"], "items[0][price]": stripe.prices()["Small year"]}
    at = subscription["current_period_start"]
    changed = stripe.made(f"/v1/subscriptions/{subscription['id']}", change | {"proration_date": at})
    assert changed["current_period_end"] == later(at, "year")
    assert stripe.invoices(changed)[0]["total"] == 12_000 - 1200


def test_a_change_that_is_not_paid_changes_nothing_if_that_is_asked(stripe):
    subscription = stripe.subscribe("Small month")
    stripe.fill_in(stripe.portal(subscription), {"do": "card", "card": DECLINED_LATER})
    change = {"items[0][id]": subscription["items"]["data"][0]["id"], "items[0][price]": stripe.prices()["Large month"]}
    change |= {"proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
    status, body = stripe.call("POST", f"/v1/subscriptions/{subscription['id']}", change)
    assert (status, body["error"]["code"]) == (402, "card_declined")
    assert stripe.got(f"/v1/subscriptions/{subscription['id']}") == subscription
    assert len(stripe.invoices(subscription)) == 1


def test_cancelled_at_the_end_of_the_period_unless_it_is_resumed(stripe):
    subscription = stripe.subscribe("Small month")
    path = f"/v1/subscriptions/{subscription['id']}"
    cancelled = stripe.made(path, {"cancel_at_period_end": "true"})
    assert (cancelled["status"], cancelled["cancel_at"]) == ("active", subscription["current_period_end"])
    resumed = stripe.made(path, {"cancel_at_period_end": "false"})
    assert (resumed["cancel_at"], resumed["canceled_at"]) == (None, None)
    assert stripe.advance(resumed)["status"] == "active"
    stripe.made(path, {"cancel_at_period_end": "true"})
    assert stripe.advance(resumed)["status"] == "canceled"
    stripe.events(subscription["id"], "customer.subscription.deleted")
    status, body = stripe.call("POST", path, {"cancel_at_period_end": "false"})
    assert (status, "canceled subscription" in body["error"]["message"]) == (400, True)


def test_a_payment_that_fails_is_past_due_then_unpaid_and_active_when_paid(stripe):
    subscription = stripe.subscribe("Small month", card=DECLINED_LATER, trial_days=14)
    assert stripe.advance(subscription)["status"] == "past_due"
    stripe.events(subscription["id"], "invoice.payment_failed", "customer.subscription.updated")
    assert stripe.advance(subscription)["status"] == "unpaid"
    [invoice] = stripe.invoices(subscription)
    assert (invoice["status"], invoice["attempt_count"], invoice["amount_remaining"]) == ("open", 2, 1200)
    portal = stripe.portal(subscription)
    assert stripe.fill_in(portal, {"do": "pay", "invoice": invoice["id"]})[0] == 402
    assert stripe.fill_in(portal, {"do": "card", "card": PAYS})[0] == 303
    assert stripe.fill_in(portal, {"do": "pay", "invoice": invoice["id"]})[0] == 303
    assert stripe.got(f"/v1/subscriptions/{subscription['id']}")["status"] == "active"
    stripe.events(subscription["id"], "invoice.paid")


def test_an_invoice_has_a_page_to_pay_and_a_pdf(stripe):
    subscription = stripe.subscribe("Small month", card=DECLINED_LATER, trial_days=14)
    stripe.advance(subscription)
    [invoice] = stripe.invoices(subscription)
    with urllib.request.urlopen(invoice["invoice_pdf"]) as answer:
        content = answer.read()
        assert answer.headers["Content-Type"] == "application/pdf"
    assert content.startswith(b"%PDF-1.4") and content.endswith(b"%%EOF\n")
    assert int(content.rsplit(b"startxref\n")[1].split()[0]) == content.index(b"xref\n")
    assert b"12.00 EUR" in content
    assert stripe.fill_in(invoice["hosted_invoice_url"], {"card": PAYS})[0] == 303
    assert stripe.got(f"/v1/invoices/{invoice['id']}")["status"] == "paid"


def test_the_portal_cancels_and_resumes(stripe):
    subscription = stripe.subscribe("Small month")
    portal, path = stripe.portal(subscription), f"/v1/subscriptions/{subscription['id']}"
    assert stripe.fill_in(portal, {"do": "cancel", "subscription": subscription["id"]})[0] == 303
    assert stripe.got(path)["cancel_at_period_end"]
    assert stripe.fill_in(portal, {"do": "resume", "subscription": subscription["id"]})[0] == 303
    assert not stripe.got(path)["cancel_at_period_end"]
    page = urllib.request.urlopen(portal).read().decode()
    assert "Card on file: ends in 4242." in page and "DE123456789" in page


def test_what_is_metered_counts_once_and_is_on_the_next_invoice(stripe):
    [meter] = stripe.got("/v1/billing/meters")["data"]
    assert meter["event_name"] == "smartscripts_scripts_beyond"
    product = stripe.made("/v1/products", {"name": "Scripts beyond the plan"})["id"]
    wanted = {"product": product, "currency": "eur", "unit_amount": 5, "recurring[interval]": "month"}
    price = stripe.made("/v1/prices", wanted | {"recurring[meter]": meter["id"], "recurring[usage_type]": "metered"})[
        "id"
    ]
    customer = stripe.made("/v1/customers", {"name": "A School"})["id"]
    wanted = {"mode": "subscription", "customer": customer, "success_url": "http://x/", "line_items[0][quantity]": 1}
    wanted |= {"line_items[0][price]": stripe.prices()["Large month"], "line_items[1][price]": price}
    session = stripe.made("/v1/checkout/sessions", wanted)
    assert stripe.fill_in(session["url"], {"card": PAYS})[0] == 303
    [subscription] = stripe.got("/v1/subscriptions", {"customer": customer})["data"]
    event = {"event_name": meter["event_name"], "payload[stripe_customer_id]": customer, "payload[value]": 70}
    stripe.made("/v1/billing/meter_events", event | {"identifier": "org_1:2026-11:1"})
    # As at Stripe, sending it again is refused; what was sent has counted.
    status, body = stripe.call("POST", "/v1/billing/meter_events", event | {"identifier": "org_1:2026-11:1"})
    assert (status, body["error"]["message"]) == (400, "An event already exists with identifier org_1:2026-11:1.")
    stripe.made("/v1/billing/meter_events", event | {"identifier": "org_1:2026-11:2", "payload[value]": 30})
    stripe.advance(subscription)
    lines = stripe.invoices(subscription)[0]["lines"]["data"]
    assert [(line["amount"], line["quantity"]) for line in lines] == [(500, 100), (19_900, 1)]
    stripe.advance(subscription)
    lines = stripe.invoices(subscription)[0]["lines"]["data"]
    assert [(line["amount"], line["quantity"]) for line in lines] == [(0, 0), (19_900, 1)]


def test_the_same_request_happens_once(stripe):
    wanted = {"name": "Once"}
    headers = {"Idempotency-Key": "once"}
    first = stripe.call("POST", "/v1/customers", wanted, **headers)
    assert first[0] == 200 and stripe.call("POST", "/v1/customers", wanted, **headers) == first
    status, body = stripe.call("POST", "/v1/customers", {"name": "Another"}, **headers)
    assert (status, body["error"]["type"]) == (400, "idempotency_error")


def test_lists_have_pages(stripe):
    subscription = stripe.subscribe("Small month")
    for _ in range(2):
        stripe.advance(subscription)
    first = stripe.got("/v1/invoices", {"subscription": subscription["id"], "limit": 2})
    rest = stripe.got(
        "/v1/invoices", {"subscription": subscription["id"], "limit": 2, "starting_after": first["data"][1]["id"]}
    )
    assert (len(first["data"]), first["has_more"], len(rest["data"]), rest["has_more"]) == (2, True, 1, False)


def test_a_customer_that_is_deleted_has_no_subscription_left(stripe):
    subscription = stripe.subscribe("Small month")
    assert stripe.call("DELETE", f"/v1/customers/{subscription['customer']}")[1]["deleted"]
    assert stripe.got(f"/v1/subscriptions/{subscription['id']}")["status"] == "canceled"


@pytest.mark.parametrize(
    "method, path, data, status",
    [
        ("GET", "/v1/subscriptions/sub_none", {}, 404),
        ("GET", "/v1/prices/price_none", {}, 404),
        ("GET", "/v1/customers/cus_none", {}, 404),
        ("POST", "/v1/checkout/sessions", {"mode": "payment"}, 400),
        ("POST", "/v1/prices", {"product": "prod_none"}, 404),
        ("POST", "/v1/billing/meter_events", {"event_name": "another"}, 400),
        ("POST", "/v1/customers", {"name[a]": "1", "name[a][b]": "2"}, 400),
        ("GET", "/v1/invoices", {"limit": "many"}, 400),
    ],
)
def test_refusals_are_spelled_as_stripe_does(stripe, method, path, data, status):
    answered, body = stripe.call(method, path, data)
    assert (answered, body["error"]["type"]) == (status, "invalid_request_error")


def test_another_key_is_refused(stripe):
    assert stripe.call("GET", "/v1/customers", key="sk_test_another")[0] == 401


def test_a_change_that_the_fake_does_not_know_is_refused(stripe):
    subscription = stripe.subscribe("Small month")
    status, body = stripe.call(
        "POST", f"/v1/subscriptions/{subscription['id']}", {"pause_collection[behavior]": "void"}
    )
    assert (status, "unknown parameter: pause_collection" in body["error"]["message"]) == (400, True)


def test_what_a_person_types_stays_off_the_pages_code_and_the_log(stripe):
    session = stripe.checkout("Small month")
    status, page, _place = stripe.fill_in(
        session["url"], {"card": PAYS, "name": "<script>alert(1)</script>", "tax_id": "DE1"}
    )
    assert (status, "The VAT number is too short" in page) == (400, True)
    assert "<script" not in page and "&lt;script&gt;" in page
    lines = stripe.log.read_text()
    assert "A School" not in lines and "alert" not in lines and "DE123456789" not in lines
    assert all({"timestamp", "program", "message"} == set(json.loads(line)) for line in lines.splitlines())


def test_nobody_outside_reaches_either(stripe):
    listening = Path("/proc/net/tcp").read_text() + "".join(
        Path("/proc/net/tcp6").read_text() for _ in "6" if Path("/proc/net/tcp6").exists()
    )
    for port in (settings.stripe_port(), settings.localstripe_port()):
        places = re.findall(rf": ([0-9A-F]+):{port:04X} [0-9A-F]+:0000 0A", listening)
        assert places == ["0100007F"]


def test_amounts_are_spelled_with_the_digits_of_their_currency():
    assert [spell(1200, "eur"), spell(-5, "eur"), spell(1200, "jpy")] == ["12.00 EUR", "-0.05 EUR", "1200 JPY"]


def test_a_month_ends_on_a_day_that_there_is():
    january = 1_769_860_800  # 31 January 2026, 12:00 UTC
    assert later(january, "month") == january + 28 * DAY
    assert later(1_835_438_400, "year") == 1_835_438_400 + 365 * DAY  # 29 February 2028 → 28 February 2029


def test_a_form_is_read_as_stripe_reads_it():
    pairs = [
        ("items[0][price]", "p"),
        ("items[1][price]", "q"),
        ("metadata[org]", "o"),
        ("keys[]", "a"),
        ("keys[]", "b"),
    ]
    assert unflatten(pairs) == {"items": [{"price": "p"}, {"price": "q"}], "metadata": {"org": "o"}, "keys": ["a", "b"]}
    with pytest.raises(Problem):
        unflatten([("a", "1"), ("a[b]", "2")])


def test_prorations_add_up_in_whole_cents():
    books = Books("http://x")
    books.products["prod"] = "Plan"
    price = {"product": "prod", "currency": "eur", "recurring": {"interval": "month"}}
    for name, amount in [("odd", 333), ("other", 777)]:
        books.add_price(price | {"id": name, "unit_amount": amount}, 0)
    subscription = books.open_subscription({"customer": "cus", "items": [{"price": "odd"}]}, 1_000_000)
    end = subscription["current_period_end"]
    for at in range(1_000_000, end + 1, (end - 1_000_000) // 97):
        lines = books.proration_lines(
            subscription, [subscription["items"]["data"][0] | {"price": books.price("other")}], at
        )
        left = (end - at) / (end - 1_000_000)
        assert all(isinstance(line["amount"], int) for line in lines)
        assert [line["amount"] for line in lines] == [
            pytest.approx(-333 * left, abs=0.51),
            pytest.approx(777 * left, abs=0.51),
        ]
    subscription["status"] = "trialing"
    assert books.proration_lines(subscription, subscription["items"]["data"], 1_000_000) == []


def test_seeded_with_the_prices_that_the_plans_name(stripe):
    for plan in json.loads(settings.PLANS.read_text())["plans"].values():
        cost = plan.get("price", {"ids": {}})
        for which, identifier in cost["ids"].get("local", {}).items():
            price = stripe.got(f"/v1/prices/{identifier}")
            assert price["unit_amount"] == cost["overage" if which.startswith("overage") else which]
            assert (price["currency"], which.endswith(price["recurring"]["interval"])) == (cost["currency"], True)
            assert (price["recurring"]["usage_type"] == "metered") == which.startswith("overage")


def test_a_plan_costs_the_same_for_all_the_seats_that_it_has(stripe):
    product = stripe.made("/v1/products", {"name": "Three seats"})["id"]
    wanted = {"product": product, "currency": "eur", "unit_amount": 1200, "recurring[interval]": "month"}
    wanted |= {"transform_quantity[divide_by]": 3, "transform_quantity[round]": "up"}
    price = stripe.made("/v1/prices", wanted)["id"]
    subscription = stripe.subscribe("Small month")
    item = {"items[0][id]": subscription["items"]["data"][0]["id"], "items[0][price]": price}
    for seats, amount in [(1, 1200), (3, 1200), (4, 2400)]:
        stripe.made(
            f"/v1/subscriptions/{subscription['id']}",
            item | {"items[0][quantity]": seats, "proration_behavior": "none"},
        )
        stripe.advance(subscription)
        assert stripe.invoices(subscription)[0]["total"] == amount


PRICE = {"currency": "eur", "month": 700, "year": 7000, "ids": {"local": {"month": "price_a", "year": "price_b"}}}
SOLD = {
    "version": 7,
    "plans": {
        "free": {"seats": 1, "features": []},
        "club": {"seats": 5, "price": PRICE},
        "town": {"seats": None, "price": PRICE | {"overage": 3}},
    },
}


def create_prices(path: Path, config: str = "staging", **variables: str):
    program = settings.REPOSITORY / "infra" / "billing" / "create_prices.py"
    own = {"STRIPE_API_URL": settings.stripe_url(), "STRIPE_SECRET_KEY": keys.stripe_secret_key(), "CONFIG_ENV": config}
    command = [sys.executable, str(program), str(path)]
    return subprocess.run(command, env=own | variables, capture_output=True, text=True)


def test_prices_are_made_once_and_their_ids_written_down(stripe, tmp_path):
    path = tmp_path / "plans.json"
    path.write_text(json.dumps(SOLD))
    made = create_prices(path)
    assert (made.returncode, made.stderr) == (0, "")
    written = json.loads(path.read_text())
    assert "price" not in written["plans"]["free"]
    assert written["plans"]["club"]["price"]["ids"]["local"] == PRICE["ids"]["local"]
    club, town = (written["plans"][name]["price"]["ids"]["staging"] for name in ("club", "town"))
    assert (set(club), set(town)) == ({"month", "year"}, {"month", "year", "overage_month", "overage_year"})
    price = stripe.got(f"/v1/prices/{club['year']}")
    assert (price["unit_amount"], price["recurring"]["interval"], price["lookup_key"]) == (
        7000,
        "year",
        "smartscripts_club_year",
    )
    assert price["transform_quantity"] == {"divide_by": 5, "round": "up"}
    overage = stripe.got(f"/v1/prices/{town['overage_month']}")
    assert (overage["unit_amount"], overage["recurring"]["usage_type"]) == (3, "metered")
    before = path.read_text()
    assert create_prices(path).stdout == "create-prices: the prices of staging are in plans.json\n"
    assert path.read_text() == before
    # Another amount would be another price, which subscribers do not have.
    written["plans"]["club"]["price"]["month"] = 800
    path.write_text(json.dumps(written))
    refused = create_prices(path)
    assert (refused.returncode, "smartscripts_club_month is 700 eur a month at Stripe" in refused.stderr) == (1, True)
    assert json.loads(path.read_text()) == written


@pytest.mark.parametrize(
    "config, variables, sentence",
    [
        ("nowhere", {}, "samconfig.toml has no CONFIG_ENV='nowhere'"),
        ("production", {}, "must be a key of Stripe's live mode"),
        ("staging", {"STRIPE_SECRET_KEY": "sk_live_mine"}, "must be a key of Stripe's test mode"),
        ("staging", {"STRIPE_SECRET_KEY": "sk_test_another"}, "401: Invalid API Key"),
        ("staging", {"STRIPE_API_URL": "http://127.0.0.1:1"}, "can't be reached"),
    ],
)
def test_prices_are_not_made_with_what_can_not_be_meant(stripe, tmp_path, config, variables, sentence):
    path = tmp_path / "plans.json"
    path.write_text(json.dumps(SOLD))
    refused = create_prices(path, config, **variables)
    assert (refused.returncode, sentence in refused.stderr) == (1, True), refused.stderr
    assert json.loads(path.read_text()) == SOLD


def test_plans_are_written_as_they_were(monkeypatch):
    monkeypatch.syspath_prepend(settings.REPOSITORY / "infra" / "billing")
    import create_prices

    text = settings.PLANS.read_text()
    assert create_prices.spell(json.loads(text)) + "\n" == text


def test_without_a_key_of_stripe_the_fake_stands_in(monkeypatch, tmp_path):
    monkeypatch.setattr(keys, "SECRETS", tmp_path)
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)
    given = keys.stripe_parameters()
    assert given["StripeApiUrl"] == settings.stripe_url()
    assert len(given["StripeWebhookSecrets"].split(",")) == 2
    # What `.local/env` might say is the fake's own key.
    monkeypatch.setenv("STRIPE_SECRET_KEY", given["StripeSecretKey"])
    assert keys.stripe_parameters() == given


def test_keys_of_stripe_in_the_environment_switch_to_stripe(monkeypatch, tmp_path):
    monkeypatch.setattr(keys, "SECRETS", tmp_path)
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_mine")
    monkeypatch.delenv("STRIPE_WEBHOOK_SECRETS", raising=False)
    with pytest.raises(SystemExit, match="STRIPE_WEBHOOK_SECRETS is not"):
        keys.stripe_parameters()
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", "whsec_mine")
    wanted = {"StripeApiUrl": "", "StripeSecretKey": "sk_test_mine", "StripeWebhookSecrets": "whsec_mine"}
    assert keys.stripe_parameters() == wanted
    assert emulator.environment()["STRIPE_FAKE"] == "false"
    assert "sk_test_mine" not in emulator.environment().values()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_mine")
    with pytest.raises(SystemExit, match="takes no real money"):
        keys.stripe_parameters()
