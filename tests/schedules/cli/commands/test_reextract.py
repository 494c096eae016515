"""`khobao reextract`, as a person runs it."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree

import pytest

import crawler.newsstand
from archive.errors import Failure, Reason
from archive.record import Document, Record
from schedules.cli.commands.reextract import _sample
from schedules.offline.reextraction import Reextracted

RECORD = Record(id="1", outlet="bao", url="u", document=Document(date(2026, 2, 4), "Cầu mới", "Đoạn"))
OTHER = replace(
    RECORD,
    id="2",
    document=Document(date(2026, 2, 4), "Cầu cũ", "Đoạn"),
    byline=("Minh", "Anh"),
    published_at=datetime(2026, 2, 4, 1, tzinfo=UTC),
)

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def crawled(khobao, tmp_path, newsstand):
    """Two outlets, crawled by declarations in a folder that can be changed; a way to run the program with it."""
    copytree(Path(crawler.newsstand.__file__).parent / "outlets", tmp_path / "outlets")
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0", "KHOBAO_OUTLETS__FOLDER": "outlets"}

    def run(*arguments, **changed):
        return khobao(*arguments, "--archive", "a.db", env={**env, **changed})

    assert 0 == run("crawl", "vntin", "cholon").code
    return run


def change(folder, name, key, value):
    """Set a key of a declaration anew."""
    file = folder / "outlets" / f"{name}.toml"
    lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines))


def test_shows_what_would_change_and_changes_it(crawled, tmp_path):
    """A dry run tells counts and samples word by word; the run itself makes revisions, once."""
    assert "cholon: 1 captures read again\n       1 rejected pages" in crawled("reextract", "--outlet", "cholon").out
    assert "nothing to read again" in crawled("reextract", "--outlet", "cholon").out
    change(tmp_path, "vntin", "standfirst", "[]")

    dry = crawled("reextract", "--dry-run", "--samples", "1", "-q")
    assert 0 == dry.code, dry.err
    assert "read otherwise: text 10, standfirst 10" in dry.out
    assert 1 == dry.out.count("standfirst: [-")
    assert "nothing was changed" in dry.out

    done = crawled("reextract", "--outlet", "vntin", "--json", "-q")
    (told,) = map(json.loads, done.out.splitlines())
    assert ("vntin", 10, {"text": 10, "standfirst": 10}) == (told["outlet"], told["amended"], told["changed"])
    assert 3 == len(told["samples"])
    assert "nothing to read again" in crawled("reextract", "--outlet", "vntin").out
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        runs = db.execute("SELECT state, counts ->> '$.vntin.amended' FROM runs WHERE kind = 'reextract'").fetchall()
        assert [None, None, 10, None] == [counted for _, counted in runs]
        assert {"done"} == {state for state, _ in runs}
        assert [(10,)] == db.execute("SELECT count(*) FROM revisions WHERE change = 'reread'").fetchall()


def test_what_nobody_declares_any_more_is_left_alone(crawled, tmp_path):
    """An outlet whose declaration is gone keeps its readings; one that never was is a mistake."""
    (tmp_path / "outlets" / "cholon.toml").unlink()

    left = crawled("reextract", "--again", "--dry-run")

    assert (0, True) == (left.code, "cholon: not declared here" in left.err)
    assert "cholon" not in left.out
    assert 2 == crawled("reextract", "--outlet", "cholonn").code


def test_a_site_that_nobody_declared_is_read_again_as_it_was(khobao, newsstand):
    """An undeclared site has the generic reader, then as now: two articles, and a page of a topic."""
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0"}
    khobao("crawl", "http://vntin.example/thoi-su", "--limit", "3", "--archive", "a.db", env=env)

    told = json.loads(khobao("reextract", "--again", "--json", "-q", "--archive", "a.db").out)

    assert ("vntin.example", 2, 1) == (told["outlet"], told["same"], told["none"])


def test_a_capture_that_is_lost_is_reported(crawled, tmp_path):
    """Captures that cannot be read make the exit code 1, and are named."""
    for file in (tmp_path / "captures").iterdir():
        file.unlink()

    ran = crawled("reextract", "--again", "--outlet", "vntin", "-q")

    assert 1 == ran.code
    assert "could not be read again" in ran.out
    assert "because of unreachable" in ran.out


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        (Reextracted("bao", "u", "found", after=RECORD), ["  found u", "      2026-02-04 Cầu mới"]),
        (
            Reextracted("bao", "u", "refused", RECORD, failure=Failure(Reason.NO_TEXT, "x")),
            ["  refused u", "      no_text: x"],
        ),
        (Reextracted("bao", "u", "another", RECORD, OTHER), ["  another u", "      1 -> 2"]),
        (
            Reextracted("bao", "u", "amended", RECORD, OTHER, ("title", "byline", "published_at")),
            [
                "  amended u",
                "      title: Cầu [-mới-] {+cũ+}",
                "      byline: {+Minh; Anh+}",
                "      published_at: {+2026-02-04 01:00:00+00:00+}",
            ],
        ),
    ],
)
def test_a_sample_says_what_came_of_a_capture(event, lines):
    """Each kind of outcome is told in the words that matter to it, and what differs word by word."""
    assert lines == list(_sample(event))
