"""A small client of SmartScripts' public API, for the demo."""

import json
from pathlib import Path

import urllib3


class ApiError(Exception):
    """The API refused; `code` is stable, the text says why."""

    def __init__(self, status: int, code: str, detail: str):
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


class Api:
    """Calls the API as one user."""

    def __init__(self, url: str):
        self.url = url
        self.pool = urllib3.PoolManager(timeout=30, retries=False)
        self.headers = {"Content-Type": "application/json"}

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        """Calls a route; returns its JSON. Raises `ApiError` for a refusal."""
        content = None if body is None else json.dumps(body).encode()
        answer = self.pool.request(method, f"{self.url}{path}", body=content, headers=self.headers)
        try:
            answered = json.loads(answer.data or b"{}")
        except ValueError:
            raise ApiError(answer.status, "not_json", answer.data[:200].decode(errors="replace")) from None
        if answer.status >= 400:
            message = answered.get("detail") or answered.get("message") or str(answered)
            raise ApiError(answer.status, answered.get("code", "unknown"), message)
        return answered

    def register(self, email: str, password: str, name: str) -> None:
        """Makes an account. For an address that has one, it changes nothing."""
        self.call("POST", "/v1/auth/register", {"email": email, "password": password, "name": name})

    def log_in(self, email: str, password: str) -> None:
        token = self.call("POST", "/v1/auth/log-in", {"email": email, "password": password})["access_token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def upload(self, upload: dict, path: Path, content_type: str) -> None:
        """Sends a file as its presigned POST demands: the signed fields first, then the file."""
        fields = [*upload["fields"].items(), ("file", (path.name, path.read_bytes(), content_type))]
        answer = self.pool.request("POST", upload["url"], fields=fields)
        if answer.status >= 400:
            raise ApiError(answer.status, "upload_refused", answer.data[:300].decode(errors="replace"))

    def fetch(self, url: str) -> bytes:
        """Fetches a presigned address."""
        answer = self.pool.request("GET", url)
        if answer.status != 200:
            raise ApiError(answer.status, "fetch_refused", answer.data[:300].decode(errors="replace"))
        return answer.data
