#!/usr/bin/env python3
"""Prints how well recognizers read lines, with onnxruntime and without a language model: the best label at each step.

    evaluate.py --manifest .local/bench/handwriting/manifest.jsonl original infra/models/handwriting.npz

Compares recognizers, each named by the file of what it has learned, `original` being the one before its further
training, on the rows of the manifest that are lines. CER and WER are edits divided by characters and words, over all
lines of a set together.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

import lines
import recognizer
import texts
from recognizer import prepare


def distance(read, written):
    """Levenshtein's."""
    row = list(range(len(written) + 1))
    for number, own in enumerate(read, 1):
        before, row[0] = row[0], number
        for at, other in enumerate(written, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (own != other))
    return row[-1]


def read(session, grey):
    """What the recognizer reads on a strip."""
    image = lines.strip(grey).astype(np.float32)[None, None] / 255 - 0.5
    # At least so wide that every layer has something to see.
    image = np.pad(image, ((0, 0), (0, 0), (0, 0), (0, max(0, 96 - image.shape[3]))))
    (logs,) = session.run(None, {"image": image})
    best = logs[:, 0].argmax(1)
    changed = [label for label, last in zip(best, [0, *best]) if label and label != last]
    return "".join(texts.ALPHABET[label - 1] for label in changed)


def errors(session, rows, root):
    """Set → edits and characters, edits and words."""
    sums = defaultdict(lambda: np.zeros(4))
    for row in rows:
        found = " ".join(texts.plain(read(session, cv2.imread(str(root / row["image"]), cv2.IMREAD_GRAYSCALE))).split())
        text = " ".join(texts.plain(row["text"]).split())
        if row.get("case_insensitive"):
            found, text = found.lower(), text.lower()
        words = text.split()
        edits = [distance(found, text), len(text), distance(found.split(), words), len(words)]
        sums[f"{row['set']} ({row['kind']})"] += edits
    return sums


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--manifest", type=Path, required=True, help="rows {image, text, kind, level, set}")
    parser.add_argument("weights", nargs="+", help="`original`, or a file that export.py has written")
    arguments = parser.parse_args()

    rows = [json.loads(line) for line in arguments.manifest.read_text().splitlines()]
    rows = [row for row in rows if row["level"] == "line"]
    for name in arguments.weights:
        model = recognizer.original()
        if name != "original":
            model = prepare.apply_weights(model, Path(name).read_bytes())
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        for own, (edits, signs, word_edits, words) in sorted(errors(session, rows, arguments.manifest.parent).items()):
            rates = f"CER {edits / signs:.3f}  WER {word_edits / words:.3f}"
            print(f"{Path(name).name:16}  {own:30}  {rates}  ({int(signs):,} characters)", flush=True)


if __name__ == "__main__":
    main()
