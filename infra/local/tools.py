"""Checks that what must be on the machine beforehand is there: Rust, Node, Python and make. Standard library only."""

import re
import shutil
import subprocess
import sys

from settings import REPOSITORY

# Tool, how it is asked for its version, the oldest version that will do, and where it comes from.
REQUIRED = [
    ("cargo", ["cargo", "--version"], (1, 95), "https://rustup.rs"),
    ("node", ["node", "--version"], (20,), "https://nodejs.org"),
    ("make", ["make", "--version"], (4,), "your system's packages"),
]
OLDEST_PYTHON = (3, 11)


def spell(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def find_version(text: str) -> tuple[int, ...] | None:
    """The first version number in what a tool prints."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in match.groups() if part) if match else None


def problem_with(tool: str, command: list[str], oldest: tuple[int, ...], origin: str) -> str | None:
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


def check() -> None:
    """Ends the program with one sentence if a tool is missing or too old."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        found = spell(sys.version_info[:2])
        sys.exit(f"Python {found} is too old: install Python {spell(OLDEST_PYTHON)} or later (https://python.org).")
    for requirement in REQUIRED:
        problem = problem_with(*requirement)
        if problem:
            sys.exit(problem)
