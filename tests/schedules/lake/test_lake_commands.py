"""`khobao lake`, as a person types it."""

import json
import socket

import pytest
from lakefiles import page, write_warc

from archive.lake.layout import open_lake
from schedules.lake import dask_engine

pytestmark = pytest.mark.slow


def test_a_lake_is_read_compacted_and_asked(inline, tmp_path):
    """The commands in their order, from a WARC file to an answer in SQL."""
    write_warc(tmp_path / "a.warc.gz", [page(n) for n in range(3)])
    planned = inline("lake", "read", "a.warc.gz", "--to", "lake", "--dry-run", "--json")
    assert not (tmp_path / "lake").exists()
    read = inline("lake", "read", "a.warc.gz", "--to", "lake")
    done = [inline("lake", command, "lake") for command in ("compact", "words", "status", "check")]
    table = inline("lake", "sql", "lake", "SELECT count(*) AS articles, min(date) AS first FROM articles")
    lines = inline("lake", "sql", "lake", "SELECT outlet, times FROM words WHERE word = 'chợ' LIMIT 1", "--json")
    sheet = inline("lake", "sql", "lake", "SELECT title FROM articles ORDER BY id LIMIT 1", "--format", "csv")

    assert 1 == len(json.loads(planned.out)["files"])
    assert (0, "1 files read, 0 read already, 3 articles\n") == (read.code, read.out), read.err
    assert [0, 0, 0, 0] == [ran.code for ran in done], [ran.err for ran in done]
    assert "3 articles of 1 files in 1 months; 1 months written" in done[0].out
    assert ["articles  first", "3         2024-01-01"] == [line.rstrip() for line in table.out.splitlines()]
    assert {"outlet", "times"} == json.loads(lines.out).keys()
    assert "title\nPhiên chợ bên hồ" in sheet.out


def test_an_empty_table_says_which_command_fills_it(inline, tmp_path):
    """A query of a table that is not made yet prints its rows, none, and one line that says what makes them."""
    write_warc(tmp_path / "a.warc.gz", [page(1)])
    inline("lake", "read", "a.warc.gz", "--to", "lake")
    empty = inline("lake", "sql", "lake", "SELECT count(*) AS n FROM Articles", "--json")
    other = inline("lake", "sql", "lake", "SELECT count(*) AS n FROM captures", "--json")
    inline("lake", "compact", "lake")
    full = inline("lake", "sql", "lake", "SELECT count(*) AS n FROM articles", "--json")
    words = inline("lake", "sql", "lake", "SELECT count(*) AS n FROM words", "--json")

    assert [0, 1, 1, 0] == [json.loads(ran.out)["n"] for ran in (empty, other, full, words)]
    assert "the table articles is empty; run `khobao lake compact lake` first\n" == empty.err
    assert ("", "") == (other.err, full.err)
    assert "the table words is empty; run `khobao lake words lake` first\n" == words.err


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("lake", "read", "@no.txt", "--to", "lake"), 2, "the list cannot be read"),
        (("lake", "read", "a.warc.gz", "--to", "lake", "--part", "3/2"), 2, "for example --part 2/8"),
        (("lake", "read", "a.warc.gz", "--to", "lake", "--outlet", "nobody"), 2, "no outlet 'nobody'"),
        (
            ("lake", "read", "a.warc.gz", "--to", "lake", "--scheduler", "tcp://x:1"),
            2,
            "--scheduler needs --engine dask",
        ),
        (("lake", "read", "a.warc.gz", "--to", "lake", "--dashboard", ":1"), 2, "--dashboard needs --engine dask"),
        (("lake", "read", "a.warc.gz", "--to", "full"), 2, "not a lake and not an empty folder"),
        (("lake", "compact", "nowhere"), 2, "no lake there"),
        (("lake", "status", "newer"), 3, "upgrade khobao"),
        (("lake", "sql", "full", "SELECT 1"), 2, "no lake there"),
        (("lake", "read", "a.warc.gz", "--to", ""), 2, "the address of the lake is empty"),
        (("lake", "read", "@a.warc.gz", "--to", "lake"), 2, "a WARC file and not a list"),
        (("lake", "read", "a.warc.gz", "--to", "lake", "--since", "2024-13-01"), 2, "write it as 2026-02-04"),
        (
            ("lake", "read", "a.warc.gz", "--to", "lake", "--since", "2024-03-01", "--until", "2024-02-01"),
            2,
            "write the earlier day first",
        ),
        (("lake", "words", "raw"), 2, "the lake is not compacted yet; run `khobao lake compact "),
        (("lake", "add", "raw"), 3, "no archive there"),
        (("lake", "reed"), 2, "did you mean 'read'?"),
        (("browse", "--lake", "full"), 2, "no lake there"),
        (("browse", "--lake", "raw"), 2, "run `khobao lake compact raw` first"),
        (("browse", "--lake", "raw", "--public", "--sql"), 2, "see `khobao lake sql`"),
        (("browse", "--lake", "memory://lake"), 2, "needs a lake in a folder; copy it, or mount it"),
    ],
    ids=[
        *("list", "part", "outlet", "scheduler", "dashboard", "folder", "compact", "version", "sql"),
        *("no address", "WARC as list", "day", "days", "words", "add", "command"),
        *("browse", "raw", "tables", "remote"),
    ],
)
def test_bad_input_is_one_clear_line(inline, tmp_path, arguments, code, line):
    """What is wrong is said with what would be right, and no file of a lake is written."""
    write_warc(tmp_path / "a.warc.gz", [page(1)])
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("x")
    open_lake(str(tmp_path / "raw"), create=True)
    open_lake("memory://lake", create=True)
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer" / "lake.json").write_text('{"format": "khobao-lake", "version": 99, "readers": []}')

    ran = inline(*arguments)

    assert (code, True) == (ran.code, line in ran.err), ran.err
    assert not (tmp_path / "lake" / "parts").exists()


