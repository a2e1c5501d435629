"""Tests of how the web application is served, that need no cloud."""

import asyncio

import pytest

import settings
import web
from expand import read

HOSTING = settings.REPOSITORY / "infra" / "hosting" / "template.yaml"


@pytest.fixture
def dist(tmp_path):
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("the page")
    (tmp_path / "dist" / "assets" / "index-abc.js").write_text("the code")
    (tmp_path / "secret").write_text("secret")
    return tmp_path / "dist"


def ask(dist, path: str, port: int = 4567) -> tuple[int, dict[str, str], str]:
    """What is answered on a port; the API says so."""

    async def api(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"the API"})

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "server": ("127.0.0.1", port)}
    asyncio.run(web.beside(api, 4567, dist)(scope, None, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


def test_page_code_and_api_are_behind_one_origin(dist):
    assert ask(dist, "/")[2] == "the page"
    assert ask(dist, "/o/org_1/assessments")[2] == "the page"
    assert ask(dist, "/assets/index-abc.js")[2] == "the code"
    assert ask(dist, "/v1/health")[2] == "the API"


def test_the_other_port_is_the_clouds_alone(dist):
    assert ask(dist, "/bucket/key", port=4566)[2] == "the API"


@pytest.mark.parametrize("path", ["/../secret", "/assets/../../secret", "//secret", "/%2e%2e/secret"])
def test_nothing_outside_is_served(dist, path):
    assert ask(dist, path)[2] == "the page"


def test_only_what_is_named_by_its_content_is_kept(dist):
    assert "immutable" in ask(dist, "/assets/index-abc.js")[1]["cache-control"]
    assert ask(dist, "/")[1]["cache-control"] == "no-cache"


def test_says_what_to_do_when_it_is_not_built(tmp_path):
    status, _headers, body = ask(tmp_path, "/")
    assert (status, "make up" in body) == (404, True)


def test_the_policies_are_those_of_production():
    """The same headers locally and behind CloudFront, but for the bucket's address."""
    config = read(HOSTING)["Resources"]["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    joined = config["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Join"]
    parts = [part if isinstance(part, str) else part["Fn::Sub"] for part in joined[1]]
    bucket = "https://${UploadBucket}.s3.${AWS::Region}.amazonaws.com"
    local = {name.decode(): value.decode() for name, value in web.headers(bucket)}
    assert joined[0].join(parts) == local["content-security-policy"]
    custom = {item["Header"]: item["Value"] for item in config["CustomHeadersConfig"]["Items"]}
    assert custom["permissions-policy"] == local["permissions-policy"]
    referrer = config["SecurityHeadersConfig"]["ReferrerPolicy"]["ReferrerPolicy"]
    assert referrer == local["referrer-policy"]
