"""Worker processes: a page that breaks its worker costs only itself."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from archive.errors import Failure, Reason
from crawler.workers.messages import HEADER, Call, pack
from crawler.workers.pool import WorkerPool
from crawler.workers.process import WorkerProcess

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


class UnsendableError(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self):
        raise TypeError("cannot be pickled")


def blunder_oddly(_):
    """Raise an exception that cannot be sent."""
    raise UnsendableError


def _answers_pipe():
    """Return the descriptor to which a worker writes its answers."""
    return int(sys.orig_argv[-1])


def babble(_):
    """Send bytes that are no pickled value."""
    os.write(_answers_pipe(), HEADER.pack(3) + b"abc")
    time.sleep(60)


def boast(_):
    """Announce an answer of endless length."""
    os.write(_answers_pipe(), HEADER.pack(1 << 62))
    time.sleep(60)


def shut(_):
    """Close the pipe of answers, and live on."""
    os.close(_answers_pipe())
    time.sleep(60)


def shout(number):
    """Print as a library may, and return the argument."""
    print("an answer", flush=True)
    os.write(1, b"another")
    return number


def echo(value):
    """Return the argument."""
    return value


def interrupt(_):
    """Receive what a group of processes may receive."""
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    return "read"


async def broken(function, **limits):
    """Make a broken call beside good ones; return all results, and how many workers were replaced."""
    async with WorkerPool(2, imports=(__name__,), **limits) as workers:  # no import counts as a call's time
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
    """An exception of the function is raised in the caller, and says where it was raised in the worker."""
    with pytest.raises(LookupError, match="a bug") as caught:
        asyncio.run(broken(blunder))

    assert any("in blunder" in note for note in caught.value.__notes__)


def test_a_bug_that_cannot_be_sent_is_raised_as_a_text():
    """An exception that cannot be pickled is raised as one that says the same."""
    with pytest.raises(RuntimeError, match="Unsendable"):
        asyncio.run(broken(blunder_oddly))


def test_a_worker_that_cannot_be_prepared_is_a_bug():
    """A module that a worker cannot import is an error at each call, and no failure of a page."""

    async def scenario():
        async with WorkerPool(1, imports=("no_such_module",)) as workers:
            for _ in range(2):
                with pytest.raises(ModuleNotFoundError, match="no_such_module"):
                    await workers.run(double, 1)

    asyncio.run(scenario())


@pytest.mark.parametrize("function", [babble, boast, shut])
def test_what_a_broken_worker_sends_is_not_believed(function):
    """Bytes that are no answer, an answer of endless length and a closed pipe cost the call, and only it."""
    result, others, replaced = asyncio.run(broken(function, seconds=60))

    assert Reason.CRASHED == result.reason
    assert [2 * n for n in range(20)] == others
    assert 1 == replaced


def test_what_a_worker_prints_is_no_answer(capfd):
    """A library that prints in a worker breaks neither the answers nor the output of the command."""

    async def scenario():
        async with WorkerPool(1) as workers:
            return [await workers.run(shout, n) for n in range(3)]

    assert [0, 1, 2] == asyncio.run(scenario())
    assert "" == capfd.readouterr().out


def test_large_values_pass():
    """A call and its answer may be larger than what a pipe holds."""
    large = os.urandom(3 * MEGABYTE)

    async def scenario():
        async with WorkerPool(2) as workers:
            return await asyncio.gather(*(workers.run(echo, large) for _ in range(4)))

    assert [large] * 4 == asyncio.run(scenario())


def test_a_worker_that_died_idle_costs_no_call():
    """A worker that was killed while it was idle is replaced, and the next call gets its result."""

    async def scenario():
        async with WorkerPool(1) as workers:
            first = await workers.run(my_process, 0)
            os.kill(first, signal.SIGKILL)
            await workers._processes[0].wait()
            return first, await workers.run(my_process, 0), workers.restarts

    first, second, restarts = asyncio.run(scenario())

    assert first != second
    assert 0 == restarts


def test_a_cancelled_call_ends_its_worker():
    """A call that is cancelled leaves no worker at work, and the next call has a worker of its own."""

    async def scenario():
        async with WorkerPool(1, seconds=600) as workers:
            first = await workers.run(my_process, 0)
            call = asyncio.create_task(workers.run(burn, 0))
            await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            return first, await workers.run(my_process, 0)

    first, second = asyncio.run(scenario())

    assert first != second
    assert not is_alive(first)


def test_stopping_cancels_calls_in_flight():
    """A pool that is stopped cancels all calls, instead of blaming their pages or starting workers for them."""

    async def scenario():
        async with WorkerPool(1, seconds=600) as workers:
            await workers.run(double, 0)
            calls = [asyncio.create_task(workers.run(function, 0)) for function in (burn, double, double)]
            await asyncio.sleep(0)
            await workers.stop()
            results = await asyncio.gather(*calls, return_exceptions=True)
            return [type(result) for result in results], workers.restarts, workers._processes

    assert ([asyncio.CancelledError] * 3, 0, []) == asyncio.run(scenario())


def test_signals_of_a_terminal_and_of_a_service_manager_reach_the_parent_only():
    """Ctrl-C and SIGTERM, which reach all processes of a group, do not end a page that is being read."""

    async def scenario():
        async with WorkerPool(1) as workers:
            return await workers.run(interrupt, 0), workers.restarts

    assert ("read", 0) == asyncio.run(scenario())


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


def test_a_worker_that_was_started_ahead_makes_the_first_call():
    """A worker that was started before the event loop makes the calls, and no other is started."""

    async def scenario(process):
        async with WorkerPool(4, started=process) as workers:
            seen = [await workers.run(my_process, n) for n in range(2)]
            return seen, len(workers._processes)

    with closing(WorkerProcess()) as process:
        seen, count = asyncio.run(scenario(process))

    assert ([process._process.pid] * 2, 1) == (seen, count)
    assert not is_alive(seen[0])


def test_a_worker_that_was_started_for_nothing_is_ended():
    """A command that ends before its first call leaves no worker behind."""
    with closing(WorkerProcess()) as process:
        assert is_alive(process._process.pid)

    assert not is_alive(process._process.pid)


def test_a_worker_serves_one_event_loop_after_another():
    """A pool outlives the event loop that started its worker, and is stopped in any."""
    workers = WorkerPool(1)
    seen = [asyncio.run(workers.run(my_process, n)) for n in range(3)]
    asyncio.run(workers.stop())

    assert 1 == len(set(seen))
    assert not is_alive(seen[0])


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
            alone = len(workers._processes)
            await asyncio.gather(*(workers.run(double, n) for n in range(8)))
            return alone, len(workers._processes)

    assert (1, 4) == asyncio.run(scenario())


def test_a_call_is_bounded_in_cpu():
    """The kernel ends a call that uses too much CPU, even if nobody watches the clock."""

    async def scenario():
        process = WorkerProcess()
        death = await process.call(pack(Call(1, 1024 * MEGABYTE, burn, (0,), {})), 60)
        return death.exit_code

    assert -signal.SIGXCPU == asyncio.run(scenario())


ORPHANS = """
import asyncio, os, sys
sys.path.insert(0, {folder!r})
from crawler.workers.pool import WorkerPool
from test_pool import my_process, burn

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
        async with WorkerPool(2, seconds=0.5, imports=(__name__,)) as workers:
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
