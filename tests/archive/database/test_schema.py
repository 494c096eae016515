"""Archives of every released schema open, and are upgraded completely or not at all."""

import sqlite3
from contextlib import closing

import pytest
from keeping import id_of, url_of
from releases import OLD, RELEASED, digest_of, released_dumps

from archive.database import schema
from archive.errors import ArchiveError
from archive.maintenance.check import check
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter

DUMPS = released_dumps()
GOOD = """
CREATE TABLE readings (article TEXT REFERENCES articles (id), words INTEGER) STRICT;
INSERT INTO readings SELECT id, words FROM articles;
"""
BROKEN = GOOD + "UPDATE nowhere SET words = 1;\n"


@pytest.fixture(params=DUMPS)
def old(request, tmp_path):
    """An archive with an old schema."""
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")  # each of its statements would wait for the disk
        db.executescript(DUMPS[request.param])
        db.execute("PRAGMA journal_mode = WAL")
    return path


@pytest.fixture
def next_schema(monkeypatch):
    """Simulate a khobao that has one more migration."""

    def add(script):
        monkeypatch.setitem(schema.SCRIPTS, "9999_next", script)

    return add


def content(path):
    """Return everything in a file: the schema, and the rows of every table by column name."""
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        schema = db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        db.row_factory = sqlite3.Row
        return schema, {table: [dict(row) for row in db.execute(f"SELECT * FROM {table}")] for table in tables}


def without_added_columns(rows, before):
    """Return the rows of a table with only the columns from before an upgrade."""
    return [{name: row[name] for name in old} for row, old in zip(rows, before, strict=True)]


