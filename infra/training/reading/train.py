#!/usr/bin/env python3
"""`make train-reading DATA=DIR`: makes the model of the language and trains the recognizer, from fetching the sources
to the figures on handwriting that it has not seen. Takes about two hours on two cores, and 7 GB in `.local/training`.

Writes `infra/models/language.bin` and `infra/models/handwriting.npz`; `infra/models/prepare.py --record` then makes
them the expected ones. `DIR/grading` holds the students' answers that README.md names.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
VENV = REPOSITORY / ".local" / "training" / "venv"
REQUIREMENTS = HERE / "requirements.txt"
MODELS = REPOSITORY / "infra" / "models"
CHECKPOINT = REPOSITORY / ".local" / "training" / "reading" / "recognizer.pt"


def run(*command):
    """Runs a command that shows its own progress; ends the program if it fails."""
    if subprocess.run([str(part) for part in command], cwd=REPOSITORY).returncode != 0:
        sys.exit(f"training: {Path(str(command[1])).name} failed, see above.")


def install():
    """Makes the virtual environment, once for each version of the requirements."""
    stamp = VENV / "installed.txt"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return
    print("training: installing PyTorch and more into .local/training/venv, 6 GB …", flush=True)
    run(sys.executable, "-m", "venv", "--clear", VENV)
    run(VENV / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "-r", REQUIREMENTS)
    stamp.write_text(REQUIREMENTS.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder with grading/*.train.jsonl")
    parser.add_argument("--steps", type=int, default=700)
    arguments = parser.parse_args()
    data = arguments.data.resolve()

    install()
    python = VENV / "bin" / "python"
    manifest = REPOSITORY / ".local" / "bench" / "handwriting" / "manifest.jsonl"
    run(python, HERE / "sources.py")
    run(python, HERE / "language.py", "--data", data, "--out", MODELS / "language.bin")
    run(python, HERE / "recognizer.py", "--data", data, "--out", CHECKPOINT, "--steps", arguments.steps)
    run(python, HERE / "export.py", "--checkpoint", CHECKPOINT, "--out", MODELS / "handwriting.npz")
    run(python, HERE / "validation.py")
    run(python, HERE / "evaluate.py", "--manifest", manifest, "original", MODELS / "handwriting.npz")


if __name__ == "__main__":
    main()
