"""Judge the health of outlets and of the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from archive.errors import Reason
from archive.ledger.model import ServiceStatus
from archive.statistics.extraction_stats import extraction_stats
from archive.statistics.healings import LastHealing, last_healings
from archive.statistics.outlet_activity import OutletActivity, outlet_activities
from archive.store.reader import ArchiveReader
from crawler.outlets.model import Outlet
from schedules.monitoring.drift import Drift, drifts
from schedules.timing.publishing_hours import PublishingHours, learn_publishing_hours

State = Literal["ok", "quiet", "drifting", "failing", "blocked"]
STATES: tuple[State, ...] = ("ok", "quiet", "drifting", "failing", "blocked")
_DAY = 86400.0
_MISSED = 8.0  # articles that should have come since the last one: by chance that is once in 3000 times (e^-8)
_HEALED_TOLD = timedelta(days=30)
_STREAK = 3  # failures in a row that make a source a failing one: one or two are the weather


@dataclass(frozen=True, slots=True)
class Health:
    """The health of an outlet.

    Attributes:
        state: ok; quiet where articles should have come; drifting where its pages are no longer read as before;
            failing where its sources cannot be had; blocked where it does not want us.
        why: One sentence.
    """

    state: State
    why: str

    @property
    def needs_somebody(self) -> bool:
        """Whether a person should look at it."""
        return self.state != "ok"


def health(
    activity: OutletActivity,
    now: datetime,
    hours: PublishingHours,
    drifted: Drift | None = None,
    healing: LastHealing | None = None,
) -> Health:
    """Judge the health of an outlet by its gravest problem.

    Args:
        activity: How alive it is.
        now: The instant, UTC.
        hours: When it publishes.
        drifted: What changed in how its pages are read.
        healing: Its last healing: rules in force since then make older signs of drift void.
    """
    in_force = healing if healing and healing.state == "in force" else None
    if activity.failing and activity.failing == activity.sources and activity.streak >= _STREAK:
        return _failing(activity)
    if drifted and not (in_force and in_force.at.date() >= drifted.since):
        told = f"; {healing}" if healing and healing.at.date() >= drifted.since else ""
        return Health("drifting", f"{drifted}{told}")
    missed = _missed(activity, now, hours)
    if activity.article_at and missed >= _MISSED:
        return Health("quiet", f"no article since {_told(activity.article_at)}, when {missed:.0f} should have come")
    if activity.polled_at is None:
        return Health("ok", "not asked yet")
    if activity.failing:
        reasons = _reasons(activity.reasons)
        return Health("ok", f"{activity.failing} of {activity.sources} sources failed when last asked: {reasons}")
    return Health("ok", str(in_force) if in_force and now - in_force.at < _HEALED_TOLD else "")


def _failing(activity: OutletActivity) -> Health:
    state: State = "blocked" if activity.reasons.get("blocked", 0) * 2 >= activity.failing else "failing"
    return Health(state, f"every source failed, {activity.streak} times in a row: {_reasons(activity.reasons)}")


def _missed(activity: OutletActivity, now: datetime, hours: PublishingHours) -> float:
    """Estimate how many articles should have been published since the newest one."""
    if activity.article_at is None or activity.article_at >= now:
        return 0.0
    since = max(activity.article_at, now - timedelta(days=28))
    return activity.per_day / _DAY * hours.activity(since, now)


def _reasons(reasons: Mapping[str, int]) -> str:
    return ", ".join(Reason(name).label for name, _ in sorted(reasons.items(), key=lambda pair: -pair[1]) if name)


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


_SILENT = timedelta(minutes=3)  # without a sign of life, which comes three times a minute
_LEARNED_FROM = timedelta(days=28)


def service_health(served: ServiceStatus, now: datetime) -> tuple[bool, list[str]]:
    """Judge the health of the service: whether it is well or was stopped, and lines that say so.

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


def learned_hours(archive: ArchiveReader, outlet: Outlet, now: datetime) -> PublishingHours:
    """When an outlet publishes, as the last weeks of the archive tell it."""
    since = (now - _LEARNED_FROM).astimezone(outlet.zone).date()
    return learn_publishing_hours(archive.published_times(outlet.id, since), outlet.zone)


def examine(
    archive: ArchiveReader,
    catalogue: Mapping[str, Outlet],
    now: datetime,
    hours: Callable[[Outlet], PublishingHours] | None = None,
) -> dict[str, tuple[OutletActivity, Health]]:
    """Judge the health of every outlet in the archive, by id.

    Args:
        archive: The archive.
        catalogue: The declared outlets, by id, for their clocks.
        now: The instant, UTC.
        hours: When an outlet publishes; None to learn it from the archive.
    """
    drifted, healings = drifts(extraction_stats(archive.query, now), now), last_healings(archive.query)
    examined = {}
    for activity in outlet_activities(archive.query, now):
        outlet = catalogue.get(activity.outlet)
        week = PublishingHours(UTC)
        if outlet:
            week = hours(outlet) if hours else learned_hours(archive, outlet, now)
        name = activity.outlet
        examined[name] = (activity, health(activity, now, week, drifted.get(name), healings.get(name)))
    return examined
