"""How long a function takes from the start of its process to its first call of the Runtime API, and how big it is.

That is the part of a cold start which is ours. A stand-in for the Runtime API takes the call and then ends the process.
"""

import http.server
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import build
import keys
from settings import MODELS, REPOSITORY

RELEASE = REPOSITORY / "target" / "release"
STARTS = 40
MAX_MEDIAN_MS = 15.0
MAX_HTTP_BYTES = 12_000_000
HTTP_FUNCTIONS = ["ops-health", "submissions-create", "ops-health-ready"]
TASKS = ["read-script", "grade-answer"]


class RuntimeApi(http.server.ThreadingHTTPServer):
    """Notes when a function asks for its first event."""

    daemon_threads = True

    def __init__(self):
        self.asked = threading.Event()
        self.at = 0.0
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers nothing, and waits until the process is ended."""

    def do_GET(self):
        self.server.at = time.perf_counter()
        self.server.asked.set()
        self.rfile.read(1)

    def do_POST(self):
        print(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(), file=sys.stderr)

    def log_message(self, *_):
        pass


def environment(address: str) -> dict[str, str]:
    """What Lambda and template.yaml give a function. Nothing is called, so the names lead nowhere."""
    nowhere = "http://127.0.0.1:9"
    secrets = keys.parameters()
    return {
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
        "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
        "LAMBDA_TASK_ROOT": str(RELEASE),
        "MODELS_DIR": str(MODELS),
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_ENDPOINT_URL": nowhere,
        "STAGE": "local",
        "LOG_LEVEL": "info",
        "SENTRY_DSN": "",
        "TENANTS_TABLE": "tenants",
        "AUDIT_TABLE": "audit",
        "BUCKET": "bucket",
        "READ_QUEUE_URL": f"{nowhere}/read",
        "GRADE_QUEUE_URL": f"{nowhere}/grade",
        "MAIL_QUEUE_URL": f"{nowhere}/mail",
        "DRAW_QUEUE_URL": f"{nowhere}/draw",
        "REGRADE_QUEUE_URL": f"{nowhere}/regrade",
        "LEARN_QUEUE_URL": f"{nowhere}/learn",
        "PRIVACY_QUEUE_URL": f"{nowhere}/privacy",
        "BILLING_QUEUE_URL": f"{nowhere}/billing",
        "STRIPE_API_URL": nowhere,
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRETS": "whsec_bench",
        "AUDIT_BUCKET": "audit-bucket",
        "MAIL_FROM": "no-reply@smartscripts.example",
        "WEB_ORIGIN": nowhere,
        "ACCESS_TOKEN_PRIVATE_KEY": secrets["AccessTokenPrivateKey"],
        "ACCESS_TOKEN_KEY_ID": secrets["AccessTokenKeyId"],
        "ACCESS_TOKEN_PUBLIC_KEYS": secrets["AccessTokenPublicKeys"],
        "REFRESH_TOKEN_PEPPER": secrets["RefreshTokenPepper"],
    }


def one_start(program: Path) -> float:
    """Milliseconds from the start of the process to its first call."""
    server = RuntimeApi()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    began = time.perf_counter()
    process = subprocess.Popen([program], env=environment(f"127.0.0.1:{server.server_port}"), stdout=subprocess.DEVNULL)
    called = server.asked.wait(20)
    process.kill()
    process.wait()
    server.shutdown()
    server.server_close()
    if not called:
        sys.exit(f"{program.name} did not call the Runtime API within 20 seconds.")
    return (server.at - began) * 1000


def models_of(name: str) -> str:
    """The size of the model files that the function is deployed with, if there are any."""
    sizes = [(MODELS / model).stat().st_size for model in build.NEEDED_MODELS.get(name, [])]
    return f" and {sum(sizes) / 1e6:.0f} MB of models" if sizes else ""


def main() -> int:
    print(f"Process start to first Runtime API call, {STARTS} starts each, {os.cpu_count()} cores:")
    good = True
    for name in HTTP_FUNCTIONS + TASKS:
        program = RELEASE / name
        times = sorted(one_start(program) for _ in range(STARTS))
        median, size = statistics.median(times), program.stat().st_size
        print(
            f"  {name:24} median {median:6.1f} ms   p90 {times[STARTS * 9 // 10]:6.1f} ms   {size / 1e6:5.1f} MB"
            + models_of(name)
        )
        if name in HTTP_FUNCTIONS:
            good = good and median <= MAX_MEDIAN_MS and size <= MAX_HTTP_BYTES
    verdict = "met" if good else "MISSED"
    print(f"Limits for HTTP functions ({', '.join(HTTP_FUNCTIONS)}): {MAX_MEDIAN_MS:.0f} ms, {MAX_HTTP_BYTES / 1e6:.0f} MB: {verdict}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
