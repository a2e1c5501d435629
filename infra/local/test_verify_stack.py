"""Tests of verify_stack.py without any cloud: on a stack where all is well every line is ok, and each thing that is wrong
makes its own line fail."""

import copy
import email.message
import json

import pytest
from botocore.exceptions import ClientError

import verify_stack
from verify_stack import FAILED, NOT_HERE, OK

ACCOUNT = "123456789012"
ARN = f"arn:aws:{{}}:eu-west-1:{ACCOUNT}:{{}}"
ORIGIN = "https://school.example"


def statement(service: str) -> dict:
    condition = {"ArnLike": {"AWS:SourceArn": ARN.format("execute-api", "api/*")}}
    return {"Effect": "Allow", "Principal": {"Service": service}, "Condition": condition}


# What AWS answers about a stack where all is well, by service and operation.
WELL = {
    "dynamodb": {
        "describe_continuous_backups": {
            "ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}
        },
        "describe_time_to_live": {
            "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        },
        "describe_table": {
            "Table": {
                "SSEDescription": {"Status": "ENABLED"},
                "DeletionProtectionEnabled": True,
                "TableArn": ARN.format("dynamodb", "table/tenants"),
            }
        },
    },
    "s3": {
        "get_public_access_block": {"PublicAccessBlockConfiguration": dict.fromkeys(verify_stack.PUBLIC_ACCESS, True)},
        "get_bucket_policy": {
            "Policy": json.dumps(
                {
                    "Statement": [
                        {"Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
                    ]
                }
            )
        },
        "get_bucket_encryption": {"ServerSideEncryptionConfiguration": {}},
        "get_bucket_lifecycle_configuration": {"Rules": []},  # filled below from the template
        "get_bucket_ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        "head_bucket": {},
        "get_object_lock_configuration": {
            "ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE"}}}
        },
    },
    "sqs": {
        "get_queue_attributes": {
            "Attributes": {
                "QueueArn": ARN.format("sqs", "read"),
                "SqsManagedSseEnabled": "true",
                "VisibilityTimeout": "1800",
                "RedrivePolicy": '{"maxReceiveCount": 5}',
            }
        }
    },
    "iam": {"get_role": {"Role": {"PermissionsBoundary": {"PermissionsBoundaryArn": "boundary"}}}},
    "lambda": {"get_policy": {"Policy": json.dumps({"Statement": [statement("apigateway.amazonaws.com")]})}},
    "logs": {"describe_log_groups": {"logGroups": [{"logGroupName": "group", "retentionInDays": 90}]}},
    "sesv2": {
        "get_email_identity": {"VerifiedForSendingStatus": True},
        "get_account": {"ProductionAccessEnabled": True},
    },
}


class Client:
    """Answers what it was told to. What it wasn't told of isn't there."""

    def __init__(self, answers: dict):
        self.answers = answers

    def __getattr__(self, operation: str):
        def call(**parameters):
            answer = self.answers.get(operation)
            if answer is None:
                raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, operation)
            return answer(**parameters) if callable(answer) else answer

        return call


def simulate(allowed):
    """`iam:SimulatePrincipalPolicy` that allows what `allowed(action, keys)` does."""

    def call(PolicySourceArn, ActionNames, ResourceArns, ContextEntries):
        keys = ContextEntries[0]["ContextKeyValues"] if ContextEntries else []
        decision = {True: "allowed", False: "implicitDeny"}
        results = [{"EvalActionName": name, "EvalDecision": decision[allowed(name, keys)]} for name in ActionNames]
        return {"EvaluationResults": results}

    return call


def fails_closed(action: str, keys: list[str]) -> bool:
    return action == "dynamodb:UpdateItem" and keys == [verify_stack.A_KEY_OF_OURS]


def answered(status: int, body: bytes, **headers: str):
    message = email.message.Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return status, message, body


def ask(url: str, method: str = "GET", **headers: str):
    path = url.removeprefix("https://api.example")
    if method == "OPTIONS":
        allowed = {"access_control_allow_origin": ORIGIN} if headers["Origin"] == ORIGIN else {}
        return answered(204, b"", **allowed)
    if path == "/v1/orgs":
        return answered(401, b"{}", content_type="application/problem+json")
    return answered(200 if path.startswith("/v1/health") else 404, b"{}")


