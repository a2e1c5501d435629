"""Tests of the cloud on a laptop that need no cloud. The end-to-end tests are the real test of it."""

import ast
import fcntl
import os
import signal
import socket
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

import bench
import bench_start
import build
import cli
import demo
import emulator
import expand
import packages
import report
import settings
import tools

TEMPLATE = expand.read(settings.TEMPLATE)
PARAMETERS = {"ReadConcurrency": "2", "GradeConcurrency": "3"}


@pytest.fixture(scope="module")
def native():
    template = expand.read(settings.TEMPLATE)
    for properties in expand.functions(template).values():
        properties["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
    return expand.to_native(template, PARAMETERS)["Resources"]


def pascal_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def test_one_name_for_the_file_the_package_and_the_resource():
    for logical, properties in expand.functions(TEMPLATE).items():
        assert pascal_case(Path(properties["CodeUri"]).name) == logical
    packaged = {Path(properties["CodeUri"]).name for properties in expand.functions(TEMPLATE).values()}
    assert packaged == set(build.function_names())


def test_every_route_has_a_function_of_the_template():
    routes = expand.routes(TEMPLATE)
    assert len(routes) >= 100
    assert set(routes.values()) <= set(expand.functions(TEMPLATE))


def test_the_api_keeps_its_cors_and_has_no_body(native):
    api = next(item["Properties"] for item in native.values() if item["Type"] == "AWS::ApiGatewayV2::Api")
    assert "Body" not in api
    assert api["CorsConfiguration"]["allowOrigins"] == [{"Ref": "WebOrigin"}]
    assert api["CorsConfiguration"]["allowCredentials"] is True


def test_concurrency_is_a_number(native):
    assert native["ReadScriptSource"]["Properties"]["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert native["GradeAnswerSource"]["Properties"]["ScalingConfig"] == {"MaximumConcurrency": 3}


def test_a_stack_may_have_as_many_resources():
    """AWS's own limit, on what SAM makes of the template, with the permissions that the emulator does not look at."""
    template = expand.read(settings.TEMPLATE)
    for properties in expand.functions(template).values():
        properties["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
    os.environ.setdefault("AWS_DEFAULT_REGION", settings.REGION)
    assert len(expand.transform(template, {}, SimpleNamespace(load=dict))["Resources"]) <= 500


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def statements(resource: dict):
    for policy in resource["Properties"].get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]


def all_statements(native):
    """Every statement that allows a function something, with the name of the resource that it stands in."""
    for name, resource in native.items():
        if resource["Type"] == "AWS::IAM::Role":
            yield from ((name, statement) for statement in statements(resource))
        elif resource["Type"] == "AWS::IAM::ManagedPolicy" and name != "FunctionBoundary":
            yield from ((name, item) for item in resource["Properties"]["PolicyDocument"]["Statement"])


def test_every_function_has_a_role_of_its_own_within_the_boundary(native):
    roles = [item for item in native.values() if item["Type"] == "AWS::IAM::Role"]
    assert len(roles) == len(expand.functions(TEMPLATE))
    for role in roles:
        assert role["Properties"]["PermissionsBoundary"] == {"Ref": "FunctionBoundary"}
        for policy in role["Properties"]["ManagedPolicyArns"]:
            ours = isinstance(policy, dict) and policy["Ref"] in native
            assert ours or policy.endswith("/AWSLambdaBasicExecutionRole")


def test_no_policy_of_ours_names_everything(native):
    for name, statement in all_statements(native):
        for action in listed(statement["Action"]):
            assert "*" not in action and not action.endswith((":Scan", "PartiQLSelect")), name
        assert "*" not in listed(statement["Resource"]), name


def test_whoever_touches_items_is_held_to_a_part_of_the_table(native):
    """A condition on `LeadingKeys` is met by a request without any key, unless its absence is forbidden too; and a
    pattern must end behind a delimiter that no id contains, or it would match another's key."""
    for name, statement in all_statements(native):
        actions = [action for action in listed(statement["Action"]) if action.startswith("dynamodb:")]
        if not actions or actions == ["dynamodb:DescribeTable"]:
            continue
        condition = statement["Condition"]
        assert condition["Null"] == {"dynamodb:LeadingKeys": "false"}, name
        for pattern in condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]:
            assert pattern.endswith(("_*", "#*", "#")) and pattern.startswith(("T#org_", "P#")), (name, pattern)


def test_the_boundary_allows_whatever_a_function_is_allowed(native):
    document = native["FunctionBoundary"]["Properties"]["PolicyDocument"]["Statement"]
    bounds = {action for item in document for action in listed(item["Action"])}
    for name, statement in all_statements(native):
        assert set(listed(statement["Action"])) <= bounds, name


def test_the_audit_table_is_appended_to_and_changed_by_nothing_but_its_own_tasks(native):
    """What seals and backs up the log may update there; nothing may delete."""
    table = {"Fn::GetAtt": ["AuditTable", "Arn"]}
    for name, statement in all_statements(native):
        if table in listed(statement["Resource"]):
            actions = set(listed(statement["Action"]))
            assert "dynamodb:DeleteItem" not in actions, name
            assert "dynamodb:UpdateItem" not in actions or name in ("SealAuditRole", "BackUpAuditRole"), name


def test_no_function_can_undo_the_lock_of_the_audit_bucket(native):
    document = native["FunctionBoundary"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = {
        action
        for statement in document
        for resource in listed(statement["Resource"])
        if "AuditBucket" in str(resource)
        for action in listed(statement["Action"])
    }
    assert allowed == {"s3:ListBucketVersions", "s3:GetObjectVersion", "s3:PutObject"}


def test_hidden_for_six_times_the_timeout():
    functions, defaults = expand.functions(TEMPLATE), TEMPLATE["Parameters"]
    assert defaults["ReadVisibilitySeconds"]["Default"] >= 6 * functions["ReadScript"]["Timeout"]
    assert defaults["GradeVisibilitySeconds"]["Default"] >= 6 * functions["GradeAnswer"]["Timeout"]
    assert defaults["DrawVisibilitySeconds"]["Default"] >= 6 * functions["DrawPages"]["Timeout"]
    assert defaults["LearnVisibilitySeconds"]["Default"] >= 6 * functions["RescoreQuestion"]["Timeout"]
    assert defaults["RegradeVisibilitySeconds"]["Default"] >= 6 * functions["RegradeScript"]["Timeout"]
    assert defaults["MailVisibilitySeconds"]["Default"] >= 6 * functions["SendMail"]["Timeout"]
    assert defaults["PrivacyVisibilitySeconds"]["Default"] >= 6 * functions["ExportPrivacy"]["Timeout"]
    assert defaults["BillingVisibilitySeconds"]["Default"] >= 6 * functions["ApplyBillingEvent"]["Timeout"]
    for queue in ("ReadDeadLetterQueue", "GradeDeadLetterQueue"):
        visibility = TEMPLATE["Resources"][queue]["Properties"]["VisibilityTimeout"]
        assert visibility >= 6 * functions["RecordFailure"]["Timeout"]


def test_a_package_is_made_anew_only_when_something_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "PACKAGES", tmp_path / "packages")
    folder = tmp_path / "orgs-create"
    (folder / "models").mkdir(parents=True)
    (folder / "bootstrap").write_bytes(b"program")
    (folder / "models" / "weights.onnx").write_bytes(b"weights")
    first = packages.pack(folder)
    assert zipfile.ZipFile(first).namelist() == ["bootstrap", "models/weights.onnx"]
    assert packages.pack(folder) == first
    (folder / "bootstrap").write_bytes(b"another program")
    second = packages.pack(folder)
    assert second != first
    assert not first.exists()


def test_a_package_of_a_longer_name_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "PACKAGES", tmp_path / "packages")
    made = []
    for name in ("ops-health-ready", "ops-health"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bootstrap").write_bytes(name.encode())
        made.append(packages.pack(tmp_path / name))
    assert all(package.exists() for package in made)


def test_a_function_without_a_program_is_named(tmp_path):
    with pytest.raises(SystemExit, match="orgs-create"):
        packages.pack(tmp_path / "orgs-create")


@pytest.mark.parametrize(
    ("text", "version"),
    [("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", (1, 95, 0)), ("v20.20.2", (20, 20, 2)), ("GNU Make 4.3", (4, 3))],
)
def test_reads_versions(text, version):
    assert tools.find_version(text) == version


def test_says_what_is_wrong_with_a_tool(tmp_path):
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\necho v18.1.0\n")
    old.chmod(0o755)
    sentence = tools.problem_with("node", [str(old)], (20,), "x")
    assert sentence == "node 18.1.0 is too old: install node 20 or later (x)."
    assert tools.problem_with("node", [str(tmp_path / "none")], (20,), "x").startswith("node is missing")
    assert tools.problem_with("node", [str(old)], (18,), "x") is None


def test_a_missing_browser_gets_a_sentence(tmp_path):
    browser = tmp_path / "chromium"
    assert "CHROMIUM=" in tools.problem_with_browser(str(browser))
    browser.touch(mode=0o755)
    assert tools.problem_with_browser(str(browser)) is None


def test_an_old_python_another_system_and_a_missing_compiler_get_a_sentence(monkeypatch):
    assert tools.problem_with_python((3, 9)) == (
        "Python 3.9 is too old: install Python 3.11 or later (https://python.org), or say `make PYTHON=python3.11 …` if it "
        "is there under that name."
    )
    assert tools.problem_with_python((3, 11)) is None and tools.problem_with_python((3, 13)) is None
    assert tools.problem_with_system("linux") is None
    assert "Linux" in tools.problem_with_system("darwin")
    assert tools.problem_with_compiler() is None
    monkeypatch.setenv("PATH", "/nowhere")
    assert tools.problem_with_compiler().startswith("A C compiler is missing")


@pytest.mark.parametrize("name", ["tools.py", "settings.py", "install.py"])
def test_an_old_python_gets_as_far_as_its_sentence(name):
    """An annotation such as `int | None` is evaluated when the file is loaded, and fails on a Python without it."""
    tree = ast.parse(Path(tools.__file__).with_name(name).read_text(), feature_version=(3, 6))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    annotations = [argument.annotation for node in functions for argument in node.args.args]
    annotations += [node.returns for node in functions]
    for annotation in annotations:
        assert annotation is None or isinstance(annotation, (ast.Name, ast.Constant)), ast.unparse(annotation)


@pytest.fixture
def taken_port(monkeypatch, tmp_path):
    """A port that another program holds, and no cloud of ours."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("SMARTSCRIPTS_PORT", str(taken.getsockname()[1]))
        monkeypatch.setattr(emulator, "LOCK", tmp_path / "lock")
        yield


@pytest.mark.parametrize("command", [cli.up, cli.run, cli.run_demo, cli.end_to_end, bench.main, emulator.start])
def test_a_taken_port_gives_one_sentence_and_nothing_else(taken_port, monkeypatch, capfd, command):
    monkeypatch.setattr(build, "run", lambda *_: pytest.fail("built something before it looked at the port"))
    with pytest.raises(SystemExit, match=r"^Port \d+ is in use .+ SMARTSCRIPTS_PORT=…$"):
        command()
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_of_what_stands_in_for_stripe_is_named(taken_port, monkeypatch):
    taken = settings.port()
    monkeypatch.setenv("SMARTSCRIPTS_PORT", str(taken - 2))
    assert settings.stripe_port() == taken
    with pytest.raises(SystemExit, match=f"^Port {taken} is in use"):
        emulator.check_port()


def test_the_tests_are_not_run_against_stripe_itself(monkeypatch):
    monkeypatch.setattr(emulator, "check_down", lambda: None)
    monkeypatch.setattr(cli, "up", lambda: pytest.fail("started it"))
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_mine")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", "whsec_mine")
    with pytest.raises(SystemExit, match="unset STRIPE_SECRET_KEY"):
        cli.end_to_end()


@pytest.mark.parametrize("command", [cli.run, cli.end_to_end])
def test_a_cloud_that_is_up_is_not_ended_by_what_did_not_start_it(monkeypatch, tmp_path, capfd, command):
    lock = tmp_path / "lock"
    monkeypatch.setattr(emulator, "LOCK", lock)
    monkeypatch.setattr(emulator, "stop", lambda: pytest.fail("ended it"))
    lock.write_text(str(os.getpgrp()))
    with open(lock) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(SystemExit, match="^The cloud on a laptop is up.+`make down` first.$"):
            command()
    assert capfd.readouterr() == ("", "")


def test_an_interrupted_start_leaves_nothing_running(monkeypatch, tmp_path):
    monkeypatch.setattr(emulator, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(emulator, "LOG", tmp_path / "log")
    monkeypatch.setattr(emulator, "CLOUD", tmp_path / "cloud")
    monkeypatch.setattr(emulator, "check_port", lambda: None)
    # In place of the launcher: a program that never answers.
    monkeypatch.setattr(emulator, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(emulator, "LAUNCHER", tmp_path / "launcher.py")
    (tmp_path / "launcher.py").write_text("import time\ntime.sleep(60)\n")
    started = []

    def interrupt(process):
        started.append(process.pid)
        assert emulator.members(process.pid) and emulator.left_behind() == [process.pid]
        raise KeyboardInterrupt

    monkeypatch.setattr(emulator, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        emulator.start()
    assert emulator.members(started[0]) == [] and emulator.left_behind() == []


def test_a_second_interrupt_does_not_stop_the_end(monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "ENV", tmp_path / "env")
    monkeypatch.setattr(emulator, "stop", lambda: signal.raise_signal(signal.SIGINT) or True)
    before = signal.getsignal(signal.SIGINT)
    cli.down()
    assert signal.getsignal(signal.SIGINT) == before


def test_logs_of_nothing_give_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "ENV", tmp_path / "env")
    monkeypatch.setattr(emulator, "running_group", lambda: os.getpgrp())
    with pytest.raises(SystemExit, match="^Nothing is up: `make up` first.$"):
        cli.logs()


def test_a_function_is_started_for_the_bench_with_every_variable_of_the_template(monkeypatch, tmp_path):
    monkeypatch.setattr("keys.SECRETS", tmp_path)
    given = set(bench_start.environment("127.0.0.1:1"))
    globals_ = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    wanted = set(globals_).union(
        *(item.get("Environment", {}).get("Variables", {}) for item in expand.functions(TEMPLATE).values())
    )
    assert wanted <= given


def test_reading_that_is_too_slow_fails_the_bench():
    def report(ratio):
        peers = {"rapidocr": {"time_ratio": ratio}, "tesseract": {"time_ratio": 2.0}}
        return {"summary": {"sample_class": {"peers": peers}}}

    assert bench.is_fast_enough(report(0.9)) and not bench.is_fast_enough(report(0.91))


def test_terms_that_only_the_guide_puts_there_fail_the_bench():
    def report(found, false_finds, false_by_help):
        terms = {"present": 100, "found": found, "absent": 100, "false_finds": false_finds, "false_by_help": false_by_help}
        return {"summary": {"synthetic_terms": {"terms": terms}, "synthetic_lines": {}}}

    assert bench.are_terms_found(report(95, 1, 0))
    for missed in [(94, 0, 0), (100, 2, 0), (100, 1, 1)]:
        assert not bench.are_terms_found(report(*missed))


def test_the_time_of_all_routes_is_one_line():
    seconds = Counter({"read-script": 30.0, "orgs-create": 0.5, "submissions-create": 1.5})
    lines = bench.spent(seconds, Counter({"read-script": 10, "orgs-create": 1, "submissions-create": 8}))
    assert [line.split() for line in lines] == [
        "read-script 30.0 s in 10 calls".split(),
        "the API together 2.0 s in 9 calls".split(),
    ]


@pytest.mark.parametrize("text", ["http", "80", "70000", "-1"])
def test_refuses_a_port_that_is_none(monkeypatch, text):
    monkeypatch.setenv("SMARTSCRIPTS_PORT", text)
    with pytest.raises(SystemExit, match="SMARTSCRIPTS_PORT must be"):
        settings.port()


def test_stop_ends_the_whole_group_and_nothing_else(monkeypatch, tmp_path):
    lock = tmp_path / "lock"
    monkeypatch.setattr(emulator, "LOCK", lock)
    monkeypatch.setattr(emulator, "CLOUD", tmp_path / "cloud")
    assert not emulator.stop()
    # As the launcher: holds the lock, and has a child that would go on without it.
    script = f"exec 9>>{lock}; flock 9; echo -n $$ >&9; sleep 60 9>&- & echo ready; sleep 60"
    group = subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, start_new_session=True)
    bystander = subprocess.Popen(["sleep", "60"])
    assert group.stdout.readline() == b"ready\n"
    assert emulator.running_group() == group.pid
    assert len(emulator.members(group.pid)) >= 2
    assert emulator.stop()
    assert emulator.members(group.pid) == []
    assert emulator.running_group() is None
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    group.wait()


def test_a_lock_left_by_a_dead_emulator_is_no_emulator(monkeypatch, tmp_path):
    lock = tmp_path / "lock"
    monkeypatch.setattr(emulator, "LOCK", lock)
    lock.write_text(str(os.getpgrp()))
    assert emulator.running_group() is None
    with open(lock) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert emulator.running_group() == os.getpgrp()


def test_functions_inherit_nothing_from_the_developer(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a real one")
    environment = emulator.environment()
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_SECRET_ACCESS_KEY"] == settings.SECRET_ACCESS_KEY
    assert environment["AUTH"] == "true"
    assert environment["BIND_HOST"] == "127.0.0.1"


def script(number: str, state: str, marks: dict[str, float]) -> demo.Script:
    questions = [{"question": q, "marks": m, "max_marks": 2, "confidence": 0.9} for q, m in marks.items()]
    return demo.Script(number, "Name", "sub_1", state, None, questions)


def test_the_table_shows_where_a_person_gave_other_marks():
    scripts = [script("1", "graded", {"1": 2, "2": 0.5})]
    lines = demo.table(scripts, ["1", "2"], {"1": {"1": 2, "2": 1}})
    assert lines[1].split() == ["1", "Name", "2", "0.90", "0.5≠1", "0.90", "2.5/4", "graded"]


def test_agreement_counts_equal_marks_and_the_mean_difference():
    scripts = [script("1", "graded", {"1": 2, "2": 0.5}), script("2", "needs_review", {"1": 1, "2": 1})]
    expected = {"1": {"1": 2, "2": 1}, "2": {"1": 0, "2": 1}}
    assert demo.agreement(scripts, expected) == (2, 4, 0.375)


def test_a_failed_or_half_graded_script_is_a_problem():
    graded = script("1", "needs_review", {"1": 2, "2": 0})
    failed = script("2", "failed", {})
    half = script("3", "graded", {"1": 2})
    assert len(demo.problems([graded, failed, half], ["1", "2"])) == 2
    assert demo.problems([graded], ["1", "2"]) == []


JUNIT = """<testsuites><testsuite>
<testcase name="goes well"/>
<testcase name="breaks"><failure message="left is 1&#10;right is 2"/></testcase>
<testcase name="stops"><error>no answer
at line 3</error></testcase>
</testsuite></testsuites>"""


def test_the_end_of_the_tests_names_what_failed(tmp_path, capsys):
    junit = tmp_path / "junit.xml"
    junit.write_text(JUNIT)
    assert report.at_the_end([("browser", True, junit), ("stack", False, None), ("fuzz", True, tmp_path / "none")]) == 1
    expected = ["test: failed: browser", "test:   breaks: left is 1", "test:   stops: no answer", "test: failed: fuzz"]
    assert capsys.readouterr().out.splitlines() == expected
    assert report.at_the_end([("browser", False, junit)]) == 0
