"""Logs: one line a unit of work on stderr, pretty on a terminal and JSON elsewhere."""

from __future__ import annotations

import logging
import sys

import structlog

from schedules.config import LogSettings

_FIRST = ("timestamp", "level", "event")


def set_up_logs(settings: LogSettings, verbosity: int, *, terminal: bool) -> None:
    """Send structlog's lines to stderr in the form and from the level that are asked for.

    Args:
        settings: The `[log]` section.
        verbosity: 1 lowers the level to debug, -1 raises it to error.
        terminal: Whether a person watches stderr.
    """
    level = {1: "debug", -1: "error"}.get(verbosity, settings.level).upper()
    pretty = settings.format == "pretty" or (settings.format == "auto" and terminal)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=terminal)
        if pretty
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _in_reading_order,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


def _in_reading_order(_: object, __: str, facts: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A line's facts with those first that a person looks for first."""
    return {name: facts[name] for name in _FIRST if name in facts} | dict(facts)


def log() -> structlog.typing.FilteringBoundLogger:
    """The logger, for what is no unit of work."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
