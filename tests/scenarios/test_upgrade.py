"""The lines that the documents give for an upgrade, a move and a restored backup, run as they stand."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from releases import released_dumps

SERVICE = (Path(__file__).parents[2] / "schedules" / "docs" / "service.md").read_text(encoding="utf-8")
ID = "3bee8cdf7b4e091a"  # of an article of the seeds


@pytest.fixture
def place(khobao, tmp_path, seeds):
    """A folder with settings and a filled archive, and the programs that the lines call."""
    folder, programs = tmp_path / "news", tmp_path / "bin"
    assert 0 == khobao("init", "news").code
    assert 0 == khobao("import", seeds, "--config", "news/khobao.toml").code
    programs.mkdir()
    (folder / ".venv" / "bin").mkdir(parents=True)
    call = f"#!/bin/sh\nexec {sys.executable} -c 'from schedules.cli.main import main; main()' \"$@\"\n"
    for file, text in ((programs / "khobao", call), (folder / ".venv" / "bin" / "pip", "#!/bin/sh\n")):
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
    return folder


def lines_of(title):
    """The lines below a paragraph of the document that begins with a title."""
    (block,) = re.findall(rf"^\*\*{title}\.\*\*.*?```console\n(.*?)```", SERVICE, re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for line in block.splitlines()]


def run(folder, *lines):
    """Run lines in a shell that stops at the first failure; return what they print."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KHOBAO_")}
    paths = {"PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}", "HOME": str(folder)}
    done = subprocess.run(
        ["/bin/sh", "-ec", "\n".join(lines)],
        cwd=folder,
        env=clean | paths,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("title", ["Upgrade", "Move to another machine", "Restore a backup"])
def test_each_takes_three_lines(title):
    """Nobody has to read more than three lines of commands."""
    assert 3 == len(lines_of(title))


def test_an_archive_of_an_older_release_is_upgraded(place):
    """The documented lines upgrade the schema, and leave a backup of what was there before."""
    (place / "archive.db").unlink()
    with closing(sqlite3.connect(place / "archive.db")) as db:
        db.executescript(released_dumps()["0001_first_schema"])
        db.executescript("UPDATE requests SET capture = NULL; DELETE FROM captures;")  # whose files are not here

    said = run(place, *lines_of("Upgrade"))

    assert "schema:" in said
    assert "0 errors found" in said
    assert (place / "before-upgrade.db").exists()
    assert "schema:" not in run(place, "khobao upgrade-check || true")


def test_a_moved_archive_is_whole(place, tmp_path):
    """The documented lines move settings, archive and captures to another folder."""
    pack, *unpack = (line.replace("/tmp/", f"{tmp_path}/") for line in lines_of("Move to another machine"))
    other = tmp_path / "other"
    other.mkdir()

    run(place, pack)
    (place / "archive.db").unlink()
    said = run(other, *unpack, f"khobao show {ID}")

    assert "5 articles verified, 0 errors found" in said
    assert " date " in said


def test_a_backup_is_restored_after_a_kill(place):
    """The documented lines restore a backup, although a killed process left its write-ahead log."""
    run(place, "khobao backup copy.db")
    (place / "archive.db-wal").write_bytes(b"left by a killed process")
    (place / "archive.db").write_bytes(b"spoilt")

    said = run(place, *lines_of("Restore a backup"))

    assert "5 articles verified, 0 errors found" in said


def test_the_check_after_an_upgrade_names_what_there_is_to_do(khobao, newsstand, tmp_path):
    """Pages read with other rules, drafted rules and a missing declaration are told, each with what to do."""
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0"}
    khobao("crawl", "http://vntin.example/thoi-su", "--limit", "2", "--archive", "a.db", env=env)
    current = khobao("upgrade-check", "--archive", "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as db, db:
        db.execute("INSERT INTO outlets (id, name, home) VALUES ('cu', 'Báo cũ', 'https://bao-cu.example/')")
    undeclared = khobao("upgrade-check", "--archive", "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as db, db:
        db.execute("UPDATE articles SET reader = '0 trafilatura-1.0 rules-old'")
        db.execute("UPDATE captures SET reader = '0 trafilatura-1.0 rules-old'")
    (tmp_path / "healed" / "in-force").mkdir(parents=True)
    (tmp_path / "healed" / "in-force" / "vnexpress.toml").write_text('extends = "vnexpress"\n', encoding="utf-8")

    ran = khobao("upgrade-check", "--archive", "a.db")

    assert (0, "nothing to do: schema, declarations and captures are current\n") == (current.code, current.out)
    assert (0, True) == (undeclared.code, undeclared.out.startswith(current.out))
    assert "declarations: archived but no longer declared: cu" in undeclared.out
    assert 1 == ran.code
    assert "declarations: archived but no longer declared: cu" in ran.out
    assert "declarations: drafted rules override the new declarations: vnexpress" in ran.out
    assert "captures: " in ran.out
    assert "`khobao reextract --dry-run`" in ran.out
