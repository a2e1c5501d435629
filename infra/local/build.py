"""Builds every function and lays it out under target/lambda/ as it is deployed: `<name>/bootstrap`, and its models.

Plain `cargo build` rather than `cargo lambda build`: both give the same program for this machine, but a development
build links in half a second a function and shares all its parts with the tests. What goes to AWS is built by
`make build-release`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from settings import LAMBDA, MODELS, PYTHON, REPOSITORY

# The model files that a function finds in `models/` beside its program.
NEEDED_MODELS = {
    "read-script": [
        "text-detection.onnx",
        "first-look.onnx",
        "text-recognition.onnx",
        "alphabet.json",
        "language.bin",
    ],
    "grade-answer": ["sentence-embedding.onnx", "tokenizer.json"],
}


def function_names() -> list[str]:
    """Every function's name: the files functions/<area>/src/bin/<name>.rs."""
    return sorted(path.stem for path in REPOSITORY.glob("functions/*/src/bin/*.rs"))


def run(command: list[str], otherwise: str) -> None:
    """Runs a command that shows its own progress; ends the program with a sentence if it fails."""
    if subprocess.run(command, cwd=REPOSITORY).returncode != 0:
        sys.exit(otherwise)


def prepare_models() -> None:
    """Makes the model files, once; afterwards only checks them."""
    run([str(PYTHON), "infra/models/prepare.py"], "The models could not be prepared: see the message above.")


def replace(source: Path, target: Path) -> None:
    """Puts a file in place of another, unless it is there already."""
    if target.exists():
        old, new = target.stat(), source.stat()
        if (old.st_size, old.st_mtime_ns) == (new.st_size, new.st_mtime_ns):
            return
        target.unlink()
    shutil.copy2(source, target)


def lay_out(programs: Path) -> None:
    """Copies the programs and their models to target/lambda/. What is no longer a function is removed."""
    names = function_names()
    for folder in LAMBDA.glob("*"):
        if folder.name not in names:
            shutil.rmtree(folder)
    for name in names:
        folder = LAMBDA / name
        folder.mkdir(parents=True, exist_ok=True)
        replace(programs / name, folder / "bootstrap")
        for model in NEEDED_MODELS.get(name, []):
            (folder / "models").mkdir(exist_ok=True)
            replace(MODELS / model, folder / "models" / model)


def build() -> None:
    """The development build, for the cloud on a laptop."""
    print("build: compiling the functions …", flush=True)
    run(["cargo", "build", "--workspace", "--bins", "--locked"], "The functions do not compile: see above.")
    lay_out(REPOSITORY / "target" / "debug")


def build_release() -> None:
    """The build for AWS: optimized, stripped, against the C library of Amazon Linux 2023."""
    print("build: compiling the functions for AWS, about a minute each …", flush=True)
    environment = os.environ | {"PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"}
    command = ["cargo", "lambda", "build", "--release", "--locked"]
    if subprocess.run(command, cwd=REPOSITORY, env=environment).returncode != 0:
        sys.exit("The functions do not compile: see above.")
    for name, models in NEEDED_MODELS.items():
        (LAMBDA / name / "models").mkdir(exist_ok=True)
        for model in models:
            replace(MODELS / model, LAMBDA / name / "models" / model)
