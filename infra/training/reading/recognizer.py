#!/usr/bin/env python3
"""Trains PP-OCRv6 small's recognizer further, on handwriting drawn from fonts.

    recognizer.py --data DIR --out .local/training/reading/recognizer.pt [--steps 700] [--seed 1]

The network is converted to PyTorch exactly (export.py checks it), its first layers and the statistics of its batch
normalization stay as they are, and the rest learns by CTC with AdamW. What is kept is the moving average of the
weights. Some 2.5 to 6 seconds a step on two cores.
"""

import argparse
import copy
import json
import math
import multiprocessing
import random
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx2torch
import torch
from onnx import helper, version_converter

import lines
import sources
import texts

sys.path.insert(0, str(sources.HERE.parents[1] / "models"))
import prepare  # noqa: E402

# The last convolution that stays as it is: the first layers see strokes, and those are the same in every hand.
FROZEN_CONVOLUTIONS = 16
RATE = 1e-4
WARM_UP_STEPS = 60
# A line of this many pixels fills a batch of 14; wider ones come in smaller batches.
BATCH_PIXELS = 14 * 480
WIDEST = 1400
# Share of the kinds of fonts.
FONTS = {"natural": 0.72, "school": 0.20, "printed": 0.08}


def original():
    """The recognizer as the project uses it without further training, as ONNX."""
    graph, _ = prepare.grey_recognizer((sources.files("rapidocr") / "PP-OCRv6_rec_small.onnx").read_bytes())
    return graph


def set_pads(node):
    """Replaces `SAME_UPPER` by the numbers that it means for inputs that the strides divide."""
    attributes = {attribute.name: attribute for attribute in node.attribute}
    automatic = attributes.get("auto_pad")
    if automatic is None:
        return
    node.attribute.remove(automatic)
    if automatic.s != b"SAME_UPPER":
        return
    kernel = attributes["kernel_shape"].ints
    strides = attributes["strides"].ints if "strides" in attributes else [1, 1]
    pads = [max(size - stride, 0) for size, stride in zip(kernel, strides)]
    before = [pad // 2 for pad in pads]
    node.attribute.append(helper.make_attribute("pads", before + [pad - own for pad, own in zip(pads, before)]))


def network():
    """The untrained network in PyTorch: `[lines, 1, 48, width]` → `[lines, steps, labels]`, before the softmax."""
    model = onnx.load_from_string(original())
    graph = model.graph
    for node in graph.node:
        set_pads(node)
    transpose = next(node for node in graph.node if node.output[0] == graph.output[0].name)
    softmax = next(node for node in graph.node if node.output[0] == transpose.input[0])
    logits = softmax.input[0]
    graph.node.remove(softmax)
    graph.node.remove(transpose)
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(logits, onnx.TensorProto.FLOAT, None))
    net = onnx2torch.convert(version_converter.convert_version(model, 13)).eval()
    # Weights of matrix products and scales come as constants; they are to learn, too.
    for module in net.modules():
        for name, value in list(module._buffers.items()):
            if value is not None and value.dtype == torch.float32 and value.numel() >= 64 and "running" not in name:
                del module._buffers[name]
                module.register_parameter(name, torch.nn.Parameter(value.clone()))
    for name, parameter in net.named_parameters():
        convolution = re.match(r"Conv/(\d+)", name)
        parameter.requires_grad_(not (convolution and int(convolution.group(1)) <= FROZEN_CONVOLUTIONS))
    return net


