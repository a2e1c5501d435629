"""Checks on a deployed stack what only the account it runs in can prove: `make verify-stack CONFIG_ENV=staging`.

It only looks: a guard refuses every call to AWS that isn't one of reading. The cloud on a laptop answers most of it too, so
the tests run it there; what that cloud can't prove is listed as such, and not as proven.
"""

import http.client
import json
import os
import re
import sys
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import expand
import settings

OK, FAILED, NOT_HERE = "ok", "failed", "not provable here"

# The only operations that a client of this program can call.
READING = re.compile(r"^(Describe|Get|Head|List|Simulate)[A-Z]\w*$")

PUBLIC_ACCESS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
INVOKERS = {"apigateway.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com", "scheduler.amazonaws.com"}
NEVER_ALLOWED = [
    f"dynamodb:{name}" for name in ("Scan", "PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete")
]
ON_ITEMS = [
    f"dynamodb:{name}"
    for name in ("BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
]
# Why the cloud on a laptop doesn't prove something.
SET_BY_HAND = "The cloud on a laptop passes over it, and its deployment sets it by another way"
PLAIN_FILES = "The cloud on a laptop keeps everything in plain files"
ONLY_KEPT = "The cloud on a laptop keeps this setting and need not act on it"

LEADING_KEYS = "dynamodb:LeadingKeys"
A_KEY_OF_OURS, A_FOREIGN_KEY = "P#RATE#open#x", "X#another#"


@dataclass
class Line:
    """One line of the report."""

    status: str
    name: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.status:<18} {self.name:<34} {self.sentence}"


def refuse_to_write(params=None, model=None, **_) -> None:
    """Called before every request: one that isn't a reading one is never sent."""
    if not READING.match(model.name):
        raise PermissionError(f"verify-stack only looks, and {model.name} does not")


