"""Worker processes: a page that breaks its worker costs only itself."""

import asyncio
import os
import signal
import time

import pytest

from archive.errors import Failure, Reason
from crawler.worker_pool import Workers

pytestmark = pytest.mark.slow  # starts processes, or looks at many cases

MEGABYTE = 1 << 20


def double(number):
    """Twice a number."""
    return 2 * number


def my_process(_):
    """The process that this runs in."""
    return os.getpid()


def die(_):
    """End without a word, as a segfault does."""
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(_):
    """End with an exit code."""
    os._exit(3)


def hang(_):
    """Never come back, and mind no polite signal."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def devour(_):
    """Take all the memory there is."""
    return [bytearray(MEGABYTE) for _ in range(100_000)]


def blunder(_):
    """Raise what a bug raises."""
    raise LookupError("a bug")


async def broken(function, **limits):
    """What the pool makes of a call, beside good ones that must not suffer; and how many workers it had to replace."""
    async with Workers(2, **limits) as workers:
        good = [asyncio.create_task(workers.run(double, n)) for n in range(20)]
        result = await workers.run(function, 0)
        return result, [await task for task in good], workers.restarts


@pytest.mark.parametrize(
    ("function", "seconds", "reason", "restarts"),
    [
        (die, 60, Reason.CRASHED, 1),
        (leave, 60, Reason.CRASHED, 1),
        (hang, 1, Reason.HUNG, 1),
        (devour, 60, Reason.MEMORY, 0),
    ],
)
def test_what_breaks_a_worker_is_a_reason_and_costs_only_itself(function, seconds, reason, restarts):
    """A crash, a hang and a memory eater come back as failures, are counted, and the calls beside them are answered."""
    result, others, replaced = asyncio.run(broken(function, seconds=seconds, memory=256 * MEGABYTE))

    assert isinstance(result, Failure)
    assert reason == result.reason
    assert [2 * n for n in range(20)] == others
    assert restarts == replaced


def test_a_bug_is_loud():
    """What the function itself raises is raised here."""
    with pytest.raises(LookupError, match="a bug"):
        asyncio.run(broken(blunder))


def test_a_worker_is_replaced_after_so_many_calls():
    """Leaks never matter: a worker serves its calls and goes."""

    async def processes():
        async with Workers(1, calls=2) as workers:
            return [await workers.run(my_process, n) for n in range(6)]

    seen = asyncio.run(processes())

    assert len(set(seen)) >= 3
    assert os.getpid() not in seen


def test_a_pool_that_was_stopped_starts_again():
    """An idle pool can be let go; the next call starts it."""

    async def twice():
        async with Workers(1) as workers:
            first = await workers.run(double, 1)
            await workers.stop()
            return first, await workers.run(double, 2)

    assert (2, 4) == asyncio.run(twice())


def test_only_a_pool_that_is_idle_goes():
    """It is let go where no call came for so long, and never while one is under way."""

    async def processes():
        async with Workers(1) as workers:
            await workers.rest(0)
            first, _ = await asyncio.gather(workers.run(my_process, 1), workers.rest(0))
            await workers.rest(60)
            second = await workers.run(my_process, 2)
            await workers.rest(0)
            return first, second, await workers.run(my_process, 3)

    first, second, third = asyncio.run(processes())

    assert first == second != third


def test_modules_are_imported_ahead():
    """A worker can import what is slow before its first call."""

    async def imported():
        async with Workers(1, imports=("colorsys",)) as workers:
            return await workers.run(knows, "colorsys")

    assert asyncio.run(imported())


def knows(name):
    """Whether this process has imported a module."""
    import sys

    return name in sys.modules
