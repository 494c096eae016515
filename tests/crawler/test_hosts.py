"""Hosts are treated as they ask to be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from faketime import FakeTime

from archive.errors import Failure, Reason
from crawler.hosts import Hosts
from crawler.pace import Pace

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
DOWN = Failure(Reason.TIMEOUT)
SOON = Failure(Reason.SERVER_ERROR, "503", 2)
LATER = Failure(Reason.RATE_LIMITED, "429", 3600)


@pytest.fixture
def time() -> FakeTime:
    """A clock."""
    return FakeTime()


@pytest.fixture
def hosts(time: FakeTime) -> Hosts:
    """Hosts without a gap, on that clock."""
    pace = Pace(0, clock=time.clock, sleep=time.sleep)
    return Hosts(pace, lambda: NOW + timedelta(seconds=time.now), lambda: 0.5)


def asking(
    hosts: Hosts, log: list[float], time: FakeTime, *answers: str | Failure, host: str = "a.vn"
) -> Callable[[], Awaitable[str | Failure]]:
    """A task that asks once, with these answers to its exchanges; the hour of each is logged."""
    turns = iter(answers)

    async def exchange() -> str | Failure:
        log.append(time.now)
        return next(turns)

    return lambda: hosts.ask(host, 0.0, exchange)


def test_a_short_wait_is_waited_out(hosts: Hosts, time: FakeTime) -> None:
    """Who asks to be asked again in two seconds is, twice, by the same visit."""
    log: list[float] = []

    assert ["here", SOON] == time.run(
        asking(hosts, log, time, SOON, SOON, "here"),
        asking(hosts, [], time, SOON, SOON, SOON, host="b.vn"),
    )
    assert [0, 2, 4] == log


def test_a_long_wait_leaves_the_host_alone(hosts: Hosts, time: FakeTime) -> None:
    """Who asks for an hour has it: those who wait already are told so, and nothing is asked until it is over."""
    log: list[float] = []

    answers = time.run(asking(hosts, log, time, LATER), *[asking(hosts, log, time, "here") for _ in range(3)])
    time.now += 3600
    after = time.run(asking(hosts, log, time, "here"))

    assert [LATER] + [Failure(Reason.RATE_LIMITED, "a.vn failed 1 times and is left alone", 3600)] * 3 == answers
    assert ["here"] == after
    assert [0, 3600] == log


def test_a_failing_host_is_left_alone(hosts: Hosts, time: FakeTime) -> None:
    """After five failures in a row nobody asks; then a single one tries, and an answer mends everything."""
    log: list[float] = []
    failing = [asking(hosts, log, time, DOWN) for _ in range(8)]

    reasons = [answer.detail for answer in time.run(*failing)]
    time.now = 200
    time.run(asking(hosts, log, time, DOWN), asking(hosts, log, time, DOWN))
    time.now = 1000
    time.run(*[asking(hosts, log, time, "here") for _ in range(3)])

    assert [""] * 5 + ["a.vn failed 5 times and is left alone"] * 3 == reasons
    assert [0] * 5 + [200] + [1000] * 3 == log


def test_the_gap_holds_for_second_tries(time: FakeTime) -> None:
    """A host that asks for less time than the gap is given the gap."""
    hosts = Hosts(Pace(5, clock=time.clock, sleep=time.sleep), lambda: NOW, lambda: 0.5)
    log: list[float] = []

    time.run(asking(hosts, log, time, Failure(Reason.SERVER_ERROR, "503", 0), "here"))

    assert [0, 5] == log


def test_our_own_network_is_told(hosts: Hosts, time: FakeTime) -> None:
    """Three hosts cut off and none that answers: it is ours; one answer, and it is not."""
    time.run(*[asking(hosts, [], time, DOWN, host=f"{i}.vn") for i in range(3)])
    down = hosts.network_down()
    time.now = 10
    time.run(asking(hosts, [], time, "here"))

    assert [True, False] == [down, hosts.network_down()]


def test_few_hosts_are_remembered(hosts: Hosts, time: FakeTime) -> None:
    """Those that are well are forgotten when there are too many, those that are left alone are not."""
    time.run(asking(hosts, [], time, LATER, host="tired.vn"))
    for i in range(1500):
        time.run(asking(hosts, [], time, "here", host=f"{i}.vn"))

    assert len(hosts._health) <= 1000
    assert "tired.vn" in hosts._health
