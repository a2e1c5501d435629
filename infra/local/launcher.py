"""Runs the emulator: ministack, with some changes to it, for as long as this process lives.

Started by emulator.py in a process group of its own and with an environment made for it, since every function process
inherits both. Holds the lock `.local/cloud.lock`, which says that the cloud is up, and by which process group.
"""

import fcntl
import os
import socketserver
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import access
import leading_keys
import web
from settings import ACCESS, API_ID, DIST, HOST, LOCK, PYTHON, STRIPE_LOG, web_port

# The changes below reach into the emulator's inside: they are good for this version only.
VERSION = "1.5.33"


def hold_lock():
    """Takes the lock and writes the process group's id into it. The lock is let go when this process ends."""
    file = open(LOCK, "a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("The cloud on a laptop is already up: `make down` ends it.")
    file.truncate(0)
    file.write(str(os.getpgrp()))
    file.flush()
    return file


def answer_at_once() -> None:
    """Takes away two waits that would cost each request 100 ms."""
    from ministack.core.lambda_runtime import Worker

    # Nagle's algorithm holds back the second half of each answer of the Runtime API for some 45 ms.
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    # How long to wait for the first line of a function's log, for a further one, and in all: seconds. A line that
    # comes later is logged with the function's next call.
    if Worker._drain_stderr_bounded.__defaults__ != (0.050, 0.005, 0.250):
        sys.exit("ministack's wait for log lines is not what launcher.py expects: review launcher.py.")
    Worker._drain_stderr_bounded.__defaults__ = (0.005, 0.002, 0.250)


def name_the_mail_identity(evaluator, account_id) -> None:
    """Says on which resource a mail is sent: AWS checks the sender's identity, the emulator checks `*`."""
    enforce = evaluator.enforce

    def enforce_on_identity(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        if iam_action == "ses:SendEmail" and resource_arn == "*":
            resource_arn = f"arn:aws:ses:{region}:{account_id()}:identity/sender"
        return enforce(
            access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=service_context
        )

    evaluator.enforce = enforce_on_identity


def serve_api_at_root(app):
    """Hands everything under /v1/ to our API, so that its address is the same as a real one's: no stage, no prefix."""
    host = f"{API_ID}.execute-api.localhost".encode()

    async def at_root(scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith("/v1/"):
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope = {**scope, "headers": [(b"host", host), *others]}
        await app(scope, receive, send)

    return at_root


def start_stripe() -> None:
    """Starts what stands in for Stripe, in this process group, so that it ends with the rest."""
    with open(STRIPE_LOG, "w") as log:
        program = Path(__file__).with_name("stripe_fake.py")
        subprocess.Popen([str(PYTHON), str(program)], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)


def main() -> None:
    if version("ministack") != VERSION:
        sys.exit(f"launcher.py is written for ministack {VERSION}, not {version('ministack')}: review it.")
    lock = hold_lock()
    if os.environ["STRIPE_FAKE"] == "true":
        start_stripe()
    from ministack import app as ministack
    from ministack.core import iam_actions, iam_evaluator, responses

    answer_at_once()
    leading_keys.install(iam_actions, iam_evaluator)
    access.Recorder(ACCESS).install(iam_evaluator, responses.get_account_id)
    name_the_mail_identity(iam_evaluator, responses.get_account_id)
    ministack.app = web.beside(serve_api_at_root(ministack.app), web_port(), DIST)
    web.listen_too(web_port())
    print(f"launcher: process group {os.getpgrp()}, http://{HOST}:{os.environ['GATEWAY_PORT']}", flush=True)
    sys.argv = ["ministack"]
    try:
        ministack.main()
    finally:
        lock.close()


if __name__ == "__main__":
    main()
