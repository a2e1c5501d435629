"""Deploys template.yaml to the running emulator, and checks that what it says is really so."""

import copy
import json
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import expand
import keys
import packages
import settings
from settings import REPOSITORY, SAMCONFIG, STACK, TEMPLATE

PACKAGE_BUCKET = "smartscripts-packages"


def client(service: str):
    """An AWS client that speaks to the emulator only."""
    return boto3.client(
        service,
        endpoint_url=settings.endpoint(),
        region_name=settings.REGION,
        aws_access_key_id=settings.ACCESS_KEY_ID,
        aws_secret_access_key=settings.SECRET_ACCESS_KEY,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


def parameters() -> dict[str, str]:
    """The template's parameters: what samconfig.toml says for `local`, and this machine's secrets."""
    overrides = tomllib.loads(SAMCONFIG.read_text())["local"]["deploy"]["parameters"]["parameter_overrides"]
    values = dict(override.split("=", 1) for override in overrides)
    return values | {"WebOrigin": settings.web_origin()} | keys.parameters()


def upload(template: dict) -> None:
    """Puts each function's package into a bucket, and the bucket's address into the template."""
    s3 = client("s3")
    s3.create_bucket(Bucket=PACKAGE_BUCKET)

    def one(properties: dict) -> None:
        package = packages.pack(REPOSITORY / properties["CodeUri"])
        s3.upload_file(str(package), PACKAGE_BUCKET, package.name)
        properties["CodeUri"] = {"Bucket": PACKAGE_BUCKET, "Key": package.name}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, expand.functions(template).values()))


def apply(native: dict, values: dict[str, str]) -> dict[str, str]:
    """Creates or updates the stack and waits for it. Returns its outputs."""
    cloudformation = client("cloudformation")
    s3 = client("s3")
    s3.put_object(Bucket=PACKAGE_BUCKET, Key="template.json", Body=json.dumps(native))
    request = {
        "StackName": STACK,
        "TemplateURL": f"{settings.endpoint()}/{PACKAGE_BUCKET}/template.json",
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        "Capabilities": ["CAPABILITY_IAM"],
    }
    try:
        cloudformation.create_stack(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise
        try:
            cloudformation.update_stack(**request)
        except ClientError as unchanged:
            if "No updates are to be performed" not in str(unchanged):
                raise
    while True:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
        reasons = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed]
        raise SystemExit(f"The stack is {stack['StackStatus']}.\n" + "\n".join(reasons))
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def physical_ids() -> dict[str, str]:
    """Logical id → physical id of every resource of the stack."""
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    items = [item for page in pages for item in page["StackResourceSummaries"]]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in items}