@dataclass
class Stack:
    """A deployed stack, and read-only clients for it."""

    name: str
    region: str
    endpoint: str | None = None
    clients: dict = field(default_factory=dict)

    def client(self, service: str):
        if service not in self.clients:
            config = Config(retries={"mode": "adaptive", "max_attempts": 8})
            made = boto3.client(service, region_name=self.region, endpoint_url=self.endpoint, config=config)
            made.meta.events.register("before-call.*.*", refuse_to_write)
            self.clients[service] = made
        return self.clients[service]

    def pages(self, service: str, operation: str, result: str, **parameters) -> list:
        pages = self.client(service).get_paginator(operation).paginate(**parameters)
        return [item for page in pages for item in page[result]]

    @property
    def is_local(self) -> bool:
        """Whether this is the cloud on a laptop, which proves less."""
        return self.endpoint is not None

    @cached_property
    def description(self) -> dict:
        return self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]

    @cached_property
    def parameters(self) -> dict[str, str]:
        return {item["ParameterKey"]: item["ParameterValue"] for item in self.description["Parameters"]}

    @cached_property
    def outputs(self) -> dict[str, str]:
        return {item["OutputKey"]: item["OutputValue"] for item in self.description["Outputs"]}

    @cached_property
    def resources(self) -> dict[str, dict[str, str]]:
        """Type → logical id → physical id."""
        found: dict[str, dict[str, str]] = {}
        for item in self.pages("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=self.name):
            found.setdefault(item["ResourceType"], {})[item["LogicalResourceId"]] = item["PhysicalResourceId"]
        return found

    def of_type(self, resource_type: str) -> dict[str, str]:
        return self.resources.get(resource_type, {})

    @cached_property
    def account(self) -> str:
        return self.client("sts").get_caller_identity()["Account"]

    @property
    def is_production(self) -> bool:
        return self.parameters["Stage"] == "production"

    @cached_property
    def template(self) -> dict:
        return expand.read(settings.TEMPLATE)

    @cached_property
    def functions(self) -> dict[str, dict]:
        """Logical id → configuration of every function."""
        get = self.client("lambda").get_function_configuration
        return {name: get(FunctionName=physical) for name, physical in self.of_type("AWS::Lambda::Function").items()}

    @cached_property
    def mappings(self) -> list[dict]:
        """The event-source mappings of this stack's functions."""
        arns = {function["FunctionArn"] for function in self.functions.values()}
        found = self.pages("lambda", "list_event_source_mappings", "EventSourceMappings")
        return [mapping for mapping in found if mapping["FunctionArn"] in arns]

    def queue(self, logical: str) -> dict[str, str]:
        """A queue's attributes."""
        url = self.of_type("AWS::SQS::Queue")[logical]
        return self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def verdict(name: str, promise: str, wrong: list[str]) -> Line:
    """`promise` is kept unless something is wrong."""
    return Line(FAILED, name, f"{'; '.join(wrong)}.") if wrong else Line(OK, name, f"{promise}.")


def on_aws_only(stack: Stack, line: Line, reason: str) -> Line:
    """What a line says, unless the cloud on a laptop says it."""
    return Line(NOT_HERE, line.name, f"{reason}.") if stack.is_local else line


def missing(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    return code.startswith(("NoSuch", "ResourceNotFound")) or code.endswith(("NotFoundError", "NotFoundException"))


def or_none(call: Callable, **parameters):
    """The answer, or none if the thing isn't there."""
    try:
        return call(**parameters)
    except ClientError as error:
        if missing(error):
            return None
        raise


def tables(stack: Stack) -> Iterator[Line]:
    dynamodb, found = stack.client("dynamodb"), stack.of_type("AWS::DynamoDB::Table")
    recovery, live, encryption, protection = [], [], [], []
    for logical, table in found.items():
        backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        if backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] != "ENABLED":
            recovery.append(f"{logical} has none")
        wanted = stack.template["Resources"][logical]["Properties"].get("TimeToLiveSpecification")
        has = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if wanted and (has["TimeToLiveStatus"], has.get("AttributeName")) != ("ENABLED", wanted["AttributeName"]):
            live.append(f"{logical} does not delete by `{wanted['AttributeName']}`")
        described = dynamodb.describe_table(TableName=table)["Table"]
        if described.get("SSEDescription", {}).get("Status") != "ENABLED":
            encryption.append(f"{logical} is not encrypted with a key of KMS")
        if not described.get("DeletionProtectionEnabled") and stack.is_production:
            protection.append(f"{logical} can be deleted")
    line = verdict("tables: recovery", f"Each of {len(found)} tables can be put back to any second", recovery)
    yield on_aws_only(stack, line, SET_BY_HAND)
    line = verdict("tables: time to live", "What has an end is deleted by `expires_at`", live)
    yield on_aws_only(stack, line, SET_BY_HAND)
    line = verdict("tables: encryption", "Each table is encrypted at rest with a key of KMS", encryption)
    yield on_aws_only(stack, line, PLAIN_FILES)
    line = verdict("tables: deletion protection", "No table can be deleted by mistake", protection)
    yield line if stack.is_production else Line(NOT_HERE, line.name, "Demanded of production only.")


def buckets(stack: Stack) -> Iterator[Line]:
    s3, found = stack.client("s3"), stack.of_type("AWS::S3::Bucket")
    public, transport, encryption, lifecycle, ownership, names = [], [], [], [], [], []
    for logical, bucket in found.items():
        block = or_none(s3.get_public_access_block, Bucket=bucket)
        if not block or not all(block["PublicAccessBlockConfiguration"].get(key) for key in PUBLIC_ACCESS):
            public.append(f"{logical} may be made public")
        policy = or_none(s3.get_bucket_policy, Bucket=bucket)
        if not policy or not denies_plain_http(json.loads(policy["Policy"])):
            transport.append(f"{logical} answers without TLS")
        if not or_none(s3.get_bucket_encryption, Bucket=bucket):
            encryption.append(f"{logical} is not encrypted")
        rules = (or_none(s3.get_bucket_lifecycle_configuration, Bucket=bucket) or {}).get("Rules", [])
        wanted = stack.template["Resources"][logical]["Properties"].get("LifecycleConfiguration", {}).get("Rules", [])
        absent = {rule["Id"] for rule in wanted} - {rule["ID"] for rule in rules if rule["Status"] == "Enabled"}
        lifecycle += [f"{logical} does not `{rule}`" for rule in sorted(absent)]
        controls = or_none(s3.get_bucket_ownership_controls, Bucket=bucket)
        rules = controls["OwnershipControls"]["Rules"] if controls else []
        if [rule["ObjectOwnership"] for rule in rules] != ["BucketOwnerEnforced"]:
            ownership.append(f"{logical} may hold objects of another account")
        try:
            s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=stack.account)
        except ClientError:
            names.append(f"{logical}, called {bucket}, is not this account's")
    line = verdict("buckets: no public access", "No policy or ACL can open a bucket to the public", public)
    yield on_aws_only(stack, line, ONLY_KEPT)
    line = verdict("buckets: TLS only", "A request without TLS is denied", transport)
    yield on_aws_only(stack, line, "The cloud on a laptop speaks plain HTTP")
    line = verdict("buckets: encryption", "Every object is encrypted at rest", encryption)
    yield on_aws_only(stack, line, PLAIN_FILES)
    line = verdict("buckets: lifecycle", "What the template says is deleted in time", lifecycle)
    yield on_aws_only(stack, line, SET_BY_HAND)
    line = verdict("buckets: ownership", "Every object is the account's own, and ACLs have no effect", ownership)
    yield on_aws_only(stack, line, ONLY_KEPT)
    line = verdict("buckets: names", "The spelt-out names are held by this very account", names)
    yield on_aws_only(stack, line, "Only one account exists here")
    yield from object_lock(stack)


