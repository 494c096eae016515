"""Judge the health of outlets and of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from archive.errors import Reason
from archive.ledger.model import ServiceStatus
from archive.statistics.extraction_stats import extraction_stats
from archive.statistics.healings import LastHealing, last_healings
from archive.statistics.outlet_activity import OutletActivity, outlet_activities
from archive.store.names import outlet_zones
from archive.store.reader import ArchiveReader
from schedules.monitoring.drift import Drift, drifts
from schedules.timing.publishing_hours import PublishingHours, learn_publishing_hours

State = Literal["ok", "quiet", "drifting", "retrying", "failing", "blocked"]
STATES: tuple[State, ...] = ("ok", "quiet", "drifting", "retrying", "failing", "blocked")
_DAY = 86400.0
_MISSED = 8.0  # expected articles since the last one; getting none by chance happens once in 3000 times (e^-8)
_HEALED_TOLD = timedelta(days=30)
_STREAK = 3  # failures in a row that make a source a failing one; one or two may be temporary


@dataclass(frozen=True, slots=True)
class Health:
    """The health of an outlet.

    Attributes:
        state: ok; quiet if expected articles are missing; drifting if its pages are read differently; retrying if
            every source failed at its last poll, which may be temporary; failing if they go on failing; blocked if it
            refuses us.
        why: The reason, in one sentence.
    """

    state: State
    why: str

    @property
    def needs_somebody(self) -> bool:
        """Whether a person should look at the outlet."""
        return self.state != "ok"


def health(
    activity: OutletActivity,
    now: datetime,
    hours: PublishingHours,
    drifted: Drift | None = None,
    healing: LastHealing | None = None,
) -> Health:
    """Judge the health of an outlet by its most serious problem.

    Args:
        activity: The activity of the outlet.
        now: The current time, UTC.
        hours: The hours in which it publishes.
        drifted: How the reading of its pages changed; None for no change.
        healing: Its last healing; if its rules are in force, older signs of drift are ignored.
    """
    in_force = healing if healing and healing.state == "in force" else None
    if activity.failing and activity.failing == activity.sources:
        return _failing(activity)
    if drifted and not (in_force and in_force.at.date() >= drifted.since):
        told = f"; {healing}" if healing and healing.at.date() >= drifted.since else ""
        return Health("drifting", f"{drifted}{told}")
    missed = _estimate_missed(activity, now, hours)
    if activity.article_at and missed >= _MISSED:
        return Health("quiet", f"no article since {_format_moment(activity.article_at)}, {missed:.0f} were expected")
    if activity.polled_at is None:
        return Health("ok", "not polled yet")
    remarks = [*_source_remarks(activity)]
    if not remarks and in_force and now - in_force.at < _HEALED_TOLD:
        remarks.append(str(in_force))
    return Health("ok", "; ".join(remarks))


def _source_remarks(activity: OutletActivity) -> Iterator[str]:
    """Yield the problems of single sources of an outlet whose articles still arrive."""
    if activity.failing:
        reasons = _reasons(activity.reasons)
        yield f"{activity.failing} of {activity.sources} sources failed at the last poll: {reasons}"
    if activity.disproved:
        yield (
            f"{activity.disproved} of {activity.sources} sources answer 304 Not Modified or name an old date although"
            " they change; they are requested in full"
        )


def _failing(activity: OutletActivity) -> Health:
    """Judge an outlet all of whose sources failed at their last poll."""
    if activity.streak < _STREAK:
        return Health("retrying", f"every source failed at its last poll: {_reasons(activity.reasons)}")
    state: State = "blocked" if activity.reasons.get("blocked", 0) * 2 >= activity.failing else "failing"
    return Health(state, f"every source failed, {activity.streak} times in a row: {_reasons(activity.reasons)}")


def _estimate_missed(activity: OutletActivity, now: datetime, hours: PublishingHours) -> float:
    """Estimate how many articles should have appeared since the newest one."""
    if activity.article_at is None or activity.article_at >= now:
        return 0.0
    since = max(activity.article_at, now - timedelta(days=28))
    return activity.per_day / _DAY * hours.activity(since, now)


def _reasons(reasons: Mapping[str, int]) -> str:
    return ", ".join(Reason(name).label for name, _ in sorted(reasons.items(), key=lambda pair: -pair[1]) if name)


def _format_moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


_SILENT = timedelta(minutes=3)  # without a heartbeat; there are three in a minute
_LEARNED_FROM = timedelta(days=28)


def service_health(served: ServiceStatus, now: datetime) -> tuple[bool, list[str]]:
    """Judge the health of the service: whether it works or was stopped, and lines that explain it.

    Args:
        served: Its last known state.
        now: The current time, UTC.
    """
    heard_at = served.beat_at or served.started_at
    if served.state == "done":
        return True, [f"ended; the last heartbeat was at {_format_moment(heard_at)}"]
    if served.state != "running" or now - heard_at > _SILENT:
        return False, [f"no heartbeat since {_format_moment(heard_at)}; start it again with `khobao run`"]
    return not served.troubles, list(served.troubles) or [f"running since {_format_moment(served.started_at)}"]


def learned_hours(archive: ArchiveReader, outlet: str, zone: tzinfo, now: datetime) -> PublishingHours:
    """Learn when an outlet publishes, from the last weeks of the archive.

    Args:
        archive: The archive.
        outlet: The id of the outlet.
        zone: The timezone of the outlet.
        now: The current time, UTC.
    """
    since = (now - _LEARNED_FROM).astimezone(zone).date()
    return learn_publishing_hours(archive.published_times(outlet, since), zone)


def examine(
    archive: ArchiveReader, now: datetime, hours: Callable[[str], PublishingHours] | None = None
) -> dict[str, tuple[OutletActivity, Health]]:
    """Judge the health of every outlet in the archive, by outlet id.

    Args:
        archive: The archive.
        now: The current time, UTC.
        hours: Returns the hours in which the outlet of an id publishes; None to learn them from the archive.
    """
    drifted, healings = drifts(extraction_stats(archive.query, now), now), last_healings(archive.query)
    zones = {} if hours else outlet_zones(archive)
    examined = {}
    for activity in outlet_activities(archive.query, now):
        name = activity.outlet
        week = hours(name) if hours else learned_hours(archive, name, zones.get(name, UTC), now)
        examined[name] = (activity, health(activity, now, week, drifted.get(name), healings.get(name)))
    return examined
