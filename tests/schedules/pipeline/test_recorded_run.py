"""Recording a run in the ledger."""

import json

import pytest
from factories import NOW

from archive.store.writer import ArchiveWriter
from schedules.events import PageEvent
from schedules.pipeline.recorded_run import RecordedRun, ending_run, recorded_run

NEWS = PageEvent("bao", "http://bao.example/tin-1.html", outcome="archived")


@pytest.fixture
def archive(tmp_path):
    """An empty archive."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        yield archive


def rows(archive):
    """The kind, state, arguments and counts of every run."""
    found = archive.db.execute("SELECT kind, state, arguments, counts FROM runs ORDER BY id").fetchall()
    return [(kind, state, json.loads(arguments), json.loads(counts)) for kind, state, arguments, counts in found]


def test_a_run_that_ends_is_done_with_its_counts(archive):
    """Events are counted by outlet and passed on, and the ledger has the counts when the block ends."""
    seen = []
    with recorded_run(archive.runs, "crawl", {"limit": 3}, lambda: NOW) as run:
        run.counting(seen.append)(NEWS)
        assert [("crawl", "running", {"limit": 3}, {})] == rows(archive)

    ((kind, state, arguments, counts),) = rows(archive)
    assert ("crawl", "done", {"limit": 3}) == (kind, state, arguments)
    assert (1, 1) == (counts["bao"]["asked"], counts["bao"]["archived"])
    assert [NEWS] == seen


def test_an_error_leaves_a_failed_run_with_its_counts(archive):
    """The error is raised, and the counts before it are recorded."""

    def crawl():
        with recorded_run(archive.runs, "crawl", {}, lambda: NOW) as run:
            run.count(NEWS)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crawl()

    ((_, state, _, counts),) = rows(archive)
    assert ("failed", 1) == (state, counts["bao"]["asked"])


def test_the_block_may_set_how_the_run_ended(archive):
    """A state that the block sets is recorded, and so are other counts."""
    with recorded_run(archive.runs, "reextract", {}, lambda: NOW) as run:
        run.state, run.counts = "stopped", lambda: {"bao": {"same": 2}}

    assert [("reextract", "stopped", {}, {"bao": {"same": 2}})] == rows(archive)


def test_a_run_that_is_in_the_ledger_already_is_ended(archive):
    """A resumed run is ended like a new one, and no second one is recorded."""
    known = archive.runs.begin_run("backfill", {"outlets": ["bao"]}, NOW)
    with ending_run(archive.runs, RecordedRun(known), lambda: NOW):
        pass

    assert [("backfill", "done", {"outlets": ["bao"]}, {})] == rows(archive)
