"""SQL over a lake: one SELECT, on the lake's own files alone."""

import os
import signal
import threading
import time

import pytest
from lakefiles import add_part

from archive.errors import UsageError
from archive.lake.compaction import compact_lake
from archive.lake.layout import open_lake
from archive.lake.queries import run_query


@pytest.fixture
def lake(tmp_path):
    """A lake of two articles, one captured twice, and a page without an article."""
    place = tmp_path / "it's a lake"
    add_part(place, "a", ("1", 0, {"text": "A"}), ("1", 1, {"text": "A"}), ("2", 0, {}))
    folder = open_lake(str(place))
    compact_lake(folder)
    return folder


@pytest.mark.parametrize(("table", "count"), [("articles", 2), ("captures", 3), ("ledger", 4), ("words", 0)], ids=str)
def test_each_table_has_its_rows(lake, table, count):
    """Articles, captures, ledger and words are tables; one that is not made yet is empty."""
    with run_query(lake, f"SELECT count(*) AS n FROM {table}") as result:
        assert (("n",), [(count,)]) == (result.columns, list(result.rows))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')",
        "SELECT * FROM glob('/etc/*')",
        "COPY articles TO '{lake}/copy.csv'",
        "ATTACH '/tmp/other.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "DROP VIEW articles",
        "SELECT 1; SELECT 2",
        "SELEC 1",
        "SELECT nothing FROM articles",
        "",
    ],
)
def test_nothing_else_is_read_or_changed(lake, sql):
    """Other files, the network, settings and every statement that is not one SELECT are refused in one line."""
    with pytest.raises(UsageError) as refused, run_query(lake, sql.format(lake=lake.path)) as result:
        list(result.rows)

    assert "\n" not in str(refused.value)
    assert not (lake.path / "copy.csv").exists()


@pytest.mark.parametrize(
    ("sql", "hint"),
    [("SELECT headline FROM articles", 'Candidate bindings: "'), ("SELECT 1 FROM article", 'Did you mean "articles"?')],
    ids=["column", "table"],
)
def test_a_mistyped_name_is_answered_with_those_that_are_there(lake, sql, hint):
    """The line says what is wrong and what would be right."""
    with pytest.raises(UsageError) as refused, run_query(lake, sql):
        pass

    assert hint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_interrupt_ends_a_long_query_at_once(lake):
    """Ctrl-C during a query that would take days ends it, while DuckDB computes."""
    endless = "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b WHERE a.range % 7 = b.range"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt), run_query(lake, endless) as result:
            list(result.rows)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)

    assert time.monotonic() - began < 20
