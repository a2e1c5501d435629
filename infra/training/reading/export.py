#!/usr/bin/env python3
"""Writes what the recognizer has learned into `infra/models/handwriting.npz`.

    export.py --checkpoint .local/training/reading/recognizer.pt --out infra/models/handwriting.npz [--share 0.5]

Kept is the middle between the weights before and after (Wortsman et al. 2022, Robust fine-tuning of zero-shot models):
it reads print and hands that are like none of the fonts better than the weights after, and the fonts no worse.

The file holds, for each of the ONNX file's initializers that changed, by how much, as float16: the weights
themselves would lose more by that than the small steps that they have made. `infra/models/prepare.py` adds it to the
original. Before it is kept, onnxruntime must give the same with the file applied as PyTorch does with the weights
rounded alike.
"""

import argparse
import io
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

import recognizer
from recognizer import prepare

# How far to go from the weights before to the weights after.
SHARE = 0.5
# Greatest difference between the two programs' logarithms of probabilities, and the least logarithm that is compared:
# what is less probable than that is never read.
SAME = 1e-4
LEAST = -10


def changes(untrained, trained, graph):
    """Name of an initializer → by how much it changed. What changed is found in the graph by its untrained values."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = {}
    for name, before in untrained.items():
        after = trained[name].numpy()
        before = before.numpy()
        if np.array_equal(before, after):
            continue
        same = [
            (own, transposed)
            for own, value in constants.items()
            for transposed in (False, True)
            if own not in found and np.array_equal(before.T if transposed else before, value)
        ]
        if not same:
            sys.exit(f"export: nothing in the graph has the untrained values of {name}.")
        own, transposed = same[0]
        delta = (after - before).astype(np.float16)
        found[own] = delta.T if transposed else delta
    return found


def part_way(untrained, trained, share):
    """The weights between those before and those after."""
    return {
        name: torch.lerp(before, trained[name], share) if before.dtype == torch.float32 else trained[name]
        for name, before in untrained.items()
    }


def packed(deltas):
    """The bytes of the file; the same for the same numbers."""
    content = io.BytesIO()
    np.savez_compressed(content, **{name: deltas[name] for name in sorted(deltas)})
    return content.getvalue()


def rounded(untrained, trained):
    """The weights as they are after the changes were kept as float16."""
    return {
        name: before + (trained[name] - before).half().float() if before.dtype == torch.float32 else trained[name]
        for name, before in untrained.items()
    }


def check(net, model):
    """Ends the program unless onnxruntime and PyTorch give the same."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(1)
    for width in (96, 320, 648):
        image = (noise.random((2, 1, 48, width)) - 0.5).astype(np.float32)
        with torch.no_grad():
            here = torch.log_softmax(net(torch.from_numpy(image)), 2).permute(1, 0, 2).numpy()
        (there,) = session.run(None, {"image": image})
        difference = float(np.abs(here - there)[here > LEAST].max())
        print(f"export: greatest difference at a width of {width}: {difference:.1e}")
        if difference > SAME:
            sys.exit(f"export: PyTorch and onnxruntime differ by more than {SAME}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, required=True, help="weights that recognizer.py has written")
    parser.add_argument("--out", type=Path, required=True, help="where handwriting.npz goes")
    parser.add_argument("--share", type=float, default=SHARE, help="0: the weights before, 1: the weights after")
    arguments = parser.parse_args()

    net = recognizer.network()
    untrained = {name: value.clone() for name, value in net.state_dict().items()}
    trained = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    trained = part_way(untrained, trained, arguments.share)
    original = recognizer.original()
    deltas = changes(untrained, trained, onnx.load_from_string(original).graph)
    content = packed(deltas)
    net.load_state_dict(rounded(untrained, trained))
    check(net, prepare.apply_weights(original, content))
    arguments.out.write_bytes(content)
    numbers = sum(delta.size for delta in deltas.values())
    print(f"export: {arguments.out}, {len(deltas)} initializers, {numbers:,} numbers, {len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
