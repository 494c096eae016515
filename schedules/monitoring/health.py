"""How an outlet fares, in one word and one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from archive.errors import Reason
from archive.ledger.model import Served
from archive.statistics.extraction_stats import figures
from archive.statistics.outlet_activity import Pulse, pulses
from archive.store.reader import Answers
from crawler.outlets.model import Outlet
from schedules.monitoring.drift import Drift, drifts
from schedules.timing.publishing_hours import Rhythm, rhythm_of

State = Literal["ok", "quiet", "drifting", "failing", "blocked"]
STATES: tuple[State, ...] = ("ok", "quiet", "drifting", "failing", "blocked")
_DAY = 86400.0
_MISSED = 8.0  # articles that should have come since the last one: by chance that is once in 3000 times (e^-8)
_STREAK = 3  # failures in a row that make a source a failing one: one or two are the weather


@dataclass(frozen=True, slots=True)
class Health:
    """How an outlet fares.

    Attributes:
        state: ok; quiet where articles should have come; drifting where its pages are no longer read as before;
            failing where its sources cannot be had; blocked where it does not want us.
        why: One sentence.
    """

    state: State
    why: str

    @property
    def needs_somebody(self) -> bool:
        """Whether a person should look."""
        return self.state != "ok"


def health(pulse: Pulse, now: datetime, rhythm: Rhythm, drifted: Drift | None = None) -> Health:
    """How an outlet fares; of several troubles the gravest is told.

    Args:
        pulse: How alive it is.
        now: The instant, UTC.
        rhythm: When it publishes.
        drifted: What changed in how its pages are read.
    """
    if pulse.failing and pulse.failing == pulse.sources and pulse.streak >= _STREAK:
        return _failing(pulse)
    if drifted:
        return Health("drifting", str(drifted))
    missed = _missed(pulse, now, rhythm)
    if pulse.article_at and missed >= _MISSED:
        return Health("quiet", f"no article since {_told(pulse.article_at)}, when {missed:.0f} should have come")
    if pulse.polled_at is None:
        return Health("ok", "not asked yet")
    if pulse.failing:
        reasons = _reasons(pulse.reasons)
        return Health("ok", f"{pulse.failing} of {pulse.sources} sources failed when last asked: {reasons}")
    return Health("ok", "")


def _failing(pulse: Pulse) -> Health:
    state: State = "blocked" if pulse.reasons.get("blocked", 0) * 2 >= pulse.failing else "failing"
    return Health(state, f"every source failed, {pulse.streak} times in a row: {_reasons(pulse.reasons)}")


def _missed(pulse: Pulse, now: datetime, rhythm: Rhythm) -> float:
    """How many articles should have come since the newest one."""
    if pulse.article_at is None or pulse.article_at >= now:
        return 0.0
    since = max(pulse.article_at, now - timedelta(days=28))
    return pulse.per_day / _DAY * rhythm.passed(since, now)


def _reasons(reasons: Mapping[str, int]) -> str:
    return ", ".join(Reason(name).label for name, _ in sorted(reasons.items(), key=lambda pair: -pair[1]) if name)


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


_SILENT = timedelta(minutes=3)  # without a sign of life, which comes three times a minute
_LEARNED_FROM = timedelta(days=28)


def service_health(served: Served, now: datetime) -> tuple[bool, list[str]]:
    """Whether the service is well, or was ended by somebody; and how it fares, in a line or more.

    Args:
        served: As it was last heard of.
        now: The instant, UTC.
    """
    heard_at = served.beat_at or served.started_at
    if served.state == "done":
        return True, [f"ended, last heard of at {_told(heard_at)}"]
    if served.state != "running" or now - heard_at > _SILENT:
        return False, [f"not heard of since {_told(heard_at)}; start it again with `khobao run`"]
    return not served.troubles, list(served.troubles) or [f"at work since {_told(served.started_at)}"]


def learned_rhythm(archive: Answers, outlet: Outlet, now: datetime) -> Rhythm:
    """When an outlet publishes, as the last weeks of the archive tell it."""
    since = (now - _LEARNED_FROM).astimezone(outlet.zone).date()
    return rhythm_of(archive.published_times(outlet.id, since), outlet.zone)


def examine(
    archive: Answers,
    catalogue: Mapping[str, Outlet],
    now: datetime,
    rhythm: Callable[[Outlet], Rhythm] | None = None,
) -> dict[str, tuple[Pulse, Health]]:
    """How every outlet of the archive fares, by id.

    Args:
        archive: The archive.
        catalogue: The declared outlets, by id, for their clocks.
        now: The instant, UTC.
        rhythm: When an outlet publishes; None to learn it from the archive.
    """
    drifted = drifts(figures(archive, now), now)
    examined = {}
    for pulse in pulses(archive, now):
        outlet = catalogue.get(pulse.outlet)
        week = Rhythm(UTC)
        if outlet:
            week = rhythm(outlet) if rhythm else learned_rhythm(archive, outlet, now)
        examined[pulse.outlet] = (pulse, health(pulse, now, week, drifted.get(pulse.outlet)))
    return examined
