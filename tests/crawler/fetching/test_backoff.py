"""When to retry, which hosts to leave alone, and how long a response is fresh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Reason
from crawler.fetching.backoff import (
    DAY,
    HOUR,
    HostHealth,
    after_outage,
    after_request,
    fresh_for,
    network_is_down,
    next_try,
    parse_retry_after,
)

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
JITTERS = st.floats(0, 1, exclude_max=True)
REASONS = st.sampled_from(Reason)


def seconds(until: datetime | None) -> float:
    """Return the seconds from now."""
    assert until is not None
    return (until - NOW).total_seconds()


@given(reason=REASONS, failures=st.integers(0, 10**6), jitter=JITTERS, asked=st.none() | st.floats(0, 1e9))
def test_every_failure_is_retried(reason: Reason, failures: int, jitter: float, asked: float | None) -> None:
    """Every failure is retried, after at least a minute and at most a day, or some weeks for a hard failure."""
    wait = seconds(next_try(reason, failures, NOW, jitter, asked))

    assert 60 <= wait <= (38 * DAY if reason.traits.severity == "hard" else DAY)
    assert wait >= min(asked or 0, DAY)


@given(reason=REASONS, failures=st.integers(0, 100), jitter=JITTERS)
def test_a_failing_source_is_retried_every_day(reason: Reason, failures: int, jitter: float) -> None:
    """A failing source is retried within about an hour, then within a day; soft failures are retried sooner."""
    wait = seconds(next_try(reason, failures, NOW, jitter, most=(HOUR, DAY)))

    assert wait <= (1.25 * HOUR if failures < 2 else DAY)
    assert wait <= max(60, seconds(next_try(reason, failures, NOW, jitter)))


@pytest.mark.parametrize(
    ("reason", "waits"),
    [
        (Reason.TIMEOUT, [300, 600, 1200, 2400]),
        (Reason.BLOCKED, [3600, 7200, 14400, 28800]),
        (Reason.GONE, [7 * 1.25 * DAY, 14 * 1.25 * DAY, 28 * 1.25 * DAY, 30 * 1.25 * DAY]),
        (Reason.NO_TEXT, [1.25 * 3600, 7 * 1.25 * DAY, 14 * 1.25 * DAY, 28 * 1.25 * DAY]),
    ],
)
def test_waits_double(reason: Reason, waits: list[float]) -> None:
    """The longest wait doubles with each failure in a row."""
    assert waits == [round(seconds(next_try(reason, n, NOW, 1 - 1e-12)), 3) for n in (1, 2, 3, 4)]


def test_the_jitter_is_full() -> None:
    """Retries of one failure are spread over the whole wait, except its first minute."""
    assert [60, 75, 150, 225] == [seconds(next_try(Reason.TIMEOUT, 1, NOW, j)) for j in (0, 0.25, 0.5, 0.75)]
    assert 7 * DAY == seconds(next_try(Reason.GONE, 1, NOW, 0))


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("999999999999999999999", DAY),
        ("-5", None),
        ("+5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Wed, 04 Feb 2026 12:26:00 GMT", 60),
        ("Wed, 04 Feb 2026 19:26:00 +0700", 60),
        ("Wednesday, 04-Feb-26 12:26:00 GMT", 60),
        ("Wed, 04 Feb 2026 12:26:00 -0000", 60),
        ("Wed, 04 Feb 2026 12:24:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("Wed, 99 Feb 2026 12:26:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, asked: float | None) -> None:
    """Seconds and dates are accepted, up to a day; negative, past or unreadable values are ignored."""
    assert asked == parse_retry_after(value, NOW)


@given(value=st.text(max_size=80) | st.dates().map(str) | st.datetimes().map(format_datetime))
def test_retry_after_never_raises(value: str) -> None:
    """Any value of the field gives None or a wait of up to a day."""
    asked = parse_retry_after(value, NOW)

    assert asked is None or 0 <= asked <= DAY


@pytest.mark.parametrize(
    ("cache_control", "expires", "age", "fresh"),
    [
        (None, None, None, None),
        ("max-age=300", None, None, 300),
        ('public, Max-Age="300" , must-revalidate', None, None, 300),
        ("max-age=300", "Wed, 04 Feb 2026 13:25:00 GMT", "100", 200),
        ("max-age=300", None, "400", 0),
        ("max-age=300", None, "x", 300),
        ("max-age=-1", None, None, None),
        ("max-age=0", None, None, 0),
        ("no-cache, max-age=300", None, None, None),
        ("no-store", "Wed, 04 Feb 2026 13:25:00 GMT", None, None),
        ("public", "Wed, 04 Feb 2026 12:30:00 GMT", None, 300),
        (None, "Wed, 04 Feb 2026 12:20:00 GMT", None, 0),
        (None, "0", None, None),
        (None, "-1", None, None),
    ],
)
def test_freshness(cache_control: str | None, expires: str | None, age: str | None, fresh: float | None) -> None:
    """`max-age` minus `Age` is used, then `Expires`; a response that must not be stored is never fresh."""
    assert fresh == fresh_for(cache_control, expires, age, NOW)


@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=10))
def test_freshness_never_raises(cache_control: str, expires: str, age: str) -> None:
    """Any values of the fields give None or at least zero."""
    assert (fresh_for(cache_control, expires, age, NOW) or 0) >= 0


def failed(times: int, reason: Reason = Reason.TIMEOUT) -> HostHealth:
    """Return the state of a host after a number of failures in a row."""
    health = HostHealth()
    for _ in range(times):
        health = after_request(health, reason, NOW, 0.5)
    return health


def test_a_failing_host_is_left_alone() -> None:
    """Five failures in a row open the circuit, each further one for longer, and one response closes it."""
    assert [False] * 4 + [True] * 2 == [failed(n).is_open(NOW) for n in range(1, 7)]
    assert [150, 300, 600] == [seconds(failed(n).open_until) for n in (5, 6, 7)]
    assert not failed(5).is_open(NOW + timedelta(seconds=150))
    assert HostHealth(answered_at=NOW) == after_request(failed(9), None, NOW, 0.5)


@pytest.mark.parametrize(
    "reason", [Reason.GONE, Reason.WRONG_TYPE, Reason.TOO_LARGE, Reason.CLIENT_ERROR, Reason.ROBOTS]
)
def test_a_failure_of_one_address_does_not_blame_its_host(reason: Reason) -> None:
    """A failure of a single address does not count against its host."""
    assert HostHealth(answered_at=NOW) == after_request(failed(4), reason, NOW, 0.5)


@pytest.mark.parametrize(
    ("reason", "retry_after", "wait"),
    [
        (Reason.RATE_LIMITED, None, 150),
        (Reason.RATE_LIMITED, 3600, 3600),
        (Reason.SERVER_ERROR, 3600, 3600),
        (Reason.RATE_LIMITED, 5, None),
        (Reason.SERVER_ERROR, 5, None),
        (Reason.SERVER_ERROR, None, None),
    ],
)
def test_a_host_that_asks_for_it_is_left_alone_immediately(
    reason: Reason, retry_after: float | None, wait: float | None
) -> None:
    """A rate limit, or a wait beyond our patience, opens the circuit with the first failure."""
    until = after_request(HostHealth(), reason, NOW, 0.5, retry_after).open_until

    assert wait == (until and seconds(until))


def test_a_local_outage_is_recognised() -> None:
    """If three hosts failed lately and none responded since, the local network is down."""
    cut, later = failed(1), NOW + timedelta(seconds=10)
    answered = HostHealth(answered_at=NOW - timedelta(seconds=1))

    assert network_is_down([cut, failed(1, Reason.UNREACHABLE), cut, answered], later)
    assert not network_is_down([cut, failed(1, Reason.UNREACHABLE), cut, answered], NOW + timedelta(seconds=8))
    assert not network_is_down([cut, cut], later)
    assert not network_is_down([cut, cut, failed(1, Reason.SERVER_ERROR)], later)
    assert not network_is_down([cut, cut, cut, HostHealth(answered_at=later)], later)
    assert not network_is_down([cut, cut, cut], NOW + timedelta(minutes=16))


@given(jitter=JITTERS)
def test_after_an_outage_everything_is_due_soon(jitter: float) -> None:
    """Requests that failed during a local outage are spread over the next minutes."""
    assert 60 <= seconds(after_outage(NOW, jitter)) <= 660
