"""The command `khobao reextract`."""

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
    """Two outlets, crawled with declarations that can be changed; and a function that runs the program."""
    copytree(Path(crawler.newsstand.__file__).parent / "outlets", tmp_path / "outlets")
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0", "KHOBAO_OUTLETS__FOLDER": "outlets"}

    def run(*arguments, **changed):
        return khobao(*arguments, "--archive", "a.db", env={**env, **changed})

    assert 0 == run("crawl", "vntin", "cholon").code
    return run


def change(folder, name, key, value):
    """Change a key of a declaration."""
    file = folder / "outlets" / f"{name}.toml"
    lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines))


def test_shows_what_would_change_and_changes_it(crawled, tmp_path):
    """A dry run prints counts and samples word by word; the run itself makes revisions, once."""
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


def test_an_outlet_without_its_declaration_is_left_alone(crawled, tmp_path):
    """An outlet whose declaration was deleted is not read again; an unknown one is an error."""
    (tmp_path / "outlets" / "cholon.toml").unlink()

    left = crawled("reextract", "--again", "--dry-run")

    assert (0, True) == (left.code, "cholon: not declared, so its captures are not read again" in left.err)
    assert "cholon" not in left.out
    assert 2 == crawled("reextract", "--outlet", "cholonn").code


def test_an_undeclared_site_is_read_again(khobao, newsstand):
    """An undeclared site is read by the generic reader again: two articles, and a page of a topic."""
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0"}
    khobao("crawl", "http://vntin.example/thoi-su", "--limit", "3", "--archive", "a.db", env=env)

    told = json.loads(khobao("reextract", "--again", "--json", "-q", "--archive", "a.db").out)

    assert ("vntin.example", 2, 1) == (told["outlet"], told["same"], told["none"])


def test_a_lost_capture_is_reported(crawled, tmp_path):
    """Unreadable captures are named, and give exit code 1."""
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
def test_a_sample_shows_the_outcome_of_a_capture(event, lines):
    """Each kind of outcome prints its facts, and changes word by word."""
    assert lines == list(_sample(event))


def test_planned_readings_are_applied_by_the_one_writer(crawled, tmp_path):
    """Two shares that were read beside the writer are stored as a run in one go stores them; a rerun reads nothing."""
    change(tmp_path, "vntin", "standfirst", "[]")
    shares = [crawled("reextract", "--plan", "plan", "--part", f"{n}/2", "--outlet", "vntin", "--json") for n in (1, 2)]
    again = crawled("reextract", "--plan", "plan", "--part", "1/2", "--outlet", "vntin", "-v")
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        assert [(0,)] == db.execute("SELECT count(*) FROM revisions WHERE change = 'reread'").fetchall()

    applied = crawled("reextract", "--apply", "plan", "--outlet", "vntin", "--json", "-q")

    assert [0, 0] == [share.code for share in shares], shares[0].err
    assert "vntin: planned already" in again.err
    told = json.loads(applied.out)
    assert (10, {"text": 10, "standfirst": 10}) == (told["amended"], told["changed"])
    stored = sum(told.get(outcome, 0) for outcome in ("same", "amended", "found", "refused", "another", "none"))
    assert stored == sum(json.loads(share.out)["readings"] for share in shares)
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        assert [(10,)] == db.execute("SELECT count(*) FROM revisions WHERE change = 'reread'").fetchall()
    assert "nothing to read again" in crawled("reextract", "--outlet", "vntin").out


def test_a_cluster_plans_what_one_machine_plans(crawled, tmp_path):
    """The readings of a Dask cluster, in shares, are those of one process; a rerun starts no cluster."""
    pytest.importorskip("distributed")
    change(tmp_path, "vntin", "standfirst", "[]")
    dask = ("reextract", "--plan", "shared", "--engine", "dask", "--workers", "1", "--outlet", "vntin", "--json")
    shared, again = crawled(*dask), crawled(*dask, "-v")
    alone = crawled("reextract", "--plan", "alone", "--outlet", "vntin", "--json")
    lines = [
        sorted(
            line for file in (tmp_path / name).iterdir() for line in file.read_text(encoding="utf-8").splitlines()[1:]
        )
        for name in ("shared", "alone")
    ]

    assert (0, 0, 0) == (shared.code, again.code, alone.code), shared.err
    assert shared.out == alone.out
    assert lines[0] == lines[1]
    assert 4 == len(list((tmp_path / "shared").iterdir()))
    assert (True, False) == ("dashboard: http://" in shared.err, "dashboard:" in again.err)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--engine", "dask"), "--engine dask needs --plan DIR"),
        (("--workers", "2"), "--workers needs --plan DIR"),
        (("--plan", "plan", "--scheduler", "tcp://127.0.0.1:9"), "--scheduler needs --engine dask"),
        (("--plan", "plan", "--engine", "dask", "--part", "1/2"), "--part cannot be combined with --engine dask"),
        (("--plan", "plan", "--engine", "dask", "--scheduler", "x"), "no scheduler answers there"),
    ],
    ids=["engine", "workers", "scheduler", "part", "address"],
)
def test_engine_options_that_do_not_fit_are_one_line(crawled, options, line):
    """An option that has no effect is refused, and so is a scheduler that does not answer."""
    ran = crawled("reextract", *options)

    assert (2, True) == (ran.code, line in ran.err), ran.err
    assert "Traceback" not in ran.err


def test_a_plan_of_other_rules_is_refused(crawled, tmp_path):
    """Readings by rules that have changed since, a folder that is not there and a damaged file are one line each."""
    change(tmp_path, "vntin", "standfirst", "[]")
    assert 0 == crawled("reextract", "--plan", "plan", "--outlet", "vntin").code
    change(tmp_path, "vntin", "standfirst", '["h2"]')
    other = crawled("reextract", "--apply", "plan", "--outlet", "vntin")
    missing = crawled("reextract", "--apply", "nowhere")
    (tmp_path / "plan" / "vntin.1-of-1.jsonl").write_text("{}\n")
    damaged = crawled("reextract", "--apply", "plan", "--outlet", "vntin")

    assert (2, True) == (other.code, "delete it and plan again" in other.err)
    assert (2, True) == (missing.code, "no such folder" in missing.err)
    assert (2, True) == (damaged.code, "not a plan of this version" in damaged.err)
    assert 2 == crawled("reextract", "--plan", "plan", "--apply", "plan").code


def test_all_of_nothing_is_told_as_such(inline):
    """On an archive without captures, --again does not advise --again."""
    assert 0 == inline("init", "news").code
    archive = ("--archive", "news/archive.db")

    stale, every = (inline("reextract", "--dry-run", *more, *archive).out for more in ((), ("--again",)))

    assert "--again reads all of them again" in stale
    assert every == "nothing to read again: no capture matches\n"
