"""What a server does for its archive beside pages."""

import shelf

from archive.browse.count_cache import CACHE
from archive.browse.served_archive import warm_index
from archive.store.writer import ArchiveWriter


def test_the_index_is_read_before_the_first_page(tmp_path):
    """After warming up, a page finds the index in memory; a file that cannot be read is left to the pages."""
    path = tmp_path / "archive.db"
    shelf.fill(path)
    warm_index(path)
    warm_index(tmp_path / "missing.db")

    with ArchiveWriter.create_or_open(path) as archive:
        entry = CACHE._entry(archive.db)
        assert entry.index is not None
        assert CACHE.index(archive.db) is entry.index
