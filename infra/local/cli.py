"""What the Makefile calls: build, models, up, run, demo, logs and so on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime

import access
import build
import demo
import deploy
import emulator
import expand
import fuzz
import keys
import openapi
import report
import settings
import verify_stack
from settings import ENV, PYTHON, REPOSITORY, STRIPE_LOG


def up() -> None:
    """Models, build, emulator, deployment; returns when everything answers. Done again, it deploys what has changed."""
    emulator.check_port()  # at once, not after minutes of building
    build.prepare_models()
    build.build()
    build.build_web()
    emulator.start()
    lines = [f"{key}={value}\n" for key, value in deploy.environment(deploy.deploy()).items()]
    ENV.write_text("".join(lines))
    demo.register()
    print(f"up: {settings.endpoint()} is ready; .local/env says how to reach everything", flush=True)


def down() -> None:
    """Ends the emulator and all functions. Its data ends with it: every start is from nothing."""
    # A second Ctrl-C, or what a closing terminal sends, must not leave half of it running.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        print("down: ended" if emulator.stop() else "down: nothing was running", flush=True)
        ENV.unlink(missing_ok=True)
    finally:
        signal.signal(signal.SIGINT, before)


def run() -> int:
    """Up, the demo class, and stay until Ctrl-C."""
    emulator.check_down()
    began = time.monotonic()
    try:
        up()
        went_well = demo.grade_class()
        print(f"\nOpen     {settings.web_origin()}")
        print(f"API      {settings.endpoint()}/v1")
        print(f"OpenAPI  {settings.endpoint()}/v1/openapi.json")
        if keys.is_stripe_fake():
            print(f"Stripe   {settings.stripe_url()} (stands in for it: ends trials and periods)")
        print(f"AWS      {settings.endpoint()} (S3, DynamoDB, SQS …; keys in .local/env)")
        print(f"Log in   {settings.DEMO_EMAIL} / {keys.demo_password()}")
        print(f"\nrun: ready after {time.monotonic() - began:.0f} s", flush=True)
        print(("" if went_well else "The demo did not go well, see above. ") + "Ctrl-C ends everything.")
        sys.stdout.flush()
        signal.pause()
    except KeyboardInterrupt:
        print(flush=True)
    finally:
        down()
    return 0


def run_demo() -> int:
    """Up, the demo class, and down unless it was up before."""
    emulator.check_port()
    was_up = emulator.running_group() is not None
    try:
        up()
        return 0 if demo.grade_class() else 1
    finally:
        if not was_up:
            down()


def end_to_end() -> int:
    """Up, the end-to-end tests with `.local/env` in their environment, a fuzz of every route, a look at permissions that
    nobody has used, and at the stack as `make verify-stack` sees it; down whatever happens, after which nothing may be left
    running."""
    emulator.check_down()
    if not keys.is_stripe_fake():
        sys.exit("The tests need what stands in for Stripe: unset STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS.")
    try:
        failed = test_on_the_cloud()
    finally:
        down()
    if left := emulator.left_behind():
        print(f"down: the processes {', '.join(map(str, left))} are still there", flush=True)
    return failed or int(bool(left))


def test_on_the_cloud() -> int:
    """The part of `end_to_end` between up and down."""
    up()
    lines = ENV.read_text().splitlines()
    environment = os.environ | dict(line.split("=", 1) for line in lines)
    nextest = str(PYTHON.with_name("cargo-nextest"))
    # The whole workspace, of which the profile runs the end-to-end tests: so it is built with the same features as for
    # the other tests, and nothing twice.
    tests = [nextest, "nextest", "run", "--locked", "--workspace", "--profile", "e2e"]
    shutil.rmtree(settings.REPORTS, ignore_errors=True)
    nextest_report = REPOSITORY / "target" / "nextest" / "e2e" / "junit.xml"
    nextest_report.unlink(missing_ok=True)
    # All of them, whatever one says: one run shows everything that is wrong.
    parts = [
        ("end-to-end tests", subprocess.run(tests, cwd=REPOSITORY, env=environment).returncode != 0, nextest_report),
        ("tests in a browser", in_a_browser() != 0, settings.REPORTS / "browser.xml"),
        ("fuzz of every route", fuzz.run() != 0, settings.REPORTS / "fuzz.xml"),
        ("unused permissions", too_much() != 0, None),
        ("verify-stack", verify_local() != 0, None),
    ]
    return report.at_the_end(parts)


def in_a_browser() -> int:
    """The web application's tests in a real browser, on the running system; 1 if one fails."""
    return int(subprocess.run(["npm", "run", "--silent", "browser"], cwd=settings.WEB).returncode != 0)


def too_much() -> int:
    """Prints what the policies allow and no function has done since the start; 1 if there is anything."""
    template = expand.read(settings.TEMPLATE)
    return int(bool(access.check(template, deploy.parameters(), deploy.physical_ids(), settings.ACCESS)))


def verify_local() -> int:
    """What `make verify-stack` says of the cloud on a laptop; 1 if anything of it has failed."""
    return verify_stack.report(verify_stack.verify(verify_stack.local()))


def logs() -> None:
    """Everything the functions and what stands in for Stripe have logged since the start, oldest first."""
    if emulator.running_group() is None or not ENV.exists():
        sys.exit("Nothing is up: `make up` first.")
    group = dict(line.split("=", 1) for line in ENV.read_text().splitlines())["FUNCTION_LOGS"]
    pages = deploy.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    events = [event for page in pages for event in page["events"]]
    lines = [(event["timestamp"], event["message"]) for event in events]
    for _when, line in sorted([*lines, *stripe_lines()], key=lambda line: line[0]):
        print(line)


def stripe_lines() -> list[tuple[float, str]]:
    """What stands in for Stripe has logged, with the milliseconds since 1970 of each line."""
    lines = STRIPE_LOG.read_text().splitlines() if keys.is_stripe_fake() and STRIPE_LOG.exists() else []
    logged = [(json.loads(line)["timestamp"], line) for line in lines if line.startswith("{")]
    return [(datetime.fromisoformat(timestamp).timestamp() * 1000, line) for timestamp, line in logged]


COMMANDS = {
    "build": build.build,
    "build-release": build.build_release,
    "build-web": build.build_web,
    "check-web": build.check_web,
    "models": build.prepare_models,
    "check-down": emulator.check_down,
    "up": up,
    "down": down,
    "run": run,
    "demo": run_demo,
    "browser": in_a_browser,
    "end-to-end": end_to_end,
    "fuzz": fuzz.run,
    "too-much": too_much,
    "verify-local": verify_local,
    "verify-stack": verify_stack.main,
    "logs": logs,
    "openapi": openapi.write,
    "check-openapi": openapi.check,
}


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: cli.py {'|'.join(COMMANDS)}")
    # A terminal that is closed, or a CI that gives up, must leave nothing running either.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        sys.exit(COMMANDS[sys.argv[1]]())
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
