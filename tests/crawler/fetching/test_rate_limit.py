"""The rate limit, on a simulated clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from faketime import FakeTime
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.fetching.rate_limit import RateLimiter


@dataclass
class Visits:
    """Requests of a second each, with their start and end times."""

    time: FakeTime
    pace: RateLimiter
    log: list[tuple[str, float, float]] = field(default_factory=list)

    def to(self, host: str, delay: float = 0.0, takes: float = 1.0) -> Callable[[], Awaitable[None]]:
        """Return a task that sends one request."""

        async def visit() -> None:
            async with self.pace.turn(host, delay):
                began = self.time.now
                await self.time.sleep(takes)
                self.log.append((host, began, self.time.now))

        return visit

    def began(self, host: str) -> list[float]:
        """Return when the requests to a host began."""
        return [began for name, began, _ in sorted(self.log, key=lambda entry: entry[1]) if name == host]


@pytest.fixture
def time() -> FakeTime:
    """A clock."""
    return FakeTime()


def visits(time: FakeTime, **settings: float) -> Visits:
    """Requests at a rate."""
    return Visits(time, RateLimiter(**settings, clock=time.clock, sleep=time.sleep))


def test_one_at_a_time_and_a_gap_between(time: FakeTime) -> None:
    """Requests to one host follow each other, with the gap between the end of one and the start of the next."""
    polite = visits(time, gap=2)

    time.run(*[polite.to("a.vn") for _ in range(4)])

    assert [0, 3, 6, 9] == polite.began("a.vn")


def test_hosts_do_not_wait_for_each_other(time: FakeTime) -> None:
    """Requests to two hosts do not wait for each other."""
    polite = visits(time, gap=2)

    time.run(*[polite.to(host) for host in ("a.vn", "b.vn", "a.vn", "b.vn")])

    assert [0, 3] == polite.began("a.vn") == polite.began("b.vn")


def test_a_waiting_host_holds_no_slot(time: FakeTime) -> None:
    """With a single slot, another host can use it while all tasks of a host wait for their turn."""
    polite = visits(time, gap=10, concurrency=1)

    time.run(*[polite.to("a.vn") for _ in range(5)], *[polite.to("b.vn") for _ in range(2)])

    assert [1, 12] == polite.began("b.vn")
    assert 1 == max(sum(b <= t < e for _, b, e in polite.log) for t in range(60))


@pytest.mark.parametrize(("delay", "second"), [(0, 2), (5, 6), (60, 61), (3600, 61)])
def test_robots_may_ask_for_more_up_to_a_cap(time: FakeTime, delay: float, second: float) -> None:
    """A crawl delay is used if it is longer than the gap, up to the cap."""
    polite = visits(time, gap=1, cap=60)

    time.run(polite.to("a.vn", delay), polite.to("a.vn", delay))

    assert [0, second] == polite.began("a.vn")


def test_without_a_gap_nobody_sleeps(time: FakeTime) -> None:
    """Without a gap, requests follow each other without a pause."""
    polite = visits(time, gap=0)

    time.run(*[polite.to("a.vn", takes=0) for _ in range(50)])

    assert [0] * 50 == polite.began("a.vn")


def test_a_host_gets_the_pause_that_it_asks_for(time: FakeTime) -> None:
    """A requested pause also applies to waiting tasks, and a shorter one does not end a longer one."""
    polite = visits(time, gap=1)

    async def first() -> None:
        async with polite.pace.turn("a.vn"):
            polite.pace.rest("a.vn", 30)
            polite.pace.rest("a.vn", 5)

    async def meanwhile() -> None:
        await time.sleep(20)
        polite.pace.rest("a.vn", 20)

    time.run(first, meanwhile, polite.to("a.vn"), polite.to("b.vn"))

    assert [40] == polite.began("a.vn")
    assert [0] == polite.began("b.vn")


def test_a_failed_request_releases_its_turn(time: FakeTime) -> None:
    """After any failure, the next request follows after the gap."""
    polite = visits(time, gap=1)

    async def failing() -> None:
        with pytest.raises(ZeroDivisionError):
            async with polite.pace.turn("a.vn"):
                raise ZeroDivisionError

    time.run(failing, polite.to("a.vn"))

    assert [1] == polite.began("a.vn")


@pytest.mark.slow
def test_few_hosts_are_remembered(time: FakeTime) -> None:
    """Hosts whose pause is over are forgotten, the others are not."""
    polite = visits(time, gap=1)
    polite.pace.rest("tired.vn", 1e9)

    time.run(*[polite.to(f"{i}.vn") for i in range(3000)])
    time.now += 100
    time.run(polite.to("another.vn"))

    assert {"tired.vn", "another.vn"} == set(polite.pace._hosts)


@settings(max_examples=40, deadline=None)
@given(
    hosts=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5), st.floats(0, 3)), max_size=25),
    gap=st.floats(0, 4),
    slots=st.integers(1, 3),
)
def test_no_host_is_requested_too_fast(hosts: list[tuple[str, float, float]], gap: float, slots: int) -> None:
    """Under any load, requests to one host neither overlap nor come too soon, and slots are respected."""
    time = FakeTime()
    polite = visits(time, gap=gap, concurrency=slots)

    time.run(*[polite.to(host, delay, takes) for host, delay, takes in hosts])

    assert len(hosts) == len(polite.log)
    for host in "abc":
        own = sorted((began, ended) for name, began, ended in polite.log if name == host)
        assert all(later[0] - sooner[1] >= gap - 1e-9 for sooner, later in pairwise(own))
    edges = sorted((t, change) for _, b, e in polite.log if b < e for t, change in ((b, 1), (e, -1)))
    running = 0
    for _, change in edges:
        running += change
        assert running <= slots
