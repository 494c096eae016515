"""Start one worker process, and exchange messages with it in the event loop, without threads."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from crawler.workers.messages import HEADER, Answer, Preparation, pack

LATE = "late"
MEGABYTE = 1_000_000
READER_IMPORTS = ("crawler.reading.extract", "crawler.discovery.sources")  # what a worker that reads pages needs
_LONGEST_ANSWER = 256 * MEGABYTE  # a sitemap of 50,000 addresses takes about 20
_START_SECONDS = 120.0  # time limit of imports, on a busy machine; they take half a second on a quiet one
_CHUNK = 256 * 1024  # bytes that are read at once
_PARENT_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker process ended instead of answering.

    Attributes:
        exit_code: Its exit code; the negative number of the signal that killed it.
        cause: Why it was killed: `LATE`, or what was wrong with its answer; empty if it ended by itself.
    """

    exit_code: int
    cause: str = ""


class WorkerProcess:
    """A worker process, which makes one call at a time.

    Attributes:
        calls: How many calls it was sent.
    """

    def __init__(self, imports: tuple[str, ...] = ()) -> None:
        """Start the process; this needs no event loop, so a command can start a worker before anything else.

        Args:
            imports: Modules that it imports before its first call.

        Raises:
            OSError: No process can be started.
        """
        self.calls = 0
        self._received = bytearray()
        self._unsent = memoryview(b"")
        self._answer: asyncio.Future[Answer | Death] | None = None
        self._cause = ""
        self._death: Death | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # the event loop that watches for answers
        self._is_ready = False
        self._gone = asyncio.Event()  # set when the process has ended
        calls_read, self._calls = os.pipe()
        self._answers, answers_written = os.pipe()
        try:
            self._process = _start(calls_read, answers_written)
        except OSError:
            self._close_pipes()
            raise
        finally:
            os.close(calls_read)
            os.close(answers_written)
        os.write(self._calls, pack(Preparation(os.getpid(), imports)))

    @property
    def is_alive(self) -> bool:
        """Whether the process can take a call: it has not ended, and is not being killed."""
        return self._death is None and not self._cause

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self._death is not None

    async def call(self, message: bytes, seconds: float) -> Answer | Death:
        """Make a call.

        Args:
            message: The packed call.
            seconds: Time limit, from when the process is ready; then it is killed.

        Returns:
            The answer of the call, or of a failed preparation; how the process ended if it did not answer.
        """
        self._connect()
        if not self._is_ready:
            ready = await self._exchange(b"", _START_SECONDS)
            if isinstance(ready, Death) or ready.kind != "result":
                return ready
            self._is_ready = True
        self.calls += 1
        return await self._exchange(message, seconds)

    def kill(self, cause: str = "stopped") -> None:
        """Kill the process; a caller that waits for its answer gets its death."""
        self._cause = self._cause or cause
        self._process.kill()

    def abandon(self) -> None:
        """Kill the process, and cancel a caller that waits for its answer."""
        if self._answer:
            self._answer.cancel()
        self.kill()

    def close(self) -> None:
        """Kill the process, if no pool has; it must not be connected to an event loop that runs on."""
        if not self.has_ended:
            self.kill()
            self._close_pipes()
            self._death = Death(self._process.wait(), self._cause)

    async def wait(self) -> None:
        """Wait until the process, which was killed, has ended."""
        if not self.has_ended:
            self._connect()
            await self._gone.wait()

    def _connect(self) -> None:
        """Let the running event loop watch for answers, also if it is another than before."""
        loop = asyncio.get_running_loop()
        if self.has_ended or self._loop is loop:
            return
        if self._loop and not self._loop.is_closed():
            self._loop.remove_reader(self._answers)
        self._loop = loop
        self._gone = asyncio.Event()
        os.set_blocking(self._calls, False)
        os.set_blocking(self._answers, False)
        loop.add_reader(self._answers, self._read)

    async def _exchange(self, message: bytes, seconds: float) -> Answer | Death:
        """Send a message, and wait for the next answer."""
        if self._death:
            return self._death
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        timer = loop.call_later(seconds, self.kill, LATE)
        try:
            self._unsent = memoryview(message)
            self._write()
            return await self._answer
        finally:
            timer.cancel()
            self._answer = None

    def _write(self) -> None:
        """Send what the pipe takes, and the rest when it takes more."""
        loop = asyncio.get_running_loop()
        try:
            self._unsent = self._unsent[os.write(self._calls, self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:  # it has ended, which `_read` will see
            self._unsent = memoryview(b"")
        if self._unsent:
            loop.add_writer(self._calls, self._write)
        else:
            loop.remove_writer(self._calls)

    def _read(self) -> None:
        """Take a part of an answer."""
        data = os.read(self._answers, _CHUNK)
        if not data:
            self._end()
            return
        self._received += data
        if len(self._received) < HEADER.size:
            return
        missing = HEADER.size + HEADER.unpack_from(self._received)[0] - len(self._received)
        if missing + len(self._received) > _LONGEST_ANSWER:
            self.kill(f"its answer has more than {_LONGEST_ANSWER // MEGABYTE} MB")
        elif missing < 0 or self._answer is None:
            self.kill("it answered without a call")
        elif missing == 0:
            self._resolve()

    def _resolve(self) -> None:
        """Give a complete answer to the caller."""
        received, self._received = self._received, bytearray()
        try:
            answer = pickle.loads(memoryview(received)[HEADER.size :])  # noqa: S301
        except Exception as error:  # noqa: BLE001 - a worker whose memory is damaged may send anything
            self.kill(f"its answer cannot be read: {error!r}")
            return
        if self._answer and not self._answer.done():
            self._answer.set_result(answer)

    def _end(self) -> None:
        """Record how the process ended, whose pipe was closed."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._answers)
        loop.remove_writer(self._calls)
        self._close_pipes()
        self._process.kill()  # its pipe may be closed while it runs
        self._death = Death(self._process.wait(), self._cause)
        self._gone.set()
        if self._answer and not self._answer.done():
            self._answer.set_result(self._death)

    def _close_pipes(self) -> None:
        os.close(self._calls)
        os.close(self._answers)


def _start(calls: int, answers: int) -> subprocess.Popen[bytes]:
    """Start a process that serves calls.

    It imports from where this one does, and not from the current folder. It starts with blocked signals, which it
    ignores before it unblocks them: Ctrl-C in a terminal reaches all processes, and the parent alone decides.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path)}
    command = [sys.executable, "-P", "-m", "crawler.workers.serving", str(calls), str(answers)]
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _PARENT_SIGNALS)
    try:
        return subprocess.Popen(  # noqa: S603 - our own module
            command,
            env=environment,
            pass_fds=(calls, answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
