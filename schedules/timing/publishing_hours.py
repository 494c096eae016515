"""When an outlet publishes: the hours of its week, as fractions of the mean, learned from what it has published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

_DAY = 24
HOURS = 7 * _DAY
_PRIOR = 4.0  # articles
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
        return self.shares[_slot(local)]

    def _next_hour(self, moment: datetime) -> datetime:
        local = moment.astimezone(self.zone)
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return moment + _HOUR - into


def rhythm_of(moments: Collection[datetime], zone: tzinfo) -> Rhythm:
    """The rhythm of an outlet, as far as its articles tell it.

    One hour of one week is a small sample. So it is taken for like the same hour of any day, until as many articles as
    `_PRIOR` would have come in it, and that one for like any hour: the mean of a gamma-Poisson model. Hours before the
    first article and after the last tell nothing.

    Args:
        moments: When it published articles, in any order.
        zone: Of its clock.
    """
    local = [moment.astimezone(zone) for moment in moments]
    if not local:
        return Rhythm(zone)
    began = min(local).replace(minute=0, second=0, microsecond=0)
    length = int((max(local) - began) / _HOUR) + 1
    came, lived = Counter(map(_slot, local)), Counter(_slot(began + _HOUR * n) for n in range(length))
    day = [_likely(_of_day(came, hour), _of_day(lived, hour), len(local) / length) for hour in range(_DAY)]
    smooth = [(day[hour - 1] + 2 * day[hour] + day[(hour + 1) % _DAY]) / 4 for hour in range(_DAY)]
    rates = [_likely(came[slot], lived[slot], smooth[slot % _DAY]) for slot in range(HOURS)]
    mean = sum(rates) / HOURS
    return Rhythm(zone, tuple(min(max(rate / mean, _QUIETEST), _BUSIEST) for rate in rates))


def _slot(local: datetime) -> int:
    return local.weekday() * _DAY + local.hour


def _of_day(counts: Counter[int], hour: int) -> int:
    """How many there are in an hour of the day, of all days of the week."""
    return sum(counts[slot] for slot in range(hour, HOURS, _DAY))


def _likely(came: int, hours: int, before: float) -> float:
    """Articles an hour, where so many came in so many hours, and one would have thought of another rate before."""
    return (came + _PRIOR) / (hours + _PRIOR / before)