@pytest.fixture
def make(monkeypatch):
    """Makes a stack whose answers `change` has changed."""

    def stack(change=lambda answers: None, endpoint=None) -> verify_stack.Stack:
        made = verify_stack.Stack("smartscripts-production", "eu-west-1", endpoint)
        answers = copy.deepcopy(WELL)
        rules = made.template["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        kept = [{"ID": rule["Id"], "Status": "Enabled"} for rule in rules]
        answers["s3"]["get_bucket_lifecycle_configuration"]["Rules"] = kept
        answers["iam"]["simulate_principal_policy"] = simulate(fails_closed)
        made.parameters = {"Stage": "production", "WebOrigin": ORIGIN, "MailFrom": "a@school.example"}
        made.outputs, made.account = {"ApiUrl": "https://api.example"}, ACCOUNT
        made.resources = {
            "AWS::DynamoDB::Table": {"TenantsTable": "tenants"},
            "AWS::S3::Bucket": {name: name for name in ("Bucket", "AuditBucket") if name in made.template["Resources"]},
            "AWS::SQS::Queue": {"ReadQueue": "url"},
            "AWS::IAM::ManagedPolicy": {"FunctionBoundary": "boundary"},
            "AWS::Logs::LogGroup": {"FunctionLogs": "group"},
        }
        function = {
            "FunctionName": "read",
            "FunctionArn": ARN.format("lambda", "read"),
            "Role": ARN.format("iam", "role/read"),
            "Timeout": 300,
            "LoggingConfig": {"LogGroup": "group"},
        }
        made.functions = {"ReadScript": function}
        mapping = {
            "FunctionArn": function["FunctionArn"],
            "EventSourceArn": ARN.format("sqs", "read"),
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }
        made.mappings = [mapping]
        change(answers, made) if change.__code__.co_argcount == 2 else change(answers)
        made.clients = {service: Client(operations) for service, operations in answers.items()}
        return made

    monkeypatch.setattr(verify_stack, "ask", ask)
    return stack


def statuses(lines) -> dict[str, str]:
    return {line.name: line.status for line in lines}


def test_all_is_well(make, capsys):
    lines = verify_stack.verify(make())
    assert {line.status for line in lines} == {OK}, "\n".join(map(str, lines))
    assert len(lines) >= 30
    assert verify_stack.report(lines) == 0
    assert capsys.readouterr().out.endswith(f"verify-stack: {len(lines)} ok, 0 failed, 0 not provable here\n")


def change_policy(answers: dict, principal) -> None:
    answers["lambda"]["get_policy"]["Policy"] = json.dumps({"Statement": [{"Principal": principal}]})


WRONG = {
    "tables: recovery": lambda a: a["dynamodb"]["describe_continuous_backups"]["ContinuousBackupsDescription"].update(
        PointInTimeRecoveryDescription={"PointInTimeRecoveryStatus": "DISABLED"}
    ),
    "tables: time to live": lambda a: a["dynamodb"]["describe_time_to_live"].update(
        TimeToLiveDescription={"TimeToLiveStatus": "DISABLED"}
    ),
    "tables: encryption": lambda a: a["dynamodb"]["describe_table"]["Table"].pop("SSEDescription"),
    "tables: deletion protection": lambda a: a["dynamodb"]["describe_table"]["Table"].update(
        DeletionProtectionEnabled=False
    ),
    "buckets: no public access": lambda a: a["s3"].pop("get_public_access_block"),
    "buckets: TLS only": lambda a: a["s3"].pop("get_bucket_policy"),
    "buckets: encryption": lambda a: a["s3"].pop("get_bucket_encryption"),
    "buckets: lifecycle": lambda a: a["s3"]["get_bucket_lifecycle_configuration"]["Rules"].pop(),
    "buckets: ownership": lambda a: a["s3"].pop("get_bucket_ownership_controls"),
    "buckets: names": lambda a: a["s3"].pop("head_bucket"),
    "queues: encryption": lambda a: a["sqs"]["get_queue_attributes"]["Attributes"].pop("SqsManagedSseEnabled"),
    "queues: redrive": lambda a: a["sqs"]["get_queue_attributes"]["Attributes"].pop("RedrivePolicy"),
    "queues: visibility": lambda a: a["sqs"]["get_queue_attributes"]["Attributes"].update(VisibilityTimeout="1799"),
    "queues: partial failures": lambda a, stack: stack.mappings[0].pop("FunctionResponseTypes"),
    "functions: boundary": lambda a: a["iam"]["get_role"]["Role"].pop("PermissionsBoundary"),
    "functions: own roles": lambda a, stack: stack.functions.update(Other=stack.functions["ReadScript"]),
    "functions: no scan": lambda a: a["iam"].update(
        simulate_principal_policy=simulate(lambda action, keys: "Scan" in action or fails_closed(action, keys))
    ),
    "functions: foreign keys": lambda a: a["iam"].update(
        simulate_principal_policy=simulate(lambda action, keys: action in verify_stack.ON_ITEMS and len(keys) == 1)
    ),
    "functions: mixed keys": lambda a: a["iam"].update(
        simulate_principal_policy=simulate(
            lambda action, keys: action in verify_stack.ON_ITEMS and verify_stack.A_KEY_OF_OURS in keys
        )
    ),
    "functions: no keys": lambda a: a["iam"].update(
        simulate_principal_policy=simulate(
            lambda action, keys: action in verify_stack.ON_ITEMS and keys in ([], [verify_stack.A_KEY_OF_OURS])
        )
    ),
    "functions: own keys": lambda a: a["iam"].update(simulate_principal_policy=simulate(lambda action, keys: False)),
    "functions: invoked by": lambda a: change_policy(a, "*"),
    "functions: invoked for": lambda a: change_policy(a, {"Service": "s3.amazonaws.com"}),
    "logs: retention": lambda a: a["logs"]["describe_log_groups"]["logGroups"][0].pop("retentionInDays"),
    "logs: of functions": lambda a, stack: stack.functions["ReadScript"].pop("LoggingConfig"),
    "api: HTTPS": lambda a, stack: stack.outputs.update(ApiUrl="http://api.example"),
    "api: CORS": lambda a, stack: stack.parameters.update(WebOrigin="https://other.example"),
    "mail: sender": lambda a: a["sesv2"].pop("get_email_identity"),
    "mail: reach": lambda a: a["sesv2"]["get_account"].update(ProductionAccessEnabled=False),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_makes_its_line_fail(make, name, capsys):
    lines = verify_stack.verify(make(WRONG[name]))
    assert statuses(lines)[name] == FAILED
    assert verify_stack.report(lines) == 1


def test_an_address_of_a_function_is_found(make):
    lines = verify_stack.verify(make(lambda a: a["lambda"].update(get_function_url_config={"FunctionUrl": "https://x"})))
    assert statuses(lines)["functions: invoked by"] == FAILED


def test_a_check_that_cannot_be_made_has_failed_in_one_line(make):
    def denied(**_):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetRole")

    lines = verify_stack.verify(make(lambda a: a["iam"].update(get_role=denied)))
    failed = [line for line in lines if line.status == FAILED]
    assert [line.name for line in failed] == ["roles"]
    assert "AccessDenied" in failed[0].sentence and "\n" not in failed[0].sentence


def test_the_cloud_on_a_laptop_proves_less(make):
    lines = verify_stack.verify(make(endpoint="http://127.0.0.1:1"))
    found = statuses(lines)
    for name in ("buckets: TLS only", "tables: encryption", "functions: no keys", "mail: sender", "api: HTTPS"):
        assert found[name] == NOT_HERE, name
    assert all(line.status == NOT_HERE for line in lines if "laptop" in line.sentence)


def test_nothing_is_ever_written():
    stack = verify_stack.Stack("x", "eu-west-1", "http://127.0.0.1:1")
    for service, operation, parameters in [
        ("s3", "delete_bucket", {"Bucket": "bucket"}),
        ("iam", "delete_role", {"RoleName": "role"}),
        ("lambda", "invoke", {"FunctionName": "function"}),
        ("sqs", "send_message", {"QueueUrl": "http://127.0.0.1:1/q", "MessageBody": "x"}),
        ("dynamodb", "put_item", {"TableName": "table", "Item": {}}),
    ]:
        with pytest.raises(PermissionError, match="only looks"):
            getattr(stack.client(service), operation)(**parameters)


def test_a_stack_is_found_by_its_name_in_samconfig():
    assert verify_stack.named("staging").name == "smartscripts-staging"
    with pytest.raises(SystemExit, match="staging, production"):
        verify_stack.named("")
