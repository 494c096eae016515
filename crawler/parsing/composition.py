"""Compose letters and their marks (NFC) in linear time."""

from __future__ import annotations

import re
import unicodedata

_LONGEST_RUN = 30  # marks on one letter, as in the Stream-Safe Text Format (UAX #15, section 13)
_MARK = r"[^\x00-\u02ff]"  # only these can be marks; prose in Latin letters has no long run of them
# The first character stands alone: so the search skips to it, four times as fast (measured).
_RUN = re.compile(rf"{_MARK}{_MARK}{{{_LONGEST_RUN},}}")
_STEP = 5  # of 31 characters in a row, one in five are at least six in a row
_SAMPLED_RUN = re.compile(_MARK * ((_LONGEST_RUN + 1) // _STEP))


def compose(text: str) -> str:
    """Compose the letters of a text.

    Python sorts the marks of a letter in quadratic time: 400 kB of marks take minutes. So at most thirty marks per
    letter are kept.
    """
    if text.isascii():
        return text
    if _SAMPLED_RUN.search(text[::_STEP]):
        text = _RUN.sub(_shorten, text)
    return unicodedata.normalize("NFC", text)


def _shorten(found: re.Match[str]) -> str:
    run = found[0]
    if not any(map(unicodedata.combining, run)):
        return run
    kept: list[str] = []
    marks = 0
    for character in run:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _LONGEST_RUN:
            kept.append(character)
    return "".join(kept)
