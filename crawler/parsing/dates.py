"""Parse the dates and times that news pages, feeds and sitemaps contain.

trafilatura and htmldate return only a date, in the offset of the source. A news archive needs the instant, and the
civil date at the outlet: `2026-02-04T18:30Z` is 5 February in Hà Nội. Nothing here guesses: an ambiguous date is
parsed in the order that its outlet declares, or not at all.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from crawler.parsing.calendars import in_gregorian
from crawler.parsing.composition import compose
from crawler.parsing.date_labels import is_of_change
from crawler.parsing.month_names import VIETNAMESE_ORDINALS, month_of
from crawler.parsing.times_of_day import CLOCK, HALF, ZONE, datetime_at, names_zone, parse_timezone

Order = Literal["dmy", "mdy", "ymd", ""]

AHEAD = timedelta(days=1)  # the clocks and timezones of outlets are wrong by hours, never by more than a day
EARLIEST = date(1990, 1, 1)  # no outlet had a site before; an earlier date is a placeholder
_LONGEST = 300  # characters that are parsed
_LONGEST_TEXT = 100_000  # characters of a page's text that are searched
_FALLBACKS = 5  # patterns at the end of the list that are tried only on short lines
_YEARS = range(1900, 2101)
_BUDDHIST = 543  # years by which the Thai calendar is ahead
_EPOCHS = range(631_152_000, 4_102_444_800)  # 1990 to 2100, in seconds
_MILLISECONDS = 13  # digits of an epoch in milliseconds

# Seconds or milliseconds, bare or as ASP.NET writes them: 1770207900, 1770207900000, /Date(1770207900000+0700)/
_EPOCH = re.compile(r"(?:/Date\()?(\d{10}|\d{13})(?:\.\d{1,9}|[+-]\d{4})?(?:\)/)?")
_ISO = re.compile(
    rf"(?P<year>\d{{4}})(?P<dash>[-/]?)(?P<month>\d{{2}})(?P=dash)(?P<day>\d{{2}})"
    rf"(?:[T\s]\s?(?P<hour>\d{{2}}):?(?P<minute>\d{{2}})(?::?(?P<second>\d{{1,2}})(?:[.,]\d{{1,9}})?)?"
    rf"(?:\s?{HALF})?(?:\s?{ZONE})?)?(?:\s?[+-]\d{{2}}:?\d{{2}}|\[[\w/]+\])?",
    re.IGNORECASE,
)
_LOST_PLUS = re.compile(r"(?<=T\d{2}:\d{2}:\d{2}) (?=\d{2}:\d{2}$)")  # the plus sign was decoded as a blank of a form
# .NET's default format: 9/7/2018 9:59:00 AM is in September (nld.com.vn, 2018). Sites that write the day first never
# write AM or PM with a month without its zero.
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M")
_MONTHS = 12
_STALE = timedelta(days=4)  # age of the newest entry above which a news feed is too old to be right
_DIRECTIONS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")  # marks of right-to-left text
_NTH = r"st|nd|rd|th|er|[.ºª]"
_THEN_TIME = r",?\s(?:[|–-]\s|(?:à|às|at|um|kl|klo|alle|om|o)\.?\s)?\d{1,2}[:h.]\d{2}"
_NAME = r"(?P<name>[^\W\d_]{3,12})"
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2026-02-04, 2026/2/4, 2026.02.04, 2026年2月4日, 2026년 2월 4일
        r"(?<!\d)(?P<year>\d{4})\s?(?:[-/.]|年|년)\s?(?P<month>\d{1,2})\s?(?:[-/.]|月|월)\s?(?P<day>\d{1,2})(?!\d)",
        # 2026 оны 2 сарын 4
        r"(?<!\d)(?P<year>\d{4})\s?оны\s(?P<month>\d{1,2})(?:-р)?\s?сарын\s(?P<day>\d{1,2})(?!\d)",
        # 4/2/2026, 04-02-2026, 4.2.2026, 4. 2. 2026
        r"(?<![\d/.-])(?P<first>\d{1,2})(?P<mark>\s?[/-]\s?|[.]\s?)(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4})(?!\d)",
        # Ngày 4 tháng 2 năm 2026, 4 thg 2, 2026, 04 Th2, 2026
        r"(?<!\d)(?P<day>\d{1,2})\s+th(?:áng|g)?\.?\s?(?P<month>\d{1,2})(?:\s+năm|,)?\s+(?P<year>\d{4})(?!\d)",
        # Tháng Hai 4, 2026
        r"tháng\s+(?P<month>\d{1,2})\s+(?P<day>\d{1,2}),\s+(?P<year>\d{4})(?!\d)",
        # 4 Feb 2026, 04-Feb-2026, 4. Februar 2026, 4 de febrero de 2026, 4th of February, 2026
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:{_NTH})?[\s.-]\s?(?:de\s|of\s)?{_NAME}\.?,?[\s.-](?:de\s|del\s)?(?P<year>\d{{4}})(?!\d)",
        # 04 Feb 26 19:25, 4 févr. 26 à 19h25, with a year of two digits as in RFC 822; or a line that is such a day
        rf"(?<!\d)(?P<day>\d{{1,2}})\.?[\s-]{_NAME}\.?[\s-](?P<year>\d{{2}})(?={_THEN_TIME}|$)",
        # February 4, 2026
        rf"{_NAME}\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})(?!\d)",
        # Wed Feb 04 19:25:00 ICT 2026, with the time of day between day and year
        rf"{_NAME}\s(?P<day>\d{{1,2}})(?=\s\d{{2}}:\d{{2}}:\d{{2}}\s(?:[A-Z]{{2,5}}\s|[+-]\d{{4}}\s)?(?P<year>\d{{4}})(?!\d))",
        # 04.02.26, 04/02/26, 04·02·26
        r"(?<![\d/.:-])(?P<first>\d{2})(?P<mark>[/.·-])(?P<second>\d{2})(?P=mark)(?P<year>\d{2})(?![\d/.:-]\d|\d)",
        # 3 กุมภาพันธ์ 2569, 2026. február 4., 4 شباط/فبراير 2026: month names of any script, which may be several words
        r"(?<!\d)(?P<day>\d{1,2})(?!\d)(?P<words>[^\d\n]{2,40}?)\s?(?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})(?!\d)(?P<words>[^\d\n]{2,40}?)\s?(?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})[^\d]{1,8}(?P<day>\d{1,2})[.\s-]{1,2}(?P<words>[^\d\s]{3,20})",
        r"(?P<words>[^\d\s,]{2,20})\s(?P<day>\d{1,2}),?\s(?P<year>\d{4})(?!\d)",
    )
)
_MONTH_WORD = re.compile(
    rf"(?<=tháng )(?:{'|'.join(sorted(VIETNAMESE_ORDINALS, key=len, reverse=True))})\b", re.IGNORECASE
)
_ENGLISH_DAY_FIRST = frozenset({"en-gb", "en-au", "en-nz", "en-ie"})
_DAY_FIRST = frozenset("vi fr de es it pt nl pl cs sv no nb nn da fi tr ru uk el ro bg id ms th km lo ar he hi".split())
_PATH_DAY = re.compile(
    r"/(?:\D*[-/])?(?P<year>(?:19|20)\d{2})(?:/(?=\d{1,2}/\d{1,2}(?:/|$))|(?=[-/]?\d{2}[-/]?\d{2}(?:/|$))[-/]?)"
    r"(?P<month>\d{1,2})[-/]?(?P<day>\d{1,2})(?=/|$)"
)
_NUMBER_DAY = re.compile(
    r"-(?:(?P<full>20\d{6})\d{6,11}|\d{3}(?P<short>\d{6})\d{6,12})\.(?:html?|chn)$"  # Tuổi Trẻ; VCCorp's prefix and day
)


_AMBIGUOUS = re.compile(r"(?<!\d)(0?[1-9]|1[0-2])([/-])(0?[1-9]|1[0-2])\2\d{4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A parsed time.

    Attributes:
        day: The civil date at the outlet; if its timezone is unknown, the date as written.
        instant: The instant, UTC; None if only the day is written, or if the timezone of the time is unknown.
        raw: The text that was parsed.
    """

    day: date
    instant: datetime | None
    raw: str


