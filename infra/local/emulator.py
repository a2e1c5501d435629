"""Starts and stops the emulator as one process group: itself, all function processes, and what stands in for Stripe."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import keys
import settings
from settings import CLOUD, HOST, LOCK, LOG, PYTHON

START_SECONDS = 60
STOP_SECONDS = 10
LAUNCHER = Path(__file__).with_name("launcher.py")


def running_group() -> int | None:
    """The process group of the running emulator, if it runs: whoever holds the lock has written it there."""
    if not LOCK.exists():
        return None
    with open(LOCK) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = file.read()
            return int(text) if text else None
    return None


def is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def environment() -> dict[str, str]:
    """Everything the emulator and the functions inherit. Nothing of the developer's own environment gets in."""
    return {
        "PATH": os.defpath,
        "HOME": str(CLOUD),
        "TMPDIR": str(CLOUD / "tmp"),
        "STATE_DIR": str(CLOUD / "state"),
        "LANG": "C.UTF-8",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(settings.port()),
        "SMARTSCRIPTS_PORT": str(settings.port()),
        "AWS_ENDPOINT_URL": settings.endpoint(),
        "AWS_ACCESS_KEY_ID": settings.ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": settings.SECRET_ACCESS_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MINISTACK_REGION": settings.REGION,
        "AUTH": "true",  # every call is checked against the caller's IAM policy
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": f"unix://{CLOUD}/no-docker.sock",  # else it would look for containers of its own
        "LAMBDA_WARM_TTL_SECONDS": "60",  # a burst's extra processes end after a minute; one of each stays
        "LOG_LEVEL": "INFO",
        "STRIPE_FAKE": "true" if keys.is_stripe_fake() else "false",  # said to launcher.py, which starts it
    }


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def is_healthy() -> bool:
    """Whether the emulator answers."""
    return answers(f"{settings.endpoint()}/_ministack/health")


def has_stripe() -> bool:
    """Whether what is to stand in for Stripe answers, if anything is to."""
    return not keys.is_stripe_fake() or answers(f"{settings.stripe_url()}/_fake/health")


def check_port() -> None:
    """Ends the program with one sentence if the emulator can neither start nor is there already."""
    if running_group() is not None:
        if not is_healthy():
            sys.exit(f"The cloud on a laptop runs, but not on port {settings.port()}: `make down` first.")
        if not has_stripe():
            sys.exit("The cloud on a laptop runs with another Stripe than the environment names: `make down` first.")
        return
    stripe = [settings.stripe_port(), settings.localstripe_port()] if keys.is_stripe_fake() else []
    for port in (settings.port(), settings.web_port(), *stripe):
        if not is_port_free(port):
            sys.exit(f"Port {port} is in use by another program: end it, or choose a port with SMARTSCRIPTS_PORT=…")


def check_down() -> None:
    """Ends the program with one sentence unless the emulator can start afresh: whoever ends it must have started it."""
    if running_group() is not None:
        sys.exit("The cloud on a laptop is up, and would be ended with its data: `make down` first.")
    check_port()


def start() -> None:
    """Starts the emulator and returns when it answers. Does nothing when it already runs."""
    check_port()
    if running_group() is not None:
        return
    print("up: starting the emulator …", flush=True)
    shutil.rmtree(CLOUD, ignore_errors=True)
    (CLOUD / "tmp").mkdir(parents=True)
    with open(LOG, "w") as log:
        process = subprocess.Popen(
            [str(PYTHON), str(LAUNCHER)],
            env=environment(),
            cwd=CLOUD,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait(process)
    except BaseException:  # a Ctrl-C too: the group is its own, and would stay
        end(process.pid)
        raise


def wait(process: subprocess.Popen) -> None:
    """Waits until the emulator answers."""
    deadline = time.monotonic() + START_SECONDS
    while not (is_healthy() and has_stripe()):
        if process.poll() is not None:
            sys.exit(f"The emulator ended at once: {LOG.read_text().strip()[-800:]}")
        if time.monotonic() > deadline:
            sys.exit(f"The emulator did not answer within {START_SECONDS} seconds: see {LOG}.")
        time.sleep(0.1)


def members(group: int) -> list[int]:
    """Live processes of a process group. One that has ended but was not yet collected by its parent doesn't count."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, its_group = entry.read_text().rsplit(")", 1)[1].split()[:3]
        except OSError:
            continue  # ended meanwhile
        if int(its_group) == group and state != "Z":
            found.append(int(entry.parent.name))
    return found


def left_behind() -> list[int]:
    """Living processes that have the environment of this emulator, in whatever group they are."""
    mark, found = f"HOME={CLOUD}".encode(), []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            variables = entry.read_bytes().split(b"\0")
        except OSError:
            continue  # ended meanwhile, or another's
        if mark in variables:
            found.append(int(entry.parent.name))
    return found


def stop() -> bool:
    """Ends the emulator and its function processes, and only those. Says whether there was anything to end."""
    group = running_group()
    if group is None:
        return False
    end(group)
    shutil.rmtree(CLOUD, ignore_errors=True)
    return True


def end(group: int) -> None:
    """Ends a process group: asks first, then insists."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, signal_number)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + STOP_SECONDS
        while members(group) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not members(group):
            break
