"""Serve calls in a worker process: `python -m crawler.workers.serving CALLS ANSWERS`.

CALLS and ANSWERS are numbers of inherited file descriptors. Standard input and output are not used, so nothing that a
library prints is taken for an answer.
"""

from __future__ import annotations

import ctypes
import importlib
import math
import os
import pickle
import resource
import signal
import sys
import traceback
from typing import BinaryIO

from crawler.workers.messages import HEADER, Answer, Call, Preparation, pack

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_OWN_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # the parent decides what they mean


def main(calls: int, answers: int) -> None:
    """Serve calls until the parent closes their pipe.

    Args:
        calls: The file descriptor from which calls are read.
        answers: The file descriptor to which answers are written.
    """
    for number in _OWN_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _OWN_SIGNALS)  # blocked by the parent, so that none came before this
    _die_with_parent()
    with open(calls, "rb") as reader, open(answers, "wb", buffering=0) as writer:
        message = _receive(reader)
        if message is None:
            return
        _send(writer, _prepare(message))
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        while message := _receive(reader):
            _send(writer, _serve(message, taken))


def _receive(reader: BinaryIO) -> bytes | None:
    """Return the next message; None if the parent closed the pipe or died."""
    header = reader.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    message = reader.read(length)
    return message if len(message) == length else None


def _send(writer: BinaryIO, message: bytes) -> None:
    left = memoryview(message)
    while left:
        left = left[writer.write(left) :]


def _die_with_parent() -> None:
    """Let the kernel kill this process when its parent dies, even if it is busy.

    Only Linux supports this. Elsewhere a call ends by its CPU limit, and an idle process by its closed pipe.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)


def _prepare(message: bytes) -> bytes:
    """Import modules ahead; return the answer."""
    try:
        preparation: Preparation = pickle.loads(message)  # noqa: S301
        if os.getppid() != preparation.parent:  # it died before this process asked to die with it
            os._exit(1)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a killed worker writes no core dump
        for name in preparation.imports:
            importlib.import_module(name)
        return pack(Answer("result"))
    except Exception as error:  # noqa: BLE001 - raised in the parent
        return _pack_error(error)


def _serve(message: bytes, taken: int) -> bytes:
    """Make a call; return the answer.

    Args:
        message: The pickled call.
        taken: Bytes of memory that this process used before its first call.
    """
    try:
        call: Call = pickle.loads(message)  # noqa: S301
        _limit(call.seconds, taken + call.memory)
        return pack(Answer("result", call.function(*call.args, **call.kwargs)))
    except MemoryError:
        return pack(Answer("memory"))
    except Exception as error:  # noqa: BLE001 - raised in the parent
        return _pack_error(error)


def _limit(seconds: int, memory: int) -> None:
    """Let the kernel kill this process after more CPU seconds, and refuse it more memory."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(usage.ru_utime + usage.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.RLIM_INFINITY))


def _pack_error(error: Exception) -> bytes:
    """Return the answer that raises an exception in the parent, with a note of where it was raised here."""
    lines = "".join(traceback.format_exception(error))
    error.add_note(f"In the worker process:\n{lines}")
    try:
        return pack(Answer("error", error))
    except Exception:  # noqa: BLE001 - an exception may hold what cannot be pickled
        return pack(Answer("error", RuntimeError(lines)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
