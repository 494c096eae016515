"""Parse the time of day beside a date, and its timezone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

# An abbreviation is in capitals: any other word may follow a time in a sentence.
ZONE = (
    r"(?P<zone>Z\b|(?:GMT|UTC)\s?[+-]\s?\d{1,2}(?::?\d{2})?\b|[+-]\d{1,2}(?::?\d{2})?\b|"
    r"\b(?:Eastern|Central|Mountain|Pacific)(?:\s(?:Standard|Daylight))?\sTime\b|"
    r"\b[A-Z][a-z]{2,12}(?:/[\w+-]{2,30}){1,2}|\b(?-i:[A-Z]{2,5}|МСК|мск)\b)"
)
# Words for parts of the day in twelve-hour times, without full stops.
_PARTS = {
    "morning": "am sa sáng pagi pg πμ ص صباحا صباحاً قظ 오전 上午 午前 凌晨 清晨 早上 पूर्वाह्न सुबह পূর্বাহ্ণ সকাল "
    "ভোর முற்பகல் öö",
    "noon": "trưa 中午 दोपहर দুপুর",
    "afternoon": "pm ch chiều tối petang ptg μμ م مساء مساءً بظ 오후 下午 午後 晚上 傍晚 अपराह्न शाम অপরাহ্ণ বিকেল বিকাল "
    "সন্ধ্যা பிற்பகல் ös",
    "night": "đêm रात রাত 深夜",
}
_PART_OF = {word: part for part, words in _PARTS.items() for word in words.split()}
_BEHIND = frozenset("sa ch sáng trưa chiều tối đêm pagi petang pg ptg".split())  # never before the time
_ABBREVIATED = 2  # letters of μ.μ.


def _any_of(words: Iterable[str]) -> str:
    """Return the alternatives of a pattern, with the full stops and blanks that abbreviations may have."""
    return "|".join(
        r"\.?\s?".join(word) + r"\.?" if len(word) == _ABBREVIATED and not word.isascii() else word
        for word in sorted(words, key=len, reverse=True)
    )


HALF = rf"(?P<half>[ap]\.?\s?m\b\.?|(?:{_any_of(_PART_OF.keys() - {'am', 'pm'})})(?!\w))"
_HALF_BEFORE = rf"(?P<before>{_any_of(_PART_OF.keys() - _BEHIND)})"
CLOCK = re.compile(
    rf"(?:{_HALF_BEFORE}\s?)?(?<![\d:./-])(?P<hour>\d{{1,2}})"
    r"(?::|h|g|\sgiờ\s|[時时点點]|시\s?|\.(?=\d{2}\s?(?:น\.|Uhr|WIB|WITA|WIT)))(?P<minute>\d{2}|(?<=시 )\d|(?<=시)\d)"
    rf"(?::(?P<second>\d{{2}})(?:[.,]\d{{1,9}})?)?(?![\d:])(?:'|\sphút|분|分|\s?Uhr|\s?น\.)?\s?{HALF}?(?:\s?\(?{ZONE}\)?)?",
    re.IGNORECASE,
)
# RFC 5322, 4.3, and abbreviations that news pages print; ET is one of two offsets, depending on the day.
_NAMED: dict[str, tzinfo] = {
    name: timezone(timedelta(hours=hours))
    for hours, names in {
        0: "Z UT UTC GMT WET", 1: "BST CET MEZ WEST WAT", 2: "CEST MESZ MEST EET CAT SAST", 3: "EEST MSK МСК EAT TRT",
        3.5: "IRST", 4: "GST", 4.5: "AFT", 5: "PKT UZT", 5.5: "IST", 5.75: "NPT", 6: "BDT", 6.5: "MMT",
        7: "ICT WIB", 8: "SGT HKT PHT MYT WITA AWST", 9: "JST KST WIT", 9.5: "ACST", 10: "AEST", 10.5: "ACDT",
        11: "AEDT", 12: "NZST", 13: "NZDT", -2.5: "NDT", -3: "BRT ART ADT", -3.5: "NST", -4: "EDT AST VET",
        -5: "EST CDT COT PET", -6: "CST MDT", -7: "MST PDT", -8: "PST AKDT", -9: "AKST", -10: "HST",
    }.items()
    for name in names.split()
} | {
    name: ZoneInfo(f"America/{city}")
    for city, names in {
        "New_York": "ET EASTERN", "Chicago": "CT CENTRAL", "Denver": "MT MOUNTAIN", "Los_Angeles": "PT PACIFIC",
    }.items()
    for name in names.split()
}  # fmt: skip
# Abbreviations that mean local time in these zones, and another zone elsewhere.
_LOCAL = {
    zone: frozenset(names.split())
    for zones, names in {
        "Europe/Dublin": "IST", "Asia/Jerusalem": "IST IDT", "Asia/Dhaka": "BST", "Asia/Manila": "PST",
        "Asia/Shanghai Asia/Taipei Asia/Macau": "CST", "Asia/Kuala_Lumpur": "MST", "Asia/Yangon": "MST",
        "Asia/Riyadh Asia/Kuwait Asia/Qatar Asia/Bahrain Asia/Aden Asia/Baghdad": "AST", "America/Havana": "CST CDT",
    }.items()
    for zone in zones.split()
}  # fmt: skip
_AUSTRALIAN = frozenset({"EST", "EDT", "CST", "CDT", "WST"})  # in Australia not the zones of the United States
_WORDS_OF_ZONE = re.compile(r"\s(?:(?:STANDARD|DAYLIGHT)\s)?TIME$")
_LOOKS_LIKE_ZONE = re.compile(r"[A-Z]{2,3}T")
_NOON = 12
_FIRST_EVENING_HOUR = 6  # of a night in twelve-hour times; hours before it are after midnight
_LAST_HOUR = 14  # hours; no timezone is further from UTC
_LAST_MINUTE = 59


def datetime_at(day: datetime, clock: re.Match[str]) -> datetime:
    """Return the instant of a time on a day; 24:00 is the midnight after it.

    Raises:
        ValueError: There is no such time.
    """
    hour = int(clock["hour"])
    half = (clock["half"] or clock.groupdict().get("before") or "").lower()
    part = _PART_OF.get(re.sub(r"[.\s]", "", half), "")
    if hour < _NOON and (
        part == "afternoon"
        or (part == "noon" and hour < _NOON - 2)
        or (part == "night" and hour >= _FIRST_EVENING_HOUR)
    ):
        hour += _NOON
    elif hour == _NOON and part in {"morning", "night"}:
        hour = 0
    midnight = hour == 2 * _NOON
    at = datetime.combine(day, time(0 if midnight else hour, int(clock["minute"]), int(clock["second"] or 0)))
    return at + timedelta(days=1) if midnight else at


def parse_timezone(written: str | None, at: datetime, local: tzinfo | None, language: str = "") -> tzinfo | None:
    """Return the timezone that `+07:00`, `+0700`, `GMT+7`, `Z`, `EST` or `Asia/Ho_Chi_Minh` names.

    Args:
        written: The text beside the time.
        at: The time, naive.
        local: The outlet's timezone, whose own abbreviations come first: CST differs between China and Chicago.
        language: BCP 47 tag; abbreviations on Australian pages are not those of the United States.
    """
    if "/" in (written or ""):
        return _iana(str(written))
    name = re.sub(r"\s", "", _WORDS_OF_ZONE.sub("", (written or "").upper()))
    if sign := re.search(r"([+-])(\d{1,2}):?(\d{2})?$", name):
        hours, minutes = int(sign[2]), int(sign[3] or 0)
        if hours > _LAST_HOUR or minutes > _LAST_MINUTE:
            return None
        return timezone((1 if sign[1] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    if local and name and (name == at.replace(tzinfo=local).tzname() or name in _LOCAL.get(str(local), ())):
        return local
    if name in _AUSTRALIAN and (language.upper().endswith("-AU") or str(local).startswith("Australia/")):
        return None
    return _NAMED.get(name)


def names_zone(written: str) -> bool:
    """Return whether a word behind a time looks like a timezone: `AMST`, but not `VOV`."""
    return _LOOKS_LIKE_ZONE.fullmatch(written) is not None


@cache
def _iana(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such name, or a folder of the timezone database
        return None
