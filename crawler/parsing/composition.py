"""Compose letters and their marks (NFC) in linear time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

_LONGEST_RUN = 30  # marks on one letter, as in the Stream-Safe Text Format (UAX #15, section 13)
_MARK = r"[^\x00-\u02ff]"  # only these can be marks; prose in Latin letters has no long run of them
# The first character is a pattern of its own, so that the search skips to it: four times as fast (measured).
_RUN = re.compile(rf"{_MARK}{_MARK}{{{_LONGEST_RUN},}}")
_STEP = 5  # every fifth character is sampled; a run of 31 marks gives at least six samples in a row
_SAMPLED_RUN = re.compile(_MARK * ((_LONGEST_RUN + 1) // _STEP))
_ASCII = bytes(range(128))
# Characters that are composed, are no marks, and join no character before them. A text of only these and ASCII is
# composed (UAX #15, section 9, "quick check"). The common ones suffice; a text with others is normalized.
_SETTLED = (
    "\x80-\u02ff\u0388-\u0482\u048a-\u052f\u05d0-\u05ea\u0620-\u064a\u066e\u066f\u0671-\u06d3\u1e00-\u1eff\u2002-\u20cf\u2100-\u2125\u2190-\u2328"
    "\u2330-\u27ff\u3001-\u3029\u3041-\u3098\u309b-\u30ff\u4e00-\u9fff\uac00-\ud7a3\ue000-\uf8ff\ufeff-\uffef\ufffd"
    "\U0001f300-\U0001faff"
)
_UNSETTLED = re.compile(f"[^{_SETTLED}]")
_UNSETTLED_OR_ASCII = re.compile(f"[^\x00-\x7f{_SETTLED}]")
_SHORT = 1_000  # characters; a shorter text is searched as it is, a longer one without ASCII (measured)
_RARE = 500  # if fewer than one character in 500 is unsettled, only those and their neighbours are composed
_KINDS = 4  # up to four different unsettled characters are searched one by one: faster than a pattern (measured)


def compose(text: str) -> str:
    """Compose the letters of a text.

    Python sorts the marks of a letter in quadratic time: 400 kB of marks take minutes. So at most thirty marks per
    letter are kept.
    """
    if text.isascii() or (len(text) < _SHORT and not _UNSETTLED_OR_ASCII.search(text)):
        return text
    few = len(text) // _RARE
    unsettled = [found[0] for found in islice(_UNSETTLED.finditer(_without_ascii(text)), few + 1)]
    if not unsettled:
        return text
    if len(unsettled) <= few and (composed := _compose_runs(text, {*unsettled})) is not None:
        return composed
    if _SAMPLED_RUN.search(text[::_STEP]):
        text = _RUN.sub(_shorten, text)
    return unicodedata.normalize("NFC", text)


def _without_ascii(text: str) -> str:
    """Return the characters of a text that are not ASCII; most pages have few, so searching is quick."""
    return text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")


def _compose_runs(text: str, unsettled: Collection[str]) -> str | None:
    """Compose each run of unsettled characters with the character before it; None if a run is too long.

    Args:
        text: The text.
        unsettled: The different unsettled characters in it.
    """
    pieces: list[str] = []
    at = 0
    for begin, end in _runs(_places(text, unsettled)):
        if end - begin > _LONGEST_RUN:
            return None
        start = max(0, begin - 1)
        pieces += text[at:start], unicodedata.normalize("NFC", text[start:end])
        at = end
    return "".join([*pieces, text[at:]]) if pieces else text


def _places(text: str, letters: Collection[str]) -> list[int]:
    """Return the places of the unsettled characters, in order."""
    if len(letters) > _KINDS:
        return [found.start() for found in _UNSETTLED_OR_ASCII.finditer(text)]
    return sorted(place for letter in letters for place in _places_of(text, letter))


def _places_of(text: str, letter: str) -> Iterator[int]:
    at = text.find(letter)
    while at >= 0:
        yield at
        at = text.find(letter, at + 1)


def _runs(places: Iterable[int]) -> list[tuple[int, int]]:
    """Join neighbouring places: begin and end of each run."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place:
            runs[-1] = runs[-1][0], place + 1
        else:
            runs.append((place, place + 1))
    return runs


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
