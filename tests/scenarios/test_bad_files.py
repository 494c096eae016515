"""Every command, with every kind of bad file at each of its paths, gives one clear line and no traceback.

The commands and their paths are read from the command line itself, so that a new one cannot be forgotten.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import bad_files
import click
import pytest
from bad_files import ARCHIVE, FIXED, KINDS, OTHER, UNWRITABLE
from disks import disk

from schedules.cli.main import khobao_group
from schedules.cli.session import SHARED_OPTIONS

# Root ignores file permissions, unless that capability is removed.
AS_ANYBODY = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.getuid() == 0 else []

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        bool(AS_ANYBODY) and not shutil.which("setpriv"), reason="root, and no setpriv to take root's rights away"
    ),
]

ID = "3bee8cdf7b4e091a"  # of an archived article
# The arguments with which each command does its work, without its paths. A new command needs a row here.
CALLS = {
    "demo": [[]],
    "init": [[]],
    "outlets": [[], ["--boilerplate"]],
    "crawl": [[]],
    "add": [["http://bao.example/tin-1.html"]],
    "backfill": [["--since", "2026-01-01"], ["--list"]],
    "audit": [["--since", "2026-01-01", "--offline"]],
    "run": [[]],
    "service": [[]],
    "config": [[]],
    "search": [["Trung"]],
    "show": [[ID]],
    "diff": [[ID]],
    "changes": [[]],
    "stories": [[], ["--rebuild"]],
    "why": [[ID]],
    "status": [[]],
    "read": [["binary.x"]],
    "reextract": [[], ["--dry-run"]],
    "import": [["addresses.txt"]],
    "export": [["out"]],
    "browse": [["--write-config", "out"]],
    "backup": [["copy.db"]],
    "merge": [[OTHER]],
    "vacuum": [[]],
    "check": [[], ["--repair"]],
    "upgrade-check": [[]],
    "words": [[], ["--update"]],
    "lake read": [["binary.x", "--to", "lake.x"]],
    "watches": [[]],
    "lake add": [["lake.x"]],
    "lake compact": [["folder.x"]],
    "lake words": [["folder.x"]],
    "lake status": [["folder.x"]],
    "lake check": [["folder.x"]],
    "lake sql": [["folder.x", "SELECT 1"]],
}
# The other arguments that the path of a command needs, if it is an option.
BESIDE = {
    ("outlets", "write"): ["--new", "http://bao.example/"],
    ("outlets", "report"): ["--new", "http://bao.example/"],
    ("audit", "picture"): ["--since", "2026-01-01", "--offline"],
    ("merge", "captures"): [OTHER],
    ("lake read", "files"): ["--to", "lake.x"],
    ("lake read", "lake"): ["binary.x"],
    ("lake sql", "lake"): ["SELECT 1"],
}
# The paths that a command writes to; it reads all others.
OUTPUTS = {
    ("init", "folder"),
    ("outlets", "write"),
    ("outlets", "report"),
    ("audit", "picture"),
    ("export", "folder"),
    ("browse", "folder"),
    ("backup", "file"),
    ("lake read", "lake"),
    ("lake add", "lake"),
    ("reextract", "plan"),
}
# Kinds that cannot be read or written, whatever the command expects.
UNUSABLE = {"name too long", "below a file", "unreadable folder"}
# The commands that create a missing archive, or that work without one.
NEED_NO_ARCHIVE = {"demo", "init", "crawl", "import", "outlets"}
# The commands that never open an archive.
KNOW_NO_ARCHIVE = {
    "service",
    "config",
    "read",
    *(name for name in CALLS if name.startswith("lake ") and name != "lake add"),
}
# Kinds of bad archives for these commands: a missing file, a foreign one, and one that cannot be written.
KINDS_ENOUGH = {"missing", "binary", "file"}
# What a command says about a read-only archive. The other commands write.
READERS = {
    "outlets",
    "search",
    "show",
    "diff",
    "changes",
    "why",
    "export",
    "browse",
    "backup",
    "upgrade-check",
    "lake add",
}
READ_BY = {("backfill", "--list"), ("stories",), ("words",), ("status",), ("check",), ("reextract", "--dry-run")}


@dataclass(frozen=True)
class Case:
    """A call with a bad file at one path.

    Attributes:
        name: The command.
        place: The name of the argument or option.
        kind: The kind of file.
        call: All arguments.
    """

    name: str
    place: str
    kind: str
    call: tuple[str, ...]


def commands(group=khobao_group, before=""):
    """Yield every command by its name, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        made = group.get_command(context, name)
        if isinstance(made, click.Group):
            yield from commands(made, f"{name} ")
        else:
            yield f"{before}{name}", made


