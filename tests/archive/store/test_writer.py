"""Writing to the archive: each write is complete or has no effect, one process writes, errors are clear."""

from __future__ import annotations

import inspect
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from factories import (
    FEED,
    LATER,
    NOW,
    OUTLET,
    PAGE,
    SITE,
    SOURCE,
    make_capture,
    make_links,
    make_poll,
    make_record,
    make_visit,
)

from archive.captures.store import Captures
from archive.errors import ArchiveError, ArchiveFull, ArchiveLocked, Failure, Reason
from archive.ledger.backfill_model import Coverage, ListFacts, ListRead, ListState
from archive.ledger.model import HostFacts, StoredRobots
from archive.record import CaptureRef, StoredCapture
from archive.store.ledger_writer import LedgerWriter
from archive.store.reader import ArchiveReader
from archive.store.runs import RunStore
from archive.store.terms import TermStore
from archive.store.writer import ArchiveWriter
from archive.terms.background import WeekToCount
from archive.terms.counting import count_terms

GONE = Failure(Reason.GONE, "404")
LIST = ListFacts(url=f"{SITE}/2026-02.xml", outlet="vntin", kind="archive")
# Every method that writes, called so that it changes something. Add new methods here.
WRITES: dict[str, Callable[[ArchiveWriter], object]] = {
    "record_heartbeat": lambda archive: archive.runs.record_heartbeat(1, {"vntin": {}}, LATER),
    "shift_due_times": lambda archive: (
        archive.runs.record_heartbeat(1, {}, NOW + timedelta(days=9)),
        archive.ledger.shift_due_times(NOW),
    ),
    "make_sources_due": lambda archive: archive.ledger.make_sources_due("vntin", ["feed"], NOW),
    "release_source": lambda archive: archive.ledger.release_source(FEED, NOW),
    "delete_captures": lambda archive: archive.delete_captures("feeds.warc", []),
    "optimize": lambda archive: archive.optimize(),
    "begin_run": lambda archive: archive.runs.begin_run("crawl", {}, NOW),
    "end_run": lambda archive: archive.runs.end_run(1, "done", {"vntin": {}}, LATER),
    "declare": lambda archive: archive.runs.declare([OUTLET], [SOURCE]),
    "rename_outlet": lambda archive: archive.runs.rename_outlet("vntin", OUTLET.name, "Tin mới"),
    "save_robots": lambda archive: archive.ledger.save_robots(StoredRobots(SITE, 200, "User-agent: *", NOW, LATER)),
    "save_host": lambda archive: archive.ledger.save_host(HostFacts("vntin.example", 1.0)),
    "claim_source": lambda archive: archive.ledger.claim_source(SOURCE, NOW),
    "record_poll": lambda archive: archive.ledger.record_poll(make_poll()),
    "discover": lambda archive: archive.ledger.discover("vntin", FEED, make_links("200"), NOW),
    "claim_address": lambda archive: archive.ledger.claim_address(PAGE, NOW, LATER),
    "release_address": lambda archive: archive.ledger.release_address(PAGE, LATER),
    "reschedule": lambda archive: archive.ledger.reschedule(PAGE, LATER),
    "save_record": lambda archive: archive.save_record(make_record(), make_visit()),
    "confirm_unchanged": lambda archive: archive.confirm_unchanged(make_visit(status=304)),
    "record_outcome": lambda archive: archive.record_outcome(make_visit(status=404, failure=GONE)),
    "save_part_capture": lambda archive: archive.save_part_capture(
        PAGE, 200, StoredCapture(CaptureRef("pages.warc", 1, 100, "sha1:B"), NOW)
    ),
    "save_document": lambda archive: archive.save_document(make_record("300"), NOW),
    "merge": lambda archive: archive.merge(
        archive.path.with_name("other.db"), archive.path.parent, archive.path.parent
    ),
    "regroup_stories": lambda archive: archive.regroup_stories(),
    "vacuum": lambda archive: archive.vacuum(),
    "learn_recurring_lines": lambda archive: archive.learn_recurring_lines("vntin"),
    "forget_recurring_lines": lambda archive: archive.forget_recurring_lines("vntin"),
    "save_reextracted": lambda archive: archive.save_reextracted(1, "khobao", make_record("300"), NOW),
}
WRITES |= {
    "set_run_state": lambda archive: archive.runs.set_run_state(1, "waiting", served=True),
    "enter_lists": lambda archive: archive.runs.enter_lists(1, [LIST]),
    "record_list": lambda archive: archive.runs.record_list(
        ListState(id=1, run=1, facts=LIST), ListRead(following=(LIST,)), make_links("200"), NOW
    ),
    "enter_wanted": lambda archive: archive.runs.enter_wanted("vntin", make_links("200"), 1, NOW),
    "save_plan": lambda archive: archive.runs.save_plan(1, {"done": []}),
    "postpone_list": lambda archive: (archive.runs.enter_lists(1, [LIST]), archive.runs.postpone_list(1, LATER)),
    "defer_list": lambda archive: (
        archive.runs.enter_lists(1, [LIST]),
        archive.runs.defer_list(1, 10, "it tells no days"),
    ),
    "postpone_address": lambda archive: archive.runs.postpone_address(PAGE, LATER),
    "release_addresses": lambda archive: archive.runs.release_addresses(1),
    "save_coverage": lambda archive: archive.runs.save_coverage("vntin", [Coverage(day=NOW.date(), announced=1)], NOW),
    "cancel_run": lambda archive: archive.runs.cancel_run(1, NOW),
    "save_week_counts": lambda archive: archive.terms.save_week_counts(
        WeekToCount(NOW.date() - timedelta(days=NOW.weekday()), 1, 1), count_terms(["Vệt trắng trên bầu trời"])
    ),
}
NOT_WRITES = {
    "create_or_open",
    "batch",
    "beside",
    "index_waiting",
    "indexing_late",
    "weeks_to_count",
    "sampled_texts",
}


