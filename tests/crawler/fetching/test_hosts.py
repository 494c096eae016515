"""Sending requests to hosts as they allow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from faketime import FakeTime

from archive.errors import Failure, Reason
from crawler.fetching.hosts import Hosts, HostState
from crawler.fetching.rate_limit import RateLimiter

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
    pace = RateLimiter(0, clock=time.clock, sleep=time.sleep)
    return Hosts(pace, lambda: NOW + timedelta(seconds=time.now), lambda: 0.5)


def asking(
    hosts: Hosts, log: list[float], time: FakeTime, *answers: str | Failure, host: str = "a.vn"
) -> Callable[[], Awaitable[str | Failure]]:
    """Return a task that sends a request with these results, and logs the time of each."""
    turns = iter(answers)

    async def exchange() -> str | Failure:
        log.append(time.now)
        return next(turns)

    return lambda: hosts.ask(host, 0.0, exchange)


def test_a_short_wait_is_waited_out(hosts: Hosts, time: FakeTime) -> None:
    """A host that asks to wait two seconds is retried, twice, in the same visit."""
    log: list[float] = []

    assert ["here", SOON] == time.run(
        asking(hosts, log, time, SOON, SOON, "here"),
        asking(hosts, [], time, SOON, SOON, SOON, host="b.vn"),
    )
    assert [0, 2, 4] == log


def test_a_long_wait_leaves_the_host_alone(hosts: Hosts, time: FakeTime) -> None:
    """After a long Retry-After, waiting tasks fail immediately, and no request is sent until it is over."""
    log: list[float] = []

    answers = time.run(asking(hosts, log, time, LATER), *[asking(hosts, log, time, "here") for _ in range(3)])
    time.now += 3600
    after = time.run(asking(hosts, log, time, "here"))

    assert [LATER] + [Failure(Reason.RATE_LIMITED, "a.vn failed 1 times and is left alone", 3600)] * 3 == answers
    assert ["here"] == after
    assert [0, 3600] == log


def test_a_failing_host_is_left_alone(hosts: Hosts, time: FakeTime) -> None:
    """After five failures in a row no request is sent; then a single one tries, and a response resets the host."""
    log: list[float] = []
    failing = [asking(hosts, log, time, DOWN) for _ in range(8)]

    reasons = [answer.detail for answer in time.run(*failing)]
    time.now = 200
    time.run(asking(hosts, log, time, DOWN), asking(hosts, log, time, DOWN))
    time.now = 1000
    time.run(*[asking(hosts, log, time, "here") for _ in range(3)])

    assert [""] * 5 + ["a.vn failed 5 times and is left alone"] * 3 == reasons
    assert [0] * 5 + [200] + [1000] * 3 == log


def test_the_gap_applies_to_retries(time: FakeTime) -> None:
    """A host that asks for less time than the gap still gets the gap."""
    hosts = Hosts(RateLimiter(5, clock=time.clock, sleep=time.sleep), lambda: NOW, lambda: 0.5)
    log: list[float] = []

    time.run(asking(hosts, log, time, Failure(Reason.SERVER_ERROR, "503", 0), "here"))

    assert [0, 5] == log


def test_a_local_outage_is_recognised(hosts: Hosts, time: FakeTime) -> None:
    """If three hosts fail and none responds, the local network is down; one response ends that."""
    time.run(*[asking(hosts, [], time, DOWN, host=f"{i}.vn") for i in range(3)])
    down = hosts.network_down()
    time.now = 10
    time.run(asking(hosts, [], time, "here"))

    assert [True, False] == [down, hosts.network_down()]


@pytest.mark.slow
def test_few_hosts_are_remembered(hosts: Hosts, time: FakeTime) -> None:
    """Healthy hosts are forgotten if there are too many; hosts that are left alone are not."""
    time.run(asking(hosts, [], time, LATER, host="tired.vn"))
    for i in range(1500):
        time.run(asking(hosts, [], time, "here", host=f"{i}.vn"))

    assert len(hosts._known) <= 1000
    assert "tired.vn" in hosts._known


class Kept(dict[str, HostState]):
    """A store that outlives a process."""

    def load_host(self, host: str) -> HostState | None:
        """Return what is known about a host."""
        return self.get(host)

    def save_host(self, state: HostState) -> None:
        """Store what is known about a host."""
        self[state.host] = state


def process(time: FakeTime, kept: Kept, gap: float) -> Hosts:
    """Return the hosts of a new process."""
    pace = RateLimiter(gap, cap=60, clock=time.clock, sleep=time.sleep)
    return Hosts(pace, lambda: NOW + timedelta(seconds=time.now), lambda: 0.5, kept)


def test_the_next_process_waits_for_its_turn(time: FakeTime) -> None:
    """The pause after a request also applies to the next process, and a wrong clock does not extend it."""
    kept, log = Kept(), []
    time.run(asking(process(time, kept, 5), log, time, "here"))
    time.now = 2
    time.run(asking(process(time, kept, 5), log, time, "here"))
    kept["a.vn"] = HostState("a.vn", free_at=NOW + timedelta(days=9))
    time.run(asking(process(time, kept, 5), log, time, "here"))

    assert [0, 5, 65] == log


def test_the_next_process_leaves_the_same_hosts_alone(time: FakeTime) -> None:
    """A host's requested wait and its count of failures apply after a restart."""
    kept, log = Kept(), []
    time.run(
        asking(process(time, kept, 0), log, time, LATER),
        *[asking(process(time, kept, 0), [], time, DOWN, host="b.vn") for _ in range(4)],
    )
    alone = time.run(asking(process(time, kept, 0), log, time, "here"))
    time.run(asking(process(time, kept, 0), [], time, DOWN, host="b.vn"))

    assert [0] == log
    assert [Failure(Reason.RATE_LIMITED, "a.vn failed 1 times and is left alone", 3600)] == alone
    assert kept["b.vn"].health.is_open(NOW)


def test_a_healthy_host_is_not_stored(time: FakeTime) -> None:
    """If there is no gap and nothing was learned, nothing is stored."""
    kept = Kept()
    time.run(asking(process(time, kept, 0), [], time, "here"))

    assert {} == kept


def test_no_host_is_blamed_during_a_local_outage(time: FakeTime) -> None:
    """During a local outage hosts are retried within minutes, and their failures are not counted."""
    kept = Kept()
    hosts = process(time, kept, 0)
    for _ in range(9):
        time.run(*[asking(hosts, [], time, DOWN, host=f"{i}.vn") for i in range(4)])
        time.now += 660

    assert [1, 1, 0, 0] == [kept[f"{i}.vn"].health.failures for i in range(4)]
    told = time.run(asking(hosts, [], time, DOWN), asking(hosts, [], time, DOWN))[1]
    assert Failure(Reason.TIMEOUT, "a.vn cannot be reached, nor can others, and is left alone", 360) == told