def denies_plain_http(policy: dict) -> bool:
    def is_it(statement: dict) -> bool:
        condition = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
        return (statement["Effect"], statement.get("Action"), condition) == ("Deny", "s3:*", "false")

    return any(is_it(statement) for statement in policy["Statement"])


def object_lock(stack: Stack) -> Iterator[Line]:
    """The audit log's anchors can't be overwritten: in production by nobody, elsewhere by a few."""
    if "AuditBucket" not in stack.template["Resources"]:
        return
    bucket, wanted = stack.of_type("AWS::S3::Bucket")["AuditBucket"], "COMPLIANCE" if stack.is_production else "GOVERNANCE"
    answer = or_none(stack.client("s3").get_object_lock_configuration, Bucket=bucket) or {}
    retention = answer.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
    wrong = [] if retention.get("Mode") == wanted else [f"Its mode is {retention.get('Mode')}, not {wanted}"]
    line = verdict("audit bucket: object lock", f"What is written stays: {wanted}", wrong)
    yield on_aws_only(stack, line, "Nobody keeps the operator of a laptop from deleting files")


def queues(stack: Stack) -> Iterator[Line]:
    found = {logical: stack.queue(logical) for logical in stack.of_type("AWS::SQS::Queue")}
    encryption = [
        f"{logical} is not encrypted"
        for logical, attributes in found.items()
        if attributes.get("SqsManagedSseEnabled") != "true" and "KmsMasterKeyId" not in attributes
    ]
    line = verdict("queues: encryption", f"Each of {len(found)} queues is encrypted at rest", encryption)
    yield on_aws_only(stack, line, PLAIN_FILES)
    redrive = []
    for logical, attributes in found.items():
        policy = json.loads(attributes.get("RedrivePolicy", "{}"))
        if "DeadLetter" not in logical and int(policy.get("maxReceiveCount", 0)) < 5:
            redrive.append(f"{logical} gives up too early, or never")
    yield verdict("queues: redrive", "What fails five times goes to a dead-letter queue", redrive)
    by_arn = {attributes["QueueArn"]: (logical, attributes) for logical, attributes in found.items()}
    timeouts = {function["FunctionArn"]: function["Timeout"] for function in stack.functions.values()}
    hidden, batches = [], []
    for mapping in stack.mappings:
        logical, attributes = by_arn[mapping["EventSourceArn"]]
        if int(attributes["VisibilityTimeout"]) < 6 * timeouts[mapping["FunctionArn"]]:
            hidden.append(f"{logical} shows a message again before the function's sixth timeout")
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            batches.append(f"{logical} takes a batch that failed in part for done")
    line = verdict("queues: visibility", "A message stays hidden for six times the function's timeout", hidden)
    yield on_aws_only(stack, line, "Visibilities are short here, so that tests of redelivery take seconds")
    promise = f"Each of {len(stack.mappings)} mappings reports which messages of a batch have failed"
    yield verdict("queues: partial failures", promise, batches)


def roles(stack: Stack) -> Iterator[Line]:
    iam = stack.client("iam")
    boundary = stack.of_type("AWS::IAM::ManagedPolicy")["FunctionBoundary"]
    found = {name: function["Role"] for name, function in stack.functions.items()}
    unbounded = []
    for name, arn in found.items():
        role = iam.get_role(RoleName=arn.rsplit("/", 1)[-1])["Role"]
        if role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") != boundary:
            unbounded.append(name)
    wrong = [f"Without the boundary: {', '.join(unbounded)}"] if unbounded else []
    line = verdict("functions: boundary", f"Each of {len(found)} roles has the permissions boundary", wrong)
    yield on_aws_only(stack, line, "The cloud on a laptop drops the boundary; a test compares it with the policies")
    shared = len(found) - len(set(found.values()))
    wrong = [f"{shared} functions share a role with another"] if shared else []
    yield verdict("functions: own roles", "Each function has a role of its own", wrong)
    yield from simulations(stack, found)


