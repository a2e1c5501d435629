#!/usr/bin/env python3
"""Checks that the sample class is whole: guide, answers, expected marks, files. Says every problem found, exits with 1.

Needs the standard library only.
"""

import itertools
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOTAL_BYTES = 3_000_000
MAGIC = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "application/pdf": b"%PDF-",
    "text/plain": b"",
}


def load(name: str):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def reachable_marks(question: dict) -> set[float]:
    """The marks that a grader can give: sums of whole criteria, of value and unit, or of shares of right options."""
    marking = question["marking"]
    if marking["kind"] in ("short_answer", "explanation"):
        parts = [criterion["marks"] for criterion in marking["criteria"]]
    elif marking["kind"] == "numeric":
        parts = [question["marks"] - marking["unit_marks"], marking["unit_marks"]]
    else:
        parts = [question["marks"] / len(marking["correct"])] * len(marking["correct"])
    choices = itertools.product((0, 1), repeat=len(parts))
    return {round(sum(part * chosen for part, chosen in zip(parts, choice)), 3) for choice in choices}


def problems_of_guide(guide: dict):
    if sum(question["marks"] for question in guide["questions"]) != guide["total_marks"]:
        yield "guide.json: the questions' marks do not add up to `total_marks`."
    for question in guide["questions"]:
        criteria = question["marking"].get("criteria")
        if criteria and sum(criterion["marks"] for criterion in criteria) != question["marks"]:
            yield f"guide.json: question {question['label']}: its criteria do not add up to its marks."


def problems_of_marks(guide: dict, students: list[str], answers: dict, expected: dict):
    labels = [question["label"] for question in guide["questions"]]
    for name, listed in (("answers.json", answers), ("expected-marks.json", expected)):
        if sorted(listed) != sorted(students):
            yield f"{name}: its students are not those of class.json."
    for number, marks in expected.items():
        if list(marks) != labels:
            yield f"expected-marks.json: {number}: its labels are not those of the guide, in its order."
            continue
        for question in guide["questions"]:
            label = question["label"]
            if marks[label] not in reachable_marks(question):
                yield f"expected-marks.json: {number}, question {label}: {marks[label]} cannot be given."
            if label not in answers.get(number, {}) and marks[label] != 0:
                yield f"expected-marks.json: {number}, question {label}: marks without an answer."
    for number, given in answers.items():
        if unknown := set(given) - set(labels):
            yield f"answers.json: {number}: no question {', '.join(sorted(unknown))} in the guide."


def problems_of_files(entries: list[dict]):
    total = 0
    for entry in entries:
        number, files = entry["student_number"], entry["files"]
        if sorted(entry["upload_order"]) != list(range(1, len(files) + 1)):
            yield f"class.json: {number}: `upload_order` must name each of its {len(files)} files once."
        for file in files:
            path = HERE / file["path"]
            if not path.is_file():
                yield f"{file['path']} is missing; run render.py."
                continue
            content = path.read_bytes()
            total += len(content)
            if not content or not content.startswith(MAGIC[file["content_type"]]):
                yield f"{file['path']} is not {file['content_type']}."
    if total > TOTAL_BYTES:
        yield f"The files have {total:,} bytes together; {TOTAL_BYTES:,} are allowed."


def main() -> None:
    guide, entries = load("guide.json"), load("class.json")
    students = [entry["student_number"] for entry in entries]
    problems = [
        *problems_of_guide(guide),
        *problems_of_marks(guide, students, load("answers.json"), load("expected-marks.json")),
        *problems_of_files(entries),
    ]
    if problems:
        sys.exit("\n".join(problems))
    print(f"The sample class is whole: {len(students)} students, {len(guide['questions'])} questions.")


if __name__ == "__main__":
    main()
