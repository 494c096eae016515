"""Shared fixtures of the page tests: the demo archive, crawled once, and the same archive some days later."""

import shutil

import pressroom
import pytest

from archive.browse.charts import renderer


@pytest.fixture(autouse=True)
def patient_pages(monkeypatch):
    """Wait for every drawing, even on a busy machine."""
    monkeypatch.setattr(renderer, "_PATIENCE", 60.0)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The archive that the demo makes."""
    path = tmp_path_factory.mktemp("demo") / "archive.db"
    pressroom.crawl(path)
    return path


@pytest.fixture(scope="session")
def press(demo, tmp_path_factory):
    """The demo archive with edits, a copy and a deletion."""
    path = tmp_path_factory.mktemp("press") / "archive.db"
    shutil.copy(demo, path)
    shutil.copytree(demo.parent / "captures", path.parent / "captures")
    pressroom.change(path)
    return path