@pytest.fixture
def archive(archive: ArchiveWriter, monkeypatch: pytest.MonkeyPatch) -> ArchiveWriter:
    """An archive with a capture and articles, some of whose lines are counted, and another archive beside it."""
    with ArchiveWriter.create_or_open(archive.path.with_name("other.db")) as other:
        other.save_document(make_record("400"), NOW)
    monkeypatch.setattr("archive.articles.boilerplate.BUCKET", 1)
    archive.save_document(make_record("500"), NOW)
    archive.learn_recurring_lines("vntin")
    archive.save_document(make_record("600"), NOW)
    archive.ledger.record_poll(make_poll(), StoredCapture(CaptureRef("feeds.warc", 350, 100, "sha1:A"), NOW))
    archive.runs.enter_wanted("vntin", make_links("700"), 1, NOW)
    return archive


def contents(path: Path) -> list[str]:
    """Return the whole content of a database as SQL."""
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_every_writing_method_is_tested() -> None:
    """The table above has every method that writes to the archive."""
    public = {
        name
        for kind in (ArchiveWriter, RunStore, LedgerWriter, TermStore)
        for name, _ in inspect.getmembers(kind, callable)
        if not name.startswith("_")
    }
    own = public - {name for name, _ in inspect.getmembers(ArchiveReader, callable)}

    assert own - NOT_WRITES == WRITES.keys()


@pytest.mark.parametrize("name", WRITES)
def test_a_write_changes_something(archive: ArchiveWriter, name: str) -> None:
    """After each method returns, another reader sees the change."""
    before = contents(archive.path)
    WRITES[name](archive)

    assert not archive.db.conn.in_transaction
    assert name in {"declare", "regroup_stories", "optimize", "vacuum"} or before != contents(archive.path)


