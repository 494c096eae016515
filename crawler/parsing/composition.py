"""Compose letters and their marks (NFC), in time that does not grow with the square of a run of marks."""

from __future__ import annotations

import re
import unicodedata

_LONGEST_RUN = 30  # marks on one letter: the Stream-Safe Text Format (UAX #15, section 13)
# Only a run beyond U+0300 can be one of marks; in prose of Latin letters there is none of this length.
_RUN = re.compile(rf"[\u0300-\U0010ffff]{{{_LONGEST_RUN + 1},}}")


def compose(text: str) -> str:
    """Compose a text.

    Python sorts the marks behind a letter in time that grows with the square of their number: 400 kB of them take
    minutes. So no more than thirty marks are kept on any letter.
    """
    return unicodedata.normalize("NFC", _RUN.sub(_shortened, text))


def _shortened(found: re.Match[str]) -> str:
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