def open_with(path, script):
    """Add rows to an archive of an old schema, upgrade it, and return its rows."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(script)
    ArchiveWriter.create_or_open(path).close()
    return content(path)[1]


def test_an_old_archive_opens_with_all_it_had(old):
    """An upgraded archive still has its articles, revisions, tombstones and search index, and passes `check`."""
    with ArchiveWriter.create_or_open(old) as archive:
        assert "Cầu dài 820 mét." == archive.reader.article(url_of("1")).record.document.text
        assert ["first", "material"] == [version.change for version in archive.reader.versions(id_of("1"))]
        assert archive.reader.article(id_of("2")).gone_at
        assert [id_of("1")] == [hit.id for hit in archive.reader.search("cau 820").hits]
        found = [finding for finding in check(archive.reader, old.parent / "captures") if finding.gravity == "error"]
        assert ["the file of 3 captures is missing"] == [finding.what for finding in found]


def test_an_upgrade_carries_everything_over(old, next_schema):
    """A migration is applied once, when a writer opens the archive, and all rows stay."""
    before = content(old)[1]
    next_schema(GOOD)

    with pytest.raises(
        ArchiveError, match="written by an older khobao; `khobao upgrade-check` shows how to upgrade it"
    ):
        ArchiveReader.open(old)
    for _ in range(2):
        ArchiveWriter.create_or_open(old).close()

    after = content(old)[1]
    assert {id_of("1"), id_of("2")} == {row["article"] for row in after.pop("readings")}
    assert 1 == sum("9999_next" in row.values() for row in after.pop("_sqlite_migrations"))
    assert [] == [name for name, rows in after.items() if name not in before and rows]  # added tables begin empty
    assert {name: rows for name, rows in before.items() if name != "_sqlite_migrations"} == {
        name: without_added_columns(rows, before[name]) for name, rows in after.items() if name in before
    }


@pytest.fixture
def first_release(tmp_path):
    """An archive as the first release left it."""
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(DUMPS["0001_first_schema"])
    return path


def test_the_day_of_a_page_out_of_range_becomes_a_column(first_release):
    """The day that stood at the beginning of a sentence stands in its column; other sentences are left alone."""
    rows = open_with(
        first_release,
        """
        INSERT INTO addresses (url, outlet, article, discovered_at, state, reason, detail) VALUES
        ('http://bao.example/3', 'bao', '3', '2026-02-04T13:00:00.000Z', 'rejected', 'out_of_range',
            '2024-01-09 is outside the requested days (2024-01-10 or later)'),
        ('http://bao.example/4', 'bao', '4', '2026-02-04T13:00:00.000Z', 'rejected', 'no_text', '2024-01-09 is all'),
        ('http://bao.example/5', 'bao', '5', '2026-02-04T13:00:00.000Z', 'rejected', 'out_of_range', 'unknown');
        """,
    )["addresses"]

    dates = {row["url"]: row["article_date"] for row in rows}
    assert ["2024-01-09", None, None] == [dates[f"http://bao.example/{n}"] for n in (3, 4, 5)]
    assert [None] == [*{dates[url_of("1")], dates[url_of("2")]}]


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        ("1 trafilatura-2.3.1 rules-5f3a9c1b generic", ("1 trafilatura-2.3.1 rules-5f3a9c1b", "generic")),
        (
            "12 trafilatura-2.10.0 rules-00000000 until 2026-02-28",
            ("12 trafilatura-2.10.0 rules-00000000", "until 2026-02-28"),
        ),
        ("1 trafilatura-2.3.1 rules-5f3a9c1b", ("1 trafilatura-2.3.1 rules-5f3a9c1b", "")),
        ("another tool", ("another tool", "")),
        ("", ("", "")),
    ],
)
def test_the_rules_that_read_a_page_become_a_column(first_release, reader, expected):
    """What stood behind the version of the reader stands in `rules`, of articles and of every version."""
    rows = open_with(
        first_release, f"UPDATE articles SET reader = '{reader}'; UPDATE revisions SET reader = '{reader}';"
    )

    assert {expected} == {(row["reader"], row["rules"]) for table in ("articles", "revisions") for row in rows[table]}


@pytest.mark.parametrize(
    ("reader", "doubts", "expected"),
    [
        ("1 trafilatura-2.3.1 rules-5f3a9c1b", None, None),
        ("", "[]", None),
        ("1 trafilatura-2.3.1 rules-5f3a9c1b", "[]", "high"),
        ("1 trafilatura-2.3.1 rules-5f3a9c1b", '["date"]', "medium"),
        ("1 trafilatura-2.3.1 rules-5f3a9c1b", '["date", "text"]', "low"),
    ],
)
def test_the_confidence_follows_from_the_doubts(first_release, reader, doubts, expected):
    """Doubts lower the confidence in a reading; it is unknown if an earlier release, or no reader, read the page."""
    ArchiveWriter.create_or_open(first_release).close()
    with closing(sqlite3.connect(first_release)) as db:
        db.execute("UPDATE articles SET reader = ?, doubts = ?", (reader, doubts))
        found = db.execute("SELECT DISTINCT confidence FROM articles").fetchall()

    assert [(expected,)] == found


def test_an_upgrade_that_fails_leaves_the_archive_as_it_was(old, next_schema):
    """A migration that fails changes nothing: the previous khobao can still open the file."""
    before = content(old)
    next_schema(BROKEN)

    with pytest.raises(sqlite3.OperationalError, match="no such table: nowhere"):
        ArchiveWriter.create_or_open(old)

    assert before == content(old)
    del schema.SCRIPTS["9999_next"]
    with ArchiveWriter.create_or_open(old) as archive:
        assert archive.reader.article(id_of("1"))


def test_a_released_schema_is_not_edited():
    """A released migration must not change; it has a dump to compare with. A change needs a new migration."""
    dumps = [path.read_text(encoding="utf-8").split(maxsplit=3)[1:3] for path in sorted(OLD.glob("*.sql"))]

    assert [[name, digest_of(name)] for name in sorted(RELEASED)] == dumps


def test_every_schema_but_the_newest_is_released():
    """Every migration before the newest one is released."""
    assert {*schema.SCRIPTS} - {max(schema.SCRIPTS)} <= RELEASED <= {*schema.SCRIPTS}
