"""The fake Stripe's pages, in place of Checkout, the Billing Portal and Stripe's invoices: plain HTML, no script, and
cards of Stripe's test numbers only, which are chosen and never typed.
"""

from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

import settings
from stripe_books import ENDED, Books, Problem, is_metered, spell, spell_day, spell_price

FOLDER = Path(__file__).with_name("stripe_html")

# Stripe's test numbers: https://docs.stripe.com/testing
CARDS = {
    "4242424242424242": "4242 4242 4242 4242: pays",
    "4000000000000341": "4000 0000 0000 0341: is taken, and declined whenever it is charged",
    "4000000000000002": "4000 0000 0000 0002: is declined at once",
}

HEADERS = {
    # No form-action: a form here ends with a redirect to the application's own origin.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(name: str, values: dict, problem: Problem | None = None) -> web.Response:
    """A page of the folder in the frame that all have. Values that end in `_html` are HTML already."""
    safe = {key: value if key.endswith("_html") else escape(str(value)) for key, value in values.items()}
    content = Template((FOLDER / f"{name}.html").read_text()).substitute(safe)
    title, _, body = content.partition("\n")
    alert = "" if problem is None else f'<p role="alert" class="problem">{escape(message_of(problem))}</p>'
    frame = Template((FOLDER / "frame.html").read_text())
    text = frame.substitute(title_html=title, body_html=body, alert_html=alert)
    status = 200 if problem is None else problem.status
    return web.Response(text=text, content_type="text/html", status=status, headers=HEADERS)


def message_of(problem: Problem) -> str:
    return problem.body.get("error", {}).get("message") or "This was refused."


def cards() -> str:
    """The choice of a card."""
    first = next(iter(CARDS))
    choices = ""
    for number, text in CARDS.items():
        checked = " checked" if number == first else ""
        choices += f'<label><input type="radio" name="card" value="{number}" required{checked}> {text}</label>'
    return f"<fieldset><legend>Test card</legend>{choices}</fieldset>"


def table(caption: str, heads: list[str], rows: list[list[str]]) -> str:
    """A table of cells that are HTML already."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    whole = f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{whole}</div>'


def button(text: str, action: str, label: str, **fields: str) -> str:
    """A form of one button."""
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    return f'<form method="post" action="{action}">{hidden}<button aria-label="{escape(label)}">{text}</button></form>'


def plan_of(books: Books, subscription: dict) -> str:
    return ", ".join(books.name(item) for item in subscription["items"]["data"] if not is_metered(item["price"]))


def checkout(books: Books, session: dict, customer: dict) -> dict:
    rows = []
    for item in session["wanted"]["items"]:
        price = books.price(item["price"])
        each = spell_price(price)
        count = f"{each}, for each that is used" if is_metered(price) else f"{each}, {item['quantity']} seats taken"
        rows.append([escape(books.products[price["product"]]), escape(count)])
    days = session["wanted"]["trial_period_days"]
    return {
        "items_html": table("What is subscribed to", ["Item", "Price"], rows),
        "trial": f"Free for {days} days; nothing is charged before." if days else "Charged at once.",
        "name": customer["name"] or "",
        "cards_html": cards(),
        "action": f"/checkout/{session['id']}",
        "cancel_url": session["cancel_url"] or session["success_url"],
    }


def portal(books: Books, session: dict, customer: dict, card: dict) -> dict:
    action = f"/portal/{session['id']}"
    subscriptions = []
    for subscription in books.list_subscriptions({"customer": customer["id"], "status": "all"}):
        name, identifier = plan_of(books, subscription), subscription["id"]
        ends = subscription["cancel_at_period_end"]
        do, text = ("resume", "Resume") if ends else ("cancel", "Cancel at the end of the period")
        cell = (
            ""
            if subscription["status"] in ENDED
            else button(text, action, f"{text}: {name}", do=do, subscription=identifier)
        )
        until = spell_day(subscription["current_period_end"])
        subscriptions.append([escape(name), subscription["status"], ("ends " if ends else "renews ") + until, cell])
    invoices = []
    for invoice in books.list_invoices({"customer": customer["id"]}):
        number = invoice["number"]
        links = f'<a href="{invoice["hosted_invoice_url"]}">{number}</a>'
        links += f' <a href="{invoice["invoice_pdf"]}">PDF of {number}</a>'
        pay = (
            button("Pay", action, f"Pay {number}", do="pay", invoice=invoice["id"])
            if invoice["status"] == "open"
            else ""
        )
        invoices.append([links, spell(invoice["total"], invoice["currency"]), invoice["status"], pay])
    numbers = ", ".join(tax["value"] for tax in customer["tax_ids"]["data"])
    return {
        "subscriptions_html": table("Subscriptions", ["Plan", "Status", "Period", "Change"], subscriptions)
        or "<p>None yet.</p>",
        "invoices_html": table("Invoices", ["Invoice", "Total", "Status", "Pay"], invoices)
        or "<p>No invoices yet.</p>",
        "card": f"Card on file: ends in {card['last4']}." if card else "No card on file.",
        "cards_html": cards(),
        "name": customer["name"] or "",
        "tax_ids": f"VAT numbers: {numbers}." if numbers else "No VAT number.",
        "action": action,
        "return_url": session["return_url"] or settings.web_origin(),
    }


def invoice(document: dict) -> dict:
    currency = document["currency"]
    rows = [[escape(line["description"]), spell(line["amount"], currency)] for line in document["lines"]["data"]]
    form = f'<form method="post" action="/invoices/{document["id"]}">{cards()}<button>Pay</button></form>'
    return {
        "number": document["number"],
        "status": document["status"],
        "day": spell_day(document["created"]),
        "total": spell(document["total"], currency),
        "due": spell(document["amount_remaining"], currency),
        "lines_html": table("Items", ["Item", "Amount"], rows),
        "pay_html": form if document["status"] == "open" else "",
        "pdf": document["invoice_pdf"],
    }


def index(books: Books) -> dict:
    rows = []
    for subscription in books.list_subscriptions({"status": "all"}):
        name, status, identifier = plan_of(books, subscription), subscription["status"], subscription["id"]
        text = {"trialing": "End the trial now", "past_due": "Let the last attempt fail or pass"}.get(
            status, "End the period now"
        )
        cell = (
            ""
            if status in ENDED
            else button(text, "/_fake/advance", f"{text}: {identifier}", subscription=identifier, back="1")
        )
        org, until = subscription["metadata"].get("org", ""), spell_day(subscription["current_period_end"])
        rows.append([escape(org), identifier, escape(name), status, until, cell])
    subscriptions = table("Subscriptions", ["Organization", "Id", "Plan", "Status", "Period ends", "Time"], rows)
    return {"subscriptions_html": subscriptions or "<p>Nobody has subscribed yet.</p>", "web": settings.web_origin()}


def invoice_pdf(document: dict) -> bytes:
    """An invoice as a PDF of one page, with the few objects that it takes."""
    currency = document["currency"]
    lines = [
        f"Invoice {document['number']}",
        "Of the cloud on a laptop: no money was asked for.",
        spell_day(document["created"]),
        "",
    ]
    lines += [f"{line['description']}: {spell(line['amount'], currency)}" for line in document["lines"]["data"]]
    lines += ["", f"Total: {spell(document['total'], currency)}", f"Status: {document['status']}"]
    escaped = [line.translate({40: r"\(", 41: r"\)", 92: r"\\"}) for line in lines]
    text = "BT /F1 11 Tf 16 TL 56 780 Td " + " ".join(f"({line}) Tj T*" for line in escaped) + " ET"
    stream = text.encode("cp1252", "replace")
    size, fonts = b"/MediaBox [0 0 595 842]", b"/Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R %s /Contents 4 0 R %s >>" % (size, fonts),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table_at = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table_at)
