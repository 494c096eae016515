"""How news pages, feeds and sitemaps write time, and what they mean by it.

trafilatura and htmldate give a date alone, in the offset of the source; a news archive needs the instant, and the civil
date where the outlet is: `2026-02-04T18:30Z` is 5 February in Hà Nội. Nothing here guesses: a form that is ambiguous is
decided by the order its outlet declares, or not at all.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal

from crawler.months import MONTHS

Order = Literal["dmy", "mdy", "ymd", ""]

_LONGEST = 300  # characters that are looked at
_YEARS = range(1900, 2101)
_EPOCHS = range(631_152_000, 4_102_444_800)  # 1990 to 2100, in seconds

_TIME = r"(?P<hour>\d{1,2})(?::|h|g)(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
_ZONE = r"(?P<zone>Z\b|(?:GMT|UTC)?\s?[+-]\d{1,2}(?::?\d{2})?\b|\b[A-Z]{2,5}\b)"
_ISO = re.compile(
    rf"(?P<year>\d{{4}})(?P<dash>[-/]?)(?P<month>\d{{2}})(?P=dash)(?P<day>\d{{2}})"
    rf"(?:[T\s]\s?(?P<hour>\d{{2}}):?(?P<minute>\d{{2}})(?::?(?P<second>\d{{2}})(?:[.,]\d{{1,9}})?)?(?:\s?{_ZONE})?)?"
    r"(?:\s?[+-]\d{2}:?\d{2}|\[[\w/]+\])?",
    re.IGNORECASE,
)
_CLOCK = re.compile(rf"(?<![\d:./-]){_TIME}(?![\d:])\s?(?P<half>[ap]\.?m\b\.?)?(?:\s?\(?{_ZONE}\)?)?", re.IGNORECASE)
_NTH = r"st|nd|rd|th|er|[.ºª]"
_NAME = r"(?P<name>[^\W\d_]{3,12})"
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2026-02-04, 2026/2/4, 2026.02.04, 2026年2月4日, 2026년 2월 4일
        r"(?<!\d)(?P<year>\d{4})\s?(?:[-/.]|年|년)\s?(?P<month>\d{1,2})\s?(?:[-/.]|月|월)\s?(?P<day>\d{1,2})(?!\d)",
        # 4/2/2026, 04-02-2026, 4.2.2026
        r"(?<![\d/.-])(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4})(?!\d)",
        # Ngày 4 tháng 2 năm 2026
        r"(?<!\d)(?P<day>\d{1,2})\s+tháng\s+(?P<month>\d{1,2})(?:\s+năm|,)?\s+(?P<year>\d{4})(?!\d)",
        # 4 Feb 2026, 04-Feb-2026, 4. Februar 2026, 4 de febrero de 2026, 4th of February, 2026
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:{_NTH})?[\s-]\s?(?:de\s|of\s)?{_NAME}\.?,?[\s-](?:de\s|del\s)?(?P<year>\d{{4}})(?!\d)",
        # February 4, 2026
        rf"{_NAME}\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})(?!\d)",
    )
)
# RFC 5322, 4.3, and what news pages print.
_OFFSETS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "ET": None, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "ICT": 7, "JST": 9, "KST": 9,
}  # fmt: skip
_PATH_DAY = re.compile(r"/(?:\D*[-/])?(?P<year>(?:19|20)\d{2})[-/]?(?P<month>\d{2})[-/]?(?P<day>\d{2})(?=/|$)")
_NUMBER_DAY = re.compile(
    r"-(?:(?P<full>20\d{6})\d{6,11}|\d{3}(?P<short>\d{6})\d{6,12})\.(?:html?|chn)$"  # Tuổi Trẻ; VCCorp's prefix and day
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that was read.

    Attributes:
        day: The civil date where the outlet is; where its timezone is not known, the one that was written.
        instant: The instant, UTC; None where only the day was written, or a time of an unknown timezone.
        raw: The words it was read from.
    """

    day: date
    instant: datetime | None
    raw: str


def read_moment(text: str, zone: tzinfo | None, order: Order = "dmy") -> Moment | None:
    """Read one string that is a time: of a meta, JSON-LD, a feed, or printed.

    Args:
        text: The string.
        zone: The outlet's timezone, for times that say none and for the civil date; None where it is not known.
        order: What 4/2/2026 means; with '' it means nothing unless a number beyond 12 proves it.

    Returns:
        The moment; None for what is no time, or an ambiguous one.
    """
    raw = html.unescape(html.unescape(text[:_LONGEST])).strip()
    if raw.isdecimal() and len(raw) in {10, 13}:
        return _epoch(raw, zone)
    if iso := _ISO.fullmatch(raw):
        return _moment(raw, zone, _numbers(iso, "year", "month", "day"), iso)
    return find_moment(raw, zone, order)


