"""Run many commands quickly as a user without root's rights, each in a fork of its own in a folder of bad files.

`python tests/support/bad_files.py` reads a JSON list of argument lists on standard input, and prints a JSON list with
the output and the exit code of each run. One process that has imported everything forks for each run, which takes a
twentieth of the time of a new process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

# For each kind of file: its name in the folder of each run.
KINDS = {
    "missing": "none.x",
    "missing folder": "none/none.x",
    "name too long": "x" * 300,
    "below a file": "binary.x/none.x",
    "folder": "folder.x",
    "unreadable": "unreadable.x",
    "unreadable folder": "shut/inside.x",
    "unwritable": "unwritable.x",
    "unwritable folder": "fixed/none.x",
    "other database": "other.x",
    "binary": "binary.x",
    "empty": "empty.x",
}
ARCHIVE, OTHER = "archive.db", "merged.db"
UNWRITABLE, FIXED = "unwritable.db", "fixed/archive.db"
LIMIT = 20  # seconds after which a run is killed
SERVING = 2  # seconds after which a command that serves until stopped is stopped
SERVES = frozenset({"run", "browse", "status"})
BINARY = bytes(range(256)) * 64
# An outlet that cannot be reached: nothing listens at its proxy's port.
SETTINGS = {
    "KHOBAO_NETWORK__PROXY": "http://127.0.0.1:9",
    "KHOBAO_NETWORK__GAP": "0",
    "KHOBAO_OUTLETS__FOLDER": "outlets",
    "KHOBAO_OUTLETS__ENABLED": "bao",
    "KHOBAO_READING__WORKERS": "1",
    "KHOBAO_SERVICE__LISTEN": "",
    "KHOBAO_SERVICE__DRAIN_SECONDS": "0",
    "COLUMNS": "100",
}
# Modules that commands import when they need them.
_SLOW_IMPORTS = (
    "archive.browse.serve",
    "archive.store.writer",
    "crawler.outlets.catalogue",
    "rich.table",
    "schedules.config",
    "schedules.service.daemon",
)
DECLARATION = 'name = "Báo"\nhome = "http://bao.example"\n[sources]\nfeed = ["/rss"]\n'


def place_files(folder: Path, archive: bytes, call: Sequence[str]) -> None:
    """Fill a folder with one file or folder of each kind, and with the archives that a call names."""
    for name in ("outlets", "shut", "fixed", "folder.x"):
        (folder / name).mkdir()
    (folder / "outlets" / "bao.toml").write_text(DECLARATION, encoding="utf-8")
    for section, key in (("archive", "path"), ("outlets", "folder"), ("network", "ca_bundle")):
        settings = folder / f"bad-{section}-{key}"
        if not any(argument.startswith(settings.name) for argument in call):
            continue
        settings.mkdir()
        for kind, name in KINDS.items():
            (settings / f"{kind}.toml").write_text(f"[{section}]\n{key} = '../{name}'\n", encoding="utf-8")
    (folder / "addresses.txt").write_text("http://bao.example/tin-1.html\n", encoding="utf-8")
    for name in ("binary.x", "unreadable.x", "unwritable.x", "shut/inside.x", "fixed/inside.x"):
        (folder / name).write_bytes(BINARY)
    for name in {ARCHIVE, OTHER, UNWRITABLE, FIXED}.intersection(call):
        (folder / name).write_bytes(archive)
    (folder / "empty.x").touch()
    (folder / "unreadable.x").chmod(0)
    for name in {"unwritable.x", *{UNWRITABLE, FIXED}.intersection(call)}:
        (folder / name).chmod(0o444)
    (folder / "shut").chmod(0)
    (folder / "fixed").chmod(0o555)
    with closing(sqlite3.connect(folder / "other.x")) as db, db:
        db.execute("CREATE TABLE mine (x)")


def run_all(calls: list[list[str]], archive: bytes) -> list[dict[str, Any]]:
    """Run each call in a fork and a fresh folder; return code, output and errors of each."""
    from schedules.cli.commands.lake import LAKE_COMMANDS
    from schedules.cli.main import COMMANDS

    for module in {module for module, _ in (*COMMANDS.values(), *LAKE_COMMANDS.values())}:
        importlib.import_module(f"schedules.cli.commands.{module}")
    for module in _SLOW_IMPORTS:
        importlib.import_module(module)
    gc.freeze()  # a fork that collects what was imported would copy its memory
    return [_run(call, archive) for call in calls]


def _run(call: list[str], archive: bytes) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp())
    try:
        home = folder / "home"
        (folder / "work").mkdir()
        home.mkdir()
        place_files(folder / "work", archive, call)
        child = os.fork()
        if child == 0:
            _become_program(call, folder, home)
        _, status = os.waitpid(child, 0)
        out, err = (home / name for name in ("out", "err"))
        return {
            "code": os.waitstatus_to_exitcode(status),
            "out": out.read_text(encoding="utf-8", errors="replace"),
            "err": err.read_text(encoding="utf-8", errors="replace"),
            "left": sorted(path.name for path in (folder / "work").iterdir()),
        }
    finally:
        for name in ("shut", "fixed"):
            (folder / "work" / name).chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)


def _become_program(call: list[str], folder: Path, home: Path) -> None:
    """Run the program in this fork, with its output in files, and end the process."""
    from schedules.cli.main import run_program

    code = 70  # EX_SOFTWARE of sysexits.h: a bug
    try:
        os.setsid()
        for name, descriptor in (("out", 1), ("err", 2)):
            os.dup2(os.open(home / name, os.O_WRONLY | os.O_CREAT), descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        settings = {} if any("bad-outlets" in argument for argument in call) else SETTINGS
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
        os.environ.clear()
        os.environ.update(clean | settings | {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")})
        os.chdir(folder / "work")
        serves = bool(SERVES & set(call)) and "--write-config" not in call
        if serves:
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
        signal.alarm(SERVING if serves else LIMIT)
        code = run_program(call)
    except BaseException:  # noqa: BLE001 - the parent prints it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    request = json.load(sys.stdin)
    json.dump(run_all(request["calls"], Path(request["archive"]).read_bytes()), sys.stdout)
