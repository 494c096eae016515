"""The time of day beside a date, and the timezone it is told in."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

ZONE = r"(?P<zone>Z\b|(?:GMT|UTC)\s?[+-]\s?\d{1,2}(?::?\d{2})?\b|[+-]\d{1,2}(?::?\d{2})?\b|\b[A-Z]{2,5}\b)"
HALF = r"(?P<half>[ap]\.?m\b\.?|(?:sa|ch|sáng|trưa|chiều|tối)\b)"
CLOCK = re.compile(
    rf"(?<![\d:./-])(?P<hour>\d{{1,2}})(?::|h|g|\sgiờ\s)(?P<minute>\d{{2}})(?::(?P<second>\d{{2}})(?:[.,]\d{{1,9}})?)?"
    rf"(?![\d:])(?:'|\sphút)?\s?{HALF}?(?:\s?\(?{ZONE}\)?)?",
    re.IGNORECASE,
)
_AFTERNOON = {"p", "ch", "chiều", "tối"}
_MORNING = {"a", "sa", "sáng"}
# RFC 5322, 4.3, and what news pages print; ET is one of two, as the day has it.
_NAMED: dict[str, tzinfo] = {
    name: timezone(timedelta(hours=hours))
    for hours, names in {
        0: "Z UT UTC GMT WET", 1: "BST CET MEZ", 2: "CEST MESZ EET", 3: "EEST MSK", 7: "ICT", 9: "JST KST",
        -4: "EDT", -5: "EST CDT", -6: "CST MDT", -7: "MST PDT", -8: "PST",
    }.items()
    for name in names.split()
} | {"ET": ZoneInfo("America/New_York"), "PT": ZoneInfo("America/Los_Angeles")}  # fmt: skip
_NOON = 12
_LAST_HOUR = 14  # no clock is further from UTC
_LAST_MINUTE = 59


def time_on(day: datetime, clock: re.Match[str]) -> datetime:
    """The time that a clock shows, on a day; 24:00 is the midnight after it.

    Raises:
        ValueError: There is no such time.
    """
    hour = int(clock["hour"])
    half = (clock["half"] or "").lower()
    half = half if half in _AFTERNOON | _MORNING else half[:1]
    if hour < _NOON and (half in _AFTERNOON or (half == "t" and hour < _NOON - 1)):
        hour += _NOON
    elif hour == _NOON and half in _MORNING:
        hour = 0
    midnight = hour == 2 * _NOON
    at = datetime.combine(day, time(0 if midnight else hour, int(clock["minute"]), int(clock["second"] or 0)))
    return at + timedelta(days=1) if midnight else at


def zone_of(written: str | None, at: datetime, local: tzinfo | None) -> tzinfo | None:
    """The timezone that `+07:00`, `+0700`, `GMT+7`, `Z` or `EST` says; None where it says none that is known.

    Args:
        written: What stands beside the time.
        at: The time, naive.
        local: The outlet's timezone, whose own names come first: CST is in China what it is not in Chicago.
    """
    name = re.sub(r"\s", "", written or "").upper()
    if sign := re.search(r"([+-])(\d{1,2}):?(\d{2})?$", name):
        hours, minutes = int(sign[2]), int(sign[3] or 0)
        if hours > _LAST_HOUR or minutes > _LAST_MINUTE:
            return None
        return timezone((1 if sign[1] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    return local if local and name and name == at.replace(tzinfo=local).tzname() else _NAMED.get(name)
