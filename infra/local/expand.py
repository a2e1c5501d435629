"""Turns template.yaml (SAM) into the plain CloudFormation that the emulator understands.

SAM writes an HTTP API's routes into an OpenAPI document, the API's `Body`, which the emulator passes over: every route
would be a 404. So the body is unfolded into resources of its own, which mean the same.
"""

import copy
import os
from pathlib import Path
from types import SimpleNamespace

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

import settings

METHODS = {"get", "post", "put", "patch", "delete"}


def read(path: Path) -> dict:
    """The template, its short functions (`!Ref`) written out."""
    return yaml_parse(path.read_text())


def functions(template: dict) -> dict[str, dict]:
    """Logical id → properties of every function."""
    resources = template["Resources"].items()
    return {name: item["Properties"] for name, item in resources if item["Type"] == "AWS::Serverless::Function"}


def routes(template: dict) -> list[str]:
    """Every route of the API: `GET /v1/orgs`."""
    events = [event for item in functions(template).values() for event in item.get("Events", {}).values()]
    found = [event["Properties"] for event in events if event["Type"] == "HttpApi"]
    return [f"{event['Method'].upper()} {event['Path']}" for event in found]


def to_native(template: dict, parameters: dict[str, str]) -> dict:
    """Plain CloudFormation that means the same. The packages must have been put in place of the `CodeUri`s."""
    os.environ.setdefault("AWS_DEFAULT_REGION", settings.REGION)  # SAM asks for the partition's region
    native = transform(copy.deepcopy(template), {}, SimpleNamespace(load=dict))
    for name, item in list(native["Resources"].items()):
        if item["Type"] == "AWS::Lambda::Permission":
            # A stack may have 500 resources. Unfolded, a route is two more than in the body, so what the emulator does not
            # look at is left out: who may invoke a function.
            del native["Resources"][name]
        elif item["Type"] == "AWS::ApiGatewayV2::Api":
            native["Resources"].update(unfold(name, item["Properties"]))
        elif item["Type"] == "AWS::Lambda::EventSourceMapping":
            # The emulator compares this with a number, and a parameter's value is always text.
            scaling = item["Properties"].get("ScalingConfig", {})
            match scaling.get("MaximumConcurrency"):
                case {"Ref": parameter}:
                    scaling["MaximumConcurrency"] = int(parameters[parameter])
    return native


def unfold(api: str, properties: dict) -> dict[str, dict]:
    """Takes the OpenAPI body out of an API's properties; returns the integrations and routes that it stood for."""
    body = properties.pop("Body")
    properties["Name"] = settings.STACK
    properties["ProtocolType"] = "HTTP"
    properties["Tags"] = {**properties.get("Tags", {}), "ms-custom-id": settings.API_ID}
    if "x-amazon-apigateway-cors" in body:
        # In an OpenAPI body these keys are camel case, and the emulator reads no others.
        properties["CorsConfiguration"] = body["x-amazon-apigateway-cors"]
    made = {}
    for path, methods in body["paths"].items():
        for method in METHODS & methods.keys():
            integration = methods[method]["x-amazon-apigateway-integration"]
            name = f"{api}{''.join(filter(str.isalnum, f'{method} {path}'.title()))}"
            made[f"{name}Integration"] = {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": api},
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": integration["uri"],
                    "PayloadFormatVersion": integration["payloadFormatVersion"],
                },
            }
            made[f"{name}Route"] = {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": api},
                    "RouteKey": f"{method.upper()} {path}",
                    "Target": {"Fn::Sub": f"integrations/${{{name}Integration}}"},
                },
            }
    return made
