"""The books of the fake Stripe: prices, subscriptions and invoices, as localstripe has none that renew, prorate, fall
past due or are paid later. Arithmetic only: no network, no clock of its own. Objects are dictionaries as Stripe prints
them, of the API version that the functions ask for; amounts are integers in the currency's minor units.
"""

import calendar
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

API_VERSION = "2026-09-30.endive"

# Currencies without minor units: https://docs.stripe.com/currencies#zero-decimal
ZERO_DECIMAL = set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())

ENDED = ("canceled", "incomplete_expired")


class Problem(Exception):
    """A refusal as Stripe spells it."""

    def __init__(self, status: int, message: str, code: str | None = None, kind: str = "invalid_request_error"):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message} | ({"code": code} if code else {})}


def missing(kind: str, identifier: str) -> Problem:
    return Problem(404, f"No such {kind}: '{identifier}'", "resource_missing")


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def unflatten(pairs) -> dict:
    """`items[0][price]=p` and `lookup_keys[]=k` as nested dictionaries and lists, as Stripe reads a form."""
    tree: dict = {}
    for name, value in pairs:
        *parts, last = [part.rstrip("]") for part in name.split("[")]
        place = tree
        for part in parts:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise Problem(400, f"Invalid parameter: {name}")
        place[last or str(len(place))] = value
    return lists(tree)


def lists(tree):
    """Dictionaries whose names are numbers, as lists."""
    if not isinstance(tree, dict):
        return tree
    if tree and all(name.isdigit() for name in tree):
        return [lists(tree[name]) for name in sorted(tree, key=int)]
    return {name: lists(value) for name, value in tree.items()}


