"""Merging two archives: nothing is lost, and nothing is stored twice."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keeping import START, Crawl, id_of, url_of

from archive.captures.store import Captures
from archive.errors import ArchiveError, UsageError
from archive.maintenance.check import check
from archive.record import CaptureRef
from archive.store.merge import MergeResult
from archive.store.writer import ArchiveWriter

TABLES = ("articles", "revisions", "addresses", "captures", "requests", "runs", "tombstones", "outlets")


@pytest.fixture
def ours(tmp_path):
    """Our archive: article 1 in two revisions, article 2, and article 3, which is gone."""
    with ArchiveWriter.create_or_open(
        tmp_path / "ours" / "archive.db" if (tmp_path / "ours").mkdir() is None else ""
    ) as archive:
        crawl = Crawl(archive, tmp_path / "ours" / "captures")
        crawl.see("1")
        crawl.see("1", "Cầu dài 820 mét.")
        crawl.see("2")
        crawl.see("3")
        crawl.miss("3")
        crawl.end()
        yield archive


@pytest.fixture
def theirs(tmp_path):
    """Their archive: article 1 between and after our revisions, article 4, and article 3, which is back."""
    (tmp_path / "theirs").mkdir()
    with ArchiveWriter.create_or_open(tmp_path / "theirs" / "archive.db") as archive:
        crawl = Crawl(archive, tmp_path / "theirs" / "captures", START + timedelta(minutes=30))
        crawl.see("1", "Cầu dài 815 mét.")
        crawl.see("4", "Cầu dài 815 mét.")
        crawl.now += timedelta(days=3)
        crawl.see("1", "Cầu dài 830 mét.", section="Giao thông")
        crawl.see("3")
        crawl.end()
    return tmp_path / "theirs" / "archive.db"


def merge(ours, theirs):
    """Merge their archive into ours."""
    return ours.merge(theirs, theirs.parent / "captures", ours.path.parent / "captures")


def rows(archive):
    """Return all rows of the tables."""
    return {table: archive.db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in TABLES}


def test_rows_of_the_other_archive_are_added(ours, theirs):
    """Articles, revisions, addresses, captures and requests of the other archive are added."""
    assert MergeResult(articles=1, revised=1, revisions=3, addresses=1, captures=4, lost=0) == merge(ours, theirs)
    assert "Cầu dài 815 mét." == ours.reader.article(url_of("4")).record.document.text
    assert 5 == len(ours.reader.why(url_of("1")).requests) + len(ours.reader.why(url_of("4")).requests)
    assert [] == [
        finding for finding in check(ours.reader, ours.path.parent / "captures") if finding.gravity == "error"
    ]


def test_revisions_of_both_are_ordered_by_time(ours, theirs):
    """An article of both archives has all revisions of both, and shows the newest text."""
    merge(ours, theirs)

    texts = [version.document.text.split()[2] for version in ours.reader.versions(id_of("1"))]
    assert ["812", "815", "820", "830"] == texts
    assert ["first", "material", "material", "material"] == [v.change for v in ours.reader.versions(id_of("1"))]
    article = ours.reader.article(id_of("1"))
    assert (4, "Giao thông", "Cầu dài 830 mét.") == (
        article.revision,
        article.record.section,
        article.record.document.text,
    )
    assert article.first_seen_at == START + timedelta(hours=1)
    assert [id_of("1")] == [hit.id for hit in ours.reader.search("830").hits]


def test_the_latest_visit_decides_whether_an_article_is_gone(ours, theirs):
    """An article that the other archive saw later is back, and its tombstone stays in the history."""
    assert ours.reader.article(id_of("3")).gone_at
    merge(ours, theirs)

    assert ours.reader.article(id_of("3")).gone_at is None
    assert 1 == len(ours.reader.why(url_of("3")).tombstones)


def test_captures_are_copied_and_can_be_read(ours, theirs):
    """The other archive's captures files are copied unchanged, and every row leads to its response."""
    merge(ours, theirs)

    folder = ours.path.parent / "captures"
    for row in ours.reader.query("SELECT file, offset, length, digest FROM captures"):
        assert Captures(folder).read(CaptureRef(**row)).payload.startswith("Cầu".encode())
    kept = {file.name: file.read_bytes() for file in (theirs.parent / "captures").iterdir()}
    assert kept == {file.name: file.read_bytes() for file in folder.glob("from-*/*.warc")}


