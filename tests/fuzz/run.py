#!/usr/bin/env python3
"""`make fuzz`: tries the readers of files with mutated ones, ten minutes each; FUZZ_SECONDS changes that.

    run.py [TARGET …]

The targets lie in fuzz_targets/. Each begins with the files in seeds/, those of tests/bad-files and of the sample
class, and what earlier runs found in target/fuzz/corpus. A panic, and for all but PDFs a hang or 2 GiB of memory,
ends the run; the file that caused it is then in target/fuzz/artifacts. It is built by the stable compiler, without a
sanitizer: what is ours has no unsafe code.
"""

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
OUT = REPOSITORY / "target" / "fuzz"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "600"))
# Endings of the seeds, and the longest file that is tried, in bytes; larger seeds are left out. What matters of an image
# is its headers, and small ones are tried a hundred times as often.
TARGETS = {
    "documents": ((".docx", ".xml"), 16 * 1024),
    "images": ((".png", ".jpg"), 16 * 1024),
    "pdfs": ((".pdf",), 128 * 1024),
    "reading_json": ((".json",), 16 * 1024),
}
# Seconds that one file may take before it counts as a hang. Much, for a busy machine.
HANG = 60
# Of a Word document, what is tried; its styles are too many, and seeds/documents has some.
WORD_PARTS = ("word/document.xml", "word/numbering.xml")


def build():
    """Compiles the targets with libFuzzer's instrumentation."""
    cargo_fuzz = Path(sys.executable).parent / "cargo-fuzz"
    command = [cargo_fuzz, "build", "--fuzz-dir", HERE, "--target-dir", OUT, "--release", "--sanitizer", "none"]
    if subprocess.run(command, cwd=REPOSITORY).returncode != 0:
        sys.exit("fuzz: the targets could not be built, see above.")


def seeds(bad_files):
    """Every file that may be a seed, without those that unfold to gigabytes: here no process limits them."""
    tests = REPOSITORY / "tests"
    folders = [HERE / "seeds", bad_files, tests / "sample-class" / "pages", tests / "guide-files"]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    files.append(REPOSITORY / "uploads-schema" / "examples" / "reading.json")
    return [path for path in files if "bomb" not in path.name]


def prepare(target, files):
    """The folder of files to begin with."""
    corpus = OUT / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    endings, longest = TARGETS[target]
    for path in files:
        content = word_parts(path) if path.suffix == ".docx" else path.read_bytes()
        if path.suffix in endings and 0 < len(content) <= longest:
            (corpus / f"seed-{path.name}").write_bytes(content)
    return corpus


def word_parts(path):
    """The parts of a Word document that are tried, as the target puts them together again."""
    with zipfile.ZipFile(path) as archive:
        return b"\f".join(archive.read(name) for name in WORD_PARTS)


def fuzz(target, corpus):
    """Runs one target; whether it stood the test."""
    artifacts = OUT / "artifacts" / target
    artifacts.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={SECONDS}", f"-timeout={HANG}", f"-max_len={TARGETS[target][1]}", "-rss_limit_mb=2048"]
    options += [f"-artifact_prefix={artifacts}/", "-print_final_stats=1"]
    if target == "pdfs":
        # A file that takes too much is stopped by the limits of the process that reads it, which are not set here.
        options += ["-fork=1", "-ignore_ooms=1", "-ignore_timeouts=1"]
    program = next(OUT.glob(f"*/release/{target}"))
    print(f"fuzz: {target}, {SECONDS} seconds …", flush=True)
    began = time.monotonic()
    result = subprocess.run([program, corpus, *options], cwd=OUT, capture_output=True, text=True, errors="replace")
    log = OUT / f"{target}.log"
    log.write_text(result.stdout + result.stderr)
    told = [line for line in result.stderr.splitlines() if line.startswith(("#", "stat::", "SUMMARY", "Done"))]
    print("\n".join(f"  {line}" for line in told[-8:]))
    outcome = "passed" if result.returncode == 0 else f"FAILED, see {log}"
    print(f"fuzz: {target}: {outcome} ({time.monotonic() - began:.0f} s)", flush=True)
    return result.returncode == 0


def main():
    chosen = sys.argv[1:] or list(TARGETS)
    build()
    with tempfile.TemporaryDirectory() as folder:
        maker = REPOSITORY / "tests" / "bad-files" / "make_bad_files.py"
        subprocess.run([sys.executable, maker, folder], check=True, stdout=subprocess.DEVNULL)
        files = seeds(Path(folder))
        corpora = {target: prepare(target, files) for target in chosen}
    failed = [target for target, corpus in corpora.items() if not fuzz(target, corpus)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
