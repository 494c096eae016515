"""Have charts drawn by one helper process, and keep the last drawings."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
from collections import OrderedDict
from concurrent.futures import Future
from functools import cache
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

from markupsafe import Markup
from pebble import ProcessPool

from archive.browse.charts.drawing import draw_png, draw_svg
from archive.browse.charts.model import Chart
from archive.browse.charts.specs import specification

_MOST_DRAWINGS = 64  # that are kept; a heat map of 34 outlets takes a quarter of a megabyte
_SECONDS = 20.0  # that a drawing may take; the first one starts the process and takes two
_LOG = logging.getLogger(__name__)
_TASKS = 500  # after which the process is replaced


@cache
def is_available() -> bool:
    """Whether charts can be drawn: they need the extra `charts`."""
    return find_spec("vl_convert") is not None


class ChartRenderer:
    """Draw charts in a helper process, which starts at the first drawing, and cache the last ones."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None
        self._drawings: OrderedDict[tuple[str, ...], Any] = OrderedDict()

    async def svg(self, chart: Chart, size: str, language: str, base: str = "") -> Markup | None:
        """Return a chart as SVG, None where it cannot be drawn.

        Args:
            chart: What to draw.
            size: `wide` or `narrow`.
            language: `en` or `vi`.
            base: What stands before the paths of links.
        """
        spec = json.dumps(specification(chart, size, language), ensure_ascii=False)
        drawn = await self._draw(draw_svg, spec, size, chart.title, base)
        return None if drawn is None else Markup(drawn)  # noqa: S704 - `draw_svg` lets only known elements through

    async def png(self, chart: Chart, language: str) -> bytes | None:
        """Return a chart as PNG, None where it cannot be drawn."""
        drawn: bytes | None = await self._draw(draw_png, json.dumps(specification(chart, "wide", language)))
        return drawn

    async def _draw(self, function: Any, *arguments: str) -> Any:
        if not is_available():
            return None
        key = (function.__name__, *arguments)
        if key in self._drawings:
            self._drawings.move_to_end(key)
            return self._drawings[key]
        future: Future[Any] = self._started().schedule(function, args=arguments, timeout=_SECONDS)
        try:
            drawn = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - whatever fails in the helper, the page has its table
            _LOG.warning("a chart could not be drawn: %r", error)
            return None
        self._drawings[key] = drawn
        while len(self._drawings) > _MOST_DRAWINGS:
            self._drawings.popitem(last=False)
        return drawn

    def _started(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            self._pool = ProcessPool(max_workers=1, max_tasks=_TASKS, context=get_context("spawn"))
            atexit.register(_stop, self._pool)
        return self._pool


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


RENDERER = ChartRenderer()
