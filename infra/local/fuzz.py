"""Calls every route with whatever its description allows and forbids, and looks for answers that must never be given.

The requests come from schemathesis, made from the running system's own OpenAPI document; the run is repeatable by its seed.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import api
import keys
import settings
from settings import ENV, PYTHON, REPOSITORY

# How long it takes in all, in seconds, and how many calls a second: the limit on one person's calls is twenty.
SECONDS = 200
RATE = "18/s"
SEED = "20261123"

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,tells_no_internals"

CONFIG = """
[parameters]
"path.org" = "{org}"
"path.assessment" = "{assessment}"

# Deletes the very organization that all other calls need.
[[operations]]
include-operation-id = "OrgsDelete"
enabled = false
"""


def furnish() -> tuple[api.Api, dict[str, str]]:
    """A person with an organization and an assessment, so that not every call ends at the door."""
    client = api.Api(settings.endpoint())
    email = f"fuzz-{time.time_ns()}@demo.example"
    client.register(email, keys.demo_password(), "Fuzz")
    client.log_in(email, keys.demo_password())
    org = client.call("POST", "/v1/orgs", {"name": "Fuzz"})["id"]
    # On a plan that refuses nothing, or many calls would end at 402.
    command = [REPOSITORY / "target" / "debug" / "set-plan", "--org", org, "--plan", "district"]
    lines = ENV.read_text().splitlines()
    subprocess.run(command, env=os.environ | dict(line.split("=", 1) for line in lines), check=True)
    assessment = client.call("POST", f"/v1/orgs/{org}/assessments", {"title": "Fuzz"})["id"]
    return client, {"org": org, "assessment": assessment}


def run() -> int:
    """Runs schemathesis on the running system; the exit status is its own."""
    client, ids = furnish()
    settings.REPORTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(CONFIG.format(**ids))
        command = [
            str(PYTHON.with_name("st")),
            *("--config-file", str(config)),
            *("run", f"{settings.endpoint()}/v1/openapi.json"),
            *("--header", f"Authorization: {client.headers['Authorization']}"),
            *("--checks", CHECKS),
            *("--max-time", str(SECONDS), "--rate-limit", RATE, "--seed", SEED),
            *("--phases", "examples,coverage,fuzzing"),
            *("--report", "junit", "--report-junit-path", str(settings.REPORTS / "fuzz.xml")),
            *("--continue-on-failure", "--generation-database", ":memory:", "--warnings", "off"),
        ]
        hooks = {"SCHEMATHESIS_HOOKS": "fuzz_checks", "PYTHONPATH": str(Path(__file__).parent)}
        return subprocess.run(command, cwd=REPOSITORY, env=os.environ | hooks).returncode
