"""The files for service managers, and `khobao status`."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from schedules.service.unit_files import KINDS


def read_unit(text):
    """Return the sections and keys of a systemd unit."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read_string(text)
    return unit


@pytest.fixture
def program(tmp_path):
    """An executable that runs khobao."""
    file = tmp_path / "khobao"
    file.write_text(f"#!{sys.executable}\nfrom schedules.cli.main import main\nmain()\n")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_is_made_for_this_installation(inline, kind):
    """The paths are filled in, and no placeholder remains."""
    ran = inline("service", kind, "--archive", "press/archive.db")

    assert 0 == ran.code
    assert not re.search(r"@[a-z]+@", ran.out)


def test_the_unit_names_the_settings_of_its_folder(inline, tmp_path, monkeypatch):
    """In the folder of `khobao init`, the unit names settings and archive by absolute paths, without any option."""
    inline("init", "news")
    monkeypatch.chdir(tmp_path / "news")
    monkeypatch.setenv("KHOBAO_NETWORK__GAP", "2")

    unit = read_unit(inline("service").out)["Service"]

    folder = tmp_path / "news"
    assert unit["ExecStart"].endswith(f"khobao run --config {folder}/khobao.toml --archive {folder}/archive.db")
    assert unit["ExecStart"].startswith("/")
    assert (str(folder), str(folder)) == (unit["WorkingDirectory"], unit["ReadWritePaths"])
    assert "KHOBAO_NETWORK__GAP=2" == unit["Environment"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this system has no systemd-analyze")
@pytest.mark.parametrize("name", ["news", "tin tức 100% $HOME"])
def test_systemd_accepts_the_units(inline, tmp_path, monkeypatch, name):
    """systemd-analyze finds no fault in the units and the timer, with any name of the folder."""
    inline("init", name)
    monkeypatch.chdir(tmp_path / name)
    files = [tmp_path / file for kind, file in KINDS.items() if file.endswith((".service", ".timer"))]
    for kind, file in KINDS.items():
        (tmp_path / file).write_text(inline("service", kind).out)

    checked = subprocess.run(
        ["systemd-analyze", "verify", *files], capture_output=True, encoding="utf-8", check=False, env=os.environ
    )

    assert (0, "") == (checked.returncode, checked.stderr)


def test_the_backup_unit_makes_a_backup(inline, tmp_path, monkeypatch, program):
    """The command of the backup unit, run like systemd does, writes a backup beside the archive."""
    inline("init", "news")
    monkeypatch.chdir(tmp_path / "news")
    line = read_unit(inline("service", "backup").out)["Service"]["ExecStart"]

    arguments = shlex.split(line.replace("$$", "$").replace("%%", "%"))
    subprocess.run([program if argument.endswith("/khobao") else argument for argument in arguments], check=True)

    assert 1 == len(list((tmp_path / "news").glob("backup-[1-7].db")))


def test_the_dashboard_uses_existing_metrics(inline):
    """Every metric in the dashboard exists."""
    dashboard = json.loads(inline("service", "dashboard").out)
    names = {name for panel in dashboard["panels"] for name in re.findall(r"khobao_\w+", panel["targets"][0]["expr"])}

    assert names <= {
        "khobao_pages_total",
        "khobao_polls_total",
        "khobao_failures_total",
        "khobao_seconds_since_article",
        "khobao_articles_today",
        "khobao_sources_failing",
        "khobao_disk_free_bytes",
        "khobao_wal_bytes",
        "khobao_pages_due",
        "khobao_articles_gone",
        "khobao_worker_restarts_total",
    }


def test_status_shows_health_and_expected_articles(inline, tmp_path):
    """Each outlet has a word for its health, and the exit code says whether a person should look."""
    import shelf

    shelf.fill(tmp_path / "archive.db")
    told = inline("status", "--archive", "archive.db")
    facts = [json.loads(line) for line in inline("status", "--json", "--archive", "archive.db").out.splitlines()]

    assert 0 == told.code
    assert re.search(r"vntin +ok +3 +0 +2026-02-04 +\d+d +- +- +0", told.out)
    assert {("vntin", "ok", "not polled yet"), ("song", "ok", "not polled yet")} == {
        (fact["id"], fact["health"], fact["why"]) for fact in facts
    }
