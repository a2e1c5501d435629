"""The secrets of the cloud on a laptop: made once into `.local/secrets`, readable by their owner only."""

import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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
    }


def demo_password() -> str:
    return once("demo-password", lambda: secrets.token_urlsafe(15))
