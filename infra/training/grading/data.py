"""The rows that the head is trained on, each measured by `bench features`.

Three times: as they are; with 2, 5 or 10 % of the characters misread (a third of the rows each); and a third of the short
ones with an answer to another question before or behind, as criteria of a long answer stand among others.
"""

import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

# Rows, name of the licence. Nothing else may be trained on.
SETS = {
    "semeval_beetle": "CC BY-SA 3.0",
    "semeval_scientsbank": "CC BY-SA 3.0",
    "saf_english": "MIT",
}
ERRORS = (0.02, 0.05, 0.10)
# How much an answer is worth where partial marks are given, by SemEval's five labels.
SHARES = {"correct": 1.0, "partially_correct_incomplete": 0.5, "contradictory": 0.1, "irrelevant": 0.05, "non_domain": 0.0}


@dataclass
class Row:
    """One answer, measured."""

    dataset: str
    question: str
    score: float  # share of the maximum
    worth: float  # the same where partial marks are given
    is_clean: bool  # neither misread nor set among others
    whole: list[float]  # what was measured against the model answers
    criteria: list[list[float]] = field(default_factory=list)  # … and against each element of the rubric
    points: list[float] = field(default_factory=list)


def sha256(path: Path) -> str:
    """Hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rows_of(path: Path) -> list[dict]:
    """The rows of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def among_others(rows: list[dict]) -> list[dict]:
    """Every third short answer, with the answer to another question of the same set before or behind it."""
    mixed = []
    for number in range(0, len(rows), 3):
        row, other = rows[number], rows[(number * 7 + len(rows) // 2) % len(rows)]
        if row["question_id"] == other["question_id"] or row["rubric"]:
            continue
        mine, others = row["student_answer"].strip().rstrip("."), other["student_answer"].strip().rstrip(".")
        pair = (mine, others) if number % 2 else (others, mine)
        mixed.append({**row, "student_answer": f"{pair[0]}. {pair[1]}."})
    return mixed


def measure(bench: Path, models: Path, work: Path, name: str, rows: list[dict], errors: float) -> list[dict]:
    """What the grader measures of these rows."""
    data, out = work / f"{name}.jsonl", work / f"{name}.features.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [bench, "features", "--data", data, "--out", out, "--errors", errors, "--models", models]
    subprocess.run([str(part) for part in command], check=True)
    lines = out.read_text(encoding="utf-8").splitlines()
    (work / "names.json").write_text(lines[0])
    return [json.loads(line)["features"] for line in lines[1:]]


def joined(row: dict, features: list, is_clean: bool) -> Row | None:
    """The row with what was measured; none for an answer without words, which is graded without the head."""
    several = len(features) > 2
    whole = features[-1] if several else features[0]
    if whole is None:
        return None
    score = min(max(row["score"] / row["max_score"], 0.0), 1.0)
    measured = Row(
        dataset=row["dataset"],
        question=f"{row['dataset']} {row['question_id']}",
        score=score,
        worth=SHARES.get(row.get("label_5way"), score),
        is_clean=is_clean,
        whole=whole,
    )
    if several:
        measured.criteria = features[:-1]
        measured.points = [element["points"] for element in row["rubric"]]
    return measured


def collect(folder: Path, bench: Path, models: Path, work: Path) -> list[Row]:
    """Every row of the sets, in the three forms."""
    work.mkdir(parents=True, exist_ok=True)
    collected = []

    def add(name: str, rows: list[dict], errors: float, is_clean: bool) -> None:
        print(f"train: measuring {len(rows)} answers of {name} …", flush=True)
        for row, features in zip(rows, measure(bench, models, work, name, rows, errors), strict=True):
            if measured := joined(row, features, is_clean):
                collected.append(measured)

    for dataset in SETS:
        rows = rows_of(folder / f"{dataset}.train.jsonl")
        add(dataset, rows, 0.0, True)
        for part, errors in enumerate(ERRORS):
            add(f"{dataset}-{errors}", rows[part :: len(ERRORS)], errors, False)
        if mixed := among_others(rows):
            add(f"{dataset}-among-others", mixed, 0.0, False)
    return collected
