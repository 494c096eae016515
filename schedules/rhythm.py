"""When an outlet publishes: the hours of its week, as fractions of the mean, learned from what it has published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

HOURS = 7 * 24
_ENOUGH = 100  # articles from which a week can be told; with fewer, all hours are alike
_QUIETEST, _BUSIEST = 0.1, 5.0  # of the mean, so that no hour is lost from sight
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How busy each hour of an outlet's week is.

    Attributes:
        zone: Of the outlet's clock.
        shares: By hour, from Monday 0:00: 1.0 is an hour that is as busy as the mean.
    """

    zone: tzinfo
    shares: tuple[float, ...] = (1.0,) * HOURS

    def passed(self, since: datetime, until: datetime) -> float:
        """Seconds of mean activity between two instants: more than have passed in busy hours, fewer at night."""
        total, at = 0.0, since
        for _ in range(HOURS):
            if at >= until:
                return total
            end = min(self._next_hour(at), until)
            total += (end - at).total_seconds() * self._share(at)
            at = end
        return total + (until - at).total_seconds()  # beyond a week one hour is as good as another

    def ahead(self, now: datetime, seconds: float) -> datetime:
        """When so many seconds of mean activity will have passed, a week ahead at most."""
        at = now
        for _ in range(HOURS):
            end, share = self._next_hour(at), self._share(at)
            if (left := (end - at).total_seconds() * share) >= seconds:
                return at + timedelta(seconds=seconds / share)
            seconds, at = seconds - left, end
        return at

    def eased(self) -> Rhythm:
        """The square roots of the shares, their mean 1 again: how polls are best spread over the hours.

        To see news soonest on the whole with so many polls, they are spread by the square root of how much news each
        hour brings (Cho and Garcia-Molina, Effective page refresh policies for web crawlers, 2003).
        """
        roots = [share**0.5 for share in self.shares]
        mean = sum(roots) / HOURS
        return Rhythm(self.zone, tuple(root / mean for root in roots))

    def _share(self, moment: datetime) -> float:
        local = moment.astimezone(self.zone)
        return self.shares[local.weekday() * 24 + local.hour]

    def _next_hour(self, moment: datetime) -> datetime:
        local = moment.astimezone(self.zone)
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return moment + _HOUR - into


def rhythm_of(counts: Mapping[tuple[int, int], int], zone: tzinfo) -> Rhythm:
    """The rhythm of an outlet.

    Args:
        counts: How many articles it published in each hour of its week: by weekday (0 is Monday) and hour.
        zone: Of its clock.
    """
    total = sum(counts.values())
    if total < _ENOUGH:
        return Rhythm(zone)
    mean = total / HOURS
    hours = [counts.get((hour // 24, hour % 24), 0) for hour in range(HOURS)]
    # One week's hour is a small sample: its neighbours count half.
    smooth = [(hours[i - 1] + 2 * hours[i] + hours[(i + 1) % HOURS]) / 4 for i in range(HOURS)]
    return Rhythm(zone, tuple(min(max(value / mean, _QUIETEST), _BUSIEST) for value in smooth))
