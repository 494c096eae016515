"""Every fault of an archive is found, and repaired if possible without loss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from factories import FIRST, LATER, PAGE, make_capture, make_record, make_visit

from archive.captures.store import Captures
from archive.errors import Failure, Reason
from archive.maintenance.check import Finding, check, check_packages, repair
from archive.record import StoredCapture
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter

pytestmark = pytest.mark.slow  # starts processes, or checks many cases


@pytest.fixture
def full(archive: ArchiveWriter, folder: Path) -> ArchiveWriter:
    """An archive of one article that was edited once, with stored responses."""
    kept = Captures(folder)
    for title in ("Vệt trắng", "Vệt trắng trên trời"):
        capture = make_capture(title.encode())
        archive.save_record(
            make_record(title=title), make_visit(), StoredCapture(kept.append(capture), capture.fetched_at)
        )
    kept.close()
    return archive


def findings(archive: ArchiveReader, folder: Path) -> list[tuple[str, str, str]]:
    """Return the findings as gravity, place without the folder, and text."""
    return [(f.gravity, Path(f.where).name, f.what) for f in check(archive, folder)]


def overwrite(path: Path, old: bytes, new: bytes) -> None:
    """Damage a file without changing its length."""
    assert len(old) == len(new)
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new, 1))


def execute(sql: str) -> Callable[[ArchiveWriter, Path], None]:
    """Damage the database in a way that foreign keys and triggers would prevent."""

    def damage(archive: ArchiveWriter, folder: Path) -> None:
        archive.db.execute("PRAGMA foreign_keys = OFF")
        archive.db.execute(sql)

    return damage


def in_captures(change: Callable[[Path], object]) -> Callable[[ArchiveWriter, Path], None]:
    """Damage the captures file."""
    return lambda archive, folder: change(folder / FIRST)


def malformed(archive: ArchiveWriter, folder: Path) -> None:
    """Remove an entry from an index of the database."""
    archive.db.execute("PRAGMA writable_schema = ON")
    archive.db.execute(
        "UPDATE sqlite_master SET sql = replace(sql, '(date,', '(title,') WHERE name = 'articles_by_date'"
    )
    archive.db.execute("PRAGMA writable_schema = RESET")


DAMAGE = {
    "an index that does not fit": (malformed, ("error", "archive.db", "damaged: row 1 missing from index")),
    "a reference to nothing": (
        execute("UPDATE captures SET article = '0123456789abcdef'"),
        ("error", "captures", "row 1 refers to a row of articles that does not exist"),
    ),
    "a claim": (
        execute("UPDATE addresses SET article = '0123456789abcdef'"),
        ("error", Path(PAGE).name, "refers to a missing article; `khobao check --repair` makes it due again"),
    ),
    "a lost revision": (
        execute("DELETE FROM revisions WHERE revision = 2"),
        ("error", make_record().id, "an article whose newest revision is missing"),
    ),
    "a lost text": (
        execute("UPDATE revisions SET text = NULL"),
        ("error", make_record().id, "an article with an older revision whose text is missing"),
    ),
    "a day that is none": (
        execute("UPDATE articles SET date = '2026-02-30'"),
        ("error", make_record().id, "not a document: day is out of range for month"),
    ),
    "no headline": (
        execute("UPDATE articles SET title = ''"),
        ("error", make_record().id, "not a document: a document needs a headline"),
    ),
    "a text that is not normal": (
        execute("UPDATE articles SET text = text || char(13, 10)"),
        ("error", make_record().id, "its document does not read back as it was written"),
    ),
    "an index that lacks words": (
        execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')"),
        ("error", "articles_fts", "the search index does not match the articles"),
    ),
    "an index that lacks headlines": (
        execute("INSERT INTO headlines_fts (headlines_fts) VALUES ('delete-all')"),
        ("error", "articles_fts", "the search index does not match the articles"),
    ),
    "a wrong tally": (
        execute("UPDATE tallies SET n = n + 1 WHERE what = 'article'"),
        ("error", "tallies", "articles or addresses of vntin are miscounted"),
    ),
    "a payload that is not what it was": (
        in_captures(lambda file: overwrite(file, b"\r\n\r\nV", b"\r\n\r\nW")),
        ("error", FIRST, "the payload differs from its recorded digest"),
    ),
    "another length": (
        execute("UPDATE captures SET length = length - 1 WHERE id = 1"),
        ("error", FIRST, "has another length than its row says"),
    ),
    "a place where nothing is": (
        execute("UPDATE captures SET offset = offset + 1 WHERE id = 2"),
        ("error", FIRST, "no capture can be read there: no record begins there"),
    ),
    "no file": (
        in_captures(lambda file: file.unlink()),
        ("error", FIRST, "the file of 2 captures is missing"),
    ),
    "damage in the middle": (
        in_captures(lambda file: overwrite(file, b"ng\r\n\r\nWARC/1.1", b"ng\r\n\r\nworc/1.1")),
        ("error", FIRST, "damaged at byte"),
    ),
    "answers without a row": (
        execute("DELETE FROM captures WHERE id = 2"),
        ("note", FIRST, "1 captures that no row refers to; a killed process leaves such captures"),
    ),
    "a torn tail": (
        in_captures(lambda file: file.write_bytes(file.read_bytes()[:-1])),
        ("note", FIRST, "ends in a torn record; the next crawl, or --repair, truncates it"),
    ),
}


def test_a_whole_archive_has_no_findings(full: ArchiveWriter, folder: Path) -> None:
    """A correctly written archive has no findings, for its writer and for a reader."""
    with ArchiveReader.open(full.path) as reader:
        assert [] == findings(reader, folder)
    assert [] == findings(full.reader, folder)
    assert [] == list(repair(full, folder, LATER))


def test_an_empty_archive_has_no_findings(archive: ArchiveWriter, folder: Path) -> None:
    """An archive without captures has no findings."""
    assert [] == findings(archive.reader, folder)


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found(full: ArchiveWriter, folder: Path, name: str) -> None:
    """Each kind of damage is reported with its place."""
    damage, (gravity, where, what) = DAMAGE[name]
    damage(full, folder)
    said = findings(full.reader, folder)

    assert any((gravity, where) == told[:2] and what in told[2] for told in said), said


def test_a_reader_sees_that_the_index_lacks_articles(full: ArchiveWriter, folder: Path) -> None:
    """Beside a writer, the search index is only checked for missing articles."""
    full.db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
    with ArchiveReader.open(full.path) as reader:
        said = findings(reader, folder)

    assert [
        ("error", "articles_fts", "the search index has 1 articles too few or too many; run `khobao check --repair`")
    ] == said


def test_a_damaged_page_ends_one_step(full: ArchiveWriter, folder: Path) -> None:
    """An unreadable database is reported as damaged, and the captures are still checked."""
    path = full.path
    (page,) = full.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'articles'").fetchone()
    full.close()
    (folder / FIRST).write_bytes((folder / FIRST).read_bytes()[:-1])
    content = bytearray(path.read_bytes())
    content[4096 * (page - 1) : 4096 * page] = b"\x55" * 4096
    path.write_bytes(content)
    with ArchiveReader.open(path) as archive:
        said = findings(archive, folder)

    assert ("error", path.name, "damaged: database disk image is malformed; restore a backup") in said
    assert ("note", FIRST) == said[-1][:2]


def test_repair_fixes_what_can_be_rebuilt_or_fetched_again(full: ArchiveWriter, folder: Path) -> None:
    """The index is rebuilt, the missing article is due, a torn tail is truncated: a second check finds nothing."""
    full.record_outcome(make_visit(etag='"1"', failure=Failure(Reason.GONE)))
    for name in ("an index that lacks words", "a torn tail"):
        DAMAGE[name][0](full, folder)
    full.db.execute("UPDATE addresses SET article = '0123456789abcdef', etag = 'x', last_modified = 'y'")
    mended = [(f.gravity, Path(f.where).name, f.what) for f in repair(full, folder, LATER)]
    address = full.reader.address(PAGE)

    assert [
        ("mended", "articles_fts", "the search index was rebuilt"),
        ("mended", Path(PAGE).name, "it referred to a missing article; it is due again"),
    ] == mended[:2]
    assert ("mended", FIRST) == mended[2][:2]
    assert address is not None
    assert ("due", LATER, "", "") == (address.state, address.next_due_at, address.etag, address.last_modified)
    assert [] == findings(full.reader, folder)


def test_files_of_another_archive_are_checked(full: ArchiveWriter, folder: Path) -> None:
    """Merged captures are in a folder of their own, with their revisits and originals."""
    kept = Captures(folder)
    capture = make_capture("Vệt trắng".encode())
    full.save_record(make_record(), make_visit(), StoredCapture(kept.append(capture), capture.fetched_at))
    kept.close()
    (folder / "other").mkdir()
    (folder / FIRST).rename(folder / "other" / FIRST)
    full.db.execute("UPDATE captures SET file = 'other/' || file")
    assert [] == findings(full.reader, folder)
    overwrite(folder / "other" / FIRST, b"\r\n\r\nV", b"\r\n\r\nW")

    assert [("error", FIRST)] * 2 == [told[:2] for told in findings(full.reader, folder)]


def test_repair_leaves_what_is_lost(full: ArchiveWriter, folder: Path) -> None:
    """Missing or damaged files stay reported, because they may be restored."""
    (folder / FIRST).rename(folder / "elsewhere")

    assert [] == list(repair(full, folder, LATER))
    assert 2 == full.db.execute("SELECT count(*) FROM captures").fetchone()[0]


def test_repair_does_not_truncate_damaged_files(full: ArchiveWriter, folder: Path) -> None:
    """Whole records after a damaged one are kept."""
    DAMAGE["damage in the middle"][0](full, folder)
    before = (folder / FIRST).read_bytes()

    assert [] == list(repair(full, folder, LATER))
    assert before == (folder / FIRST).read_bytes()


def test_a_package_of_our_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another distribution with a package `archive` would overwrite ours."""
    owners = {"archive": ["khobao", "archive-tools"], "crawler": ["khobao"], "other": ["x"]}
    monkeypatch.setattr("importlib.metadata.packages_distributions", lambda: owners)

    assert [
        Finding(
            "error",
            "the distribution 'archive-tools' has a package of this name; install khobao into a venv of its own",
            "archive",
        )
    ] == list(check_packages())


def test_other_errors_are_raised(full: ArchiveWriter, folder: Path) -> None:
    """An error that is neither damage nor a read-only file is raised, and ends the check."""
    full.db.execute("DROP TABLE articles_fts")

    with pytest.raises(Exception, match="no such table"):
        findings(full.reader, folder)
