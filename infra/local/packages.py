"""Packs each function's folder under target/lambda/ as Lambda wants it: a zip with `bootstrap` at its root."""

import hashlib
import zipfile
from pathlib import Path

from settings import PACKAGES

# Weights hardly shrink; compressing them would take longer than everything else together.
STORED = {".onnx"}


def digest(folder: Path) -> str:
    """Tells one state of a folder from another, by names, sizes and times."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    states = [f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(states).encode()).hexdigest()[:16]


def pack(folder: Path) -> Path:
    """The folder's zip. Made only when the folder has changed."""
    if not (folder / "bootstrap").is_file():
        raise SystemExit(f"{folder} holds no `bootstrap`: does template.yaml name a function that isn't built?")
    package = PACKAGES / f"{folder.name}-{digest(folder)}.zip"
    if package.exists():
        return package
    PACKAGES.mkdir(parents=True, exist_ok=True)
    for old in PACKAGES.glob(f"{folder.name}-{'[0-9a-f]' * 16}.zip"):
        old.unlink()
    unfinished = package.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            kind = zipfile.ZIP_STORED if path.suffix in STORED else zipfile.ZIP_DEFLATED
            archive.write(path, path.relative_to(folder), compress_type=kind)
    unfinished.rename(package)
    return package
