"""Grades the sample class through the public API, as a teacher's program would, and prints how it went."""

import json
import shutil
import time
from dataclasses import dataclass, field

import keys
import settings
from api import Api, ApiError
from settings import LOCAL, REPOSITORY

CLASS = REPOSITORY / "tests" / "sample-class"
RESULTS = LOCAL / "demo"
IN_PROGRESS = {"awaiting_upload", "reading", "grading"}
LIMIT_SECONDS = 600


@dataclass
class Script:
    """One student's submission and what became of it."""

    number: str
    name: str
    id: str
    state: str = "awaiting_upload"
    reason: str | None = None
    questions: list[dict] = field(default_factory=list)


def register() -> None:
    """Makes the account that `.local/env` names."""
    Api(settings.endpoint()).register(settings.DEMO_EMAIL, keys.demo_password(), "Demo Teacher")


def hand_in(api: Api, submissions: str, student: dict) -> Script:
    """Makes the submission and uploads its files, in the order in which the student happened to send them."""
    files = [{"content_type": file["content_type"]} for file in student["files"]]
    made = api.call(
        "POST",
        submissions,
        {"student_name": student["student_name"], "student_number": student["student_number"], "files": files},
    )
    uploads = {upload["file"]: upload for upload in made["uploads"]}
    for number in student["upload_order"]:
        file = student["files"][number - 1]
        api.upload(uploads[number], CLASS / file["path"], file["content_type"])
    return Script(student["student_number"], student["student_name"], made["submission"]["id"])


def list_all(api: Api, path: str) -> list[dict]:
    """All pages of a list."""
    items, cursor = [], None
    while True:
        page = api.call("GET", f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
        items += page["items"]
        cursor = page.get("cursor")
        if not cursor:
            return items


def wait(api: Api, submissions: str, scripts: list[Script]) -> None:
    """Waits until nothing is in progress any more, telling how far it is whenever that changes."""
    began, said = time.monotonic(), None
    while True:
        found = {item["id"]: item for item in list_all(api, submissions)}
        for script in scripts:
            item = found[script.id]
            script.state, script.reason = item["state"], (item["failure"] or {}).get("message")
        states = [script.state for script in scripts]
        counts = {state: states.count(state) for state in sorted(set(states))}
        seconds = time.monotonic() - began
        if counts != said:
            print(f"demo: {seconds:5.1f} s  " + ", ".join(f"{n} {state}" for state, n in counts.items()), flush=True)
            said = counts
        if not IN_PROGRESS & counts.keys():
            return
        if seconds > LIMIT_SECONDS:
            raise SystemExit(f"Some scripts are still in progress after {LIMIT_SECONDS} seconds: see {settings.LOG}.")
        time.sleep(0.3)


def fetch_feedback(api: Api, submissions: str, script: Script) -> None:
    """Fetches the marks, and keeps the annotated pages under `.local/demo/<student number>/`."""
    answer = api.call("GET", f"{submissions}/{script.id}/feedback")
    script.questions = answer["feedback"]["questions"]
    folder = RESULTS / script.number
    folder.mkdir(parents=True)
    (folder / "feedback.json").write_text(json.dumps(answer["feedback"], indent=2, ensure_ascii=False) + "\n")
    for page in answer["annotated_pages"]:
        (folder / f"annotated-{page['page']}.png").write_bytes(api.fetch(page["url"]))


def table(scripts: list[Script], labels: list[str], expected: dict) -> list[str]:
    """One line per student: each question's marks and confidence (and, after ≠, what a person gave), total, state."""

    def cell(script: Script, label: str) -> str:
        question = next((item for item in script.questions if item["question"] == label), None)
        if question is None:
            return "–"
        wanted = expected.get(script.number, {}).get(label)
        unequal = "" if wanted is None or wanted == question["marks"] else f"≠{wanted:g}"
        return f"{question['marks']:g}{unequal} {question['confidence']:.2f}"

    rows = [["Number", "Student", *labels, "Total", "State"]]
    for script in scripts:
        marks = sum(question["marks"] for question in script.questions)
        most = sum(question["max_marks"] for question in script.questions)
        total = f"{marks:g}/{most:g}" if script.questions else "–"
        rows.append([script.number, script.name, *(cell(script, label) for label in labels), total, script.state])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]


def agreement(scripts: list[Script], expected: dict) -> tuple[int, int, float]:
    """Questions with equal marks, questions compared, and the mean absolute difference in marks."""
    differences = [
        abs(question["marks"] - expected[script.number][question["question"]])
        for script in scripts
        for question in script.questions
        if question["question"] in expected.get(script.number, {})
    ]
    equal = sum(difference == 0 for difference in differences)
    return equal, len(differences), sum(differences) / max(len(differences), 1)


def problems(scripts: list[Script], labels: list[str]) -> list[str]:
    """What did not go well: each script must have come to an end, with a grade for every question."""
    found = []
    for script in scripts:
        if script.state not in ("graded", "needs_review"):
            found.append(f"{script.name} is {script.state}: {script.reason}")
        elif [question["question"] for question in script.questions] != labels:
            found.append(f"{script.name} has no grade for some question")
    return found


def grade_class() -> bool:
    """Grades the class and prints the outcome. Says whether all went well."""
    guide = json.loads((CLASS / "guide.json").read_text())
    students = json.loads((CLASS / "class.json").read_text())
    expected = json.loads((CLASS / "expected-marks.json").read_text())
    labels = [question["label"] for question in guide["questions"]]
    shutil.rmtree(RESULTS, ignore_errors=True)

    api = Api(settings.endpoint())
    try:
        api.log_in(settings.DEMO_EMAIL, keys.demo_password())
        org = api.call("POST", "/v1/orgs", {"name": "Demo School"})["id"]
        assessment = api.call("POST", f"/v1/orgs/{org}/assessments", {"title": guide["title"]})["id"]
        base = f"/v1/orgs/{org}/assessments/{assessment}"
        api.call("POST", f"{base}/guides", guide)
        print(f"demo: handing in {len(students)} scripts …", flush=True)
        began = time.monotonic()
        scripts = [hand_in(api, f"{base}/submissions", student) for student in students]
        wait(api, f"{base}/submissions", scripts)
        seconds = time.monotonic() - began
        for script in scripts:
            if script.state in ("graded", "needs_review"):
                fetch_feedback(api, f"{base}/submissions", script)
    except ApiError as error:
        print(f"demo: the API refused: {error}", flush=True)
        return False

    print("\n" + "\n".join(table(scripts, labels, expected)))
    equal, compared, difference = agreement(scripts, expected)
    print("\nMarks and confidence for each question; ≠ precedes what a person gave.")
    print(f"From the first upload to the last grade: {seconds:.1f} s.")
    print(f"Agreement with a person: {equal} of {compared} questions equal, mean difference {difference:.2f} marks.")
    print(f"Annotated pages: {RESULTS.relative_to(REPOSITORY)}/<number>/annotated-<page>.png", flush=True)
    failed = problems(scripts, labels)
    for problem in failed:
        print(f"demo: {problem}", flush=True)
    return not failed
