"""Turns template.yaml (SAM) into the plain CloudFormation that the emulator understands.

SAM writes an HTTP API's routes into an OpenAPI document, the API's `Body`, which the emulator passes over: every route
would be a 404. So the body is taken out, and `deploy.py` makes the routes through the API. As resources of the stack they
would be two more for each route, and a stack may have 500.
"""

import copy
import os
from pathlib import Path
from types import SimpleNamespace

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

import settings

def read(path: Path) -> dict:
    """The template, its short functions (`!Ref`) written out."""
    return yaml_parse(path.read_text())


def functions(template: dict) -> dict[str, dict]:
    """Logical id → properties of every function."""
    resources = template["Resources"].items()
    return {name: item["Properties"] for name, item in resources if item["Type"] == "AWS::Serverless::Function"}


def routes(template: dict) -> dict[str, str]:
    """Every route of the API, `GET /v1/orgs`, with the logical id of the function that serves it."""
    found = {}
    for name, item in functions(template).items():
        for event in item.get("Events", {}).values():
            if event["Type"] == "HttpApi":
                found[f"{event['Properties']['Method'].upper()} {event['Properties']['Path']}"] = name
    return found


def to_native(template: dict, parameters: dict[str, str]) -> dict:
    """Plain CloudFormation that means the same. The packages must have been put in place of the `CodeUri`s."""
    os.environ.setdefault("AWS_DEFAULT_REGION", settings.REGION)  # SAM asks for the partition's region
    native = transform(copy.deepcopy(template), {}, SimpleNamespace(load=dict))
    for name, item in list(native["Resources"].items()):
        if item["Type"] == "AWS::Lambda::Permission":
            del native["Resources"][name]  # who may invoke a function: the emulator does not look at it
        elif item["Type"] == "AWS::ApiGatewayV2::Api":
            take_body(item["Properties"])
        elif item["Type"] == "AWS::Lambda::EventSourceMapping":
            # The emulator compares this with a number, and a parameter's value is always text.
            scaling = item["Properties"].get("ScalingConfig", {})
            match scaling.get("MaximumConcurrency"):
                case {"Ref": parameter}:
                    scaling["MaximumConcurrency"] = int(parameters[parameter])
    return native


def take_body(properties: dict) -> None:
    """Takes the OpenAPI body out of an API's properties; what it says of browsers stays."""
    body = properties.pop("Body")
    properties["Name"] = settings.STACK
    properties["ProtocolType"] = "HTTP"
    properties["Tags"] = {**properties.get("Tags", {}), "ms-custom-id": settings.API_ID}
    if "x-amazon-apigateway-cors" in body:
        # In an OpenAPI body these keys are camel case, and the emulator reads no others.
        properties["CorsConfiguration"] = body["x-amazon-apigateway-cors"]