def test_merging_twice_has_the_effect_of_once(ours, theirs):
    """A second merge of the same archive changes nothing."""
    merge(ours, theirs)
    before = rows(ours)

    assert MergeResult(0, 0, 0, 0, 0, 0) == merge(ours, theirs)
    assert before == rows(ours)


def test_merging_back_and_forth_ends(ours, theirs, tmp_path):
    """After merging in both directions, both archives have the same articles and revisions, and each capture once."""
    merge(ours, theirs)
    with ArchiveWriter.create_or_open(theirs) as other:
        other.merge(ours.path, ours.path.parent / "captures", theirs.parent / "captures")
        assert [v.document for v in ours.reader.versions(id_of("1"))] == [
            v.document for v in other.reader.versions(id_of("1"))
        ]
        assert ours.db["captures"].count == other.db["captures"].count
    before = rows(ours)

    merge(ours, theirs)

    assert before == rows(ours)


def test_missing_captures_are_reported_and_skipped(ours, theirs):
    """If the other archive's captures files are missing, the captures are skipped and reported."""
    for file in (theirs.parent / "captures").glob("*.warc"):
        file.unlink()

    merged = merge(ours, theirs)

    assert (0, 4, 1) == (merged.captures, merged.lost, merged.articles)
    assert [] == [
        finding for finding in check(ours.reader, ours.path.parent / "captures") if finding.gravity == "error"
    ]


def test_a_merge_with_itself_is_refused(ours):
    """Merging an archive with itself, by any path, is refused in one line and changes nothing."""
    link = ours.path.parent / "link.db"
    link.symlink_to(ours.path)
    before = rows(ours)

    for name in (ours.path, link):
        with pytest.raises(UsageError, match="the archive itself"):
            merge(ours, name)
    assert before == rows(ours)


def test_a_file_that_is_not_an_archive_is_refused(ours, tmp_path):
    """A file that does not exist, or is not an archive, is named."""
    (tmp_path / "text.db").write_text("Cầu dài 812 mét. " * 100)
    for name in ("none.db", "text.db"):
        with pytest.raises(ArchiveError, match=name):
            merge(ours, tmp_path / name)


