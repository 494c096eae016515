"""Fixtures: a new archive for each test, with an outlet and a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import FEED, NOW, OUTLET, SOURCE, make_links

from archive.store.writer import ArchiveWriter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the archive."""
    return tmp_path / "archive.db"


@pytest.fixture
def archive(path: Path) -> Iterator[ArchiveWriter]:
    """An archive, open for writing, with an outlet and one due page."""
    with ArchiveWriter.create_or_open(path) as archive:
        archive.runs.begin_run("crawl", {}, NOW)
        archive.runs.declare([OUTLET], [SOURCE])
        archive.ledger.discover("vntin", FEED, make_links("100"), NOW)
        yield archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the captures."""
    return tmp_path / "captures"
