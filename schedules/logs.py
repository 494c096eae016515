"""Logs: one line a unit of work on stderr, pretty on a terminal and JSON elsewhere."""

from __future__ import annotations

import logging
import sys

import structlog

from schedules.config import LogSettings
from schedules.report import Event, Polled
from schedules.rereading import Reread

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


def log_event(event: Event) -> None:
    """One canonical line for one unit of work."""
    facts: dict[str, object] = {"outlet": event.outlet, "url": event.url}
    if isinstance(event, Polled):
        facts |= {"kind": event.kind, "candidates": event.candidates, "new": event.new}
        facts |= {"dropped": sum(event.dropped.values()), "unchanged": event.unchanged}
        facts |= {"overran": True} if event.overran else {}
    else:
        facts |= {"outcome": event.outcome or "not archived", "title": event.title}
    facts["notes"] = event.notes
    if event.failure:
        facts |= {"reason": event.failure.reason.value, "detail": event.failure.detail}
    name = "poll" if isinstance(event, Polled) else "page"
    (log().warning if event.failure else log().info)(name, **{k: v for k, v in facts.items() if v not in ("", None)})


def log_reread(event: Reread) -> None:
    """One canonical line for a capture that was read again; what came out as before is told to those who want all."""
    log = structlog.get_logger()
    facts = {"outlet": event.outlet, "url": event.url, "outcome": event.outcome, "changed": ", ".join(event.changed)}
    facts |= {"reason": event.failure.reason.value, "detail": event.failure.detail} if event.failure else {}
    (log.debug if event.outcome in {"same", "none"} else log.info)("reread", **{k: v for k, v in facts.items() if v})
