"""Keep the memory of the server small, where the C library allows it."""

from __future__ import annotations

import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX of mallopt(3)


def share_one_heap() -> None:
    """Let all threads allocate from one heap instead of one heap each.

    The threads run pages in turn, because one holds the interpreter lock, so heaps of their own save no time; but each
    heap keeps the most that its thread ever used. Only glibc has several heaps; elsewhere nothing is done.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
