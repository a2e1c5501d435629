"""Compares what each function's policy allows with what the function did, so that no permission outlives its use.

The launcher writes down every call to AWS that a function was allowed, one line of JSON each kind. After all end-to-end
tests have run, whatever a policy allows must have been used at least once: the enforcement shows that nothing is missing
from a policy, this shows that nothing is too much.
"""

import fnmatch
import json
import re
from pathlib import Path

import expand
from leading_keys import KEY

# What Lambda itself does with a function's role, when it polls a queue or writes a log: the function never does it.
DONE_BY_LAMBDA = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
IDS = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{32,64}")


class Recorder:
    """Writes each kind of call once: role, action, resource, and the partition keys without their ids."""

    def __init__(self, path: Path):
        self.path = path
        self.seen = set()
        path.write_text("")

    def note(self, role: str, action: str, resource: str, keys: list[str]) -> None:
        kinds = {IDS.sub("x", key) for key in keys} or {""}
        for kind in kinds:
            entry = (role, action, IDS.sub("x", str(resource)), kind)
            if entry in self.seen:
                continue
            self.seen.add(entry)
            with self.path.open("a") as file:
                file.write(json.dumps(entry) + "\n")

    def install(self, evaluator, account_id) -> None:
        """Wraps the emulator's own check; `evaluator` is its module `iam_evaluator`."""
        enforce = evaluator.enforce

        def enforce_and_note(access_key_id, iam_action, *others, resource_arn="*", service_context=None):
            refused = enforce(
                access_key_id, iam_action, *others, resource_arn=resource_arn, service_context=service_context
            )
            principal = None if refused else evaluator.resolve_principal(access_key_id or "", account_id())
            arn = getattr(principal, "arn", "")
            if ":assumed-role/" in arn:
                key = getattr(resource_arn, "leading_key", None)
                keys = [key] if key else (service_context or {}).get(KEY, [])
                self.note(arn.split("/")[1], iam_action, resource_arn, keys)
            return refused

        evaluator.enforce = enforce_and_note


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def text(value, physical: dict[str, str]) -> str:
    """A resource of a policy, `!GetAtt` and `!Sub` resolved as far as telling resources apart needs it, as a pattern."""
    if isinstance(value, str):
        return value
    if "Fn::GetAtt" in value:
        return f"*{physical[value['Fn::GetAtt'][0]].rsplit('/', 1)[-1]}"
    named = re.sub(r"\$\{(\w+)\.Arn\}", lambda match: f"*{physical[match.group(1)]}", value["Fn::Sub"])
    return re.sub(r"\$\{AWS::\w+\}", "*", named)


def allowed(statements: list[dict], physical: dict[str, str]):
    """Every (action, pattern of the resource, pattern of the partition key) that the statements allow."""
    for statement in statements:
        conditions = statement.get("Condition", {})
        patterns = conditions.get("ForAllValues:StringLike", {}).get(KEY, [""])
        for action in set(listed(statement["Action"])) - DONE_BY_LAMBDA:
            for resource in listed(statement["Resource"]):
                for pattern in listed(patterns):
                    yield action, text(resource, physical), pattern


def unused(native: dict, physical: dict[str, str], record: Path) -> list[str]:
    """What policies allow and nobody has done, in words."""
    used = [json.loads(line) for line in record.read_text().splitlines()]

    def is_used(roles: set[str], action: str, resource: str, key: str) -> bool:
        return any(
            role in roles and action == done and fnmatch.fnmatchcase(arn, resource) and fnmatch.fnmatchcase(kind, key)
            for role, done, arn, kind in used
        )

    found = []
    for name, item in native.items():
        if item["Type"] == "AWS::IAM::Role":
            statements = [s for p in item["Properties"].get("Policies", []) for s in p["PolicyDocument"]["Statement"]]
            roles = {physical[name]}
        elif item["Type"] == "AWS::IAM::ManagedPolicy" and name != "FunctionBoundary":
            statements = item["Properties"]["PolicyDocument"]["Statement"]
            attached = [
                other
                for other, role in native.items()
                if role["Type"] == "AWS::IAM::Role" and {"Ref": name} in role["Properties"]["ManagedPolicyArns"]
            ]
            roles = {physical[other] for other in attached}
        else:
            continue
        for action, resource, key in allowed(statements, physical):
            if not is_used(roles, action, resource, key):
                found.append(f"{name} allows {action} on {resource} {key}".rstrip())
    return sorted(found)


def check(template: dict, parameters: dict[str, str], physical: dict[str, str], record: Path) -> list[str]:
    """Prints what is allowed and was never used; returns it."""
    for properties in expand.functions(template).values():
        properties["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
    found = unused(expand.to_native(template, parameters)["Resources"], physical, record)
    for line in found:
        print(f"access: {line}, and no function did it in the end-to-end tests")
    print(f"access: {len(found)} permissions are too much", flush=True)
    return found
