"""Makes what plans.json sells at Stripe, and writes the ids of its prices into plans.json: `make create-prices
CONFIG_ENV=staging`, with the account's key in STRIPE_SECRET_KEY.

One product for each plan, with a price a month and one a year; where scripts beyond the quota are metered, a second product
with a price for each interval, and the meter that counts them. What is there already, by its lookup key, is taken as it is:
a second run changes nothing.
"""

import json
import os
import sys
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PLANS = REPOSITORY / "shared" / "billing" / "plans.json"
STRIPE = "https://api.stripe.com"
METER = "smartscripts_scripts_beyond"  # shared/stripe sends its events
WIDTH = 120


class Stripe:
    """The few calls that this takes, each with a form and JSON."""

    def __init__(self, key: str, url: str):
        self.key = key
        self.url = url.rstrip("/")

    def call(self, method: str, path: str, data: dict) -> dict | None:
        """The answer; nothing if there is no such thing. Ends the program with what Stripe says if it refuses."""
        form = urllib.parse.urlencode(data)
        url = f"{self.url}{path}" + (f"?{form}" if method == "GET" and form else "")
        body = form.encode() if method == "POST" else None
        request = urllib.request.Request(url, body, {"Authorization": f"Bearer {self.key}"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            said = json.loads(error.read() or b"{}").get("error", {}).get("message", "")
            sys.exit(f"Stripe refused {method} {path} with {error.code}: {said}")
        except urllib.error.URLError as error:
            sys.exit(f"{self.url} can't be reached: {error.reason}")

    def product(self, identifier: str, name: str) -> str:
        if self.call("GET", f"/v1/products/{identifier}", {}) is None:
            self.call("POST", "/v1/products", {"id": identifier, "name": name})
            print(f"create-prices: made the product {identifier}")
        return identifier

    def meter(self) -> str:
        meters = (self.call("GET", "/v1/billing/meters", {"limit": 100}) or {}).get("data", [])
        for meter in meters:
            if (meter["event_name"], meter["status"]) == (METER, "active"):
                return meter["id"]
        wanted = {
            "event_name": METER,
            "display_name": "Scripts beyond the plan",
            "default_aggregation[formula]": "sum",
            "customer_mapping[type]": "by_id",
            "customer_mapping[event_payload_key]": "stripe_customer_id",
            "value_settings[event_payload_key]": "value",
        }
        print(f"create-prices: made the meter {METER}")
        return self.call("POST", "/v1/billing/meters", wanted)["id"]

    def price(self, key: str, wanted: dict) -> str:
        """The id of the price with this lookup key, which is made if there is none."""
        found = self.call("GET", "/v1/prices", {"lookup_keys[]": key, "limit": 1})["data"]
        if not found:
            print(f"create-prices: made the price {key}")
            return self.call("POST", "/v1/prices", wanted | {"lookup_key": key})["id"]
        has = (found[0]["unit_amount"], found[0]["currency"], found[0]["recurring"]["interval"])
        wants = (wanted["unit_amount"], wanted["currency"], wanted["recurring[interval]"])
        if has != wants:
            sys.exit(
                f"{key} is {has[0]} {has[1]} a {has[2]} at Stripe, and {wants[0]} {wants[1]} a {wants[2]} in plans.json. "
                "Stripe's prices never change, and who has subscribed stays with theirs: docs/billing.md says what to do."
            )
        return found[0]["id"]


def prices_of(stripe: Stripe, name: str, plan: dict) -> dict[str, str]:
    """The ids of a plan's prices."""
    price, found = plan["price"], {}
    product = stripe.product(f"smartscripts_{name}", f"SmartScripts {name.capitalize()}")
    for interval in ("month", "year"):
        wanted = {"product": product, "currency": price["currency"], "recurring[interval]": interval}
        wanted["unit_amount"] = price[interval]
        if plan["seats"] is not None:
            # The quantity says how many seats are taken; the plan's price is for all that it has.
            wanted |= {"transform_quantity[divide_by]": plan["seats"], "transform_quantity[round]": "up"}
        found[interval] = stripe.price(f"smartscripts_{name}_{interval}", wanted)
    if price.get("overage") is not None:
        product = stripe.product(
            f"smartscripts_{name}_overage", f"SmartScripts {name.capitalize()}: scripts beyond the plan"
        )
        for interval in ("month", "year"):
            wanted = {"product": product, "currency": price["currency"], "recurring[interval]": interval}
            wanted |= {"unit_amount": price["overage"], "recurring[usage_type]": "metered"}
            wanted["recurring[meter]"] = stripe.meter()
            found[f"overage_{interval}"] = stripe.price(f"smartscripts_{name}_overage_{interval}", wanted)
    return found


def spell(value, indent: int = 0, before: int = 0) -> str:
    """JSON as plans.json is written: what holds nothing nested is one line if that is short enough. `before` is how much of
    the line is taken."""
    flat = json.dumps(value, ensure_ascii=False)
    if isinstance(value, list) or not isinstance(value, dict):
        return flat
    nested = any(isinstance(item, dict) for item in value.values())
    line = "{ " + flat[1:-1] + " }" if value else "{}"
    if (
        indent
        and not nested
        and all(not isinstance(item, list) for item in value.values())
        and before + len(line) < WIDTH
    ):
        return line
    inner = " " * (indent + 2)
    lines = []
    for key, item in value.items():
        start = f"{inner}{json.dumps(key)}: "
        lines.append(start + spell(item, indent + 2, len(start)))
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"


def check(environment: str, key: str) -> None:
    """Ends the program with one sentence if the environment or its key can't be meant."""
    known = [*tomllib.loads((REPOSITORY / "samconfig.toml").read_text()).keys() - {"version"}]
    if environment not in known:
        sys.exit(f"samconfig.toml has no CONFIG_ENV={environment!r}, only {', '.join(sorted(known))}.")
    wanted = "live" if environment == "production" else "test"
    if not key.startswith((f"sk_{wanted}_", f"rk_{wanted}_")):
        sys.exit(f"STRIPE_SECRET_KEY must be a key of Stripe's {wanted} mode (sk_{wanted}_…) for {environment}.")


def main() -> None:
    environment = os.environ.get("CONFIG_ENV", "staging")
    key = os.environ.get("STRIPE_SECRET_KEY", "")
    check(environment, key)
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PLANS
    table = json.loads(path.read_text())
    stripe = Stripe(key, os.environ.get("STRIPE_API_URL") or STRIPE)
    for name, plan in table["plans"].items():
        if "price" in plan:
            plan["price"]["ids"][environment] = prices_of(stripe, name, plan)
    path.write_text(spell(table) + "\n")
    print(f"create-prices: the prices of {environment} are in {path.name}")


if __name__ == "__main__":
    main()
