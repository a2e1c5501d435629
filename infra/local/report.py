"""What has failed, once more and in a line each: who looks at a log of some thousand lines looks at its end."""

from pathlib import Path
from xml.etree import ElementTree

LONGEST = 160  # characters of a line


def failures(junit: Path) -> list[str]:
    """The tests of a JUnit file that failed, each with the first line of why. A file that isn't there tells of none."""
    if not junit.exists():
        return []
    found = []
    for case in ElementTree.parse(junit).iter("testcase"):
        for wrong in [*case.findall("failure"), *case.findall("error")]:
            why = (wrong.get("message") or wrong.text or "").strip().split("\n")[0]
            found.append(f"{case.get('name')}: {why}"[:LONGEST])
    return found


def at_the_end(parts: list[tuple[str, bool, Path | None]]) -> int:
    """Says which parts have failed, and which tests of them. Each part has a name, whether it failed, and the JUnit file of
    its tests, if it has tests. 1 if one has failed."""
    for name, _failed, junit in (part for part in parts if part[1]):
        print(f"test: failed: {name}")
        for line in failures(junit) if junit else []:
            print(f"test:   {line}", flush=True)
    return int(any(failed for _name, failed, _junit in parts))
