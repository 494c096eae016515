"""Run the program quickly, in forks of a process that has imported everything: `python tests/support/forker.py`.

It reads one JSON object per line, `{"call": [...], "folder": "...", "env": {...}}`, forks, and writes two lines: the
process id, and the exit code when the process has ended. A new process would spend most of its time with imports, so a
kill at a random moment would hardly ever hit its work.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Self

_SLOW_IMPORTS = (
    "archive.store.writer",
    "archive.exchange.importers",
    "crawler.outlets.catalogue",
    "rich.table",
    "schedules.config",
    "schedules.pipeline.runtime",
    "schedules.service.daemon",
)


class Forker:
    """The process that forks, seen from a test."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def run(self, call: list[str], folder: Path, env: dict[str, str], kill_after: float | None = None) -> int:
        """Run the program; kill it after some seconds, if it still runs then.

        Returns:
            The exit code, -9 if it was killed.
        """
        assert self._process.stdin
        assert self._process.stdout
        request = {"call": call, "folder": str(folder), "env": env}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        if kill_after is not None:
            end = time.monotonic() + kill_after
            while time.monotonic() < end and Path(f"/proc/{pid}").exists():
                time.sleep(0.002)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return int(self._process.stdout.readline())


def _serve() -> None:
    from schedules.cli.main import COMMANDS

    for module in {module for module, _ in COMMANDS.values()}:
        importlib.import_module(f"schedules.cli.commands.{module}")
    for module in _SLOW_IMPORTS:
        importlib.import_module(module)
    gc.freeze()  # a fork that collects what was imported would copy its memory
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _become_program(json.loads(line))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become_program(request: dict[str, Any]) -> None:
    """Run the program in this fork, with its output in a file of its folder, and end the process."""
    from schedules.cli.main import run_program

    code = 70  # EX_SOFTWARE of sysexits.h: a bug
    try:
        os.setsid()
        os.chdir(request["folder"])
        log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for descriptor in (1, 2):
            os.dup2(log, descriptor)
        os.environ.update(request["env"])
        code = run_program(request["call"])
    except BaseException:  # noqa: BLE001 - the log of the folder has it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
