"""Decide which changes of health are alerts, and send them by webhook and command."""

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
        state: The state now.
        before: The state in the last alert.
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
        """The alert as one line of text."""
        return f"{self.outlet}: {self.state} (was {self.before})" + (f": {self.why}" if self.why else "")


@dataclass(frozen=True, slots=True)
class SentAlert:
    """The last alert of an outlet."""

    state: str
    at: datetime


def state_changes(
    sent: Mapping[str, SentAlert], healths: Mapping[str, Health], now: datetime, gap: float
) -> tuple[list[Alert], dict[str, SentAlert]]:
    """Decide which changes of health are alerts.

    An outlet without an earlier alert gets one only if it is not well. A recovery is an alert where the problem was. An
    outlet that goes back and forth gets one alert within the gap.

    Args:
        sent: The last alert of each outlet.
        healths: The health of each outlet.
        now: The instant, UTC.
        gap: Seconds between two alerts of one outlet.

    Returns:
        The alerts to send, and the last alert of each outlet once they are sent.
    """
    alerts, after = [], dict(sent)
    for outlet, health in healths.items():
        before = sent.get(outlet)
        if health.state == (before.state if before else "ok"):
            continue
        if before and before.at <= now < before.at + timedelta(seconds=gap):
            continue
        was = before.state if before else "ok"
        alerts.append(Alert(outlet, health.state, was, health.why, now.isoformat()))
        after[outlet] = SentAlert(health.state, now)
    return alerts, after


async def send(alerts: Sequence[Alert], settings: AlertSettings) -> None:
    """Send alerts by webhook and command; log failures, and never raise."""
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
