"""Teaches the emulator `dynamodb:LeadingKeys`, the condition that keeps a function to its part of a table.

AWS fills this key with the partition keys that a request names; the emulator leaves it empty, so that a policy which
forbids its absence would refuse everything, and one that doesn't would allow everything. Only the launcher uses this.
"""

import json
import re

KEY = "dynamodb:LeadingKeys"
PARTITION_KEY = "PK"
EQUALS = re.compile(r"^\s*(#?\w+)\s*=\s*(:\w+)")
SINGLE = ("ConditionCheck", "Put", "Update", "Delete", "Get")


class ArnWithKey(str):
    """A table's ARN that remembers which partition key one item of a transaction names."""

    leading_key: str | None = None


def of_item(detail: dict) -> str | None:
    """The partition key of one item: of its `Key`, or of the `Item` that is put."""
    key = (detail.get("Key") or detail.get("Item") or {}).get(PARTITION_KEY, {})
    return key.get("S")


def of_request(body: bytes) -> list[str]:
    """Every partition key that a request other than a transaction names."""
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return []
    found = [of_item(data)]
    query = EQUALS.match(data.get("KeyConditionExpression") or "")
    if query:
        found.append(data.get("ExpressionAttributeValues", {}).get(query.group(2), {}).get("S"))
    for table in (data.get("RequestItems") or {}).values():
        if isinstance(table, dict):
            found += [of_item({"Key": key}) for key in table.get("Keys", [])]
    return [key for key in found if key]


def install(actions, evaluator) -> None:
    """Wraps the emulator's own functions; `actions` and `evaluator` are its modules `iam_actions` and `iam_evaluator`."""
    context, checks, enforce = actions.dynamodb_service_context, actions.dynamodb_transaction_checks, evaluator.enforce

    def context_with_keys(body):
        keys = of_request(body)
        return context(body) | ({KEY: keys} if keys else {})

    def checks_with_keys(iam_action, body, region, account_id):
        plain = checks(iam_action, body, region, account_id)
        if not plain:
            return plain
        items = [item[name] for item in json.loads(body)["TransactItems"] for name in SINGLE if name in item]
        with_keys = []
        for (action, arn), item in zip(plain, items, strict=True):
            arn = ArnWithKey(arn)
            arn.leading_key = of_item(item)
            with_keys.append((action, arn))
        return with_keys

    def enforce_with_keys(*arguments, resource_arn="*", service_context=None, **others):
        key = getattr(resource_arn, "leading_key", None)
        if key:
            service_context = {**(service_context or {}), KEY: [key]}
        return enforce(*arguments, resource_arn=resource_arn, service_context=service_context, **others)

    actions.dynamodb_service_context = context_with_keys
    actions.dynamodb_transaction_checks = checks_with_keys
    evaluator.enforce = enforce_with_keys
