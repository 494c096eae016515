"""An archive of the test's own, with an outlet and a run in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import FEED, NOW, OUTLET, SOURCE, make_links

from archive.store.writer import ArchiveWriter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the archive is."""
    return tmp_path / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[ArchiveWriter]:
    """An archive, open for writing, that knows an outlet and has one page due."""
    with ArchiveWriter.create_or_open(path) as archive:
        archive.begin_run("crawl", {}, NOW)
        archive.declare([OUTLET], [SOURCE])
        archive.discover("vntin", FEED, make_links("100"), NOW)
        yield archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the captures are."""
    return tmp_path / "captures"
