"""A real browser: the installed Chromium, driven by Playwright, and its errors on a page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 740}}


@contextmanager
def served(archive: Path, *options: str) -> Iterator[str]:
    """Serve an archive with `khobao browse` on a free port; yield the address of its root."""
    from socket import create_server

    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from schedules.cli.main import main; main()", "browse"]
    started = subprocess.Popen(
        [*command, "--archive", str(archive), "--port", str(port), *options],
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_")},
    )
    try:
        assert started.stderr
        said = started.stderr.readline()
        assert "serving" in said, said + started.stderr.read()
        yield f"http://127.0.0.1:{port}"
    finally:
        started.terminate()
        started.communicate(timeout=20)


@dataclass
class Witness:
    """Record what goes wrong while a page is shown.

    Attributes:
        base: The address of the site; requests to other sites are external.
        complaints: Console messages, script errors, failed and external requests.
    """

    base: str
    complaints: list[str] = field(default_factory=list)

    def watch(self, page) -> None:
        """Listen to a page's events."""
        page.on("console", lambda said: said.type in {"error", "warning"} and self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("requestfailed", self._failed)
        page.on("request", lambda request: request.url.startswith(self.base) or self.complaints.append(request.url))
        page.on(
            "response", lambda answer: answer.status < 400 or self.complaints.append(f"{answer.status} {answer.url}")
        )

    def _failed(self, request) -> None:
        """Record a failed request, unless the browser cancelled it to open the next page."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url}: {request.failure}")
