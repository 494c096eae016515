"""Without the libraries of the optional parts, everything else works, and each part says how to install it."""

import shlex
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from lakefiles import add_part

from archive.errors import install_command
from schedules.cli.commands.lake import LAKE_COMMANDS
from schedules.cli.main import COMMANDS

# The libraries that the optional parts import, and one that fsspec needs for https:// addresses.
LIBRARIES = ["aiohttp", "dask", "distributed", "duckdb", "fsspec", "pyarrow", "s3fs", "vl_convert"]
# An extra, a library of it, and a command that needs the library.
TRIES = [
    ("parquet", "pyarrow", "export new --format parquet"),
    ("parquet", "pyarrow", "import records.parquet"),
    ("lake", "pyarrow", "lake read records.warc --to new"),
    ("lake", "pyarrow", "lake add new"),
    ("lake", "duckdb", "lake compact lake"),
    ("lake", "duckdb", "lake words lake"),
    ("lake", "duckdb", "lake sql lake 'SELECT 1'"),
    ("lake", "fsspec", "lake status https://www.example.org/lake"),
    ("lake", "aiohttp", "lake status https://www.example.org/lake"),
    ("s3", "s3fs", "lake status s3://press/lake"),
    ("cluster", "dask", "lake read records.warc --to new --engine dask"),
    ("cluster", "distributed", "lake read records.warc --to new --engine dask"),
]
FOR_DEVELOPERS = {"bench", "lint", "test"}
SETTINGS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
# A library that is None in sys.modules cannot be imported.
PROGRAM = """
import sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split(",")))
from schedules.cli.main import main
main()
"""
HELP = """
import sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split(",")))
from schedules.cli.main import run_program
for line in sys.argv[1:]:
    assert 0 == run_program([*line.split(), "--help"]), line
"""


def start(folder, hidden, *arguments, program=PROGRAM):
    """Start the program in a folder, without some libraries."""
    call = [sys.executable, "-c", program, ",".join(hidden), *map(str, arguments)]
    return subprocess.Popen(
        call, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def run(folder, hidden, *arguments, program=PROGRAM):
    """Run the program to its end, without some libraries; return its exit code, output and error output."""
    started = start(folder, hidden, *arguments, program=program)
    out, err = started.communicate(timeout=60)
    return started.returncode, out, err


def test_the_command_names_the_running_python():
    """It installs the extra where this khobao is installed, with or without an activated environment."""
    words = shlex.split(install_command("parquet"))

    assert sys.executable in words
    assert ["install", "khobao[parquet]"] == [word for word in words if word in {"install", "khobao[parquet]"}]


@pytest.fixture
def archive(khobao, tmp_path, seeds):
    """An archive of the seed documents."""
    assert 0 == khobao("import", seeds, "--archive", tmp_path / "archive.db").code
    return tmp_path / "archive.db"


def test_every_command_explains_itself_without_optional_libraries(tmp_path):
    """The help of no command needs a library of an optional part."""
    commands = [*COMMANDS, *(f"lake {name}" for name in LAKE_COMMANDS)]

    code, out, err = run(tmp_path, LIBRARIES, *commands, program=HELP)

    assert (0, "") == (code, err)
    assert len(commands) == out.count("Usage: ")


@pytest.mark.parametrize(("extra", "library", "arguments"), TRIES)
def test_an_optional_part_names_the_command_that_installs_it(archive, tmp_path, extra, library, arguments):
    """One line names the extra and the running Python; no folder is left behind."""
    (tmp_path / "records.parquet").touch()
    (tmp_path / "records.warc").touch()
    add_part(tmp_path / "lake", "a", ("1", 0, {}))

    code, out, err = run(tmp_path, [library], "--archive", archive, *shlex.split(arguments))

    assert (2, "", 1) == (code, out, err.count("\n"))
    assert err.endswith(f"; install it with: {install_command(extra)}\n")
    assert not (tmp_path / "new").exists()


def test_pages_without_charts_name_the_extra(archive, tmp_path):
    """Without the library that draws, `khobao browse` serves tables and says how to install it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with start(tmp_path, ["vl_convert"], "browse", "--port", port, "--archive", archive) as served:
        lines = [served.stderr.readline() for _ in range(2)]
        served.terminate()

    assert lines[0].startswith("serving ")
    assert lines[1].endswith(f"; to draw them: {install_command('charts')}\n")


def test_every_extra_is_tried_here():
    """An extra for users that no test tries is an error."""
    extras = set(SETTINGS["project"]["optional-dependencies"]) - FOR_DEVELOPERS

    assert {"charts"} | {extra for extra, _, _ in TRIES} == extras
