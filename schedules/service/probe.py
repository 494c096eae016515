"""Serve `/metrics`, `/healthz` (the process is alive) and `/readyz` (the service works).

Anybody who can reach the port may connect and send nothing. So connections are few and short: a silent client holds
one of them for a few seconds and then loses it.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from schedules.monitoring.metrics import Metrics

MAX_CONNECTIONS = 16  # a guess: Prometheus and a health check need one each
CONNECTION_SECONDS = 10.0  # a guess: a scrape of a million articles takes well under one second

Response = tuple[int, str, bytes]  # status, content type, body
_TEXT = "text/plain; charset=utf-8"


class Probe:
    """Serve the state of one service after `start` has succeeded."""

    def __init__(self, metrics: Metrics, listen: str, *, seconds: float = CONNECTION_SECONDS) -> None:
        """Prepare the endpoint; it does not listen yet.

        Args:
            metrics: The metrics to serve.
            listen: `host:port`; empty for nowhere.
            seconds: The longest time that a connection may last.
        """
        host, _, port = listen.rpartition(":")
        self._address = (host.strip("[]"), int(port)) if port else None
        self._metrics = metrics
        self._seconds = seconds
        self._server: _Server | None = None

    def start(self) -> str:
        """Listen, unless already listening or switched off; return the problem in one line, or ""."""
        if self._address is None or self._server:
            return ""
        host, port = self._address
        try:
            self._server = _Server(self._address, self._respond, self._seconds)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            return f"{host}:{port}: {reason}; set service.listen to another port"
        threading.Thread(target=self._server.serve_forever, name="probe", daemon=True).start()
        return ""

    @property
    def port(self) -> int:
        """The port of the endpoint; 0 if it does not listen."""
        return int(self._server.server_address[1]) if self._server else 0

    def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _respond(self, path: str) -> Response:
        if path == "/metrics":
            return 200, *self._metrics.render()
        if path == "/healthz" or (path == "/readyz" and self._metrics.is_ready()):
            return 200, _TEXT, b"ok\n"
        if path == "/readyz":
            return 503, _TEXT, b"not ready\n"
        return 404, _TEXT, b"/metrics, /healthz or /readyz\n"


class _Server(ThreadingHTTPServer):
    """A threaded server that allows few and short connections."""

    def __init__(self, address: tuple[str, int], respond: Callable[[str], Response], seconds: float) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        self._seconds = seconds
        self._lock = threading.Lock()
        self._opened_at: dict[socket.socket, float] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = respond(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Do not log scrapes."""

        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection in a thread of its own; close it immediately if there are too many."""
        with self._lock:
            crowded = len(self._opened_at) >= MAX_CONNECTIONS
            if not crowded:
                self._opened_at[request] = time.monotonic()
        if crowded:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._lock:
            self._opened_at.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End connections that last too long; `serve_forever` calls this twice a second."""
        earliest = time.monotonic() - self._seconds
        with self._lock:
            for connection, opened_at in self._opened_at.items():
                if opened_at < earliest:
                    _hang_up(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore broken connections; any other error is a bug."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _hang_up(connection: socket.socket) -> None:
    """Wake the thread that waits for a connection, so that it closes the connection."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client closed it first