def simulations(stack: Stack, found: dict[str, str]) -> Iterator[Line]:
    """What IAM itself says that the roles may do."""
    describe = stack.client("dynamodb").describe_table
    tables = stack.of_type("AWS::DynamoDB::Table").values()
    arns = [describe(TableName=table)["Table"]["TableArn"] for table in tables]

    def allowed(role: str, actions: list[str], keys: list[str]) -> set[str]:
        entries = [{"ContextKeyName": LEADING_KEYS, "ContextKeyValues": keys, "ContextKeyType": "stringList"}]
        may = set()
        for arn in arns:
            answer = stack.client("iam").simulate_principal_policy(
                PolicySourceArn=role,
                ActionNames=actions,
                ResourceArns=[arn],
                ContextEntries=entries if keys else [],
            )
            results = answer["EvaluationResults"]
            may |= {result["EvalActionName"] for result in results if result["EvalDecision"] == "allowed"}
        return may

    def every(name: str, promise: str, actions: list[str], keys: list[str]) -> Line:
        may = {function: allowed(role, actions, keys) for function, role in found.items()}
        return verdict(name, promise, [f"{name} may {', '.join(sorted(can))}" for name, can in may.items() if can])

    yield every("functions: no scan", "No role may scan a table or use PartiQL", NEVER_ALLOWED, [A_KEY_OF_OURS])
    if stack.is_local:
        reason = "Its simulation knows no context keys. The end-to-end tests run with the policies enforced."
        for name in ("foreign keys", "mixed keys", "no keys", "own keys"):
            yield Line(NOT_HERE, f"functions: {name}", reason)
        return
    promise = "No role may touch an item whose key is not its own"
    yield every("functions: foreign keys", promise, ON_ITEMS, [A_FOREIGN_KEY])
    promise = "No role may touch a foreign item beside one of its own"
    yield every("functions: mixed keys", promise, ON_ITEMS, [A_KEY_OF_OURS, A_FOREIGN_KEY])
    promise = "A request that names no key is denied: the condition fails closed"
    yield every("functions: no keys", promise, ON_ITEMS, [])
    # Were the simulation itself at fault, it would deny this as well.
    own = [name for name, role in found.items() if allowed(role, ["dynamodb:UpdateItem"], [A_KEY_OF_OURS])]
    wrong = [] if own else ["Not even a role's own key is allowed, so the lines above prove nothing"]
    yield verdict("functions: own keys", f"{len(own)} roles may take a token of the rate limit", wrong)


def invocations(stack: Stack) -> Iterator[Line]:
    client, others, open_to = stack.client("lambda"), [], []
    for name, function in stack.functions.items():
        policy = or_none(client.get_policy, FunctionName=function["FunctionName"])
        for statement in json.loads(policy["Policy"])["Statement"] if policy else []:
            principal = statement["Principal"]
            service = principal.get("Service") if isinstance(principal, dict) else principal
            condition = json.dumps(statement.get("Condition", {}))
            if service not in INVOKERS:
                others.append(f"{name} can be invoked by {service}")
            elif "SourceArn" not in condition or stack.account not in condition:
                open_to.append(f"{name} can be invoked by any account's {service}")
        if or_none(client.get_function_url_config, FunctionName=function["FunctionName"]):
            others.append(f"{name} has an address of its own")
    yield verdict("functions: invoked by", "Only API Gateway, S3 and EventBridge may invoke a function", others)
    line = verdict("functions: invoked for", "They may do so for this account's own API, bucket and rules only", open_to)
    yield on_aws_only(stack, line, "The cloud on a laptop lets anybody invoke")


