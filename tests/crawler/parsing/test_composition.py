"""Composing letters and marks in bounded time."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing import composition
from crawler.parsing.composition import compose

MARKS = "\u0301\u0323"


@given(st.text())
def test_text_is_composed(text: str) -> None:
    """Any text with fewer than thirty marks on a letter becomes its NFC form."""
    assert unicodedata.normalize("NFC", text) == compose(text)


@pytest.mark.parametrize(
    "text", ["Tie\u0302\u0301ng Vie\u0323\u0302t", "日本語の文章" * 20, "дом" * 40, "a" + MARKS * 15]
)
def test_prose_keeps_every_letter(text: str) -> None:
    """No script loses a mark."""
    assert unicodedata.normalize("NFC", text) == compose(text)


@given(st.text("aếe日각ㅏ\u1100\u1161\u11a8\u0301\u0323\u212b\u0958 \U0001f600ก้"))
def test_letters_are_composed_with_those_beside_them(text: str) -> None:
    """Letters of scripts that meet, singletons, Hangul and marks after any of them become their NFC form."""
    assert unicodedata.normalize("NFC", text) == compose(text)
    assert unicodedata.normalize("NFC", "plain ế " * 9 + text) == compose("plain ế " * 9 + text)


@pytest.mark.parametrize("text", ["a" + MARKS * 200_000, ("日" + MARKS * 20) * 10_000, "\u064b\u0651" * 200_000])
def test_runs_of_marks_take_no_time(text: str) -> None:
    """400 kB of alternating marks are cut to thirty on each letter."""
    began = time.process_time()
    composed = compose(text)

    assert time.process_time() - began < 3
    assert len(composed) <= len(text)


@given(st.lists(st.tuples(st.sampled_from(["a", "\u0301", "\u0323", "日", "ế"]), st.integers(1, 40))))
def test_a_run_of_marks_is_seen_wherever_it_begins(runs: list[tuple[str, int]]) -> None:
    """Looking at every fifth character finds each run that looking at all characters finds."""
    text = "".join(letter * times for letter, times in runs)

    assert unicodedata.normalize("NFC", composition._RUN.sub(composition._shorten, text)) == compose(text)


def test_what_is_taken_for_composed_is_composed() -> None:
    """No character that is not looked at closely is a mark, joins a character before it, or has another NFC form."""
    parts = map(str.split, map(unicodedata.decomposition, map(chr, range(0x110000))))
    joining = {int(pair[1], 16) for pair in parts if len(pair) == 2 and not pair[0].startswith("<")}
    joining |= {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}  # Hangul, which is composed by a rule
    settled = [letter for letter in map(chr, range(0x80, 0x110000)) if not composition._UNSETTLED.search(letter)]

    assert len(settled) > 40_000
    assert not [
        letter
        for letter in settled
        if unicodedata.combining(letter) or ord(letter) in joining or not unicodedata.is_normalized("NFC", letter)
    ]
