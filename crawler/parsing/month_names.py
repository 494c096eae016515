"""Parse month names: from our own table, or with dateparser, which knows two hundred languages."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

_NAMES = """
january jan januar jänner janvier janv januari enero ene gennaio gen janeiro ocak sausio stycznia leden ledna января янв
february feb febr februar februari février févr fév febrero febbraio febbr fevereiro fev şubat lutego února февраля фев
march mar märz mär mars maart mrt marzo março mart marca března марта мар
april apr avril avr abril abr aprile nisan kwietnia dubna апреля апр
may mai mei mayo maggio mag maio mayıs maja května мая maj
june jun juni juin junio giugno giu junho haziran czerwca června июня июн
july jul juli juillet juil julio luglio lug julho temmuz lipca července июля июл
august aug août aou agosto ago ağustos augustus sierpnia srpna августа авг augusti avgust
september sep sept septembre septiembre settembre set setembro eylül września září сентября сен septembar
october oct oktober okt octobre octubre ottobre ott outubro out ekim października října октября окт oktobar
november nov novembre noviembre novembro kasım listopadu ноября ноя novembar
december dec dezember dez décembre déc diciembre dic dicembre dezembro aralık grudnia prosince декабря дек decembar
"""

_THAI = "ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค"  # abbreviations, with or without a full stop after them

_MONTHS = {name: number for number, line in enumerate(_NAMES.strip().splitlines(), start=1) for name in line.split()}
# Arabic months by their Syriac, Tunisian and Moroccan names, which dateparser does not know.
_ARABIC = (
    "كانون الثاني/جانفي", "شباط/فيفري", "آذار", "نيسان/أفريل", "أيار/ماي", "حزيران/جوان", "تموز/جويلية/يوليوز",
    "آب/أوت/غشت", "أيلول/شتنبر", "تشرين الأول", "تشرين الثاني/نونبر", "كانون الأول/دجنبر",
)  # fmt: skip
_MONTHS |= {name: number for number, names in enumerate(_ARABIC, start=1) for name in names.split("/")}
_MONTHS |= {name + stop: number for number, name in enumerate(_THAI.split(), start=1) for stop in ("", ".")}

# Words for different months in different languages; without a language they are no month.
_DISPUTED = {
    "listopada": {"pl": 11, "hr": 10, "bs": 10},
    "listopad": {"pl": 11, "cs": 11, "hr": 10, "bs": 10},
}
# Names and abbreviations that dateparser does not know, or confuses because it drops vowel signs.
_BY_LANGUAGE = {
    (tag, name): number
    for tag, months in {
        "eu": "urtarril otsail martxo apiril maiatz ekain uztail abuztu irail urri azaro abendu",
        "he": "ינו פבר מרץ אפר מאי יונ יול אוג ספט אוק נוב דצמ",
        "kn": "ಜನ ಫೆಬ್ರ ಮಾರ್ಚ್ ಏಪ್ರಿ ಮೇ ಜೂನ್ ಜುಲೈ ಆಗಸ್ಟ್ ಸೆಪ್ಟೆಂ ಅಕ್ಟೋ ನವೆಂ ಡಿಸೆಂ",
        "mn": "нэгдүгээр хоёрдугаар гуравдугаар дөрөвдүгээр тавдугаар зургаадугаар "
        "долоодугаар наймдугаар есдүгээр аравдугаар",
        "my": "ဇန် ဖေ မတ် ဧ မေ ဇွန် ဇူ ဩ စက် အောက် နို ဒီ",
    }.items()
    for number, name in enumerate(months.split(), start=1)
} | {("mn", "арван нэгдүгээр"): 11, ("mn", "арван хоёрдугаар"): 12, ("hi", "अक्टू"): 10}
# Languages whose months differ only in marks that dateparser drops when it normalizes words.
_EXACT = frozenset({"bo", "my", "pa", "si", "th", "yo"})
_BASQUE_CASE = re.compile(r"(?:a|ak)?(?:ren|aren)?$")  # urtarrilaren, urtarrilak
_MONTH_BEFORE = re.compile(r"^(?:ខែ|เดือน|ເດືອນ|ב(?=[א-ת]{3}))")  # a word for "month", or "in", before the name

_VIETNAMESE = ("giêng một", "hai", "ba", "tư bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "", "chạp")

# Ordinals that follow the Vietnamese word for month: `Tháng Hai 4, 2026`.
VIETNAMESE_ORDINALS = {name: number for number, line in enumerate(_VIETNAMESE, start=1) for name in line.split()} | {
    "mười một": 11,
    "mười hai": 12,
}

# Our table has every month name of these languages, so any other word is not a month.
_COMPLETE = frozenset({"", "de", "en", "es", "fr", "it", "nl", "pt", "vi"})
_DOUBLED = re.compile(r"\S+\s?/\s?(\S+)")  # `شباط/فبراير`: one month by its Syriac and its Roman name
# The languages of each script whose month names do not contradict each other.
_SCRIPTS = tuple(
    (re.compile(f"[{first}-{last}]"), tags.split())
    for first, last, tags in (
        ("\u0370", "\u03ff", "el"),
        ("\u0400", "\u04ff", "ru uk bg sr mk be kk ky mn"),
        ("\u0530", "\u058f", "hy"),
        ("\u0590", "\u05ff", "he"),
        ("\u0600", "\u06ff", "ar fa ur"),
        ("\u0900", "\u097f", "hi mr ne"),
        ("\u0980", "\u09ff", "bn"),
        ("\u0a00", "\u0a7f", "pa"),
        ("\u0a80", "\u0aff", "gu"),
        ("\u0b80", "\u0bff", "ta"),
        ("\u0c00", "\u0c7f", "te"),
        ("\u0c80", "\u0cff", "kn"),
        ("\u0d00", "\u0d7f", "ml"),
        ("\u0d80", "\u0dff", "si"),
        ("\u0e00", "\u0e7f", "th"),
        ("\u0e80", "\u0eff", "lo"),
        ("\u1000", "\u109f", "my"),
        ("\u10a0", "\u10ff", "ka"),
        ("\u1200", "\u137f", "am"),
        ("\u1780", "\u17ff", "km"),
    )
)
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
    words = _MONTH_BEFORE.sub("", words.strip().lower())
    tag = re.split(r"[-_]", language.lower())[0]
    # Templates declare English whatever the language of the text is.
    tags = (_languages_of(words) or [tag]) if tag in _COMPLETE else [tag]
    return next((month for known in tags if (month := _month_in(words, known))), None)


def _month_in(words: str, tag: str) -> int | None:
    if known := _own(words, tag):
        return known
    if tag in _COMPLETE:
        return None
    single = _DOUBLED.sub(r"\1", words)
    pieces = [piece for piece in single.split()[:_WORDS] if len(piece.strip(_MARKS)) >= _SHORTEST]
    bare = [piece.strip(_MARKS) for piece in pieces]
    if month := next((known for pair in pairwise(bare) if (known := _own(" ".join(pair), tag))), None):
        return month
    for piece in dict.fromkeys((*pieces, *bare, " ".join(bare))):
        if month := _own(piece, tag) or _by_dateparser(piece, tag):
            return month
    return None


def _languages_of(word: str) -> list[str]:
    """Guess the languages of a word by its script, for pages that do not declare theirs, or a wrong one."""
    return next((tags for pattern, tags in _SCRIPTS if pattern.search(word)), [])


def _own(word: str, tag: str) -> int | None:
    """Look up a word in our own tables."""
    if tag == "eu":
        word = _BASQUE_CASE.sub("", word)
    if word in _DISPUTED:
        return _DISPUTED[word].get(tag)
    return _BY_LANGUAGE.get((tag, word)) or _MONTHS.get(word)


@lru_cache(maxsize=2_048)
def _by_dateparser(word: str, tag: str) -> int | None:
    """Look up one word of one language with dateparser, which is slow to load."""
    from dateparser import parse

    settings = {
        "REQUIRE_PARTS": ["day", "month", "year"],
        "PARSERS": ["absolute-time"],
        "DATE_ORDER": "DMY",
        "NORMALIZE": tag not in _EXACT,
    }
    try:
        found = parse(f"15 {word} 2020", languages=[tag], settings=settings)
    except ValueError:  # dateparser does not know the language
        return None
    return found.month if found and (found.day, found.year) == (15, 2020) else None