def logs(stack: Stack) -> Iterator[Line]:
    groups, endless = stack.of_type("AWS::Logs::LogGroup"), []
    for logical, group in groups.items():
        found = stack.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if not any(item["logGroupName"] == group and item.get("retentionInDays") for item in found):
            endless.append(f"{logical} keeps its lines for ever")
    yield verdict("logs: retention", f"Each of {len(groups)} log groups forgets in time", endless)
    ours = groups["FunctionLogs"]
    functions = stack.functions.items()
    elsewhere = [name for name, item in functions if item.get("LoggingConfig", {}).get("LogGroup") != ours]
    wrong = [f"Elsewhere: {', '.join(elsewhere)}"] if elsewhere else []
    yield verdict("logs: of functions", "Every function writes to that group", wrong)


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body of an answer, whatever the status."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def api(stack: Stack) -> Iterator[Line]:
    url = settings.endpoint() if stack.is_local else stack.outputs["ApiUrl"]
    wrong = [] if urllib.parse.urlsplit(url).scheme == "https" else [f"Its address is {url}"]
    line = verdict("api: HTTPS", "The API is reached through TLS", wrong)
    yield on_aws_only(stack, line, "The cloud on a laptop speaks plain HTTP")
    for path in ("/v1/health", "/v1/health/ready"):
        status, _, _ = ask(f"{url}{path}")
        yield verdict(f"api: {path}", "It answers 200", [] if status == 200 else [f"It answers {status}"])
    status, headers, body = ask(f"{url}/v1/orgs")
    wrong = [] if (status, headers.get_content_type()) == (401, "application/problem+json") else [f"It answers {status}"]
    yield verdict("api: without a token", "The answer is 401 and a problem that says what to do", wrong)
    status, _, body = ask(f"{url}/v1/there-is-no-such-route")
    wrong = [] if status == 404 and len(body) < 1000 else [f"It answers {status}"]
    yield verdict("api: unknown route", "The answer is 404", wrong)
    ours, foreign = stack.parameters["WebOrigin"], "https://elsewhere.example"
    allowed = {}
    for origin in (ours, foreign):
        _, headers, _ = ask(f"{url}/v1/orgs", "OPTIONS", Origin=origin, Access_Control_Request_Method="GET")
        allowed[origin] = headers.get("access-control-allow-origin")
    wrong = [] if allowed == {ours: ours, foreign: None} else [f"{name} is told {told}" for name, told in allowed.items()]
    yield verdict("api: CORS", f"Browsers may call from {ours} and from nowhere else", wrong)


def mail(stack: Stack) -> Iterator[Line]:
    client, address = stack.client("sesv2"), stack.parameters["MailFrom"]
    identity = or_none(client.get_email_identity, EmailIdentity=address) or {}
    wrong = [] if identity.get("VerifiedForSendingStatus") else [f"{address} is not verified with SES"]
    line = verdict("mail: sender", "SES has verified the address that mails come from", wrong)
    yield on_aws_only(stack, line, "The cloud on a laptop only captures mails")
    account = client.get_account()
    wrong = [] if account.get("ProductionAccessEnabled") else ["SES is in its sandbox: strangers get no mail"]
    line = verdict("mail: reach", "Mails reach everybody", wrong)
    yield on_aws_only(stack, line, "The cloud on a laptop only captures mails")


CHECKS = (tables, buckets, queues, roles, invocations, logs, api, mail)


def verify(stack: Stack) -> list[Line]:
    """Every line of the report. A check that can't be made has failed, in one line."""
    lines = []
    for check in CHECKS:
        try:
            lines += check(stack)
        except (ClientError, BotoCoreError, OSError, http.client.HTTPException) as error:
            lines.append(Line(FAILED, check.__name__, f"This could not be looked at: {error}"))
    return lines


def report(lines: list[Line]) -> int:
    """Prints the lines and their sum; 1 if anything has failed."""
    for line in lines:
        print(f"verify-stack: {line}")
    count = {status: sum(line.status == status for line in lines) for status in (OK, FAILED, NOT_HERE)}
    print(f"verify-stack: {', '.join(f'{number} {status}' for status, number in count.items())}", flush=True)
    return int(count[FAILED] > 0)


def local() -> Stack:
    """The cloud on a laptop."""
    stack = Stack(settings.STACK, settings.REGION, settings.endpoint())
    os.environ |= {"AWS_ACCESS_KEY_ID": settings.ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": settings.SECRET_ACCESS_KEY}
    return stack


def named(config_env: str) -> Stack:
    """The stack that samconfig.toml describes under this name."""
    config = tomllib.loads(settings.SAMCONFIG.read_text())
    stacks = [name for name, value in config.items() if isinstance(value, dict) and name != "local"]
    if config_env not in stacks:
        sys.exit(f"CONFIG_ENV must be one of {', '.join(stacks)}: `make verify-stack CONFIG_ENV=staging`.")
    parameters = config[config_env]["deploy"]["parameters"]
    return Stack(parameters["stack_name"], parameters["region"], os.environ.get("AWS_ENDPOINT_URL"))


def main() -> int:
    """Checks the stack that `CONFIG_ENV` names, with the credentials of the environment."""
    config_env = os.environ.get("CONFIG_ENV", "")
    stack = local() if config_env == "local" else named(config_env)
    try:
        print(f"verify-stack: {stack.name} in account {stack.account}, {stack.description['StackStatus']}")
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"verify-stack: the stack {stack.name} can't be looked at: {error}")
    return report(verify(stack))


if __name__ == "__main__":
    sys.exit(main())
