"""Publishes the web application: deploys infra/hosting/template.yaml beside the stack of template.yaml, puts web/dist into
its bucket, and has CloudFront ask for the page anew. `make publish-web CONFIG_ENV=staging`."""

import mimetypes
import os
import sys
import tomllib
import urllib.parse
from pathlib import Path

import boto3

REPOSITORY = Path(__file__).resolve().parents[2]
DIST = REPOSITORY / "web" / "dist"
TEMPLATE = Path(__file__).with_name("template.yaml")


def settings(name: str) -> dict:
    """The stack's name, region and parameters, as samconfig.toml has them."""
    found = tomllib.loads((REPOSITORY / "samconfig.toml").read_text()).get(name, {}).get("deploy", {}).get("parameters")
    if not found or "stack_name" not in found:
        sys.exit(f"samconfig.toml has no stack for CONFIG_ENV={name!r}.")
    return found


def outputs(cloudformation, stack: str) -> dict[str, str]:
    """A stack's outputs."""
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def deploy(cloudformation, stack: str, values: dict[str, str]) -> None:
    """Creates or updates the stack and waits for it."""
    request = {
        "StackName": stack,
        "TemplateBody": TEMPLATE.read_text(),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
    }
    try:
        cloudformation.create_stack(**request)
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack)
    except cloudformation.exceptions.AlreadyExistsException:
        try:
            cloudformation.update_stack(**request)
        except cloudformation.exceptions.ClientError as unchanged:
            if "No updates are to be performed" not in str(unchanged):
                raise
            return
        cloudformation.get_waiter("stack_update_complete").wait(StackName=stack)


def upload(s3, bucket: str) -> None:
    """Every file; the page last, so that it never names one that isn't there. What Vite has named by its content's hash
    never changes."""
    files = sorted((path for path in DIST.rglob("*") if path.is_file()), key=lambda path: path.name == "index.html")
    for path in files:
        key = path.relative_to(DIST).as_posix()
        if key.startswith(".vite/"):
            continue
        caching = "public, max-age=31536000, immutable" if key.startswith("assets/") else "no-cache"
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        s3.upload_file(str(path), bucket, key, ExtraArgs={"CacheControl": caching, "ContentType": kind})


def main() -> None:
    config = settings(os.environ.get("CONFIG_ENV", "staging"))
    parameters = dict(override.split("=", 1) for override in config["parameter_overrides"])
    session = boto3.Session(region_name=config["region"])
    cloudformation = session.client("cloudformation")
    system = outputs(cloudformation, config["stack_name"])
    stack = f"{config['stack_name']}-web"
    values = {
        "WebOrigin": parameters["WebOrigin"],
        "ApiDomain": urllib.parse.urlsplit(system["ApiUrl"]).netloc,
        "UploadBucket": system["Bucket"],
        "CertificateArn": os.environ.get("WEB_CERTIFICATE_ARN", ""),
    }
    deploy(cloudformation, stack, values)
    web = outputs(cloudformation, stack)
    upload(session.client("s3"), web["Bucket"])
    paths = {"Quantity": 2, "Items": ["/index.html", "/theme.js"]}
    batch = {"Paths": paths, "CallerReference": os.urandom(8).hex()}
    session.client("cloudfront").create_invalidation(DistributionId=web["Distribution"], InvalidationBatch=batch)
    print(f"publish-web: {parameters['WebOrigin']} answers at {web['Domain']}")


if __name__ == "__main__":
    main()