def is_path(param):
    """Return whether an argument or option names a file or a folder."""
    words = {"FILE", "DIR", "PATH", "PAGE", "LAKE"}
    return isinstance(param.type, click.Path | click.File) or any(word in (param.metavar or "") for word in words)


def own_paths():
    """Yield each command with each path that is not a shared option."""
    for name, made in commands():
        for param in made.params:
            if param not in SHARED_OPTIONS and is_path(param):
                yield name, param


def path_cases():
    """Yield every path of every command with every kind of file."""
    for name, param in own_paths():
        for kind, file in KINDS.items():
            given = (file,) if isinstance(param, click.Argument) else (param.opts[0], file)
            beside = BESIDE.get((name, param.name), [])
            yield Case(name, param.name, kind, (*name.split(), "-q", *given, *beside, "--archive", ARCHIVE))


def shared_cases(option, kinds):
    """Yield every command with every kind of file at a shared option."""
    for name, calls in CALLS.items():
        for arguments in calls:
            for kind, file in kinds.items():
                if option == "--archive" and name in KNOW_NO_ARCHIVE and kind not in KINDS_ENOUGH:
                    continue
                rest = () if option == "--archive" or name in {"demo", "init"} else ("--archive", ARCHIVE)
                yield Case(name, option, kind, (*name.split(), *arguments, "-q", option, file, *rest))


@pytest.fixture(scope="module")
def run_cases(tmp_path_factory, seeds):
    """Return a function that runs cases, each in a folder of bad files."""
    folder = tmp_path_factory.mktemp("good")
    program = [sys.executable, "-c", "from schedules.cli.main import main; main()"]
    made = [*program, "import", str(seeds), "--archive", str(folder / "archive.db")]
    subprocess.run(made, check=True, capture_output=True)

    def run(cases):
        cases = list(cases)
        request = {"calls": [case.call for case in cases], "archive": str(folder / "archive.db")}
        done = subprocess.run(
            [*AS_ANYBODY, sys.executable, bad_files.__file__],
            input=json.dumps(request),
            capture_output=True,
            encoding="utf-8",
            check=True,
            env=os.environ | {"PYTHONPATH": str(Path(bad_files.__file__).parent)},
        )
        return list(zip(cases, json.loads(done.stdout), strict=True))

    return run


def complaint(case, ran):
    """Check what every failure must have, and return its line: no traceback, one line on stderr."""
    said = [line for line in ran["err"].splitlines() if not line.startswith("{")]
    assert "Traceback" not in ran["err"], (case, ran["err"])
    assert ran["code"] in {0, 1, 2, 3}, (case, ran)
    answered = ran["code"] == 0 or case.name == "upgrade-check"  # its tasks are its answer, with exit code 1
    assert len(said) == 1 or (answered and not said), (case, ran)
    return said[0] if said else ""


def test_every_command_has_a_call():
    """The list of calls names every command, so that a new one is tested too."""
    assert {name for name, _ in commands()} == set(CALLS)
    assert {(name, param.name) for name, param in own_paths()} >= OUTPUTS | set(BESIDE)


def test_a_bad_file_is_one_clear_line(run_cases):
    """With any file at a path, a command works, or names the path in one line and exits with 1 or 2."""
    for case, ran in run_cases(path_cases()):
        line = complaint(case, ran)
        if ran["code"] and "unreachable: robots.txt" not in line:  # a site in its call does not answer
            file = KINDS[case.kind]
            beside = [part for part in BESIDE.get((case.name, case.place), []) if part in line]  # a bad file too
            assert Path(file).name in line or str(Path(file).parent) in line or beside, (case, line)
        if case.kind in UNUSABLE or (case.kind == "missing" and (case.name, case.place) not in OUTPUTS):
            assert ran["code"], (case, ran)
        if (case.name, case.place) == ("merge", "other"):
            assert ran["code"] in {0, 3}, (case, ran)  # it is an unusable archive
        else:
            assert ran["code"] in {0, 1, 2}, (case, ran)


