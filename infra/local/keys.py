"""The secrets of the cloud on a laptop: made once into `.local/secrets`, readable by their owner only."""

import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import settings
from settings import SECRETS


def once(name: str, make) -> str:
    """The secret of this name; made and kept when there is none yet."""
    path: Path = SECRETS / name
    if not path.exists():
        SECRETS.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
    return path.read_text()


def private_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_key(private: str) -> str:
    key = load_pem_private_key(private.encode(), None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def parameters() -> dict[str, str]:
    """The template's secret parameters. Always in the middle of a change of keys: `local` signs, `next` is known already."""
    private = once("access-token.pem", private_key)
    public = {"local": public_key(private), "next": public_key(once("access-token-next.pem", private_key))}
    return {
        "AccessTokenPrivateKey": private,
        "AccessTokenKeyId": "local",
        "AccessTokenPublicKeys": json.dumps(public),
        "RefreshTokenPepper": once("refresh-token-pepper", lambda: secrets.token_hex(32)),
        **stripe_parameters(),
    }


def stripe_secret_key() -> str:
    """The key that the fake Stripe takes, and no other."""
    return once("stripe-secret-key", lambda: f"sk_test_local_{secrets.token_hex(12)}")


def stripe_webhook_secrets() -> list[str]:
    """What the fake Stripe signs its events with, and a second one: always in the middle of a change of secrets."""
    return [once(f"stripe-webhook-secret{which}", lambda: f"whsec_{secrets.token_hex(24)}") for which in ("", "-next")]


def is_stripe_fake() -> bool:
    """Whether the fake stands in for Stripe: unless the environment has a key of Stripe's test mode. Ends the program
    with one sentence if it has something else."""
    key = os.environ.get("STRIPE_SECRET_KEY") or stripe_secret_key()
    if key == stripe_secret_key():
        return True
    if not key.startswith(("sk_test_", "rk_test_")):
        raise SystemExit("STRIPE_SECRET_KEY is no key of Stripe's test mode (sk_test_…): a laptop takes no real money.")
    if not os.environ.get("STRIPE_WEBHOOK_SECRETS"):
        raise SystemExit(
            "STRIPE_SECRET_KEY is set and STRIPE_WEBHOOK_SECRETS is not: `stripe listen --forward-to …/v1/billing/webhook` "
            "prints the secret (whsec_…)."
        )
    return False


def stripe_parameters() -> dict[str, str]:
    """The template's parameters of Stripe: the fake's, or those of the environment."""
    if is_stripe_fake():
        return {
            "StripeApiUrl": settings.stripe_url(),
            "StripeSecretKey": stripe_secret_key(),
            "StripeWebhookSecrets": ",".join(stripe_webhook_secrets()),
        }
    return {
        "StripeApiUrl": "",
        "StripeSecretKey": os.environ["STRIPE_SECRET_KEY"],
        "StripeWebhookSecrets": os.environ["STRIPE_WEBHOOK_SECRETS"],
    }


def demo_password() -> str:
    return once("demo-password", lambda: secrets.token_urlsafe(15))
