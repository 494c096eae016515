"""Parse month names: from our own table, or with dateparser, which knows two hundred languages."""

from __future__ import annotations

import re
from functools import lru_cache

_NAMES = """
january jan januar jänner janvier janv januari enero ene gennaio gen janeiro ocak sausio stycznia leden ledna января янв
february feb febr februar februari février févr fév febrero febbraio febbr fevereiro fev şubat lutego února февраля фев
march mar märz mär mars maart mrt marzo março mart marca března марта мар
april apr avril avr abril abr aprile nisan kwietnia dubna апреля апр
may mai mei mayo maggio mag maio mayıs maja května мая maj
june jun juni juin junio giugno giu junho haziran czerwca června июня июн
july jul juli juillet juil julio luglio lug julho temmuz lipca července июля июл
august aug août aou agosto ago ağustos augustus sierpnia srpna августа авг augusti
september sep sept septembre septiembre settembre set setembro eylül września září сентября сен
october oct oktober okt octobre octubre ottobre ott outubro out ekim października října октября окт
november nov novembre noviembre novembro kasım listopada listopadu ноября ноя
december dec dezember dez décembre déc diciembre dic dicembre dezembro aralık grudnia prosince декабря дек
"""

_THAI = "ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค"  # abbreviations, with or without a full stop after them

_MONTHS = {name: number for number, line in enumerate(_NAMES.strip().splitlines(), start=1) for name in line.split()}
# Arabic months by their Syriac and their North African names, which dateparser does not know.
_ARABIC = (
    "كانون الثاني/جانفي", "شباط/فيفري", "آذار", "نيسان/أفريل", "أيار/ماي", "حزيران/جوان", "تموز/جويلية", "آب/أوت",
    "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول",
)  # fmt: skip
_MONTHS |= {name: number for number, names in enumerate(_ARABIC, start=1) for name in names.split("/")}
_MONTHS |= {name + stop: number for number, name in enumerate(_THAI.split(), start=1) for stop in ("", ".")}

# Words for different months in different languages: listopada is October in Croatian and November in Polish.
_BY_LANGUAGE = {("hr", "listopada"): 10, ("hr", "listopad"): 10}

_VIETNAMESE = ("giêng một", "hai", "ba", "tư bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "", "chạp")

# Ordinals that follow the Vietnamese word for month: `Tháng Hai 4, 2026`.
VIETNAMESE_ORDINALS = {name: number for number, line in enumerate(_VIETNAMESE, start=1) for name in line.split()} | {
    "mười một": 11,
    "mười hai": 12,
}

# Our table has every month name of these languages, so any other word is not a month.
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
_WORDS = 3  # words between a day and a year that are looked up
_SHORTEST = 2  # letters of a month name
_MARKS = ".,;:()[]|-–—/'’\"׳॰·"


def month_of(words: str, language: str) -> int | None:
    """Find the month that is named between a day and a year.

    Args:
        words: The text between them: `February`, `de fevereiro de`, ` กุมภาพันธ์ `, `. gada`.
        language: BCP 47 tag of the page; without it only our own table is used.

    Returns:
        1 to 12; None if no word is a month.
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
    """Guess the language of a word by its script, for pages that do not declare theirs."""
    return next((tag for tag, pattern in _SCRIPTS.items() if pattern.search(word)), "")


def _own(word: str, tag: str) -> int | None:
    """Look up a word in our own table."""
    return _BY_LANGUAGE.get((tag, word)) or _MONTHS.get(word)


@lru_cache(maxsize=2_048)
def _by_dateparser(word: str, tag: str) -> int | None:
    """Look up one word of one language with dateparser, which is slow to load."""
    from dateparser import parse

    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"], "DATE_ORDER": "DMY"}
    try:
        found = parse(f"15 {word} 2020", languages=[tag], settings=settings)
    except ValueError:  # dateparser does not know the language
        return None
    return found.month if found and (found.day, found.year) == (15, 2020) else None
