"""Let one helper process draw charts, and cache the last drawings."""

from __future__ import annotations

import asyncio
import atexit
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import cache
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

from markupsafe import Markup
from pebble import ProcessPool

from archive.browse.charts.drawing import draw_png, draw_svg
from archive.browse.charts.model import BarChart, Chart

_MOST_DRAWINGS = 64  # cached drawings; a heat map of 34 outlets takes a quarter of a megabyte
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
        self._drawings: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
        self._pending: dict[tuple[Hashable, ...], Future[Any]] = {}

    async def svg(self, chart: Chart, size: str, language: str, base: str = "") -> Markup | None:
        """Return a chart as SVG; None if it cannot be drawn.

        Args:
            chart: The chart to draw.
            size: `wide` or `narrow`.
            language: `en` or `vi`.
            base: The prefix of link paths.
        """
        drawn = await self._draw(draw_svg, chart, size, language, base)
        return None if drawn is None else Markup(drawn)  # noqa: S704 - `draw_svg` lets only known elements through

    async def png(self, chart: Chart, language: str) -> bytes | None:
        """Return a chart as PNG; None if it cannot be drawn."""
        drawn: bytes | None = await self._draw(draw_png, chart, language)
        return drawn

    def warm_up(self) -> None:
        """Start the helper process, which takes a second or two, before the first page needs it."""
        if is_available():
            self._schedule(draw_svg, BarChart("", ()), "wide", "en", "")

    async def _draw(self, function: Callable[..., Any], *arguments: Hashable) -> Any:
        """Return a drawing; None if it fails or takes too long."""
        if not is_available():
            return None
        key = (function.__name__, *arguments)
        if key in self._drawings:
            self._drawings.move_to_end(key)
            return self._drawings[key]
        future = self._schedule(function, *arguments)
        waiting = asyncio.wrap_future(future)
        await asyncio.wait({waiting}, timeout=_PATIENCE)
        return waiting.result() if waiting.done() and not waiting.exception() else None

    def _schedule(self, function: Callable[..., Any], *arguments: Hashable) -> Future[Any]:
        """Submit a drawing to the helper process, unless it is being drawn already."""
        key = (function.__name__, *arguments)
        if key not in self._pending:
            future: Future[Any] = self._start_pool().schedule(function, args=arguments, timeout=_SECONDS)
            self._pending[key] = future
            future.add_done_callback(lambda done: self._keep(key, done))
            return future
        return self._pending[key]

    def _keep(self, key: tuple[Hashable, ...], done: Future[Any]) -> None:
        """Cache a finished drawing; called by a thread of the pool."""
        self._pending.pop(key, None)
        error = done.exception() if not done.cancelled() else None
        if error is not None or done.cancelled():
            _LOG.warning("a chart could not be drawn: %r", error)
            return
        self._drawings[key] = done.result()
        while len(self._drawings) > _MOST_DRAWINGS:
            self._drawings.popitem(last=False)

    def _start_pool(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            self._pool = ProcessPool(max_workers=1, max_tasks=_TASKS, context=get_context("spawn"))
            atexit.register(_stop, self._pool)
        return self._pool


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


RENDERER = ChartRenderer()
