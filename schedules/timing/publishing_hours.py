"""Learn in which hours of the week an outlet publishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

_HOURS_OF_DAY = 24
HOURS_OF_WEEK = 7 * _HOURS_OF_DAY
_PRIOR_ARTICLES = 4.0  # weight of the expected rate, in articles; a guess, and a month of data weighs more
_MIN_WEIGHT, _MAX_WEIGHT = 0.1, 5.0  # relative to the mean, so that no hour is left out
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PublishingHours:
    """The activity of an outlet in each hour of its week.

    Attributes:
        zone: The timezone of the outlet.
        weights: The activity of each hour, from Monday 0:00 on; 1.0 is the mean of the week.
    """

    zone: tzinfo
    weights: tuple[float, ...] = (1.0,) * HOURS_OF_WEEK

    def activity(self, since: datetime, until: datetime) -> float:
        """Return the seconds of mean activity between two times: more in busy hours, fewer at night.

        Beyond a week, every hour counts as the mean.
        """
        total, time = 0.0, since
        for _ in range(HOURS_OF_WEEK):
            if time >= until:
                return total
            end = min(self._end_of_hour(time), until)
            total += (end - time).total_seconds() * self._weight(time)
            time = end
        return total + (until - time).total_seconds()

    def after_activity(self, now: datetime, seconds: float) -> datetime:
        """Return when some seconds of mean activity will have passed, at most a week ahead."""
        time = now
        for _ in range(HOURS_OF_WEEK):
            end, weight = self._end_of_hour(time), self._weight(time)
            if (remaining := (end - time).total_seconds() * weight) >= seconds:
                return time + timedelta(seconds=seconds / weight)
            seconds, time = seconds - remaining, end
        return time

    def for_polling(self) -> PublishingHours:
        """Return how often to poll in each hour: the square roots of the weights, with a mean of 1.

        With a fixed number of polls, news is seen soonest on average if the rate of polls follows the square root of
        the rate of news (Cho and Garcia-Molina, Effective page refresh policies for web crawlers, 2003).
        """
        roots = [weight**0.5 for weight in self.weights]
        mean = sum(roots) / HOURS_OF_WEEK
        return PublishingHours(self.zone, tuple(root / mean for root in roots))

    def _weight(self, time: datetime) -> float:
        return self.weights[_hour_of_week(time.astimezone(self.zone))]

    def _end_of_hour(self, time: datetime) -> datetime:
        local = time.astimezone(self.zone)
        passed = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return time + _HOUR - passed


def learn_publishing_hours(times: Collection[datetime], zone: tzinfo) -> PublishingHours:
    """Learn in which hours an outlet publishes, from the times of its articles.

    One hour of the week is a small sample. So its rate is the mean of a gamma-Poisson model: each hour of the week is
    expected to be like the same hour on all days, and an hour of the day like the mean of all hours, until
    `_PRIOR_ARTICLES` articles could have appeared in it. Hours before the first article and after the last one are not
    counted.

    Args:
        times: When the outlet published articles, in any order.
        zone: The timezone of the outlet.
    """
    local = [time.astimezone(zone) for time in times]
    if not local:
        return PublishingHours(zone)
    first_hour = min(local).replace(minute=0, second=0, microsecond=0)
    length = int((max(local) - first_hour) / _HOUR) + 1
    articles = Counter(map(_hour_of_week, local))
    hours = Counter(_hour_of_week(first_hour + _HOUR * n) for n in range(length))
    by_day = [
        _expected_rate(_sum_by_day(articles, hour), _sum_by_day(hours, hour), len(local) / length)
        for hour in range(_HOURS_OF_DAY)
    ]
    smooth = [
        (by_day[hour - 1] + 2 * by_day[hour] + by_day[(hour + 1) % _HOURS_OF_DAY]) / 4 for hour in range(_HOURS_OF_DAY)
    ]
    rates = [_expected_rate(articles[hour], hours[hour], smooth[hour % _HOURS_OF_DAY]) for hour in range(HOURS_OF_WEEK)]
    mean = sum(rates) / HOURS_OF_WEEK
    return PublishingHours(zone, tuple(min(max(rate / mean, _MIN_WEIGHT), _MAX_WEIGHT) for rate in rates))


def _hour_of_week(local: datetime) -> int:
    return local.weekday() * _HOURS_OF_DAY + local.hour


def _sum_by_day(counts: Counter[int], hour: int) -> int:
    """Sum the counts of one hour of the day over all days of the week."""
    return sum(counts[slot] for slot in range(hour, HOURS_OF_WEEK, _HOURS_OF_DAY))


def _expected_rate(articles: int, hours: int, prior_rate: float) -> float:
    """Return the expected articles per hour: the posterior mean of a gamma prior."""
    return (articles + _PRIOR_ARTICLES) / (hours + _PRIOR_ARTICLES / prior_rate)
