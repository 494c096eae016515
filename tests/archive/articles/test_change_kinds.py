"""Classifying the change between two revisions."""

from __future__ import annotations

from datetime import date

import pytest
from factories import make_document
from hypothesis import given
from hypothesis import strategies as st

from archive.articles.change_kinds import CLASSES, classify


@pytest.mark.parametrize(
    ("change", "facts"),
    [
        (None, {}),
        ("cosmetic", {"title": "VỆT trắng trên trời!"}),
        ("cosmetic", {"text": "Một  hai,\n\nba"}),
        ("headline", {"title": "Vệt đen trên trời"}),
        ("headline", {"title": "Vệt đen", "text": "Một. Hai - ba."}),
        ("material", {"text": "Một hai bốn."}),
        ("material", {"day": date(2026, 2, 5)}),
        ("material", {"title": "Đính chính", "text": "Một."}),
        ("correction", {"text": "Một hai ba.\n\nĐính chính: ba là bốn."}),
        ("correction", {"text": "Correction: three.", "day": date(2026, 2, 5)}),
        ("material", {"text": "Bài đã đính chính xong."}),
    ],
)
def test_changes_are_told_apart(change: str | None, facts: dict) -> None:
    """Blanks and case are cosmetic, a changed headline alone is `headline`, a declared one is `correction`."""
    before = make_document(text="Một hai ba.")
    if facts.get("text") == "Bài đã đính chính xong.":
        before = make_document(text="Bài đính chính.")  # the old text says so already

    assert change == classify(before, make_document(**{"text": "Một hai ba."} | facts))


@given(st.text(min_size=1), st.text())
def test_nothing_changes_into_itself(title: str, text: str) -> None:
    """Equal documents have no change, and every change has a class that `changes --class` accepts."""
    one, other = make_document("a " + title, text), make_document("a", text + " b")

    assert classify(one, one) is None
    assert one == other or classify(one, other) in CLASSES