class Samples:
    """Strips with writing, and what it says."""

    def __init__(self, corpus, seed):
        self.random = random.Random(seed)
        self.writer = texts.Writer(corpus, self.random)
        noise = np.random.default_rng(seed)
        self.noise = noise
        self.pen = lines.Pen(self.random, noise)
        self.fonts = {use: [lines.Font(path, use == "printed") for path in sources.fonts(use)] for use in FONTS}
        self.last_ink = None

    def one(self, words):
        """A strip of at most this many words and its text."""
        rand = self.random
        while True:
            font = rand.choice(self.fonts[rand.choices(list(FONTS), list(FONTS.values()))[0]])
            text = " ".join(texts.plain(self.writer.line(words)).split())
            if not 0 < len(text) < 60 or not font.has(text):
                continue
            ink = self.pen.write(font, text)
            if ink is None or min(ink.shape) < 8:
                continue
            ink = lines.boxed(rand, ink)
            if self.last_ink is not None and rand.random() < 0.22:
                ink = lines.with_neighbour(rand, ink, self.last_ink)
            if rand.random() < 0.3:
                self.last_ink = ink
            grey = lines.photograph(rand, self.noise, ink)
            # Hands are wider and narrower than fonts.
            strip = lines.strip(grey, rand.uniform(0.62, 1.2) if rand.random() < 0.7 else 1.0)
            if 16 <= strip.shape[1] <= WIDEST:
                return strip, text

    def batches(self):
        """Batches without end; within one, lines are of about the same width."""
        while True:
            pool = [self.one(self.random.choice([2, 4, 6, 8])) for _ in range(192)]
            pool.sort(key=lambda sample: sample[0].shape[1])
            found, start = [], 0
            while start < len(pool):
                width = pool[min(start + 15, len(pool) - 1)][0].shape[1]
                count = max(5, min(20, BATCH_PIXELS // max(120, width)))
                found.append(pool[start : start + count])
                start += count
            self.random.shuffle(found)
            yield from found


def tensors(batch):
    """Images side by side on white-less grey (the network's zero), labels one after another, and their numbers."""
    width = max(96, *(strip.shape[1] for strip, _ in batch))
    images = torch.zeros(len(batch), 1, lines.STRIP_HEIGHT, (width + 7) // 8 * 8)
    for row, (strip, _) in enumerate(batch):
        images[row, 0, :, : strip.shape[1]] = torch.from_numpy(strip.astype(np.float32)) / 255 - 0.5
    labels = [[texts.ALPHABET.index(sign) + 1 for sign in text] for _, text in batch]
    return images, torch.tensor(sum(labels, [])), torch.tensor([len(own) for own in labels])


def loss_of(net, batch):
    images, labels, lengths = tensors(batch)
    logits = net(images.contiguous(memory_format=torch.channels_last)).float()
    steps = torch.full((len(batch),), logits.shape[1], dtype=torch.long)
    probabilities = torch.log_softmax(logits, 2).permute(1, 0, 2)
    return torch.nn.functional.ctc_loss(probabilities, labels, steps, lengths, blank=0, zero_infinity=True)


def put_batches(queue, data, seed):
    for batch in Samples(texts.read(data), seed).batches():
        queue.put(batch)


def train(arguments):
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    net = network().to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(net)
    learning = [parameter for parameter in net.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in learning if parameter.ndim > 1], "weight_decay": 0.01},
        {"params": [parameter for parameter in learning if parameter.ndim <= 1], "weight_decay": 0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=arguments.rate, betas=(0.9, 0.98))
    print(f"training: {sum(parameter.numel() for parameter in learning):,} weights learn", flush=True)

    queue = multiprocessing.Queue(24)
    drawer = multiprocessing.Process(target=put_batches, args=(queue, arguments.data, arguments.seed), daemon=True)
    drawer.start()
    # Texts that nothing was trained on, in the hands that are trained on: the other hands are for validation.py alone.
    unseen = Samples(texts.read(arguments.data, held_out=True), arguments.seed + 1)
    held_out = [[unseen.one(7) for _ in range(12)] for _ in range(20)]

    mean = None
    for step in range(1, arguments.steps + 1):
        warm = min(1, step / WARM_UP_STEPS)
        rate = arguments.rate * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / arguments.steps)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = loss_of(net, queue.get())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 5.0)
        optimizer.step()
        decay = min(0.995, step / (step + 20))
        with torch.no_grad():
            for average, current in zip(averaged.parameters(), net.parameters()):
                average.lerp_(current, 1 - decay)
        mean = loss.item() if mean is None else 0.97 * mean + 0.03 * loss.item()
        if step % 20 == 0:
            print(f"training: step {step}, loss {mean:.3f}, rate {rate:.1e}", flush=True)
        if step % 100 == 0 or step == arguments.steps:
            with torch.no_grad():
                loss = np.mean([loss_of(averaged, batch).item() for batch in held_out])
            print(f"training: step {step}, loss of the average on held-out texts {loss:.3f}", flush=True)
            torch.save(averaged.state_dict(), arguments.out)
    drawer.terminate()
    print(json.dumps({"steps": arguments.steps, "seed": arguments.seed, "rate": arguments.rate}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder with grading/*.train.jsonl")
    parser.add_argument("--out", type=Path, default=sources.FOLDER / "recognizer.pt", help="where the weights go")
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=RATE, help="greatest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
