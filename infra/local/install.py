"""Checks the machine's tools and installs the project's own into `.local/venv`. A second call takes no time.

Run by whatever `python3` the machine has; everything else runs in the virtual environment made here.
"""

import hashlib
import shutil
import subprocess
import sys

import tools
from settings import CONSTRAINTS, PYTHON, REQUIREMENTS, VENV


def wanted() -> str:
    """What the environment depends on: the Python that makes it, where it is, and the pinned versions."""
    parts = [sys.version, str(VENV), REQUIREMENTS.read_text(), CONSTRAINTS.read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def main() -> None:
    tools.check()
    stamp = VENV / "installed.sha256"
    if stamp.exists() and stamp.read_text() == wanted():
        return
    print("install: Python tools into .local/venv …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)])
    if made.returncode != 0:
        sys.exit("Python cannot make a virtual environment: install its venv module (Debian: python3-venv).")
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--constraint", str(CONSTRAINTS)]
    if subprocess.run([*pip, "--requirement", str(REQUIREMENTS)]).returncode != 0:
        sys.exit("pip could not install infra/requirements.txt: see its message above, then try again.")
    stamp.write_text(wanted())


if __name__ == "__main__":
    main()