@dataclass(frozen=True, slots=True)
class DateStyle:
    """The rules by which the dates of one page or source are parsed.

    Attributes:
        zone: The outlet's timezone, for times without one and for the civil date; None if unknown.
        order: The order of day and month, as in 4/2/2026; '' to accept only dates that a number beyond 12 decides.
        language: BCP 47 tag of the text, for month names; empty if unknown.
    """

    zone: ZoneInfo | None = None
    order: Order = ""
    language: str = ""

    def read(self, text: str) -> Moment | None:
        """Parse one string that is a time, like `read_moment`."""
        return read_moment(text, self.zone, self.order, self.language)

    def find(self, text: str) -> Moment | None:
        """Find the first day in a printed line, like `find_moment`."""
        return find_moment(text, self.zone, self.order, self.language)

    def read_swapped(self, text: str) -> Moment | None:
        """Parse an ambiguous date in the other order; None if month and day cannot be swapped."""
        if not (found := _AMBIGUOUS.search(text)) or int(found[1]) == int(found[3]):
            return None
        return read_moment(text, self.zone, "mdy" if self.order == "dmy" else "dmy", self.language)


def read_moment(text: str, zone: tzinfo | None, order: Order = "", language: str = "") -> Moment | None:
    """Parse one string that is a time, from a meta element, JSON-LD, a feed or the page itself.

    Args:
        text: The string.
        zone: The outlet's timezone, for times without one and for the civil date; None if unknown.
        order: The order of day and month, as in 4/2/2026; '' to accept only dates that a number beyond 12 decides.
        language: BCP 47 tag of the text, for month names; empty if unknown.

    Returns:
        The moment; None if the string is not a time, or is ambiguous.
    """
    raw = _LOST_PLUS.sub("+", _tidy(html.unescape(text[:_LONGEST])))
    if epoch := _EPOCH.fullmatch(raw):
        return _epoch(epoch[1], raw, zone)
    if iso := _ISO.fullmatch(in_gregorian(raw, language)):
        return _moment(raw, zone, (_whole_year(iso["year"]), *_numbers(iso, "month", "day")), iso, language)
    if american := _AMERICAN.fullmatch(raw):
        order = "mdy" if order == "mdy" or len(american[2]) == 1 else ""
    return find_moment(raw, zone, order, language)


