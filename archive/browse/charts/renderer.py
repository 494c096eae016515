"""Let one helper process draw charts, and cache the last drawings."""

from __future__ import annotations

import asyncio
import atexit
import logging
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

from markupsafe import Markup
from pebble import ProcessPool

from archive.browse.bounded_cache import BoundedCache
from archive.browse.charts.drawing import draw_png, draw_svg
from archive.browse.charts.model import BarChart, Chart

_MOST_BYTES = 4 * 2**20  # of cached drawings, compressed: a heat map of 34 outlets takes 21 of 410 kB
_FASTEST = 1  # level of compression
_SECONDS = 20.0  # time limit of a drawing; the first one starts the process, which takes two seconds
_PATIENCE = 6.0  # seconds that a page waits for one drawing; after that it shows its table only
_LOG = logging.getLogger(__name__)
_TASKS = 500  # tasks after which the process is replaced


@cache
def is_available() -> bool:
    """Return whether charts can be drawn: they need the extra `charts`."""
    return find_spec("vl_convert") is not None


class ChartRenderer:
    """Draw charts in a helper process, which starts at the first drawing, and cache the last ones."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None
        self._drawings: BoundedCache[bytes, bytes] = BoundedCache(_MOST_BYTES, len)
        self._pending: dict[bytes, Future[bytes]] = {}

    async def svg(self, chart: Chart, size: str, language: str, base: str = "") -> Markup | None:
        """Return a chart as SVG; None if it cannot be drawn.

        Args:
            chart: The chart to draw.
            size: `wide` or `narrow`.
            language: `en` or `vi`.
            base: The prefix of link paths.
        """
        drawn = await self._draw(draw_svg, chart, size, language, base)
        return None if drawn is None else Markup(drawn.decode())  # noqa: S704 - `draw_svg` lets only known elements through

    async def png(self, chart: Chart, language: str) -> bytes | None:
        """Return a chart as PNG; None if it cannot be drawn."""
        return await self._draw(draw_png, chart, language)

    def warm_up(self) -> None:
        """Start the helper process, which takes a second or two, before the first page needs it."""
        if is_available():
            arguments = (BarChart("", ()), "wide", "en", "")
            self._schedule(_key(draw_svg, arguments), draw_svg, arguments)

    async def _draw(self, function: Callable[..., str | bytes], *arguments: Any) -> bytes | None:
        """Return a drawing; None if it fails or takes too long."""
        if not is_available():
            return None
        key = _key(function, arguments)
        drawn = self._drawings.get(key)
        if drawn is None:
            waiting = asyncio.wrap_future(self._schedule(key, function, arguments))
            await asyncio.wait({waiting}, timeout=_PATIENCE)
            drawn = waiting.result() if waiting.done() and not waiting.exception() else None
        return None if drawn is None else zlib.decompress(drawn)

    def _schedule(self, key: bytes, function: Callable[..., str | bytes], arguments: tuple[Any, ...]) -> Future[bytes]:
        """Submit a drawing to the helper process, unless it is being drawn already."""
        if key not in self._pending:
            future: Future[bytes] = self._start_pool().schedule(
                _draw_compressed, args=(function, *arguments), timeout=_SECONDS
            )
            self._pending[key] = future
            future.add_done_callback(lambda done: self._keep(key, done))
            return future
        return self._pending[key]

    def _keep(self, key: bytes, done: Future[bytes]) -> None:
        """Cache a finished drawing; called by a thread of the pool."""
        self._pending.pop(key, None)
        error = done.exception() if not done.cancelled() else None
        if error is not None or done.cancelled():
            _LOG.warning("a chart could not be drawn: %r", error)
            return
        self._drawings.put(key, done.result())

    def _start_pool(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            self._pool = ProcessPool(max_workers=1, max_tasks=_TASKS, context=get_context("spawn"))
            atexit.register(_stop, self._pool)
        return self._pool


def _key(function: Callable[..., object], arguments: tuple[Any, ...]) -> bytes:
    """Return the key of a chart in the cache: a digest, because charts are large."""
    return blake2b(repr((function.__name__, arguments)).encode(), digest_size=32).digest()


def _draw_compressed(function: Callable[..., str | bytes], *arguments: Any) -> bytes:
    """Draw in the helper process."""
    drawn = function(*arguments)
    return zlib.compress(drawn.encode() if isinstance(drawn, str) else drawn, _FASTEST)


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


RENDERER = ChartRenderer()
