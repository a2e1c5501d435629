"""The peer of `bench reading`: rapidocr on onnxruntime, with the same weights, threads and files.

    pip install rapidocr==3.10.0 onnxruntime==1.32.0
    bench reading … --peer "python3 tests/bench/peers/rapidocr_peer.py"

Reads `{"image", "level"}` a line, answers `{"text", "ms"}` a line. The time is from the file's path to its text, and the
first image is read once before, because both engines warm up. The turning of lines by 180° is off, as in ours.
"""

import json
import os
import sys
import time

threads = int(os.environ.get("BENCH_THREADS", "1"))
os.environ["OMP_NUM_THREADS"] = str(threads)

import cv2  # noqa: E402
from rapidocr import RapidOCR  # noqa: E402

cv2.setNumThreads(threads)
engine = RapidOCR(
    params={
        "Global.log_level": "error",
        "Global.use_cls": False,
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
)


def read(request):
    start = time.perf_counter()
    result = engine(request["image"], use_det=request["level"] == "page", use_cls=False, use_rec=True)
    text = "\n".join(result.txts or ())
    return {"text": text, "ms": (time.perf_counter() - start) * 1000}


warm = False
for line in sys.stdin:
    request = json.loads(line)
    if not warm:
        read(request)
        warm = True
    print(json.dumps(read(request)), flush=True)
