"""The README of the package says what lives in it."""

from __future__ import annotations

from pathlib import Path

import pytest

CRAWLER = Path(__file__).parents[2] / "crawler"


@pytest.mark.parametrize("folder", [CRAWLER, CRAWLER / "newsstand"], ids=lambda folder: folder.name)
def test_every_module_is_named(folder: Path) -> None:
    """A module that is added is told of, and one that is gone is not."""
    told = (folder / "README.md").read_text(encoding="utf-8")
    modules = {module.name for module in folder.glob("*.py")} - {"__init__.py"}
    named = {word.strip(",.;:`") for word in told.split() if word.strip(",.;:`").endswith(".py")}

    assert modules == named
