"""Sharing workers fairly among outlets, and pausing outlets that strain them."""

from __future__ import annotations

import asyncio

from crawler.workers.shares import Shares, Strain


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


class Calls:
    """Calls that hold a worker until the test ends them."""

    def __init__(self, shares: Shares) -> None:
        self.shares = shares
        self.running: list[tuple[str, asyncio.Event]] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def _hold(self, owner: str) -> None:
        async with self.shares.held_by(owner):
            ended = asyncio.Event()
            self.running.append((owner, ended))
            await ended.wait()
            self.running.remove((owner, ended))

    async def start(self, owner: str, count: int = 1) -> None:
        """Start calls of an owner."""
        self.tasks += [asyncio.create_task(self._hold(owner)) for _ in range(count)]
        await settle()

    async def end(self, owner: str) -> None:
        """End the first running call of an owner."""
        next(ended for name, ended in self.running if name == owner).set()
        await settle()

    def owners(self) -> list[str]:
        """Return the owners of the running calls."""
        return sorted(name for name, _ in self.running)

    async def close(self) -> None:
        """Cancel all calls."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def test_no_owner_holds_more_than_half_while_others_wait() -> None:
    """A single outlet gets every worker; if another waits, each freed worker goes to the owner with the fewest."""

    async def scenario() -> list[list[str]]:
        calls = Calls(Shares(4))
        await calls.start("a", 9)
        seen = [calls.owners()]
        await calls.start("b", 9)
        for _ in range(3):
            await calls.end("a")
            seen.append(calls.owners())
        await calls.close()
        return seen

    assert [["a"] * 4, ["a", "a", "a", "b"], ["a", "a", "b", "b"], ["a", "a", "b", "b"]] == asyncio.run(scenario())


def test_one_worker_is_taken_in_turns() -> None:
    """With a single worker, outlets alternate."""

    async def scenario() -> list[str]:
        calls = Calls(Shares(1))
        await calls.start("a", 3)
        await calls.start("b", 3)
        order = []
        while calls.running:
            order += calls.owners()
            await calls.end(order[-1])
        return order

    assert ["a", "b", "a", "b", "a", "b"] == asyncio.run(scenario())


def test_an_owner_who_strained_workers_gets_at_most_half() -> None:
    """The other workers stay free for outlets that come later."""

    async def scenario() -> tuple[list[str], list[str]]:
        shares = Shares(4)
        shares.record("a", 0.0, strained=True)
        calls = Calls(shares)
        await calls.start("a", 9)
        bounded = calls.owners()
        await calls.start("b", 9)
        both = calls.owners()
        await calls.close()
        return bounded, both

    assert (["a", "a"], ["a", "a", "b", "b"]) == asyncio.run(scenario())


def test_an_owner_who_strained_workers_comes_last() -> None:
    """While a good outlet waits, each freed worker is its own: one hanging page costs it one worker for one call."""

    async def scenario() -> list[str]:
        shares = Shares(2)
        calls = Calls(shares)
        await calls.start("hostile", 1)
        await calls.start("good", 40)
        await calls.start("hostile", 9)
        shares.record("hostile", 0.0, strained=True)
        await calls.end("hostile")
        order = []
        while calls.running:
            order += calls.owners()[:1]
            await calls.end(order[-1])
        return order

    order = asyncio.run(scenario())
    assert ["good"] * 40 == order[:40]
    assert ["hostile"] * 9 == order[40:]


def test_a_cancelled_call_releases_its_place() -> None:
    """A cancelled call holds no worker and no place in the queue."""

    async def scenario() -> list[str]:
        calls = Calls(Shares(1))
        await calls.start("a", 2)
        await calls.start("b", 1)
        calls.tasks[1].cancel()
        calls.tasks[0].cancel()
        await settle()
        left = [owner for owner in calls.owners() if owner == "b"]
        await calls.close()
        return left

    assert ["b"] == asyncio.run(scenario())


def test_strain_leads_to_a_pause_and_wears_off() -> None:
    """The third strained call pauses an outlet for ten minutes, each further one for twice as long, up to a day."""
    strain = Strain()
    rests = []
    for now in range(20):
        strain = strain.after_call(float(now), strained=True)
        rests.append(strain.rests_until - now if strain.rests_until else 0)

    assert [0, 0, 600, 1200, 2400] == rests[:5]
    assert 86_400 == rests[-1]
    for now in range(20):
        strain = strain.after_call(float(now), strained=False)
    assert 0 == strain.calls


def test_a_pause_ends_after_its_time() -> None:
    """Good calls of others change nothing, and the pause ends."""
    shares = Shares(2)
    for _ in range(3):
        shares.record("a", 10.0, strained=True)
    shares.record("b", 10.0, strained=False)

    assert [True, False, False] == [
        shares.is_resting("a", 11.0),
        shares.is_resting("b", 11.0),
        shares.is_resting("a", 611.0),
    ]


def test_a_worker_is_freed_while_a_waiting_call_is_cancelled():
    """A cancelled call that has not run since gets no worker; the next waiting call does."""

    async def scenario() -> list[str]:
        calls = Calls(Shares(1))
        await calls.start("a")
        await calls.start("b")
        await calls.start("c")
        calls.running[0][1].set()
        calls.tasks[1].cancel()
        await settle()
        owners = calls.owners()
        outcome = (await asyncio.gather(calls.tasks[1], return_exceptions=True))[0]
        assert isinstance(outcome, asyncio.CancelledError)
        await calls.close()
        return owners

    assert ["c"] == asyncio.run(scenario())