def test_a_merge_that_fails_leaves_everything_as_it_was(ours, theirs, monkeypatch):
    """If a merge fails in the middle, nothing of it stays."""
    before = rows(ours)
    monkeypatch.setattr("archive.store.merge._weave", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        merge(ours, theirs)

    assert before == rows(ours)
    monkeypatch.undo()
    assert 1 == merge(ours, theirs).articles


HISTORIES = st.dictionaries(st.integers(0, 5), st.sampled_from(["812", "820", "815"]), max_size=4)  # metres by hour


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(HISTORIES, HISTORIES)
def test_both_archives_get_the_same_history(one, other):
    """Whatever each archive saw, and when, both get the same history in the order of time, with the same numbers."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        histories = []
        for path, seen in ((folder / "a.db", one), (folder / "b.db", other)):
            with ArchiveWriter.create_or_open(path) as archive:
                crawl = Crawl(archive, folder / "captures")
                for hours, metres in sorted(seen.items()):
                    crawl.now = START + timedelta(hours=hours)
                    crawl.see("1", f"Cầu dài {metres} mét.")
                crawl.end()
                histories.append([(v.seen_at, v.document) for v in archive.reader.versions(id_of("1"))])
        merged = []
        for ours, theirs in (("a.db", "b.db"), ("b.db", "a.db"), ("a.db", "b.db")):
            with ArchiveWriter.create_or_open(folder / ours) as archive:
                archive.merge(folder / theirs, folder / "captures", folder / "captures")
                merged.append([(v.seen_at, v.document) for v in archive.reader.versions(id_of("1"))])
                assert [number for number, _ in enumerate(merged[-1], 1)] == [
                    v.revision for v in archive.reader.versions(id_of("1"))
                ]

    assert merged[0] == merged[1] == merged[2] == sorted(merged[0], key=lambda version: version[0])
    told = sorted((v for history in histories for v in history), key=lambda v: (v[0], v[1].text))
    assert [v for v, before in zip(told, [(None, None), *told], strict=False) if v[1] != before[1]] == merged[0]


def test_an_article_that_is_another_by_a_merge_is_grouped_anew(ours, theirs):
    """After a merge, articles are compared with the newest text of both archives."""
    before = dict(ours.db.execute("SELECT id, s.text FROM sketches AS s JOIN articles ON number = article"))
    merge(ours, theirs)
    after = dict(ours.db.execute("SELECT id, s.text FROM sketches AS s JOIN articles ON number = article"))

    assert {id_of(key) for key in ("1", "2", "3", "4")} == after.keys()
    assert [id_of("1")] == [article for article in before if before[article] != after[article]]


HOSTILE_VALUES = [
    ("articles", "byline", "not JSON"),
    ("articles", "byline", "[1]"),
    ("articles", "tags", "{}"),
    ("articles", "published_at", "yesterday"),
    ("articles", "published_at", "9999-12-31T23:59:59.000Z"),
    ("articles", "date", "2026-02-30"),
    ("articles", "date", "0001-01-01"),
    ("articles", "date", "9999-12-31"),
    ("articles", "title", "  "),
    ("articles", "url", "javascript:alert(1)"),
    ("articles", "first_seen_at", "2026-02-04"),
    ("revisions", "seen_at", "soon"),
    ("captures", "fetched_at", "2026-13-01T00:00:00Z"),
    ("captures", "file", "../../../x"),
    ("captures", "file", "/etc/passwd"),
    ("captures", "offset", -1),
    ("runs", "arguments", "{"),
    ("sources", "polled_at", "x"),
    ("addresses", "discovered_at", "x"),
    ("requests", "asked_at", "0001-01-01T00:00:00.000Z"),
]


@pytest.mark.parametrize(("table", "column", "value"), HOSTILE_VALUES)
def test_an_invalid_row_is_refused(ours, theirs, table, column, value):
    """A row that no khobao writes is refused with everything that belongs to it; the rest is merged."""
    with closing(sqlite3.connect(theirs)) as other, other:
        other.execute("INSERT INTO sources (url, outlet, kind) VALUES ('https://b.vn/rss', 'bao', 'feed')")
        other.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = (SELECT max(rowid) FROM {table})", (value,))

    merged = merge(ours, theirs)

    assert merged.refused >= 1
    assert [] == ours.db.execute("PRAGMA foreign_key_check").fetchall()
    assert list(ours.reader.records())
    assert {article.record.id for row in ours.reader.records() if (article := ours.reader.article(row.id))}
    assert not ours.db.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (value,)).fetchall()


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_among_the_captures_is_not_followed(ours, theirs, tmp_path, kind):
    """A symbolic link in place of a captures file copies nothing into this archive."""
    secret, folder = tmp_path / "secret", theirs.parent / "captures"
    folder.rename(secret)
    folder.mkdir()
    if kind == "file":
        for file in secret.iterdir():
            (folder / file.name).symlink_to(file)
    else:
        with closing(sqlite3.connect(theirs)) as other, other:
            other.execute("UPDATE captures SET file = 'from-0123456789ab/' || file")
        (folder / "from-0123456789ab").symlink_to(secret)

    merged = merge(ours, theirs)

    assert 0 == merged.captures
    assert merged.lost > 0
    assert [] == list((ours.path.parent / "captures").glob("from-*/**/*.warc"))


def test_an_archive_of_another_schema_is_refused(ours, theirs):
    """If a table of the other archive lacks a column, one line says so, and nothing is merged."""
    with closing(sqlite3.connect(theirs)) as other, other:
        other.execute("ALTER TABLE imports RENAME COLUMN place TO elsewhere")
    before = rows(ours)

    with pytest.raises(ArchiveError, match="imports has no column 'place'"):
        merge(ours, theirs)
    assert before == rows(ours)