def test_a_bad_settings_file_is_one_clear_line(run_cases):
    """Every command refuses a missing, unreadable or wrong settings file with exit code 2."""
    bad = {kind: file for kind, file in KINDS.items() if kind != "empty"}  # which means the defaults
    for case, ran in run_cases(shared_cases("--config", bad)):
        line = complaint(case, ran)
        assert ran["code"] == 2, (case, ran)
        if not case.name.startswith("lake "):  # most of which read no settings
            assert Path(bad[case.kind]).name in line, (case, line)


def test_a_bad_archive_is_one_clear_line(run_cases):
    """Every command that needs an archive says why this one is unusable, exits with 3, and changes nothing."""
    for case, ran in run_cases(shared_cases("--archive", KINDS)):
        complaint(case, ran)
        if case.name in KNOW_NO_ARCHIVE:
            usable = {0, 1, 2} if case.name.startswith("lake ") else {0, 1}  # its folder is no lake
            assert ran["code"] in usable, (case, ran)
        elif case.kind in {"missing", "missing folder", "below a file", "unwritable folder", "empty"}:
            assert ran["code"] == 3 or case.name in NEED_NO_ARCHIVE or case.kind == "empty", (case, ran)
            assert "none.x" not in ran["left"] or case.name in NEED_NO_ARCHIVE, (case, ran)
        else:
            assert ran["code"] == 3, (case, ran)


def test_a_read_only_archive_answers_every_question(run_cases):
    """On a read-only file or in a read-only folder, commands that read work, and others exit with 3."""
    kinds = {"file": UNWRITABLE, "folder": FIXED}
    for case, ran in run_cases(shared_cases("--archive", kinds)):
        complaint(case, ran)
        arguments = tuple(argument for argument in case.call[:-2] if argument != "-q")
        if case.name in KNOW_NO_ARCHIVE:
            continue
        if (case.name in READERS and "--boilerplate" not in arguments) or arguments in READ_BY:
            assert ran["code"] in {0, 1}, (case, ran)
        else:
            assert ran["code"] == 3, (case, ran)


def test_a_bad_file_in_the_settings_is_one_clear_line(run_cases):
    """A path in a settings file is checked like one on the command line."""
    paths = (("archive", "path", "crawl"), ("outlets", "folder", "outlets"), ("network", "ca_bundle", "crawl"))
    for section, key, name in paths:
        cases = [
            Case(name, f"{section}.{key}", kind, (name, "-q", "--config", f"bad-{section}-{key}/{kind}.toml"))
            for kind in KINDS
        ]
        for case, ran in run_cases(cases):
            line = complaint(case, ran)
            allowed = {0, 1, 3} if section == "archive" else {0, 1, 2}
            assert ran["code"] in allowed, (case, ran)
            if case.kind in UNUSABLE:
                assert ran["code"] in {2, 3}, (case, ran)
                assert Path(KINDS[case.kind]).name in line, (case, line)


@pytest.mark.parametrize("form", ["txt", "csv", "jsonl", "parquet"])
def test_an_export_to_a_full_disk_is_one_line(khobao, tmp_path, seeds, form):
    """An export to a full disk ends with one line and exit code 3, and leaves no partial file."""
    khobao("import", seeds, "--archive", "a.db")
    with disk(tmp_path / "disk", 4096) as folder:
        ran = khobao("export", "disk/out", "--format", form, "--archive", "a.db", "-q")
        left = [path for path in folder.rglob("*") if path.is_file()]

    assert (3, 1) == (ran.code, len(ran.err.splitlines())), ran.err
    assert "the disk is full" in ran.err
    assert [] == [path for path in left if path.name.startswith(".") or path.name == "manifest.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("name", ["search", "show", "stories", "status", "config", "service", "outlets", "import"])
def test_output_to_a_full_disk_is_one_line(tmp_path, seeds, name):
    """Printing to a full disk ends with one line and exit code 3."""
    arguments = {"search": ["Trung"], "show": [ID], "import": [str(seeds)]}.get(name, [])
    program = [sys.executable, "-c", "from schedules.cli.main import main; main()"]
    subprocess.run([*program, "import", seeds, "--archive", "a.db"], cwd=tmp_path, check=True, capture_output=True)

    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*program, name, *arguments, "--archive", "a.db", "-q"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )

    assert (3, "khobao: the disk is full; nothing that was archived is lost\n") == (ran.returncode, ran.stderr)