@pytest.mark.parametrize("name", WRITES)
def test_a_locked_archive_is_reported(archive: ArchiveWriter, name: str) -> None:
    """If another program locks the database, the method waits, and then reports it."""
    archive.db.execute("PRAGMA busy_timeout = 0")
    before = contents(archive.path)
    with closing(sqlite3.connect(archive.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveLocked, match=r"archive\.db: another program holds it locked; try again"):
            WRITES[name](archive)

    assert before == contents(archive.path)


def test_a_query_may_outlive_its_archive(archive: ArchiveWriter) -> None:
    """An unfinished query does not raise an error after the archive was closed."""
    with ArchiveReader.open(archive.path) as reader:
        rows = reader.query("SELECT url FROM addresses UNION ALL SELECT url FROM sources")
        next(rows)

    rows.close()  # type: ignore[attr-defined]


def test_a_reader_has_no_writing_method(archive: ArchiveWriter) -> None:
    """A reader has no method that writes, no writer is a reader, and no reader leads to a writer."""
    assert set() == {name for name in WRITES if hasattr(ArchiveReader, name)}
    assert not any(issubclass(kind, ArchiveReader) for kind in (ArchiveWriter, RunStore, LedgerWriter, TermStore))
    with ArchiveReader.open(archive.path) as reader:
        assert set() == {name for name in ("runs", "ledger", "terms", "batch", "_transaction") if hasattr(reader, name)}


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Limit the size of the files of this process, as a quota would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", WRITES)
def test_a_full_disk_leaves_nothing_half_written(archive: ArchiveWriter, name: str) -> None:
    """If the disk is full, nothing is half-written, and the next write works again."""
    before = contents(archive.path)
    log = archive.path.with_name("archive.db-wal").stat().st_size
    with no_file_above(log), pytest.raises(ArchiveError, match=r"archive\.db: "):
        WRITES[name](archive)

    assert before == contents(archive.path)
    WRITES[name](archive)


def test_a_full_disk_is_reported_as_such(archive: ArchiveWriter) -> None:
    """A write that does not fit is refused completely, and existing data stays."""
    archive.save_record(make_record(), make_visit())
    (pages,) = archive.db.execute("PRAGMA page_count").fetchone()
    archive.db.execute(f"PRAGMA max_page_count = {pages}")
    before = contents(archive.path)
    with pytest.raises(ArchiveFull, match="the disk is full; nothing that was archived is lost"):
        archive.save_record(make_record(text="Vệt trắng. " * 5000), make_visit())

    assert before == contents(archive.path)


def test_a_second_writer_is_refused(archive: ArchiveWriter) -> None:
    """A second writer is refused and told which process writes; readers still work."""
    with pytest.raises(
        ArchiveLocked, match=rf"another khobao \(process {os.getpid()}\) is writing to it; readers still"
    ):
        ArchiveWriter.create_or_open(archive.path)
    with ArchiveReader.open(archive.path) as reader:
        assert 2 == reader.status()[0].articles


def test_the_lock_ends_when_the_archive_is_closed(path: Path) -> None:
    """After a writer closes the archive, another may write, and the lock file is empty."""
    ArchiveWriter.create_or_open(path).close()
    with ArchiveWriter.create_or_open(path):
        assert f"{os.getpid()}\n" == path.with_name("archive.db.lock").read_text()


def test_a_killed_run_is_marked_as_killed(path: Path) -> None:
    """A run that seems to be running when the archive is opened was killed, and is marked so."""
    with ArchiveWriter.create_or_open(path) as archive:
        done = archive.runs.begin_run("crawl", {"limit": 3}, NOW)
        archive.runs.end_run(done, "done", {"vntin": {"new": 1}}, LATER)
        archive.runs.begin_run("add", {}, NOW)
    with ArchiveWriter.create_or_open(path) as archive:
        runs = list(archive.reader.query("SELECT kind, state, arguments, counts, ended_at IS NULL AS open FROM runs"))

    assert [
        {"kind": "crawl", "state": "done", "arguments": '{"limit": 3}', "counts": '{"vntin": {"new": 1}}', "open": 0},
        {"kind": "add", "state": "killed", "arguments": "{}", "counts": "{}", "open": 1},
    ] == runs


STEPS = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = {paths!r}
from factories import *
from archive.captures.store import Captures
from archive.record import StoredCapture
from archive.store.writer import ArchiveWriter

folder, steps = Path(sys.argv[1]), int(sys.argv[2])
archive = ArchiveWriter.create_or_open(folder / "archive.db")
captures = Captures(folder / "captures")
kept = []

def capture():
    kept.append(StoredCapture(captures.append(make_capture()), NOW))
    captures.sync()

todo = [
    lambda: archive.runs.begin_run("crawl", {{}}, NOW),
    lambda: archive.runs.declare([OUTLET]),
    lambda: archive.ledger.claim_source(SOURCE, LATER),
    lambda: archive.ledger.discover("vntin", FEED, make_links("100"), NOW),
    lambda: archive.ledger.record_poll(make_poll()),
    lambda: archive.ledger.claim_address(PAGE, NOW, LATER),
    capture,
    lambda: archive.save_record(make_record(), make_visit(), kept[0]),
]
for step in todo[:steps]:
    step()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("steps", range(9))
def test_a_kill_between_steps_loses_nothing(tmp_path: Path, steps: int) -> None:
    """After a kill, finished steps are kept, the others are done later, and `check` finds nothing wrong."""
    from archive.maintenance.check import check

    root = Path(__file__).parents[3]
    code = STEPS.format(paths=[str(root), str(root / "tests" / "support")])
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(steps)], check=False, timeout=60)
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        source, address, article = (
            archive.reader.source(FEED),
            archive.reader.address(PAGE),
            archive.reader.article(PAGE),
        )
        said = [(finding.gravity, finding.what) for finding in check(archive.reader, tmp_path / "captures")]

    assert -signal.SIGKILL == killed.returncode
    assert (steps >= 3) == (source is not None)
    assert (steps >= 4) == (address is not None)
    if source:
        assert (LATER if steps >= 5 else None) == source.next_due_at
        assert (NOW if steps >= 5 else None) == source.polled_at
    if address:
        state = ("archived", None) if steps == 8 else ("due", NOW)
        assert state == (address.state, address.next_due_at)
    assert (steps == 8) == (article is not None)
    assert (
        [("note", "1 captures that no row refers to; a killed process leaves such captures")] if steps == 7 else []
    ) == said


