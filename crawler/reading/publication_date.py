"""Decide when an article was published, from all claims of a page and its source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.parsing.dates import DateStyle, Moment, day_in_article_number, day_in_path, is_plausible
from crawler.reading.last_resort_date import SOURCE, guess_day, is_of_event_or_change
from crawler.reading.metadata import PageMetadata
from crawler.reading.printed_dates import PrintedTime

DISPUTED = " (but "  # precedes the words in `raw` of a source that names another day
_STRONG = frozenset(["json-ld", "meta"])
_SAME = timedelta(seconds=60)  # printed times have minutes, not seconds
_NOON = 12  # hours UTC; from this hour on, all timezones west of Greenwich have the same day
_MORNING = 10  # hours UTC; before this hour, all timezones east of it have the same day
_UTC_MARK = re.compile(r"(?:Z|[+-]00:?00|\bGMT|\bUTC)\s*$")


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """The publication date of an article, and its source.

    Attributes:
        day: The civil date.
        instant: The instant, UTC; None if only the day is known.
        source: json-ld, meta, page, feed, url or htmldate.
        raw: The date as its source writes it; another source's date too if that is more than a day away.
        weak: It is the day in an address, or is printed where it may mean something else.
    """

    day: date
    instant: datetime | None
    source: str
    raw: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class _Claim:
    """One claim of when the article was published."""

    source: str
    moment: Moment

    @property
    def has_offset(self) -> bool:
        """Whether the claim is an instant with an offset other than UTC."""
        return self.moment.instant is not None and not _UTC_MARK.search(self.moment.raw)

    def agrees(self, other: _Claim) -> bool:
        """Return whether two claims agree to the minute, or to the day if one has no time."""
        if self.moment.instant and other.moment.instant:
            return abs(self.moment.instant - other.moment.instant) < _SAME
        return self.moment.day == other.moment.day


def decide_publication(
    facts: PageMetadata,
    declared: Iterable[str],
    candidate: Candidate | None,
    printed: Sequence[PrintedTime],
    url: str,
    style: DateStyle,
    now: datetime,
) -> PublicationDate | Failure | None:
    """Decide when an article was published.

    The order of trust is: the page's metadata, the printed time that the outlet's rules find, the source of the link,
    other printed times, the address. If the metadata contradict each other, the first claim that another source repeats
    is chosen. If the chosen claim is only a day, the best later claim with an instant on that day completes it.

    Args:
        facts: The metadata of the page.
        declared: The printed times that the outlet's rules find.
        candidate: The link to the page as a source lists it.
        printed: Other printed times; used only if nothing better gives an instant.
        url: The address; a full date in its path is the last resort.
        style: How the page's dates are parsed; without a timezone, a bare local time stays a day.
        now: The current time; times later than `AHEAD` after it are rejected.

    Returns:
        The date; None if unknown; `FUTURE_DATE` if all claims are in the future.
    """
    claims = _claims_of(facts, declared, candidate, style)
    shown = [_Claim("page", time.moment) for time in printed]
    if not any(claim.moment.instant for claim in claims):
        claims.extend(shown)
    in_path = _day_claims("url", day_in_path(url))
    claims.extend(in_path if not claims else [])
    believed = [claim for claim in claims if is_plausible(claim.moment, now)]
    if not believed:
        return _refuse_future(claims, now)
    near = [_Claim("page", time.moment) for time in printed if time.near]
    chosen = _prefer_printed(_choose_claim(believed, shown), near, facts.loose_times)
    chosen = _resolve_order(chosen, [*shown, *in_path], style)
    near[:0] = [claim for claim in believed if claim.moment.instant == chosen.moment.instant and claim.has_offset]
    moment = _correct_civil_day(chosen.moment, [claim.moment for claim in (*in_path, *near)], style)
    others = [*claims, *in_path, *_day_claims("url", day_in_article_number(url))]
    raw = moment.raw + _describe_disagreement(replace(chosen, moment=moment), others, now)
    far = {id(time.moment) for time in printed if not time.near}
    return PublicationDate(
        moment.day, moment.instant, chosen.source, raw, chosen.source == "url" or id(chosen.moment) in far
    )


def with_last_resort(
    known: PublicationDate | None, markup: str, lines: Iterable[str], facts: PageMetadata, now: datetime
) -> PublicationDate | None:
    """Date an undated page with htmldate, or note that it contradicts a weak date.

    Args:
        known: The date of publication, if known.
        markup: The whole page.
        lines: The lines that the page shows; a day that they print only as that of an event or a change is not used.
        facts: The metadata of the page.
        now: The current time.
    """
    if known and not known.weak:
        return known
    guessed = guess_day(markup, now)
    if guessed is None or is_of_event_or_change(guessed, lines, facts.titles, facts.language):
        return known
    if known is None:
        return PublicationDate(guessed, None, SOURCE, guessed.isoformat(), weak=True)
    if abs((guessed - known.day).days) <= 1 or DISPUTED in known.raw:
        return known
    return replace(known, raw=f"{known.raw}{DISPUTED}{SOURCE}: {guessed.isoformat()})")


def is_doubtful(facts: PageMetadata, declared: Iterable[str], candidate: Candidate | None, style: DateStyle) -> bool:
    """Return whether metadata, rules and source leave a doubt that a printed date may settle.

    They do if they contradict each other, give no instant, give one in UTC, whose day may not be the outlet's, or give
    only one that may be the time of the request. Arguments are as in `decide_publication`.
    """
    claims = _claims_of(facts, declared, candidate, style)
    exact = [claim for claim in claims if claim.moment.instant]
    if not exact or any(not claim.agrees(exact[0]) for claim in claims) or style.read_swapped(exact[0].moment.raw):
        return True
    loose = facts.loose_times
    return all(_UTC_MARK.search(claim.moment.raw) or claim.moment.raw in loose for claim in exact)


def _claims_of(
    facts: PageMetadata, declared: Iterable[str], candidate: Candidate | None, style: DateStyle
) -> list[_Claim]:
    """List the claims that are better than a time printed somewhere, in the order of trust."""
    told = [*facts.published, *(("page", raw) for raw in declared)]
    claims = [_Claim(source, moment) for source, raw in told if (moment := style.read(raw))]
    if candidate and candidate.published_at:
        day = candidate.published_at.astimezone(style.zone or UTC).date()
        claims.append(_Claim("feed", Moment(day, candidate.published_at, candidate.published_raw)))
    return claims


def _day_claims(source: str, day: date | None) -> list[_Claim]:
    return [_Claim(source, Moment(day, None, str(day)))] if day else []


def _refuse_future(claims: Iterable[_Claim], now: datetime) -> Failure | None:
    ahead = next((claim.moment.raw for claim in claims if claim.moment.day > now.date()), "")
    return Failure(Reason.FUTURE_DATE, f"published {ahead}, more than a day ahead") if ahead else None


def _choose_claim(believed: Sequence[_Claim], shown: Sequence[_Claim]) -> _Claim:
    """Choose the first claim, or another claim that is confirmed if the metadata disagree."""
    first = believed[0]
    strong = [claim for claim in believed if claim.source in _STRONG]
    if any(not claim.agrees(first) for claim in strong):
        witnesses = [*believed, *shown]
        confirmed = (
            claim
            for claim in strong
            if any(other.source != claim.source and other.agrees(claim) for other in witnesses)
        )
        first = next(confirmed, first)
    if first.moment.instant:
        return first
    exact = (c for c in believed if c.moment.instant and abs((c.moment.day - first.moment.day).days) <= 1)
    return next(exact, first)


def _prefer_printed(chosen: _Claim, near: Sequence[_Claim], loose: frozenset[str]) -> _Claim:
    """Prefer the day printed beside the headline to one in the metadata that may be of something else.

    The printed day replaces three kinds: a meta without a time of day; a meta whose name does not say what happened at
    its time, if it is later by more than a day, because it may be the time of the request; and the time of a bare
    `WebPage`, which many templates write for every page, if it is more than a day away.
    """
    if chosen.source not in _STRONG or any(claim.agrees(chosen) for claim in near):
        return chosen
    if chosen.source == "meta" and chosen.moment.instant is None:
        return next(iter(near), chosen)
    days = {claim.moment.day for claim in near}
    if chosen.moment.raw not in loose or not days:
        return chosen
    if chosen.source == "meta" and max(days) >= chosen.moment.day - timedelta(days=1):
        return chosen
    away = min(abs((day - chosen.moment.day).days) for day in days) > 1
    return near[0] if away else chosen


def _resolve_order(chosen: _Claim, shown: Sequence[_Claim], style: DateStyle) -> _Claim:
    """Swap month and day of an ambiguous claim if the page prints only the other day."""
    swapped = style.read_swapped(chosen.moment.raw)
    days = {claim.moment.day for claim in shown if claim.moment.raw != chosen.moment.raw}
    return (
        replace(chosen, moment=swapped) if swapped and swapped.day in days and chosen.moment.day not in days else chosen
    )


def _correct_civil_day(moment: Moment, evidence: Iterable[Moment], style: DateStyle) -> Moment:
    """Correct the day of a UTC instant by the day in the address or beside the headline.

    If the timezone is known, the corrected day is the day as written. If the printed time of day equals the written
    one, the claim is a local time that is wrongly marked as UTC.
    """
    told = list(evidence)
    shown = next(iter(told), None)
    if shown is None or shown.day == moment.day or moment.instant is None or not _UTC_MARK.search(moment.raw):
        return moment
    written = moment.instant.astimezone(UTC)
    if style.zone is None:
        possible = written.hour < _NOON if shown.day < moment.day else written.hour >= _MORNING
        return replace(moment, day=shown.day) if abs((shown.day - moment.day).days) == 1 and possible else moment
    if shown.day != written.date():
        return moment
    instants = [other.instant for other in told if other.instant and other.day == shown.day]
    local = (at for at in instants if abs(at.astimezone(style.zone).replace(tzinfo=UTC) - written) < _SAME)
    return replace(moment, day=shown.day, instant=next(local, moment.instant))


def _describe_disagreement(chosen: _Claim, claims: Iterable[_Claim], now: datetime) -> str:
    """Describe the first other claim that is more than a day away; return an empty text for none."""
    away = (
        f"{DISPUTED}{claim.source}: {claim.moment.raw})"
        for claim in claims
        if claim.source != chosen.source
        and is_plausible(claim.moment, now)
        and abs((claim.moment.day - chosen.moment.day).days) > 1
    )
    return next(away, "")


def read_modification(facts: PageMetadata, style: DateStyle, now: datetime) -> datetime | None:
    """Return the instant of the last change, UTC; None if no plausible claim gives one."""
    moments = (style.read(words) for words in facts.modified)
    return next((m.instant for m in moments if m and m.instant and is_plausible(m, now)), None)
