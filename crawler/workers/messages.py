"""Define the messages between a pool and its workers: pickled values, each after its length."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

HEADER = struct.Struct(">Q")  # the length of the message that follows, in bytes


class Preparation(NamedTuple):
    """The first message to a worker process.

    Attributes:
        parent: The id of the process that started it.
        imports: Modules to import before the first call.
    """

    parent: int
    imports: tuple[str, ...]


class Call(NamedTuple):
    """A call that a worker process makes.

    Attributes:
        seconds: CPU seconds after which the kernel ends the process.
        memory: Bytes that the process may use in addition to what it starts with.
        function: The function, of a module that the process can import.
        args: Its arguments.
        kwargs: Its keyword arguments.
    """

    seconds: int
    memory: int
    function: Callable[..., Any]
    args: Sequence[Any]
    kwargs: Mapping[str, Any]


class Answer(NamedTuple):
    """The answer of a worker process to its preparation or to a call.

    Attributes:
        kind: `result`; `error` if the function raised an exception; `memory` if there was not enough memory.
        value: The result or the exception; None without memory.
    """

    kind: Literal["result", "error", "memory"]
    value: Any = None


def pack(message: Preparation | Call | Answer) -> bytes:
    """Return a message as it is sent."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(body)) + body
