"""The peer of `bench reading`: tesseract, Debian's package `tesseract-ocr`, on the same files.

    apt-get install tesseract-ocr
    bench reading … --peer "python3 tests/bench/peers/tesseract_peer.py"

Reads `{"image", "level"}` a line, answers `{"text", "ms"}` a line. The time is from the file's path to its text, the start of
the program (some 50 ms, its model included) too, because there is no other way to run it than to start it.
"""

import json
import os
import subprocess
import sys
import time

environment = {**os.environ, "OMP_THREAD_LIMIT": os.environ.get("BENCH_THREADS", "1")}
SINGLE_LINE = ["--psm", "7"]


def read(request):
    command = ["tesseract", request["image"], "-", *(SINGLE_LINE if request["level"] == "line" else [])]
    start = time.perf_counter()
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    text = "\n".join(line for line in result.stdout.decode().splitlines() if line.strip())
    return {"text": text, "ms": (time.perf_counter() - start) * 1000}


for line in sys.stdin:
    print(json.dumps(read(json.loads(line))), flush=True)
