"""Where things are, and what the cloud on a laptop is called by. Standard library only: install.py needs it first."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LOCAL = REPOSITORY / ".local"  # everything made on this machine; ignored by git
VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = REPOSITORY / "infra" / "requirements.txt"
CONSTRAINTS = REPOSITORY / "infra" / "constraints.txt"
MODELS = LOCAL / "models"
PACKAGES = LOCAL / "packages"
SECRETS = LOCAL / "secrets"
CLOUD = LOCAL / "cloud"  # the running emulator's files; emptied at every start
LOCK = LOCAL / "cloud.lock"
LOG = LOCAL / "cloud.log"
ACCESS = LOCAL / "access.jsonl"  # what the functions did with their permissions since the last start
ENV = LOCAL / "env"
REPORTS = LOCAL / "reports"  # JUnit files of the tests on the running cloud
STRIPE_LOG = LOCAL / "stripe.log"
PLANS = REPOSITORY / "shared" / "billing" / "plans.json"
WEB = REPOSITORY / "web"
DIST = WEB / "dist"  # the built web application
LAMBDA = REPOSITORY / "target" / "lambda"
TEMPLATE = REPOSITORY / "template.yaml"
SAMCONFIG = REPOSITORY / "samconfig.toml"

HOST = "127.0.0.1"
DEFAULT_PORT = "4566"
REGION = "us-east-1"
STACK = "smartscripts-local"
API_ID = "5ca1ab1e"  # eight hexadecimal digits of our choice, so that the launcher knows the API before it exists

# The emulator's root credentials. Nothing outside the loopback interface accepts them.
ACCESS_KEY_ID = "local"
SECRET_ACCESS_KEY = "local"

DEMO_EMAIL = "teacher@demo.example"


def port() -> int:
    """The port of the API and of all AWS endpoints: `SMARTSCRIPTS_PORT`, or 4566."""
    text = os.environ.get("SMARTSCRIPTS_PORT") or DEFAULT_PORT
    if not text.isdigit() or not 1024 <= int(text) <= 65532:
        raise SystemExit(f"SMARTSCRIPTS_PORT must be a number from 1024 to 65532, not {text!r}.")
    return int(text)


def web_port() -> int:
    """The port of the web application: the one after the API's."""
    return port() + 1


def web_origin() -> str:
    """The address of the web application, the API included."""
    return f"http://{HOST}:{web_port()}"


def stripe_port() -> int:
    """The port of what stands in for Stripe."""
    return port() + 2


def localstripe_port() -> int:
    """The port of localstripe, which only `stripe_fake.py` asks."""
    return port() + 3


def stripe_url() -> str:
    """The address of what stands in for Stripe: its API and its pages."""
    return f"http://{HOST}:{stripe_port()}"


def webhook_url() -> str:
    """Where Stripe's events go, when something stands in for it."""
    return f"{endpoint()}/v1/billing/webhook"


def endpoint() -> str:
    """The one address that answers for the API and for AWS."""
    return f"http://{HOST}:{port()}"
