"""Parse the time of day beside a date, and its timezone."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

# An abbreviation is in capitals: any other word may follow a time in a sentence.
ZONE = (
    r"(?P<zone>Z\b|(?:GMT|UTC)\s?[+-]\s?\d{1,2}(?::?\d{2})?\b|[+-]\d{1,2}(?::?\d{2})?\b|"
    r"\b[A-Z][a-z]{2,12}(?:/[\w+-]{2,30}){1,2}|\b(?-i:[A-Z]{2,5})\b)"
)
HALF = r"(?P<half>[ap]\.?\s?m\b\.?|(?:sa|ch|sáng|trưa|chiều|tối)\b)"
_HALF_BEFORE = r"(?P<before>오전|오후|上午|午前|凌晨|清晨|早上|下午|午後|晚上|傍晚)"
CLOCK = re.compile(
    rf"(?:{_HALF_BEFORE}\s?)?(?<![\d:./-])(?P<hour>\d{{1,2}})"
    r"(?::|h|g|\sgiờ\s|[時时点點]|시\s?|\.(?=\d{2}\s?(?:น\.|Uhr|WIB|WITA|WIT)))(?P<minute>\d{2}|(?<=시 )\d|(?<=시)\d)"
    rf"(?::(?P<second>\d{{2}})(?:[.,]\d{{1,9}})?)?(?![\d:])(?:'|\sphút|분|分|\s?Uhr|\s?น\.)?\s?{HALF}?(?:\s?\(?{ZONE}\)?)?",
    re.IGNORECASE,
)
_AFTERNOON = {"p", "ch", "chiều", "tối", "오후", "下午", "午後", "晚上", "傍晚"}
_MORNING = {"a", "sa", "sáng", "오전", "上午", "午前", "凌晨", "清晨", "早上"}
# RFC 5322, 4.3, and abbreviations that news pages print; ET is one of two offsets, depending on the day.
_NAMED: dict[str, tzinfo] = {
    name: timezone(timedelta(hours=hours))
    for hours, names in {
        0: "Z UT UTC GMT WET", 1: "BST CET MEZ WEST WAT", 2: "CEST MESZ MEST EET CAT SAST", 3: "EEST MSK EAT TRT",
        5: "PKT", 5.5: "IST", 7: "ICT WIB", 8: "SGT HKT PHT MYT WITA AWST",
        9: "JST KST WIT", 9.5: "ACST", 10: "AEST", 10.5: "ACDT", 11: "AEDT", 12: "NZST", 13: "NZDT",
        -3: "BRT ART", -4: "EDT", -5: "EST CDT COT PET", -6: "CST MDT", -7: "MST PDT",
        -8: "PST AKDT", -9: "AKST", -10: "HST",
    }.items()
    for name in names.split()
} | {"ET": ZoneInfo("America/New_York"), "PT": ZoneInfo("America/Los_Angeles")}  # fmt: skip
_NOON = 12
_LAST_HOUR = 14  # hours; no timezone is further from UTC
_LAST_MINUTE = 59


def datetime_at(day: datetime, clock: re.Match[str]) -> datetime:
    """Return the instant of a time on a day; 24:00 is the midnight after it.

    Raises:
        ValueError: There is no such time.
    """
    hour = int(clock["hour"])
    half = (clock["half"] or clock.groupdict().get("before") or "").lower()
    half = half if half in _AFTERNOON | _MORNING else half[:1]
    if hour < _NOON and (half in _AFTERNOON or (half == "t" and hour < _NOON - 1)):
        hour += _NOON
    elif hour == _NOON and half in _MORNING:
        hour = 0
    midnight = hour == 2 * _NOON
    at = datetime.combine(day, time(0 if midnight else hour, int(clock["minute"]), int(clock["second"] or 0)))
    return at + timedelta(days=1) if midnight else at


def parse_timezone(written: str | None, at: datetime, local: tzinfo | None) -> tzinfo | None:
    """Return the timezone that `+07:00`, `+0700`, `GMT+7`, `Z`, `EST` or `Asia/Ho_Chi_Minh` names.

    Args:
        written: The text beside the time.
        at: The time, naive.
        local: The outlet's timezone, whose own abbreviations come first: CST differs between China and Chicago.
    """
    if "/" in (written or ""):
        return _iana(str(written))
    name = re.sub(r"\s", "", written or "").upper()
    if sign := re.search(r"([+-])(\d{1,2}):?(\d{2})?$", name):
        hours, minutes = int(sign[2]), int(sign[3] or 0)
        if hours > _LAST_HOUR or minutes > _LAST_MINUTE:
            return None
        return timezone((1 if sign[1] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    return local if local and name and name == at.replace(tzinfo=local).tzname() else _NAMED.get(name)


@cache
def _iana(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such name, or a folder of the timezone database
        return None