def test_a_scheduler_that_is_not_there_is_one_clear_line(inline, tmp_path, monkeypatch):
    """Nothing is read, and the address is named: without an answer, without a listener, without a port."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(dask_engine, "_CONNECT_SECONDS", 1)
    write_warc(tmp_path / "a.warc.gz", [page(1)])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        addresses = (f"tcp://127.0.0.1:{silent.getsockname()[1]}", "tcp://127.0.0.1:9", "127.0.0.1")
        runs = [
            inline("lake", "read", "a.warc.gz", "--to", "lake", "--engine", "dask", "--scheduler", address)
            for address in addresses
        ]

    for address, ran in zip(addresses, runs, strict=True):
        assert (2, 1) == (ran.code, len(ran.err.splitlines())), ran.err
        assert f"--scheduler {address}: no scheduler answers there: " in ran.err
    assert not (tmp_path / "lake" / "done").exists()


def test_a_cluster_without_workers_or_place_is_one_clear_line(inline, tmp_path, monkeypatch):
    """A scheduler without workers and a dashboard without an address end the command instead of an endless wait."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(dask_engine, "_WORKER_SECONDS", 1)
    write_warc(tmp_path / "a.warc.gz", [page(1)])
    call = ("lake", "read", "a.warc.gz", "--to", "lake", "--engine", "dask")
    with distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", host="127.0.0.1") as cluster:
        idle = inline(*call, "--scheduler", cluster.scheduler_address)
    nowhere = inline(*call, "--dashboard", "nonsense")

    assert (2, True) == (idle.code, "it has no workers; `dask worker tcp://127.0.0.1:" in idle.err), idle.err
    assert (2, True) == (nowhere.code, "with --dashboard nonsense: " in nowhere.err), nowhere.err
    assert not (tmp_path / "lake" / "done").exists()
