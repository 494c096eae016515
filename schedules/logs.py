"""Set up logs: one line per unit of work on stderr, pretty on a terminal and JSON elsewhere."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO

import structlog

from archive.printable import printable, printable_json

if TYPE_CHECKING:
    from schedules.config import LogSettings

_FIRST = ("timestamp", "level", "event", "outlet", "reason")
_EVENT_WIDTH = 8  # with a short time, leaves room for the outlet and the reason in 80 columns
_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)


def set_up_logs(
    settings: LogSettings, verbosity: int, *, terminal: bool, color: bool = True, file: TextIO | None = None
) -> None:
    """Send log lines to stderr in the format and from the level that the settings choose.

    Args:
        settings: The `[log]` section.
        verbosity: 1 lowers the level to debug, -1 raises it to error.
        terminal: stderr is a terminal.
        color: Lines may be coloured.
        file: Where to write lines instead of stderr.
    """
    level = {1: "debug", -1: "error"}.get(verbosity, settings.level).upper()
    pretty = settings.format == "pretty" or (settings.format == "auto" and terminal)
    renderer: list[structlog.typing.Processor] = (
        [_show_controls, structlog.dev.ConsoleRenderer(_EVENT_WIDTH, colors=terminal and color, sort_keys=False)]
        if pretty
        else [_render_json]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%SZ" if pretty else "iso", utc=True),
            structlog.processors.format_exc_info,
            _order_facts,
            *renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=file or sys.stderr),
    )


def _order_facts(_: object, __: str, facts: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Put the most important facts first."""
    return {name: facts[name] for name in _FIRST if name in facts} | dict(facts)


def _show_controls(_: object, __: str, facts: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape control characters in the facts."""
    return {name: printable(value) if isinstance(value, str) else value for name, value in facts.items()}


def _render_json(logger: object, name: str, facts: structlog.typing.EventDict) -> str:
    """Render a line as JSON, with control characters escaped."""
    return printable_json(str(_JSON(logger, name, facts)))


def log() -> structlog.typing.FilteringBoundLogger:
    """Return the logger."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