def find_moment(text: str, zone: tzinfo | None, order: Order = "dmy") -> Moment | None:
    """Find the first day, and the time beside it, in a printed line; arguments and result as of `read_moment`."""
    raw = re.sub(r"\s+", " ", html.unescape(text[:_LONGEST])).strip()
    for pattern in _DAYS:
        for found in pattern.finditer(raw):
            if (day := _day(found, order)) is not None:
                return _moment(raw, zone, day, _clock(raw, found))
    return None


def _epoch(digits: str, zone: tzinfo | None) -> Moment | None:
    seconds = int(digits) / (1000 if len(digits) > 10 else 1)
    if int(seconds) not in _EPOCHS:
        return None
    instant = datetime.fromtimestamp(seconds, UTC)
    return Moment(instant.astimezone(zone or UTC).date(), instant, digits)


def _numbers(found: re.Match[str], *names: str) -> tuple[int, int, int] | None:
    year, month, day = (int(found[name]) for name in names)
    return year, month, day


def _day(found: re.Match[str], order: Order) -> tuple[int, int, int] | None:
    parts = found.groupdict()
    if "name" in parts:
        month = MONTHS.get(parts["name"].lower())
        return (int(parts["year"]), month, int(parts["day"])) if month else None
    if "first" not in parts:
        return _numbers(found, "year", "month", "day")
    first, second, year = _numbers(found, "first", "second", "year") or (0, 0, 0)
    if found["mark"] == "." or (second <= 12 < first) or first == second:
        return year, second, first  # with full stops only the day comes first; and a 13 is no month
    if first <= 12 < second:
        return year, first, second
    return {"dmy": (year, second, first), "mdy": (year, first, second)}.get(order)


def _clock(text: str, day: re.Match[str]) -> re.Match[str] | None:
    """The time of day beside a day: after it, or else before it."""
    return _CLOCK.search(text, day.end()) or _CLOCK.search(text[: day.start()])


def _moment(
    raw: str, zone: tzinfo | None, day: tuple[int, int, int] | None, clock: re.Match[str] | None
) -> Moment | None:
    if day is None or day[0] not in _YEARS:
        return None
    try:
        written = date(*day)
        at = _time_of(clock, written)
    except ValueError:
        return None
    if at is None or clock is None:
        return Moment(written, None, raw)
    offset = _offset(clock["zone"])
    if offset is None and zone is None:
        return Moment(written, None, raw)
    instant = at.replace(tzinfo=offset or zone).astimezone(UTC)
    return Moment(instant.astimezone(zone).date() if zone else written, instant, raw)


def _time_of(clock: re.Match[str] | None, day: date) -> datetime | None:
    if clock is None or clock["hour"] is None:
        return None
    hour = int(clock["hour"])
    half = (clock.groupdict().get("half") or "")[:1].lower()
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    midnight = hour == 24
    at = datetime(
        day.year, day.month, day.day, 0 if midnight else hour, int(clock["minute"]), int(clock["second"] or 0)
    )
    return at + timedelta(days=1) if midnight else at


def _offset(written: str | None) -> tzinfo | None:
    """The timezone of `+07:00`, `+0700`, `GMT+7`, `Z` or `EST`; None where it says nothing that is known."""
    name = re.sub(r"\s", "", written or "").upper()
    if not name:
        return None
    if sign := re.search(r"([+-])(\d{1,2}):?(\d{2})?$", name):
        hours, minutes = int(sign[2]), int(sign[3] or 0)
        if hours > 14 or minutes > 59:
            return None
        return timezone((1 if sign[1] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    hours_known = _OFFSETS.get(name)
    return None if hours_known is None else timezone(timedelta(hours=hours_known))


def day_in_path(url: str) -> date | None:
    """The full date in an address's path (`/2025/07/25/`, `/20250725/`); digits of article numbers are none."""
    found = _PATH_DAY.search(url.split("?", maxsplit=1)[0])
    return _valid(found["year"], found["month"], found["day"]) if found else None


def day_bound(url: str) -> date | None:
    """The day that an article number carries: that of its creation, a bound for its publication and not its date."""
    found = _NUMBER_DAY.search(url.split("?", maxsplit=1)[0])
    if not found:
        return None
    digits = found["full"] or "20" + found["short"]
    return _valid(digits[:4], digits[4:6], digits[6:8])


def _valid(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
