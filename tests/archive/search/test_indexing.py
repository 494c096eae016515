"""New articles may enter the search index together; none is left out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import NOW, make_plain_record

from archive.maintenance.check import check
from archive.search.indexing import wait_for_index
from archive.search.watches import Watch
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter


def add(archive: ArchiveWriter, *keys: int) -> None:
    """Archive an article for each key."""
    for key in keys:
        archive.save_document(make_plain_record(str(key), title=f"Cầu {key}", text=f"Cầu {key} thông xe."), NOW)


def count_found(archive: ArchiveWriter) -> int:
    """Return how many articles a search finds."""
    return len(archive.reader.search("cầu", limit=100).hits)


def require_whole_index(archive: ArchiveWriter) -> None:
    """Fail if the search index differs from the articles."""
    archive.db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    archive.db.execute("INSERT INTO headlines_fts (headlines_fts, rank) VALUES ('integrity-check', 1)")


def test_articles_enter_the_index_twenty_at_a_time(archive: ArchiveWriter) -> None:
    """Articles wait for the index until there are twenty, until they are indexed by request, or until the end."""
    with archive.indexing_late():
        counts = []
        for keys in (range(19), range(19, 20), range(20, 22)):
            add(archive, *keys)
            counts.append(count_found(archive))
        archive.index_waiting()
        counts.append(count_found(archive))
        add(archive, 22)
    counts.append(count_found(archive))

    assert [0, 20, 20, 22, 23] == counts
    require_whole_index(archive)


def test_articles_that_wait_change_and_are_not_entered_twice(archive: ArchiveWriter) -> None:
    """The index has the newest text of an article that waited, also if a batch or a failed write came between."""
    with archive.indexing_late():
        add(archive, 1)
        edited = make_plain_record("1", title="Phà 1", text="Phà 1 dừng.")
        archive.save_reextracted(0, "test", edited, NOW)
        with archive.batch():
            add(archive, 2)
        timeless = make_plain_record("3", modified_at=NOW.replace(tzinfo=None))
        with pytest.raises(ValueError, match="without a timezone"), archive.batch():
            archive.save_document(timeless, NOW)
        add(archive, 4)

    assert (2, [edited.id]) == (count_found(archive), [hit.id for hit in archive.reader.search("phà").hits])
    require_whole_index(archive)


def test_the_next_writer_indexes_what_a_killed_one_left(archive: ArchiveWriter, folder: Path) -> None:
    """A check finds nothing wrong with articles that wait, and they are in the index when a writer has opened it."""
    wait_for_index(archive.db)
    add(archive, 1)
    with ArchiveReader.open(archive.path) as reader:
        assert [] == [finding for finding in check(reader, folder) if finding.gravity == "error"]
    archive.close()

    with ArchiveWriter.create_or_open(archive.path) as later:
        assert 1 == count_found(later)
        require_whole_index(later)


def test_saved_searches_find_articles_that_wait(archive: ArchiveWriter) -> None:
    """A saved search finds an article that has not entered the index before, once."""
    archive.watches.save([Watch("bridges", "cầu")], NOW)
    with archive.indexing_late():
        add(archive, 1)

        assert [1, 0] == [archive.watches.search_new(NOW), archive.watches.search_new(NOW)]
