"""Compose letters and their marks (NFC) in linear time."""

from __future__ import annotations

import re
import unicodedata

_LONGEST_RUN = 30  # marks on one letter, as in the Stream-Safe Text Format (UAX #15, section 13)
# Only characters from U+0300 can be marks; prose in Latin letters has no such run of them.
_RUN = re.compile(rf"[\u0300-\U0010ffff]{{{_LONGEST_RUN + 1},}}")


def compose(text: str) -> str:
    """Compose the letters of a text.

    Python sorts the marks of a letter in quadratic time: 400 kB of marks take minutes. So at most thirty marks per
    letter are kept.
    """
    return unicodedata.normalize("NFC", _RUN.sub(_shorten, text))


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
