"""Writes the sample class's pages as a manifest for `bench reading` to standard output.

Only students whose answers are all on one image: what stands on which page of several is not written down.
"""

import json
from pathlib import Path

CLASS = Path(__file__).resolve().parents[2] / "sample-class"
answers = json.loads((CLASS / "answers.json").read_text())
for student in json.loads((CLASS / "class.json").read_text()):
    files = student["files"]
    if len(files) != 1 or not files[0]["content_type"].startswith("image/"):
        continue
    number = student["student_number"]
    lines = [f"{student['student_name']} No. {number}", "General paper, Year 9"]
    lines += [f"{label}. {answer}" for label, answer in answers[number].items() if answer]
    row = {"image": files[0]["path"], "text": "\n".join(lines), "kind": "handwritten", "level": "page", "set": "sample_class"}
    print(json.dumps(row))
