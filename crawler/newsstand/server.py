"""Serve the newsstand: a loopback forward proxy that answers only for the invented hosts."""

from __future__ import annotations

import gzip
import hashlib
import sys
import threading
from collections.abc import Iterable
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import as_file, files
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from crawler.newsstand.press import Answer, press, redesign, stories
from crawler.newsstand.story import Story
from crawler.outlets.catalogue import load_catalogue
from crawler.outlets.model import Outlet

_OK, _MOVED, _NOT_MODIFIED, _NOT_FOUND = 200, 301, 304, 404
_WORTH_ZIPPING = 1000  # bytes
_MISSING = b"<!doctype html><html><head><title>404</title></head><body><h1>404</h1></body></html>"


class Newsstand:
    """Serve a loopback news site of five invented outlets. Use it as a context manager.

    The outlets have addresses under `.example` (RFC 2606) and are reached through a proxy, so that addresses, and with
    them the ids of articles, do not depend on the newsstand's port.

    Attributes:
        requests: Every request so far: host, path with query, status, and whether it was conditional.
    """

    def __init__(self, published: Iterable[Story] | None = None) -> None:
        """Prepare the server without listening.

        Args:
            published: The stories; None for those of the demo.
        """
        self._stories = stories() if published is None else list(published)
        self._answers = press(self._stories)
        self.requests: list[tuple[str, str, int, bool]] = []
        self._server: ThreadingHTTPServer | None = None

    @property
    def proxy(self) -> str:
        """The address of the newsstand's proxy."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def outlets(self) -> dict[str, Outlet]:
        """The declarations of the invented outlets, by id."""
        with as_file(files("crawler") / "newsstand" / "outlets") as folder:
            names = {file.stem for file in folder.glob("*.toml")}
            return {id_: outlet for id_, outlet in load_catalogue(folder).items() if id_ in names}

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """All addresses that exist: host, and path with query."""
        return list(self._answers)

    def redesign(self, outlet: str, design: int = 1) -> None:
        """Redesign an outlet from now on: its pages, and the addresses of its articles.

        Args:
            outlet: The outlet's id.
            design: The number of the new design; 0 is the first.
        """
        self._answers = press(self._stories)
        if design:
            self._answers = redesign(self._answers, self._stories, outlet, design)

    def answer(self, host: str, path: str) -> Answer | None:
        """Return the response of an address; None if it does not exist."""
        return self._answers.get((host, path))

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.newsstand = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    newsstand: Newsstand

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect; raise everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60

    def do_GET(self) -> None:
        """Answer one request: conditionally and compressed, as requested."""
        parts = urlsplit(self.path)
        host = parts.netloc or self.headers.get("Host", "")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        answer = self.server.newsstand.answer(host, path)
        tag = _tag(answer.body) if answer else ""
        conditional = self.headers.get("If-None-Match")
        status = _NOT_FOUND if answer is None else _NOT_MODIFIED if conditional == tag else _OK
        status = _MOVED if answer and answer.location else status
        self.server.newsstand.requests.append((host, path, status, conditional is not None))
        self._send(status, answer, tag)

    def _send(self, status: int, answer: Answer | None, tag: str) -> None:
        body = answer.body if answer else _MISSING
        fields = {"Content-Type": answer.content_type if answer else "text/html"}
        if answer and answer.location:
            fields["Location"] = answer.location
        elif answer:
            fields["ETag"] = tag
        if (
            len(body) > _WORTH_ZIPPING
            and "gzip" in self.headers.get("Accept-Encoding", "")
            and not body.startswith(b"\x1f\x8b")
        ):
            fields["Content-Encoding"], body = "gzip", _compress(body)
        body = b"" if status == _NOT_MODIFIED else body
        self.send_response(status)
        for name, value in (fields | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parameter's name in http.server
        """Log nothing: `Newsstand.requests` records requests."""


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


@lru_cache(maxsize=512)
def _compress(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)
