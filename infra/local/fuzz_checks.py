"""A check of our own for schemathesis: no answer tells of our inside."""

import re
from pathlib import Path

import schemathesis

REPOSITORY = re.escape(str(Path(__file__).resolve().parents[2]))
INTERNALS = re.compile(
    r"panicked|RUST_BACKTRACE|\.rs:\d|arn:aws|DynamoDB|dynamodb|ConditionalCheck|AccessDenied|Table-[0-9A-F]|aws_sdk"
    r"|Traceback|/home/|/var/task|T#org_|P#usr_|TENANTS_TABLE|" + REPOSITORY,
)


@schemathesis.check
def tells_no_internals(context, response, case):
    # A PDF is no text, and may tell of our inside all the same.
    found = INTERNALS.search(response.content.decode("utf-8", "replace") if response.content else "")
    if found:
        raise AssertionError(f"the answer tells of our inside: {found.group()!r}")
