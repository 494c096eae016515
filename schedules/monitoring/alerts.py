"""Telling somebody when an outlet's health changes: which changes are told is pure; webhook and command tell them."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from schedules.config import AlertSettings
from schedules.logs import log
from schedules.monitoring.health import Health

_SECONDS = 20.0  # for a webhook or a command


@dataclass(frozen=True, slots=True)
class Alert:
    """A change of an outlet's health.

    Attributes:
        outlet: The outlet's id.
        state: What it is now.
        before: What was last told of it.
        why: One sentence.
        at: When, ISO 8601.
    """

    outlet: str
    state: str
    before: str
    why: str
    at: str

    @property
    def text(self) -> str:
        """One line for a person."""
        return f"{self.outlet}: {self.state} (was {self.before})" + (f": {self.why}" if self.why else "")


@dataclass(frozen=True, slots=True)
class Told:
    """What was last told of an outlet, and when."""

    state: str
    at: datetime


def changes(
    told: Mapping[str, Told], healths: Mapping[str, Health], now: datetime, gap: float
) -> tuple[list[Alert], dict[str, Told]]:
    """Which changes are to be told.

    An outlet that was never spoken of is told only if it is not well; a recovery is told where the trouble was. What
    goes back and forth is told once in so many seconds.

    Args:
        told: What was last told, by outlet.
        healths: How they fare.
        now: The instant, UTC.
        gap: Seconds between two alerts of one outlet.

    Returns:
        The alerts, and what has been told with them.
    """
    alerts, after = [], dict(told)
    for outlet, health in healths.items():
        before = told.get(outlet)
        if health.state == (before.state if before else "ok"):
            continue
        if before and before.at <= now < before.at + timedelta(seconds=gap):
            continue
        was = before.state if before else "ok"
        alerts.append(Alert(outlet, health.state, was, health.why, now.isoformat()))
        after[outlet] = Told(health.state, now)
    return alerts, after


async def send(alerts: Sequence[Alert], settings: AlertSettings) -> None:
    """Tell alerts in the ways that are set; a way that fails is logged, and never stops the service."""
    for alert in alerts:
        log().warning("alert", outlet=alert.outlet, state=alert.state, before=alert.before, why=alert.why)
        body = json.dumps(asdict(alert) | {"text": alert.text}, ensure_ascii=False).encode()
        if settings.webhook:
            await _post(settings.webhook, body)
        if settings.command:
            await _run(settings.command, body, alert)


async def _post(address: str, body: bytes) -> None:
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - http(s) by its schema

    def post() -> None:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            answer.read(1)

    try:
        await asyncio.to_thread(post)
    except (OSError, urllib.error.URLError) as error:
        log().error("alert", outcome="the webhook failed", detail=str(error))


async def _run(command: Sequence[str], body: bytes, alert: Alert) -> None:
    facts = {f"KHOBAO_ALERT_{name.upper()}": value for name, value in asdict(alert).items()}
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, env=os.environ | facts
        )
    except OSError as error:
        log().error("alert", outcome="the command failed", detail=str(error))
        return
    try:
        await asyncio.wait_for(process.communicate(body), _SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
    if process.returncode:
        log().error("alert", outcome="the command failed", detail=f"exit code {process.returncode}")