def is_american(text: str) -> bool:
    """Return whether a time has .NET's United States format: 8/12/2026 1:07:00 PM."""
    return _AMERICAN.fullmatch(" ".join(text.split())) is not None


def writes_month_first(texts: Iterable[str], zone: tzinfo | None, now: datetime) -> bool:
    """Infer from all times of a source whether its times in .NET's format have the month first.

    From the 10th to the 12th of a month such a time alone is ambiguous. The other times decide: one with a day beyond
    12 or of one digit; or that the newest time would be in the future, or days ago, if the day came first.

    Args:
        texts: The times of one source, as written.
        zone: The outlet's timezone.
        now: The current time, UTC.
    """
    times = [" ".join(text.split()) for text in texts]
    american = [found for text in times if (found := _AMERICAN.fullmatch(text))]
    proofs = [int(found[2]) > _MONTHS or len(found[2]) == 1 for found in american]
    against = [int(found[1]) > _MONTHS for found in american]
    if any(proofs) or any(against):
        return any(proofs) and not any(against)
    ages = {order: _newest_age([found[0] for found in american], zone, order, now) for order in ("mdy", "dmy")}
    return ages["mdy"] is not None and (ages["dmy"] is None or ages["dmy"] > _STALE > ages["mdy"])


def _newest_age(texts: Iterable[str], zone: tzinfo | None, order: Order, now: datetime) -> timedelta | None:
    """Return the age of the newest time if they are parsed in an order; None if one is in the future."""
    moments = [find_moment(text, zone, order) for text in texts]
    instants = [moment.instant for moment in moments if moment and moment.instant]
    if not instants or max(instants) > now + AHEAD:
        return None
    return now - max(instants)


def find_moment(text: str, zone: tzinfo | None, order: Order = "", language: str = "") -> Moment | None:
    """Find the first day in a printed line, with its time; arguments and result as in `read_moment`.

    A day that is printed as the day of a change is skipped.
    """
    raw = _tidy(text)
    line = _MONTH_WORD.sub(lambda word: str(VIETNAMESE_ORDINALS[word[0].lower()]), in_gregorian(raw, language))
    for pattern in _DAYS:
        for found in pattern.finditer(line):
            if (day := _day(found, order, language)) is None:
                continue
            if is_of_change(line[: found.start()], line[found.end() :]):
                continue
            if moment := _moment(raw, zone, day, _clock(line, found), language):
                return moment
    return None


def days_in(text: str, style: DateStyle) -> set[date]:
    """Find every day that a text contains in an unambiguous form.

    Args:
        text: The text of a page; only its beginning is searched.
        style: The language of the page; its order is ignored.
    """
    days: set[date] = set()
    for pattern in _DAYS[:-_FALLBACKS]:
        for found in pattern.finditer(text[:_LONGEST_TEXT]):
            if (numbers := _day(found, "", style.language)) and (moment := _moment("", None, numbers, None)):
                days.add(moment.day)
    return days


