"""Serves the built web application beside the API, behind one origin, as CloudFront does in production.

The emulator listens on a second port. What arrives there under /v1/ goes to the API; everything else is a file of
`web/dist`, or the application's page, which finds out by itself what to show.
"""

import mimetypes
from pathlib import Path

import settings

# Without these, what a browser guesses depends on the machine's own tables.
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


def headers(aws: str) -> list[tuple[bytes, bytes]]:
    """What every answer bears; the same policy as the ResponseHeadersPolicy in infra/hosting/template.yaml, with the local
    bucket's address `aws` in place of the real one."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; manifest-src 'self'; "
        f"img-src 'self' blob: data: {aws}; connect-src 'self' {aws}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
    ]


def find(dist: Path, path: str) -> Path:
    """The file that a path names; the application's page if it names none. Nothing outside of `dist` is ever found."""
    file = (dist / path.lstrip("/")).resolve()
    return file if file.is_relative_to(dist.resolve()) and file.is_file() else dist / "index.html"


def beside(app, port: int, dist: Path):
    """The application on `port`, and on every other port `app` alone."""

    async def by_port(scope, receive, send):
        is_web = scope["type"] == "http" and scope["server"][1] == port
        if not is_web or scope["path"].startswith("/v1/"):
            return await app(scope, receive, send)
        file = find(dist, scope["path"])
        found = file.is_file()
        # What Vite has named by its content's hash never changes.
        caching = b"public, max-age=31536000, immutable" if "/assets/" in str(file) else b"no-cache"
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        content = file.read_bytes() if found else b"The web application is not built: `make up` builds it."
        shared = [*headers(settings.endpoint()), (b"cache-control", caching), (b"content-length", b"%d" % len(content))]
        status = 200 if found else 404
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode()), *shared]})
        await send({"type": "http.response.body", "body": content if scope["method"] != "HEAD" else b""})

    return by_port


def listen_too(port: int) -> None:
    """Makes the emulator's server listen on a second port. The server is made inside of the emulator's `main`."""
    from hypercorn import config

    class TwoPorts(config.Config):
        def create_sockets(self):
            self.bind = [*self.bind, f"{settings.HOST}:{port}"]
            return super().create_sockets()

    config.Config = TwoPorts
