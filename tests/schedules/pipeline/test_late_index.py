"""The new articles of a run enter the search index soon."""

import asyncio

from factories import NOW, make_plain_record

from archive.store.writer import ArchiveWriter
from schedules.events import PageEvent
from schedules.pipeline import late_index


def test_an_article_is_found_after_a_while_and_at_the_end(tmp_path, monkeypatch):
    """An archived page is indexed when its time has come, and at the end of the run at the latest."""
    monkeypatch.setattr(late_index, "_LONGEST_WAIT", 0.0)
    told = []

    async def run(archive):
        counts = []
        with late_index.indexing_late(archive, told.append) as report:
            for key in ("1", "2"):
                archive.save_document(make_plain_record(key, text="Cầu thông xe."), NOW)
                counts.append(len(archive.reader.search("cầu").hits))
                if key == "1":
                    report(PageEvent("vntin", "http://vntin.example/1", outcome="archived"))
                    await asyncio.sleep(0.001)  # longer than the wait
                    counts.append(len(archive.reader.search("cầu").hits))
        return [*counts, len(archive.reader.search("cầu").hits)]

    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        assert [0, 1, 1, 2] == asyncio.run(run(archive))
    assert ["archived"] == [event.outcome for event in told]