def is_plausible(moment: Moment, now: datetime) -> bool:
    """Return whether an outlet can have published something then: from 1990 on, and not in the future."""
    if moment.instant is not None and moment.instant > now + AHEAD:
        return False
    return EARLIEST <= moment.day <= (now + AHEAD).date()


def date_order_of_language(language: str) -> Order:
    """Return a language's order of day and month; '' for plain English and unknown languages.

    Args:
        language: BCP 47 tag.
    """
    tag = language.replace("_", "-").lower()
    if tag == "en-us":
        return "mdy"
    return "dmy" if tag in _ENGLISH_DAY_FIRST or tag.partition("-")[0] in _DAY_FIRST else ""


def _tidy(text: str) -> str:
    """Return a text as one line in NFC, with plain blanks and minus signs."""
    line = compose(html.unescape(text[:_LONGEST])).replace("\N{MINUS SIGN}", "-")
    return " ".join(_DIRECTIONS.sub("", line).split())


def _epoch(digits: str, raw: str, zone: tzinfo | None) -> Moment | None:
    seconds = int(digits) / (1000 if len(digits) == _MILLISECONDS else 1)
    if int(seconds) not in _EPOCHS:
        return None
    instant = datetime.fromtimestamp(seconds, UTC)
    return Moment(instant.astimezone(zone or UTC).date(), instant, raw)


def _numbers(found: re.Match[str], first: str, second: str) -> tuple[int, int]:
    return int(found[first]), int(found[second])


def _day(found: re.Match[str], order: Order, language: str) -> tuple[int, int, int] | None:
    parts = found.groupdict()
    year = _whole_year(parts["year"])
    if word := parts.get("name") or parts.get("words"):
        month = month_of(word, language)
        return (year, month, int(parts["day"])) if month else None
    if "first" not in parts:
        return (year, *_numbers(found, "month", "day"))
    first, second = _numbers(found, "first", "second")
    if order == "ymd" and len(parts["year"]) == 2:
        return _whole_year(parts["first"]), second, int(parts["year"])
    if found["mark"].strip() == "." or (second <= 12 < first) or first == second:
        return year, second, first  # with full stops the day always comes first; 13 is not a month
    if first <= 12 < second:
        return year, first, second
    return {"dmy": (year, second, first), "mdy": (year, first, second)}.get(order)


def _whole_year(digits: str) -> int:
    """Complete a two-digit year (RFC 5322, 4.3), and convert a Buddhist year (543 years ahead)."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year - _BUDDHIST if year - _BUDDHIST in _YEARS else year


def _clock(text: str, day: re.Match[str]) -> re.Match[str] | None:
    """Return the time of day after a day, or else before it."""
    return CLOCK.search(text, day.end()) or CLOCK.search(text[: day.start()])


def _moment(
    raw: str, zone: tzinfo | None, day: tuple[int, int, int], clock: re.Match[str] | None, language: str = ""
) -> Moment | None:
    if day[0] not in _YEARS:
        return None
    try:
        written = datetime(*day)
        at = datetime_at(written, clock) if clock and clock["hour"] else None
    except ValueError:
        return None
    if at is None or clock is None:
        return Moment(written.date(), None, raw)
    told = parse_timezone(clock["zone"], at, zone, language)
    # In the middle of a line the word after a time may be anything. In ISO form, at the end, or in the form of an
    # abbreviation, it is a timezone; if it is unknown, the instant is unknown too.
    meant = clock["zone"] and (clock.re is _ISO or clock.end() == len(clock.string) or names_zone(clock["zone"]))
    known = told or (None if meant else zone)
    if known is None:
        return Moment(written.date(), None, raw)
    instant = at.replace(tzinfo=known).astimezone(UTC)
    return Moment(instant.astimezone(zone).date() if zone else written.date(), instant, raw)


def day_in_path(url: str) -> date | None:
    """Return the full date in an address's path (`/2025/07/25/`); article numbers do not count."""
    found = _PATH_DAY.search(url.split("?", maxsplit=1)[0])
    return _valid(found["year"], found["month"], found["day"]) if found else None


def day_in_article_number(url: str) -> date | None:
    """Return the day in an article number: the day of creation, only a bound for the publication."""
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