def whole(value, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Problem(400, f"Invalid integer: {name}") from None


def spell(amount: int, currency: str) -> str:
    """An amount for people."""
    if currency in ZERO_DECIMAL:
        return f"{amount} {currency.upper()}"
    sign, rest = "-" if amount < 0 else "", abs(amount)
    return f"{sign}{rest // 100}.{rest % 100:02} {currency.upper()}"


def spell_price(price: dict) -> str:
    return f"{spell(price['unit_amount'], price['currency'])} / {price['recurring']['interval']}"


def spell_day(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%-d %B %Y")


def later(start: int, interval: str) -> int:
    """When a period that begins then ends: on the same day of the next month or year, or the last if it has none."""
    begun = datetime.fromtimestamp(start, UTC)
    months = begun.month - 1 + (1 if interval == "month" else 12)
    year, month = begun.year + months // 12, months % 12 + 1
    day = min(begun.day, calendar.monthrange(year, month)[1])
    return int(begun.replace(year=year, month=month, day=day).timestamp())


def a_list(url: str, found: list[dict], query: dict) -> dict:
    """One page of a list, newest first, as `limit` and `starting_after` ask for."""
    limit = whole(query.get("limit", 10), "limit")
    if not 1 <= limit <= 100:
        raise Problem(400, "Invalid integer: limit must be from 1 to 100")
    if after := query.get("starting_after"):
        places = [place for place, item in enumerate(found) if item["id"] == after]
        if not places:
            raise missing("object", after)
        found = found[places[0] + 1 :]
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": found[:limit]}


class Books:
    """All prices, meters, subscriptions and invoices. Whoever calls says what time it is, and pays."""

    def __init__(self, base_url: str):
        self.base_url = base_url
        self.products: dict[str, str] = {}  # the names of localstripe's products
        self.prices: dict[str, dict] = {}
        self.meters: dict[str, dict] = {}
        self.meter_events: dict[str, dict] = {}
        self.invoiced: set[str] = set()  # the identifiers of meter events that are on an invoice
        self.subscriptions: dict[str, dict] = {}
        self.invoices: dict[str, dict] = {}
        self.balances: dict[str, int] = {}  # what a customer has in credit, as a negative amount
        self.pending: dict[str, list[dict]] = {}  # a subscription's lines that wait for its next invoice

    # Prices and meters.

    def add_price(self, data: dict, now: int) -> dict:
        recurring = data.get("recurring") or {}
        if data.get("product") not in self.products:
            raise missing("product", str(data.get("product")))
        if recurring.get("interval") not in ("month", "year"):
            raise Problem(400, "recurring[interval] must be month or year: the fake knows no other price")
        if any(price["lookup_key"] and price["lookup_key"] == data.get("lookup_key") for price in self.prices.values()):
            raise Problem(400, f"A price already uses the lookup key {data['lookup_key']}")
        if (meter := recurring.get("meter")) and meter not in self.meters:
            raise missing("meter", meter)
        if (divided := data.get("transform_quantity")) and divided.get("round") != "up":
            raise Problem(400, "transform_quantity[round] must be up: the fake rounds no other way")
        price = {
            "id": data.get("id") or new_id("price"),
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": now,
            "currency": str(data.get("currency", "")).lower(),
            "livemode": False,
            "lookup_key": data.get("lookup_key"),
            "metadata": data.get("metadata") or {},
            "nickname": data.get("nickname"),
            "product": data["product"],
            "recurring": {
                "interval": recurring["interval"],
                "interval_count": 1,
                "meter": meter,
                "trial_period_days": None,
                "usage_type": "metered" if meter else "licensed",
            },
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": divided and {"divide_by": whole(divided["divide_by"], "divide_by"), "round": "up"},
            "type": "recurring",
            "unit_amount": whole(data.get("unit_amount"), "unit_amount"),
            "unit_amount_decimal": str(data.get("unit_amount")),
        }
        self.prices[price["id"]] = price
        return price

    def price(self, identifier) -> dict:
        if identifier not in self.prices:
            raise missing("price", str(identifier))
        return self.prices[identifier]

    def list_prices(self, query: dict) -> list[dict]:
        keys = query.get("lookup_keys")
        found = [price for price in self.prices.values() if keys is None or price["lookup_key"] in keys]
        return found[::-1]

    def add_meter(self, data: dict, now: int) -> dict:
        if any(meter["event_name"] == data.get("event_name") for meter in self.meters.values()):
            raise Problem(400, f"There is an active meter already with the event name {data['event_name']}")
        meter = {
            "id": new_id("mtr"),
            "object": "billing.meter",
            "created": now,
            "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
            "default_aggregation": {"formula": (data.get("default_aggregation") or {}).get("formula", "sum")},
            "display_name": data.get("display_name"),
            "event_name": data.get("event_name"),
            "event_time_window": None,
            "livemode": False,
            "status": "active",
            "updated": now,
            "value_settings": {"event_payload_key": "value"},
        }
        self.meters[meter["id"]] = meter
        return meter

    def add_meter_event(self, data: dict, now: int) -> dict:
        """Counts something. As at Stripe, a second event of the same identifier is refused, and counts nothing."""
        name, payload = data.get("event_name"), data.get("payload") or {}
        if not any(meter["event_name"] == name for meter in self.meters.values()):
            raise Problem(400, f"No active meter found for event_name {name}")
        if whole(payload.get("value"), "payload[value]") < 0 or not payload.get("stripe_customer_id"):
            raise Problem(400, "payload needs stripe_customer_id and a value that is not negative")
        identifier = data.get("identifier") or new_id("event")
        if len(identifier) > 100:
            raise Problem(400, "identifier may have at most 100 characters")
        if identifier in self.meter_events:
            raise Problem(400, f"An event already exists with identifier {identifier}.")
        event = {
            "object": "billing.meter_event",
            "created": now,
            "event_name": name,
            "identifier": identifier,
            "livemode": False,
            "payload": payload,
            "timestamp": whole(data.get("timestamp", now), "timestamp"),
        }
        self.meter_events[identifier] = event
        return event

    def take_used(self, meter: str, customer: str) -> int:
        """What a customer's meter events add up to that are on no invoice yet; from now on they are. Time passes only
        when somebody says so, and all that was told before belongs to the period that ends then."""
        name = self.meters[meter]["event_name"]
        found = [
            event
            for identifier, event in self.meter_events.items()
            if event["event_name"] == name
            and event["payload"]["stripe_customer_id"] == customer
            and identifier not in self.invoiced
        ]
        self.invoiced |= {event["identifier"] for event in found}
        return sum(int(event["payload"]["value"]) for event in found)

    # Subscriptions.

    def subscription(self, identifier) -> dict:
        if identifier not in self.subscriptions:
            raise missing("subscription", str(identifier))
        return self.subscriptions[identifier]

    def list_subscriptions(self, query: dict) -> list[dict]:
        """Newest first; without `status`, those that have not ended, as Stripe does."""
        status = query.get("status")
        return [
            subscription
            for subscription in reversed(self.subscriptions.values())
            if query.get("customer") in (None, subscription["customer"])
            and (
                status == "all"
                or (subscription["status"] not in ENDED if status is None else subscription["status"] == status)
            )
        ]

    def open_subscription(self, data: dict, now: int) -> dict:
        """A subscription that begins now: with its trial, or `incomplete` until its first invoice is paid."""
        trial_days = whole(data.get("trial_period_days") or 0, "trial_period_days")
        identifier = new_id("sub")
        prices = [(self.price(item.get("price")), item.get("quantity")) for item in data.get("items") or []]
        if not prices:
            raise Problem(400, "Missing required param: items.")
        trial_end = now + trial_days * 86_400 if trial_days else None
        subscription = {
            "id": identifier,
            "object": "subscription",
            "automatic_tax": {"enabled": False, "liability": None},
            "billing_cycle_anchor": trial_end or now,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": {"comment": None, "feedback": None, "reason": None},
            "collection_method": "charge_automatically",
            "created": now,
            "currency": prices[0][0]["currency"],
            "customer": data["customer"],
            "default_payment_method": None,
            "description": None,
            "discounts": [],
            "ended_at": None,
            "items": {"object": "list", "has_more": False, "url": f"/v1/subscription_items?subscription={identifier}"},
            "latest_invoice": None,
            "livemode": False,
            "metadata": data.get("metadata") or {},
            "start_date": now,
            "status": "trialing" if trial_end else "incomplete",
            "trial_end": trial_end,
            "trial_start": now if trial_end else None,
        }
        subscription["items"]["data"] = [self.new_item(identifier, price, quantity, now) for price, quantity in prices]
        self.begin_period(subscription, now, trial_end or later(now, prices[0][0]["recurring"]["interval"]))
        self.subscriptions[identifier] = subscription
        return subscription

    def new_item(self, subscription: str, price: dict, quantity, now: int) -> dict:
        item = {
            "id": new_id("si"),
            "object": "subscription_item",
            "created": now,
            "metadata": {},
            "price": price,
            "subscription": subscription,
            "tax_rates": [],
        }
        if not is_metered(price):
            item["quantity"] = whole(1 if quantity is None else quantity, "quantity")
        return item

    def begin_period(self, subscription: dict, start: int, end: int) -> None:
        """Sets the period where Stripe keeps it now, on the items, and where it was before."""
        for place in (subscription, *subscription["items"]["data"]):
            place |= {"current_period_start": start, "current_period_end": end}

    def changed_items(self, subscription: dict, changes: list[dict], now: int) -> list[dict]:
        """The items after a change; the subscription itself stays as it is."""
        items = {item["id"]: dict(item) for item in subscription["items"]["data"]}
        for change in changes:
            if (identifier := change.get("id")) is None:
                added = self.new_item(subscription["id"], self.price(change.get("price")), change.get("quantity"), now)
                added |= {key: subscription[key] for key in ("current_period_start", "current_period_end")}
                items[added["id"]] = added
                continue
            if identifier not in items:
                raise missing("subscription_item", identifier)
            if change.get("deleted") == "true":
                del items[identifier]
                continue
            if "price" in change:
                items[identifier]["price"] = self.price(change["price"])
            if "quantity" in change:
                items[identifier]["quantity"] = whole(change["quantity"], "quantity")
        if not items:
            raise Problem(400, "A subscription must have at least one item")
        if len({item["price"]["recurring"]["interval"] for item in items.values()}) > 1:
            raise Problem(400, "All prices on a subscription must have the same recurring.interval")
        return list(items.values())

    # Invoices.

    def line(self, item: dict, amount: int, text: str, start: int, end: int, proration: bool) -> dict:
        return {
            "id": new_id("il"),
            "object": "line_item",
            "amount": amount,
            "currency": item["price"]["currency"],
            "description": text,
            "livemode": False,
            "metadata": {},
            "parent": {
                "type": "subscription_item_details",
                "subscription_item_details": {
                    "proration": proration,
                    "subscription": item["subscription"],
                    "subscription_item": item["id"],
                },
            },
            "period": {"start": start, "end": end},
            "pricing": {
                "type": "price_details",
                "price_details": {"price": item["price"]["id"], "product": item["price"]["product"]},
                "unit_amount_decimal": item["price"]["unit_amount_decimal"],
            },
            "quantity": item.get("quantity"),
        }

    def name(self, item: dict) -> str:
        return self.products[item["price"]["product"]]

    def period_lines(self, items: list[dict], start: int, end: int) -> list[dict]:
        """What a period costs beforehand."""
        return [
            self.line(
                item,
                cost(item),
                f"{units(item)} × {self.name(item)} (at {spell_price(item['price'])})",
                start,
                end,
                False,
            )
            for item in items
            if not is_metered(item["price"])
        ]

    def metered_lines(self, subscription: dict, end: int) -> list[dict]:
        """What was used in the period that ends then, and costs afterwards."""
        start, lines = subscription["current_period_start"], []
        for item in subscription["items"]["data"]:
            if is_metered(item["price"]):
                used = self.take_used(item["price"]["recurring"]["meter"], subscription["customer"])
                text = f"{used} × {self.name(item)}"
                lines.append(self.line(item, used * item["price"]["unit_amount"], text, start, end, False))
                lines[-1]["quantity"] = used
        return lines

    def proration_lines(self, subscription: dict, items: list[dict], at: int) -> list[dict]:
        """What is given back and asked for when items change in the middle of a period. During a trial, nothing."""
        start, end = subscription["current_period_start"], subscription["current_period_end"]
        if subscription["status"] == "trialing":
            return []
        if not start <= at <= end:
            raise Problem(400, "proration_date must be within the current period")
        before = {item["id"]: item for item in subscription["items"]["data"] if not is_metered(item["price"])}
        after = {item["id"]: item for item in items if not is_metered(item["price"])}
        lines = []

        def part(item: dict, sign: int, text: str) -> None:
            full = cost(item)
            # Rounded half up, in integers.
            amount = (2 * full * (end - at) + (end - start)) // (2 * (end - start))
            lines.append(
                self.line(item, sign * amount, f"{text} on {self.name(item)} after {spell_day(at)}", at, end, True)
            )

        for identifier, item in before.items():
            now = after.get(identifier)
            if now is None or (now["price"]["id"], now["quantity"]) != (item["price"]["id"], item["quantity"]):
                part(item, -1, "Unused time")
        if interval_of(items) == interval_of(subscription["items"]["data"]):
            for identifier, item in after.items():
                was = before.get(identifier)
                if was is None or (was["price"]["id"], was["quantity"]) != (item["price"]["id"], item["quantity"]):
                    part(item, 1, "Remaining time")
        return lines

    def change(self, subscription: dict, changes: dict, now: int) -> "Change":
        """What a change of items leads to, before anything of it is in the books."""
        items = self.changed_items(subscription, changes.get("items") or [], now)
        at = whole(changes.get("proration_date") or now, "proration_date")
        behavior = changes.get("proration_behavior", "create_prorations")
        if behavior not in ("always_invoice", "create_prorations", "none"):
            raise Problem(400, f"Invalid proration_behavior: {behavior}")
        lines = [] if behavior == "none" else self.proration_lines(subscription, items, at)
        restarts = (
            interval_of(items) != interval_of(subscription["items"]["data"]) and subscription["status"] != "trialing"
        )
        if restarts:
            lines += self.period_lines(items, at, period_end(items, at))
        return Change(
            items, at, lines, restarts, restarts or (behavior == "always_invoice" and bool(changes.get("items")))
        )

    def preview(self, subscription: dict, changes: dict, now: int) -> dict:
        """The invoice that a change would lead to: the one of that moment, or else the next one."""
        change = self.change(subscription, changes, now)
        end, lines = subscription["current_period_end"], change.lines
        if not change.at_once:
            lines = self.pending.get(subscription["id"], []) + lines
            if not (changes.get("cancel_at_period_end") == "true" or subscription["cancel_at_period_end"]):
                lines = lines + self.period_lines(change.items, end, period_end(change.items, end))
        draft = self.draft(subscription, lines, "upcoming", change.at if change.at_once else end)
        return draft | {"id": new_id("upcoming_in")}

    def draft(self, subscription: dict, lines: list[dict], reason: str, now: int) -> dict:
        """An invoice that is in nobody's books yet."""
        total = sum(line["amount"] for line in lines)
        balance = self.balances.get(subscription["customer"], 0)
        due = max(0, total + balance)
        return {
            "id": new_id("in"),
            "object": "invoice",
            "amount_due": due,
            "amount_paid": 0,
            "amount_remaining": due,
            "attempt_count": 0,
            "attempted": False,
            "auto_advance": True,
            "billing_reason": reason,
            "collection_method": "charge_automatically",
            "created": now,
            "currency": subscription["currency"],
            "customer": subscription["customer"],
            "ending_balance": min(0, total + balance),
            "hosted_invoice_url": None,
            "invoice_pdf": None,
            "lines": {"object": "list", "has_more": False, "url": "/v1/invoices/lines", "data": lines},
            "livemode": False,
            "metadata": {},
            "next_payment_attempt": None,
            "number": None,
            "parent": {
                "type": "subscription_details",
                "quote_details": None,
                "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
            },
            "period_end": now,
            "period_start": now,
            "starting_balance": balance,
            "status": "draft",
            "status_transitions": {
                "finalized_at": None,
                "marked_uncollectible_at": None,
                "paid_at": None,
                "voided_at": None,
            },
            "subtotal": total,
            "total": total,
        }

    def finalize(self, invoice: dict, subscription: dict, now: int) -> dict:
        """Gives an invoice its number, its pages and its place in the books. One over nothing is paid by that."""
        invoice |= {
            "status": "paid" if invoice["status"] == "paid" or invoice["amount_due"] == 0 else "open",
            "number": f"FAKE-{len(self.invoices) + 1:04}",
            "hosted_invoice_url": f"{self.base_url}/invoices/{invoice['id']}",
            "invoice_pdf": f"{self.base_url}/invoices/{invoice['id']}/pdf",
        }
        invoice["status_transitions"]["finalized_at"] = now
        self.balances[invoice["customer"]] = invoice["ending_balance"]
        self.invoices[invoice["id"]] = invoice
        subscription["latest_invoice"] = invoice["id"]
        if invoice["status"] == "paid":
            self.mark_paid(invoice, now)
        return invoice

    def mark_paid(self, invoice: dict, now: int) -> None:
        invoice |= {"status": "paid", "amount_paid": invoice["amount_due"], "amount_remaining": 0, "attempted": True}
        invoice["next_payment_attempt"] = None
        invoice["status_transitions"]["paid_at"] = now

    def invoice(self, identifier) -> dict:
        if identifier not in self.invoices:
            raise missing("invoice", str(identifier))
        return self.invoices[identifier]

    def list_invoices(self, query: dict) -> list[dict]:
        return [
            invoice
            for invoice in reversed(self.invoices.values())
            if query.get("customer") in (None, invoice["customer"])
            and query.get("subscription") in (None, subscription_of(invoice))
            and query.get("status") in (None, invoice["status"])
        ]


@dataclass
class Change:
    """A change of a subscription's items: what it costs, and when that is asked for."""

    items: list[dict]
    at: int
    lines: list[dict]
    restarts: bool  # the interval is another one: a new period begins
    at_once: bool  # an invoice is made at once


def period_end(items: list[dict], start: int) -> int:
    """When a period of these items that begins then ends."""
    return later(start, interval_of(items))


def units(item: dict) -> int:
    """How often an item's price is asked for: its quantity, or so many packages that it fits in."""
    divided = item["price"]["transform_quantity"]
    return -(-item["quantity"] // divided["divide_by"]) if divided else item["quantity"]


def cost(item: dict) -> int:
    """What a period of an item costs."""
    return item["price"]["unit_amount"] * units(item)


def is_metered(price: dict) -> bool:
    return price["recurring"]["usage_type"] == "metered"


def interval_of(items: list[dict]) -> str:
    return items[0]["price"]["recurring"]["interval"]


def subscription_of(invoice: dict) -> str:
    return invoice["parent"]["subscription_details"]["subscription"]
