"""Checks that what must be on the machine beforehand is there: Linux, Rust, Node, Python, make and a C compiler.

This file, settings.py and install.py are read by whatever `python3` is there, and must get as far as saying that it is
too old: they use the standard library only, and annotations that say more than a name are in quotation marks.
"""

import re
import shutil
import subprocess
import sys

from settings import REPOSITORY

# Tool, how it is asked for its version, the oldest version that will do, and where it comes from.
REQUIRED = [
    ("cargo", ["cargo", "--version"], (1, 95), "https://rustup.rs"),
    ("node", ["node", "--version"], (20,), "https://nodejs.org"),
    ("npm", ["npm", "--version"], (10,), "https://nodejs.org"),
    ("make", ["make", "--version"], (4,), "your system's packages"),
]
OLDEST_PYTHON = (3, 11)


def spell(version: "tuple[int, ...]") -> str:
    return ".".join(map(str, version))


def find_version(text: str) -> "tuple[int, ...] | None":
    """The first version number in what a tool prints."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in match.groups() if part) if match else None


def problem_with(tool: str, command: "list[str]", oldest: "tuple[int, ...]", origin: str) -> "str | None":
    """What is wrong with a tool, in one sentence, or nothing."""
    wanted = f"{tool} {spell(oldest)} or later"
    if shutil.which(command[0]) is None:
        return f"{tool} is missing: install {wanted} ({origin})."
    asked = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, stdin=subprocess.DEVNULL)
    if asked.returncode != 0:
        return f"`{' '.join(command)}` fails ({asked.stderr.strip().splitlines()[-1:]}): install {wanted} ({origin})."
    found = find_version(asked.stdout)
    if found is None or found < oldest:
        return f"{tool} {spell(found) if found else 'of unknown version'} is too old: install {wanted} ({origin})."
    return None


def problem_with_python(version: "tuple[int, ...]") -> "str | None":
    """What is wrong with the Python that runs this, in one sentence, or nothing."""
    if version >= OLDEST_PYTHON:
        return None
    oldest = spell(OLDEST_PYTHON)
    return (
        f"Python {spell(version)} is too old: install Python {oldest} or later (https://python.org), or say "
        f"`make PYTHON=python{oldest} …` if it is there under that name."
    )


def problem_with_system(platform: str) -> "str | None":
    """What is wrong with the operating system, in one sentence, or nothing."""
    if platform.startswith("linux"):
        return None
    return (
        f"The cloud on a laptop runs on Linux only, because its functions are Linux programs (this is {platform}): use a "
        "Linux machine, container or virtual machine, on Windows for instance WSL."
    )


def problem_with_compiler() -> "str | None":
    """What is wrong with the C compiler, in one sentence, or nothing."""
    if shutil.which("cc") is not None:
        return None
    return "A C compiler is missing: install one that is called `cc` (Debian: build-essential), which Rust links with."


def problem_with_browser(path: "str | None") -> "str | None":
    """What is wrong with the browser for the tests, in one sentence, or nothing. `path` is what `CHROMIUM` says."""
    if shutil.which(path or "/usr/bin/chromium") is not None:
        return None
    return (
        f"{path or '/usr/bin/chromium'} is missing: install Chromium (Debian: chromium), or say where a browser of its kind is "
        "with CHROMIUM=/path/to/it."
    )


def check() -> None:
    """Ends the program with one sentence if something is missing or too old."""
    found = problem_with_python(sys.version_info[:2]) or problem_with_system(sys.platform) or problem_with_compiler()
    if found:
        sys.exit(found)
    for requirement in REQUIRED:
        problem = problem_with(*requirement)
        if problem:
            sys.exit(problem)
