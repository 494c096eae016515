"""Share workers fairly among outlets, and pause outlets with pages that break workers."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count as count_from

_PATIENCE = 3  # pages that broke or delayed a worker, after which their outlet pauses
_FIRST_REST = 600.0  # seconds; doubled with each further such page
_LONGEST_REST = 86_400.0


@dataclass(frozen=True, slots=True)
class Strain:
    """The recent effect of an owner's calls on their workers.

    Attributes:
        calls: Calls that broke or delayed a worker, minus the good calls since.
        rests_until: Until when the owner pauses, in the event loop's time.
    """

    calls: int = 0
    rests_until: float = 0.0

    def after_call(self, now: float, *, strained: bool) -> Strain:
        """Return the strain after one more call.

        Args:
            now: The current time, in the event loop's time.
            strained: The call broke or delayed its worker.
        """
        if not strained:
            return Strain(max(self.calls - 1, 0), self.rests_until)
        calls = self.calls + 1
        if calls < _PATIENCE:
            return Strain(calls, self.rests_until)
        return Strain(calls, now + min(_FIRST_REST * 2 ** min(calls - _PATIENCE, 20), _LONGEST_REST))


class Shares:
    """Assign workers: each to the waiting owner with the fewest, then to the one served longest ago.

    Owners whose calls broke or delayed workers come last.
    """

    def __init__(self, count: int) -> None:
        """Start with all workers free.

        Args:
            count: The number of workers.
        """
        self._count = count
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._served: dict[str, int] = {}  # for each owner, the number of the last worker that it got
        self._numbers = count_from(1)
        self._strains: dict[str, Strain] = {}

    @asynccontextmanager
    async def held_by(self, owner: str) -> AsyncIterator[None]:
        """Hold a worker as soon as one is free and the owner's share allows it."""
        await self._acquire(owner)
        try:
            yield
        finally:
            self._release(owner)

    def cancel_waiting(self) -> None:
        """Cancel all who wait for a worker."""
        for turn in [turn for turns in self._waiting.values() for turn in turns]:
            turn.cancel()

    def record(self, owner: str, now: float, *, strained: bool) -> None:
        """Record how a call affected its worker; arguments as in `Strain.after_call`."""
        strain = self._strains.pop(owner, Strain()).after_call(now, strained=strained)
        if strain.calls or strain.rests_until > now:
            self._strains[owner] = strain

    def is_resting(self, owner: str, now: float) -> bool:
        """Return whether no page of the owner should be fetched now."""
        return self._strains.get(owner, Strain()).rests_until > now

    async def _acquire(self, owner: str) -> None:
        if self._is_free_for(owner):
            self._give(owner)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(owner, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release(owner)  # it was assigned in the moment in which the wait was cancelled
            else:
                self._forget(owner, turn)
            raise

    def _give(self, owner: str) -> None:
        self._held[owner] += 1
        self._served[owner] = next(self._numbers)

    def _is_free_for(self, owner: str) -> bool:
        """Return whether a worker is free for an owner.

        While others wait, an owner holds at most half of the workers. An owner with strained calls waits for
        all other owners: one of its pages may hold a worker for the whole time limit.
        """
        strained = owner in self._strains
        others_wait = any(name != owner and name not in self._strains for name in self._waiting)
        if strained and others_wait:
            return False
        share = max(self._count // 2, 1) if strained or others_wait else self._count
        return self._held.total() < self._count and self._held[owner] < share

    def _release(self, owner: str) -> None:
        self._held[owner] -= 1
        self._held += Counter()  # drops owners without a worker
        while able := [name for name in self._waiting if self._is_free_for(name)]:
            name = min(able, key=lambda waiting: (self._held[waiting], self._served.get(waiting, 0)))
            turn = self._waiting[name][0]
            self._forget(name, turn)
            if not turn.cancelled():  # its task may not have run since
                self._give(name)
                turn.set_result(None)
        self._served = {name: at for name, at in self._served.items() if name in self._held or name in self._waiting}

    def _forget(self, owner: str, turn: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(owner, deque())
        if turn in waiting:
            waiting.remove(turn)
        if not waiting:
            self._waiting.pop(owner, None)