def test_a_transaction_that_fails_is_undone(archive: ArchiveWriter) -> None:
    """An exception rolls its whole transaction back."""
    before = contents(archive.path)
    with pytest.raises(AssertionError, match="not in the ledger"):
        archive.save_record(make_record(), make_visit(f"{SITE}/unknown.html"))
    with pytest.raises(AssertionError, match="not in the ledger"):
        archive.ledger.record_poll(replace(make_poll(), url=f"{SITE}/unknown.rss"))

    assert before == contents(archive.path)


def test_a_row_is_never_without_its_answer(archive: ArchiveWriter, folder: Path) -> None:
    """Article, request and capture refer to each other, as `why` shows."""
    kept = Captures(folder)
    capture = make_capture()
    archive.save_record(make_record(), make_visit(), StoredCapture(kept.append(capture), capture.fetched_at))
    kept.close()
    why = archive.reader.why(PAGE)

    assert why is not None
    assert why.captures[0]["id"] == why.requests[0]["capture"]
    assert make_record().id == why.captures[0]["article"]


def test_a_batch_is_one_transaction(archive):
    """Several writes in one batch are one transaction: all are kept, or none."""
    with archive.batch():
        for number in ("400", "401"):
            archive.save_document(make_record(number), NOW)
    with pytest.raises(KeyError), archive.batch():
        raise KeyError(archive.save_document(make_record("402"), NOW))

    assert archive.reader.article(make_record("401").id)
    assert archive.reader.article(make_record("402").id) is None


def test_a_batch_updates_the_search_index(archive):
    """The search index is updated at the end of a batch with its final texts; a failed batch changes nothing."""
    edited, withdrawn, archived = (make_record(key) for key in ("201", "202", "203"))
    archive.save_document(archived, NOW)
    with archive.batch():
        archive.save_document(edited, NOW)
        archive.save_document(withdrawn, NOW)
        for record, text in ((edited, "Cầu dài 820 mét."), (archived, "Phà chở 62 khách.")):
            archive.save_reextracted(0, "test", replace(record, document=replace(record.document, text=text)), NOW)
        for table, name in (("sketches", "article"), ("revisions", "article"), ("articles", "id")):
            one = "(SELECT number FROM articles WHERE id = ?)" if table == "sketches" else "?"
            archive.db.execute(f"DELETE FROM {table} WHERE {name} = {one}", (withdrawn.id,))
    timeless = make_record("205", modified_at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="without a timezone"), archive.batch():
        list(map(archive.save_document, [make_record("204"), timeless], [NOW, NOW]))

    assert [edited.id] == [hit.id for hit in archive.reader.search("cau 820").hits]
    assert [archived.id] == [hit.id for hit in archive.reader.search("pha 62").hits]
    assert archive.reader.article(withdrawn.id) is None is archive.reader.article(make_record("204").id)
    assert [] == list(archive.reader.query("SELECT * FROM unindexed"))
    archive.db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
