"""Builds every function and lays it out under target/lambda/ as it is deployed: `<name>/bootstrap`, and its models.

Plain `cargo build` rather than `cargo lambda build`: both give the same program for this machine, but a development
build links in half a second a function and shares all its parts with the tests. What goes to AWS is built by
`make build-release`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import tools
from settings import LAMBDA, LOCAL, MODELS, PYTHON, REPOSITORY, WEB

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
    "regrade-script": ["sentence-embedding.onnx", "tokenizer.json"],
    "rescore-question": ["sentence-embedding.onnx", "tokenizer.json"],
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


def npm(*arguments: str, otherwise: str) -> None:
    """Runs npm in web/; ends the program with a sentence if it fails."""
    if subprocess.run(["npm", *arguments], cwd=WEB, stdin=subprocess.DEVNULL).returncode != 0:
        sys.exit(otherwise)


def install_web() -> None:
    """The web application's packages, exactly those of package-lock.json. A second call takes no time."""
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = WEB / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("build: the web application's packages into web/node_modules …", flush=True)
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error", otherwise="npm could not install web/package-lock.json.")
    stamp.write_text(wanted)


def build_web() -> None:
    """The web application into web/dist, unless nothing has changed since the last time."""
    install_web()
    sources = [path for folder in ("src", "public", "scripts") for path in (WEB / folder).rglob("*") if path.is_file()]
    sources += [path for path in WEB.iterdir() if path.suffix in (".html", ".json", ".ts")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(f"{path.relative_to(WEB)}\0".encode() + path.read_bytes())
    stamp = LOCAL / "web.sha256"
    if stamp.exists() and stamp.read_text() == digest.hexdigest() and (WEB / "dist" / "index.html").exists():
        return
    print("build: the web application …", flush=True)
    npm("run", "--silent", "build", otherwise="The web application does not build: see above.")
    stamp.write_text(digest.hexdigest())


def install_browser() -> None:
    """Debian's Chromium for the browser tests, where it is missing and we may install it."""
    missing = tools.problem_with_browser(os.environ.get("CHROMIUM"))
    if not missing or os.environ.get("CHROMIUM") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print("build: Chromium for the browser tests …", flush=True)
    quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "--quiet"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "--yes", "--no-install-recommends", "chromium"], check=False, **quiet)


def check_web() -> None:
    """Every check of the web application that needs no cloud. That its browser is there is said now, not at the end."""
    install_browser()
    if problem := tools.problem_with_browser(os.environ.get("CHROMIUM")):
        sys.exit(problem)
    install_web()
    for script, otherwise in {
        "check-api": "web/src/api/schema.d.ts is not what functions/ops/openapi.json says: `npm run api` in web/.",
        "format": "web/ is not formatted: `npx prettier --write .` in web/.",
        "types": "The web application's types are wrong: see above.",
        "lint": "The web application breaks a rule: see above.",
        "test": "Tests of the web application fail: see above.",
    }.items():
        npm("run", "--silent", script, otherwise=otherwise)
    build_web()


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
