"""How news pages, feeds and sitemaps write time, and what they mean by it.

trafilatura and htmldate give a date alone, in the offset of the source; a news archive needs the instant, and the civil
date where the outlet is: `2026-02-04T18:30Z` is 5 February in Hà Nội. Nothing here guesses: a form that is ambiguous is
decided by the order its outlet declares, or not at all.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from crawler.parsing.month_names import MONTHS, VIETNAMESE
from crawler.parsing.times_of_day import CLOCK, HALF, ZONE, time_on, zone_of

Order = Literal["dmy", "mdy", "ymd", ""]

AHEAD = timedelta(days=1)  # clocks and timezones of outlets are off by hours, never by more than a day
_EARLIEST = date(1990, 1, 1)  # no outlet had a site; what says so is a placeholder
_LONGEST = 300  # characters that are looked at
_YEARS = range(1900, 2101)
_EPOCHS = range(631_152_000, 4_102_444_800)  # 1990 to 2100, in seconds
_MILLISECONDS = 13  # digits of an epoch

# Seconds or milliseconds, bare or as ASP.NET writes them: 1770207900, 1770207900000, /Date(1770207900000+0700)/
_EPOCH = re.compile(r"(?:/Date\()?(\d{10}|\d{13})(?:\.\d{1,9}|[+-]\d{4})?(?:\)/)?")
_ISO = re.compile(
    rf"(?P<year>\d{{4}})(?P<dash>[-/]?)(?P<month>\d{{2}})(?P=dash)(?P<day>\d{{2}})"
    rf"(?:[T\s]\s?(?P<hour>\d{{2}}):?(?P<minute>\d{{2}})(?::?(?P<second>\d{{2}})(?:[.,]\d{{1,9}})?)?"
    rf"(?:\s?{HALF})?(?:\s?{ZONE})?)?(?:\s?[+-]\d{{2}}:?\d{{2}}|\[[\w/]+\])?",
    re.IGNORECASE,
)
_LOST_PLUS = re.compile(r"(?<=T\d{2}:\d{2}:\d{2}) (?=\d{2}:\d{2}$)")  # where somebody took it for a blank of a form
# How .NET writes a time where nobody told it otherwise: 9/7/2018 9:59:00 AM is of September (nld.com.vn, 2018). Of
# those who write the day first, none writes AM and PM and a month without its zero.
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M")
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
        # Tháng Hai 4, 2026
        r"tháng\s+(?P<month>\d{1,2})\s+(?P<day>\d{1,2}),\s+(?P<year>\d{4})(?!\d)",
        # 4 Feb 2026, 04-Feb-2026, 4. Februar 2026, 4 de febrero de 2026, 4th of February, 2026
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:{_NTH})?[\s-]\s?(?:de\s|of\s)?{_NAME}\.?,?[\s-](?:de\s|del\s)?(?P<year>\d{{4}})(?!\d)",
        # 04 Feb 26 19:25, of two digits as RFC 822 has it
        rf"(?<!\d)(?P<day>\d{{1,2}})\s{_NAME}\s(?P<year>\d{{2}})(?=\s\d{{1,2}}:\d{{2}})",
        # February 4, 2026
        rf"{_NAME}\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})(?!\d)",
        # Wed Feb 04 19:25:00 ICT 2026, of which the clock is looked for behind the day
        rf"{_NAME}\s(?P<day>\d{{1,2}})(?=\s\d{{2}}:\d{{2}}:\d{{2}}\s(?:[A-Z]{{2,5}}\s|[+-]\d{{4}}\s)?(?P<year>\d{{4}})(?!\d))",
    )
)
# What stands before a time at which something else happened than publication.
_CHANGED = re.compile(r"(?:cập nhật|chỉnh sửa|sửa đổi|updated|modified|edited|revised)[^\d]{0,40}$", re.IGNORECASE)
_MONTH_WORD = re.compile(rf"(?<=tháng )(?:{'|'.join(sorted(VIETNAMESE, key=len, reverse=True))})\b", re.IGNORECASE)
_ENGLISH_DAY_FIRST = frozenset({"en-gb", "en-au", "en-nz", "en-ie"})
_DAY_FIRST = frozenset("vi fr de es it pt nl pl cs sv no nb nn da fi tr ru uk el ro bg id ms th km lo ar he hi".split())
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


def read_moment(text: str, zone: tzinfo | None, order: Order = "") -> Moment | None:
    """Read one string that is a time: of a meta, JSON-LD, a feed, or printed.

    Args:
        text: The string.
        zone: The outlet's timezone, for times that say none and for the civil date; None where it is not known.
        order: What 4/2/2026 means; with '' it means nothing unless a number beyond 12 proves it.

    Returns:
        The moment; None for what is no time, or an ambiguous one.
    """
    raw = _LOST_PLUS.sub("+", _tidy(html.unescape(text[:_LONGEST])))
    if epoch := _EPOCH.fullmatch(raw):
        return _epoch(epoch[1], raw, zone)
    if iso := _ISO.fullmatch(raw):
        return _moment(raw, zone, _numbers(iso, "year", "month", "day"), iso)
    if american := _AMERICAN.fullmatch(raw):
        order = "mdy" if order == "mdy" or len(american[2]) == 1 else ""
    return find_moment(raw, zone, order)


def find_moment(text: str, zone: tzinfo | None, order: Order = "") -> Moment | None:
    """Find the first day, and the time beside it, in a printed line; arguments and result as of `read_moment`.

    A day that is printed as that of a change is passed over.
    """
    raw = _tidy(text)
    line = _MONTH_WORD.sub(lambda word: str(VIETNAMESE[word[0].lower()]), raw)
    for pattern in _DAYS:
        for found in pattern.finditer(line):
            if (day := _day(found, order)) is not None and not _CHANGED.search(line[: found.start()]):
                return _moment(raw, zone, day, _clock(line, found))
    return None


def believable(moment: Moment, now: datetime) -> bool:
    """Whether an outlet may have published something at a moment: when there were sites, and not in the future."""
    if moment.instant is not None and moment.instant > now + AHEAD:
        return False
    return _EARLIEST <= moment.day <= (now + AHEAD).date()


def order_of(language: str) -> Order:
    """The order in which a language writes day and month; '' for English, which writes both, and for unknown ones.

    Args:
        language: BCP 47 tag.
    """
    tag = language.replace("_", "-").lower()
    if tag == "en-us":
        return "mdy"
    return "dmy" if tag in _ENGLISH_DAY_FIRST or tag.partition("-")[0] in _DAY_FIRST else ""


def _tidy(text: str) -> str:
    """One line in NFC, with plain blanks and minus signs."""
    line = unicodedata.normalize("NFC", html.unescape(text[:_LONGEST])).replace("\N{MINUS SIGN}", "-")
    return " ".join(line.split())


def _epoch(digits: str, raw: str, zone: tzinfo | None) -> Moment | None:
    seconds = int(digits) / (1000 if len(digits) == _MILLISECONDS else 1)
    if int(seconds) not in _EPOCHS:
        return None
    instant = datetime.fromtimestamp(seconds, UTC)
    return Moment(instant.astimezone(zone or UTC).date(), instant, raw)


def _numbers(found: re.Match[str], *names: str) -> tuple[int, int, int]:
    year, month, day = (int(found[name]) for name in names)
    return year, month, day


def _day(found: re.Match[str], order: Order) -> tuple[int, int, int] | None:
    parts = found.groupdict()
    if "name" in parts:
        month = MONTHS.get(parts["name"].lower())
        return (_whole_year(parts["year"]), month, int(parts["day"])) if month else None
    if "first" not in parts:
        return _numbers(found, "year", "month", "day")
    year, first, second = _numbers(found, "year", "first", "second")
    if found["mark"] == "." or (second <= 12 < first) or first == second:
        return year, second, first  # with full stops only the day comes first; and a 13 is no month
    if first <= 12 < second:
        return year, first, second
    return {"dmy": (year, second, first), "mdy": (year, first, second)}.get(order)


def _whole_year(digits: str) -> int:
    """A year of two digits is of this century up to 49 (RFC 5322, 4.3)."""
    return int(digits) + (0 if len(digits) == 4 else 2000 if int(digits) < 50 else 1900)


def _clock(text: str, day: re.Match[str]) -> re.Match[str] | None:
    """The time of day beside a day: after it, or else before it."""
    return CLOCK.search(text, day.end()) or CLOCK.search(text[: day.start()])


def _moment(raw: str, zone: tzinfo | None, day: tuple[int, int, int], clock: re.Match[str] | None) -> Moment | None:
    if day[0] not in _YEARS:
        return None
    try:
        written = datetime(*day)
        at = time_on(written, clock) if clock and clock["hour"] else None
    except ValueError:
        return None
    if at is None or clock is None:
        return Moment(written.date(), None, raw)
    told = zone_of(clock["zone"], at, zone)
    # In prose any word may follow a time; in ISO's form it is a timezone, and an unknown one tells no instant.
    known = told or (None if clock["zone"] and clock.re is _ISO else zone)
    if known is None:
        return Moment(written.date(), None, raw)
    instant = at.replace(tzinfo=known).astimezone(UTC)
    return Moment(instant.astimezone(zone).date() if zone else written.date(), instant, raw)


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
