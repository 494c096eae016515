"""Worker processes: a page that breaks its worker costs only itself."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pebble import ProcessExpired

from archive.errors import Failure, Reason
from crawler import worker_pool
from crawler.worker_pool import WorkerPool

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

MEGABYTE = 1 << 20


def double(number):
    """Double a number."""
    return 2 * number


def my_process(_):
    """Return the id of the process that runs this."""
    return os.getpid()


def die(_):
    """End without an exception, as a segfault does."""
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(_):
    """End with an exit code."""
    os._exit(3)


def hang(_):
    """Never return, and ignore SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def devour(_):
    """Allocate more memory than a worker may."""
    return [bytearray(MEGABYTE) for _ in range(100_000)]


def blunder(_):
    """Raise an exception, as a bug does."""
    raise LookupError("a bug")


async def broken(function, **limits):
    """Make a broken call beside good ones; return all results, and how many workers were replaced."""
    async with WorkerPool(2, **limits) as workers:
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
def test_a_broken_worker_costs_only_its_own_call(function, seconds, reason, restarts):
    """A crash, a hang and too much memory return failures, and the other calls get their results."""
    result, others, replaced = asyncio.run(broken(function, seconds=seconds, memory=256 * MEGABYTE))

    assert isinstance(result, Failure)
    assert reason == result.reason
    assert [2 * n for n in range(20)] == others
    assert restarts == replaced


def test_a_bug_is_raised():
    """An exception of the function is raised in the caller."""
    with pytest.raises(LookupError, match="a bug"):
        asyncio.run(broken(blunder))


def test_a_worker_is_replaced_after_so_many_calls():
    """A worker is replaced after a number of calls, so that leaks do no harm."""

    async def processes():
        async with WorkerPool(1, calls=2) as workers:
            return [await workers.run(my_process, n) for n in range(6)]

    seen = asyncio.run(processes())

    assert len(set(seen)) >= 3
    assert os.getpid() not in seen


def test_a_pool_that_was_stopped_starts_again():
    """A stopped pool starts again at the next call."""

    async def twice():
        async with WorkerPool(1) as workers:
            first = await workers.run(double, 1)
            await workers.stop()
            return first, await workers.run(double, 2)

    assert (2, 4) == asyncio.run(twice())


def test_only_an_idle_pool_is_stopped():
    """A pool without a call for long enough is stopped, but never during a call."""

    async def processes():
        async with WorkerPool(1) as workers:
            await workers.rest(0)
            first, _ = await asyncio.gather(workers.run(my_process, 1), workers.rest(0))
            await workers.rest(60)
            second = await workers.run(my_process, 2)
            await workers.rest(0)
            return first, second, await workers.run(my_process, 3)

    first, second, third = asyncio.run(processes())

    assert first == second != third


def test_modules_are_imported_ahead():
    """A worker can import slow modules before its first call."""

    async def imported():
        async with WorkerPool(1, imports=("colorsys",)) as workers:
            return await workers.run(knows, "colorsys")

    assert asyncio.run(imported())


def knows(name):
    """Return whether this process has imported a module."""
    import sys

    return name in sys.modules


def burn(_):
    """Use CPU for ever; only the kernel can stop it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass


def test_one_call_starts_one_worker():
    """Processes start as calls need them, so a single page starts a single process."""

    async def scenario():
        async with WorkerPool(4) as workers:
            await workers.run(double, 1)
            await workers.run(double, 2)
            alone = len(workers._pools)
            await asyncio.gather(*(workers.run(double, n) for n in range(8)))
            return alone, len(workers._pools)

    assert (1, 4) == asyncio.run(scenario())


def test_a_call_is_bounded_in_cpu():
    """The kernel ends a call that uses too much CPU, even if nobody watches the clock."""

    async def scenario():
        async with WorkerPool(1, seconds=1) as workers:
            pool = workers._start_pool()
            future = pool.schedule(worker_pool._call_with_cpu_limit, args=(1, burn, (0,), {}))
            with pytest.raises(ProcessExpired) as caught:
                await asyncio.wrap_future(future)
            return caught.value.exitcode

    assert -signal.SIGXCPU == asyncio.run(scenario())


ORPHANS = """
import asyncio, os, sys
sys.path.insert(0, {folder!r})
from crawler.worker_pool import WorkerPool
from test_worker_pool import my_process, burn

async def main():
    workers = WorkerPool(1, seconds=600)
    print(await workers.run(my_process, 0), flush=True)
    await workers.run(burn, 0)

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_worker_dies_with_its_parent(tmp_path):
    """A killed parent leaves no worker behind."""
    script = tmp_path / "parent.py"
    script.write_text(ORPHANS.format(folder=str(Path(__file__).parent)))
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        assert Path(f"/proc/{worker}").exists()
        parent.kill()

    until = time.monotonic() + 20
    while is_alive(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(worker)


def is_alive(process):
    """Return whether a process runs, and is not a zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_an_outlet_whose_pages_hang_leaves_workers_to_others():
    """While one outlet's pages hang, another gets its share of the workers, and the first must pause."""

    async def scenario():
        async with WorkerPool(2, seconds=0.5) as workers:
            await asyncio.gather(workers.run(double, 0), workers.run(double, 0))  # both processes have started
            hostile = [asyncio.create_task(workers.run_for("hostile", hang, 0)) for _ in range(4)]
            done = [await workers.run_for("good", double, n) for n in range(50)]
            waiting = sum(not task.done() for task in hostile)
            results = [await task for task in hostile]
            return done, waiting, {result.reason for result in results}, workers.is_resting("hostile")

    done, waiting, reasons, resting = asyncio.run(scenario())

    assert [2 * n for n in range(50)] == done
    assert waiting >= 1
    assert {Reason.HUNG} == reasons
    assert resting
