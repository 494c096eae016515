"""The page *Search*, where the search itself runs out of time."""

from datetime import date

from shelf import record

from archive.browse.page_request import PageRequest
from archive.browse.pages.search import search
from archive.search import engine
from archive.store.writer import ArchiveWriter


def test_every_counted_article_is_listed(tmp_path, monkeypatch):
    """If the time of the ranked search is over after some months, the other matches follow, newest first."""
    monkeypatch.setattr(engine, "_SECONDS", -1.0)
    monkeypatch.setattr(engine, "_AT_ONCE", 1)
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        for month in range(1, 9):
            kept = record(str(month), text="Chợ nổi họp sớm.", date=date(2026, month, 1))
            archive.save_document(kept, kept.published_at)
        first = engine.search(archive.db, "chợ nổi", engine.Filters(), 200, clock=lambda: 0.0)
        page = search(archive.db, PageRequest({}, {"q": ["chợ nổi"]}))
        some = search(archive.db, PageRequest({}, {"q": ["chợ nổi"], "until": ["2026-05-31"]}))

    assert len(first.hits) < 8
    assert (8, None) == (page["found"], page["back_to"])
    assert [f"2026-0{month}-01" for month in range(8, 0, -1)] == [hit["date"] for hit in page["hits"]]
    assert 5 == len(some["hits"])
