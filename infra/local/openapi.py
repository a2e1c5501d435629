"""Joins what every route says of itself (`<function> --openapi`) into the one description of the API.

`make openapi` writes it to functions/ops/openapi.json, which the route GET /v1/openapi.json serves and the web client's
types are made from; `make test` fails when it is not what the routes say, or not what the template routes.
"""

import json
import subprocess
import sys

import expand
from build import function_names
from settings import REPOSITORY

DOCUMENT = REPOSITORY / "functions" / "ops" / "openapi.json"
PROGRAMS = REPOSITORY / "target" / "debug"
AREAS_WITHOUT_ROUTES = {"tasks"}
METHODS = {"get", "put", "post", "delete", "patch"}  # what else stands beside them tells of the whole path


def routes() -> list[str]:
    """The names of the functions that serve a route."""
    tasks = {path.stem for area in AREAS_WITHOUT_ROUTES for path in REPOSITORY.glob(f"functions/{area}/src/bin/*.rs")}
    return [name for name in function_names() if name not in tasks]


def describe(name: str) -> dict:
    """What one route says of itself."""
    said = subprocess.run([PROGRAMS / name, "--openapi"], capture_output=True, check=True, env={})
    return json.loads(said.stdout)


def join(parts: list[dict]) -> dict:
    """One document of many. Two routes that mean different things by one schema's name are an error."""
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "SmartScripts",
            "version": "1",
            "description": "Grades answer scripts against a teacher's marking guide.",
        },
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for part in parts:
        for path, operations in part["paths"].items():
            document["paths"].setdefault(path, {}).update(operations)
        for kind, components in part.get("components", {}).items():
            for name, component in components.items():
                if document["components"][kind].setdefault(name, component) != component:
                    sys.exit(f"openapi: two routes mean different things by the schema {name}. Rename one.")
    return document


def close_extended(document: dict) -> dict:
    """Makes schemas that extend a closed one satisfiable.

    A variant told apart by its tag is described as "the fields of X, and the tag"; but X refuses further fields, the tag
    among them. So not X but the whole variant is closed: `unevaluatedProperties` sees the fields of both.
    """
    schemas = document["components"]["schemas"]
    for schema in list(schemas.values()):
        for variant in schema.get("oneOf", []):
            extended = [part["$ref"].rsplit("/", 1)[1] for part in variant.get("allOf", []) if "$ref" in part]
            if any(schemas[name].pop("additionalProperties", None) is False for name in extended):
                variant["unevaluatedProperties"] = False
            elif extended and any("unevaluatedProperties" in other for other in schema["oneOf"]):
                variant["unevaluatedProperties"] = False
    return document


def text() -> str:
    """The document as it is kept."""
    document = close_extended(join([describe(name) for name in routes()]))
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def template_routes() -> set[tuple[str, str, str]]:
    """Method, path and logical id of every route in the template."""
    functions = expand.functions(expand.read(REPOSITORY / "template.yaml"))
    events = ((name, event) for name, item in functions.items() for event in item.get("Events", {}).values())
    found = [(name, event["Properties"]) for name, event in events if event["Type"] == "HttpApi"]
    return {(event["Method"].lower(), event["Path"], name) for name, event in found}


def described_routes(document: dict) -> set[tuple[str, str, str]]:
    """The same of the document."""
    return {
        (method, path, operation["operationId"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    }


def write() -> None:
    """Writes the document."""
    DOCUMENT.write_text(text())
    print(f"openapi: {DOCUMENT.relative_to(REPOSITORY)} is what the routes say", flush=True)


def check() -> int:
    """Whether routes, document and template say the same."""
    if DOCUMENT.read_text() != text():
        print("openapi: functions/ops/openapi.json is not what the routes say. Run `make openapi` and commit it.")
        return 1
    differ = template_routes() ^ described_routes(json.loads(DOCUMENT.read_text()))
    for method, path, name in sorted(differ):
        print(f"openapi: {method.upper()} {path} ({name}) is in the template or in the description, not in both.")
    return 1 if differ else 0
