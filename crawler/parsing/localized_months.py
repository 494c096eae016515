"""Name the month that a word of any language means: by our own table, or else by dateparser's."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.parsing.month_names import BY_LANGUAGE, MONTHS

# Our table holds every month name of these, so a word that it lacks is none.
_COMPLETE = frozenset({"", "de", "en", "es", "fr", "it", "nl", "pt", "vi"})
_DOUBLED = re.compile(r"\S+\s?/\s?(\S+)")  # `شباط/فبراير`: one month by its Syriac and its Roman name
_SCRIPTS = {
    "ar": re.compile("[\u0600-\u06ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
}
_WORDS = 5  # words between a day and a year that are looked up
_SHORTEST = 2  # letters of a month name
_MARKS = ".,;:()[]|-–—/'’\"׳॰·"


def month_of(words: str, language: str) -> int | None:
    """Find the month that is named between a day and a year.

    Args:
        words: What stands there: `February`, `de fevereiro de`, ` กุมภาพันธ์ `, `. gada`.
        language: BCP 47 tag of the page; without one our own table alone is asked.

    Returns:
        1 to 12; None where no word is a month.
    """
    words = words.strip().lower()
    tag = re.split(r"[-_]", language.lower())[0] or _language_of(words)
    if known := _own(words, tag):
        return known
    if tag in _COMPLETE:
        return None
    single = _DOUBLED.sub(r"\1", words)
    pieces = [piece for piece in single.split()[:_WORDS] if len(piece.strip(_MARKS)) >= _SHORTEST]
    bare = [piece.strip(_MARKS) for piece in pieces]
    for piece in dict.fromkeys((*pieces, *bare, " ".join(bare))):
        if month := _own(piece, tag) or _by_dateparser(piece, tag):
            return month
    return None


def _language_of(word: str) -> str:
    """The most common language of a script, for pages that do not say theirs."""
    return next((tag for tag, pattern in _SCRIPTS.items() if pattern.search(word)), "")


def _own(word: str, tag: str) -> int | None:
    return BY_LANGUAGE.get((tag, word)) or MONTHS.get(word)


@lru_cache(maxsize=2_048)
def _by_dateparser(word: str, tag: str) -> int | None:
    """Ask dateparser, which is slow to load, for one word of one language."""
    from dateparser import parse

    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"], "DATE_ORDER": "DMY"}
    try:
        found = parse(f"15 {word} 2020", languages=[tag], settings=settings)
    except ValueError:  # it does not know the language
        return None
    return found.month if found and (found.day, found.year) == (15, 2020) else None