def set_what_was_dropped(template: dict, physical: dict[str, str], values: dict[str, str]) -> None:
    """Sets what the emulator's CloudFormation passes over in silence, and checks each: TTL, recovery, lifecycle, locks."""
    dynamodb, s3 = client("dynamodb"), client("s3")
    for logical, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::DynamoDB::Table":
            table = physical[logical]
            recovery = properties["PointInTimeRecoverySpecification"]
            dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=recovery)
            backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
            status = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
            expect(status == "ENABLED", f"{logical} has no point-in-time recovery")
            if "TimeToLiveSpecification" in properties:
                live = properties["TimeToLiveSpecification"]
                found = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
                if found["TimeToLiveStatus"] != "ENABLED":
                    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=live)
                    found = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
                expect(found.get("AttributeName") == live["AttributeName"], f"{logical} has no time to live")
        elif resource["Type"] == "AWS::S3::Bucket":
            bucket = physical[logical]
            if "LifecycleConfiguration" in properties:
                rules = [lifecycle_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
                s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
                found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
                expect(len(found) == len(rules), f"{logical} has no lifecycle")
            if "ObjectLockConfiguration" in properties:
                lock = object_lock(properties["ObjectLockConfiguration"], values)
                s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
                found = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
                expect(found == lock, f"{logical} is not locked")


def lifecycle_rule(rule: dict) -> dict:
    """A rule as the API wants it: CloudFormation names its parts otherwise, and the API asks for a filter."""
    rule = copy.deepcopy(rule)
    rule |= {"ID": rule.pop("Id"), "Filter": {"Prefix": rule.pop("Prefix", "")}}
    if "ExpirationInDays" in rule:
        rule["Expiration"] = {"Days": rule.pop("ExpirationInDays")}
    return rule


def object_lock(configuration: dict, values: dict[str, str]) -> dict:
    """A bucket's lock as the API wants it. The cloud on a laptop is never production, where the lock can't be undone."""
    lock = copy.deepcopy(configuration)
    retention = lock["Rule"]["DefaultRetention"]
    _condition, _in_production, otherwise = retention["Mode"]["Fn::If"]
    retention |= {"Mode": otherwise, "Days": int(values[retention["Days"]["Ref"]])}
    return lock


def serve_routes(template: dict, physical: dict[str, str]) -> None:
    """Makes the API's routes, which the emulator does not take from the template, and ends those that are no more."""
    api, lambdas = client("apigatewayv2"), client("lambda")
    wanted = expand.routes(template)
    served = {item["RouteKey"]: item for item in api.get_routes(ApiId=settings.API_ID, MaxResults="500")["Items"]}
    for key in served.keys() - wanted.keys():
        api.delete_route(ApiId=settings.API_ID, RouteId=served[key]["RouteId"])
    for key in sorted(wanted.keys() - served.keys()):
        function = lambdas.get_function_configuration(FunctionName=physical[wanted[key]])["FunctionArn"]
        integration = api.create_integration(
            ApiId=settings.API_ID, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
        )
        api.create_route(ApiId=settings.API_ID, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}")


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise SystemExit(f"The emulator did not do what template.yaml says: {otherwise}.")


def check(template: dict, physical: dict[str, str]) -> None:
    """Checks what would otherwise fail later and in disguise: code, routes and event sources."""
    lambdas, api = client("lambda"), client("apigatewayv2")
    for logical in expand.functions(template):
        found = lambdas.get_function_configuration(FunctionName=physical[logical])
        expect(found["CodeSize"] > 0, f"{logical} has no code")
    served = {item["RouteKey"] for item in api.get_routes(ApiId=settings.API_ID, MaxResults="500")["Items"]}
    missing = set(expand.routes(template)) - served
    expect(not missing, f"the API has no {', '.join(sorted(missing))}")
    sources = [name for name, item in template["Resources"].items() if item["Type"].endswith("EventSourceMapping")]
    states = [item["State"] for item in lambdas.list_event_source_mappings()["EventSourceMappings"]]
    enabled = states.count("Enabled")
    expect(enabled == len(sources), f"{len(sources)} event sources were asked for, {enabled} are enabled")


def deploy() -> dict[str, str]:
    """Deploys everything; returns the stack's outputs."""
    began = time.monotonic()
    original = expand.read(TEMPLATE)
    template = copy.deepcopy(original)
    print(f"up: packing {len(expand.functions(template))} functions …", flush=True)
    upload(template)
    print("up: deploying template.yaml …", flush=True)
    values = parameters()
    outputs = apply(expand.to_native(template, values), values)
    physical = physical_ids()
    set_what_was_dropped(original, physical, values)
    serve_routes(original, physical)
    check(original, physical)
    print(f"up: deployed in {time.monotonic() - began:.1f} s", flush=True)
    return outputs


def environment(outputs: dict[str, str]) -> dict[str, str]:
    """What `.local/env` says: how to reach everything, for the tests and for a developer's shell."""
    return {
        "API_URL": settings.endpoint(),
        "WEB_URL": settings.web_origin(),
        "AWS_ENDPOINT_URL": settings.endpoint(),
        "AWS_REGION": settings.REGION,
        "AWS_ACCESS_KEY_ID": settings.ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": settings.SECRET_ACCESS_KEY,
        "TENANTS_TABLE": outputs["TenantsTable"],
        "AUDIT_TABLE": outputs["AuditTable"],
        "BUCKET": outputs["Bucket"],
        "AUDIT_BUCKET": outputs["AuditBucket"],
        "MAIL_QUEUE_URL": outputs["MailQueueUrl"],
        "MAIL_DEAD_LETTER_QUEUE_URL": outputs["MailDeadLetterQueueUrl"],
        "DRAW_QUEUE_URL": outputs["DrawQueueUrl"],
        "DRAW_DEAD_LETTER_QUEUE_URL": outputs["DrawDeadLetterQueueUrl"],
        "LEARN_QUEUE_URL": outputs["LearnQueueUrl"],
        "LEARN_DEAD_LETTER_QUEUE_URL": outputs["LearnDeadLetterQueueUrl"],
        "REGRADE_QUEUE_URL": outputs["RegradeQueueUrl"],
        "REGRADE_DEAD_LETTER_QUEUE_URL": outputs["RegradeDeadLetterQueueUrl"],
        "PRIVACY_QUEUE_URL": outputs["PrivacyQueueUrl"],
        "PRIVACY_DEAD_LETTER_QUEUE_URL": outputs["PrivacyDeadLetterQueueUrl"],
        "BILLING_QUEUE_URL": outputs["BillingQueueUrl"],
        "BILLING_DEAD_LETTER_QUEUE_URL": outputs["BillingDeadLetterQueueUrl"],
        "READ_QUEUE_URL": outputs["ReadQueueUrl"],
        "READ_DEAD_LETTER_QUEUE_URL": outputs["ReadDeadLetterQueueUrl"],
        "GRADE_QUEUE_URL": outputs["GradeQueueUrl"],
        "GRADE_DEAD_LETTER_QUEUE_URL": outputs["GradeDeadLetterQueueUrl"],
        "STRIPE_FAKE_URL": settings.stripe_url() if keys.is_stripe_fake() else "",
        "FUNCTION_LOGS": outputs["FunctionLogs"],
        "STACK": STACK,
        "DEMO_EMAIL": settings.DEMO_EMAIL,
        "DEMO_PASSWORD": keys.demo_password(),
    }
