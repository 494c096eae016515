"""Remove Vietnamese marks from text, and list the two ways to place a tone mark."""

from __future__ import annotations

import unicodedata

_TONES = ("\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_MARKED = "".join(unicodedata.normalize("NFC", letter + tone) for letter in "aăâeêioôơuưyđ" for tone in ("", *_TONES))
_FOLDED = str.maketrans(
    {
        letter: base.upper() if letter.isupper() else base
        for lower in _MARKED
        for base in ("d" if lower == "đ" else unicodedata.normalize("NFD", lower)[0],)
        for letter in (lower, lower.upper())
    }
)
_MARKED_OF: dict[str, str] = {}  # for each letter without a mark, all letters with marks
for _letter, _base in _FOLDED.items():
    _MARKED_OF[_base.lower()] = _MARKED_OF.get(_base.lower(), "") + chr(_letter)
# In a syllable that ends in oa, oe or uy, the tone mark is on the first vowel (hòa) or on the second (hoà).
_ENDINGS = [
    (unicodedata.normalize("NFC", ending[0] + tone + ending[1]), unicodedata.normalize("NFC", ending + tone))
    for ending in ("oa", "oe", "uy")
    for tone in _TONES
]
_OTHER_PLACEMENT = {ending: other for pair in _ENDINGS for ending, other in (pair, pair[::-1])}


def fold(text: str) -> str:
    """Return a text in NFC without Vietnamese marks, letter for letter, as in the folded index."""
    return text.translate(_FOLDED)


def letters_like(letter: str, *, with_marks: bool) -> str:
    """Return a lower-case letter, its capital and, if wanted, all letters that fold to one of the two."""
    capital = letter.upper()
    return letter + (capital if len(capital) == 1 else "") + (_MARKED_OF.get(letter, "") if with_marks else "")


def spellings(word: str) -> tuple[str, ...]:
    """Return the spellings of a word, itself first: `hoà` and `hòa` are one word."""
    other = _OTHER_PLACEMENT.get(word[-2:])
    return (word, word[:-2] + other) if other else (word,)
