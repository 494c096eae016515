"""Decide which changes of health are alerts, and send them by webhook and command."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from urllib.parse import urlsplit

from archive.errors import UsageError
from crawler.fetching.allowed_addresses import is_public, literal
from crawler.fetching.transports import build_client, user_agent
from crawler.fetching.webhook import post_json
from schedules.config import NetworkSettings, Settings
from schedules.logs import log
from schedules.monitoring.health import Health

_SECONDS = 20.0  # time limit of a webhook or a command


@dataclass(frozen=True, slots=True)
class Alert:
    """A change of an outlet's health.

    Attributes:
        outlet: The outlet's id.
        state: The current state.
        before: The state before.
        why: The reason, in one sentence.
        at: The time, ISO 8601.
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

    An outlet without an earlier alert gets one only if it has a problem. A recovery is an alert if the problem was one.
    An outlet that goes back and forth gets one alert within the gap. Failures that may be temporary are no alert.

    Args:
        sent: The last alert of each outlet.
        healths: The health of each outlet.
        now: The current time, UTC.
        gap: Seconds between two alerts of one outlet.

    Returns:
        The alerts to send, and the last alert of each outlet once they are sent.
    """
    alerts, after = [], dict(sent)
    for outlet, health in healths.items():
        before = sent.get(outlet)
        if health.state in {"retrying", before.state if before else "ok"}:
            continue
        if before and before.at <= now < before.at + timedelta(seconds=gap):
            continue
        was = before.state if before else "ok"
        alerts.append(Alert(outlet, health.state, was, health.why, now.isoformat()))
        after[outlet] = SentAlert(health.state, now)
    return alerts, after


async def send(alerts: Sequence[Alert], settings: Settings) -> None:
    """Send alerts by webhook and command; log failures, and raise no exception."""
    for alert in alerts:
        log().warning("alert", outlet=alert.outlet, state=alert.state, before=alert.before, why=alert.why)
        body = json.dumps(asdict(alert) | {"text": alert.text}, ensure_ascii=False).encode()
        if settings.alerts.webhook:
            await _post(settings.alerts.webhook, body, settings.network)
        if settings.alerts.command:
            await _run(settings.alerts.command, body, alert)


async def _post(address: str, body: bytes, network: NetworkSettings) -> None:
    """Post to the webhook over the crawler's transport, with its guard, proxy and certificates.

    A webhook with a loopback or private address is allowed, because a person chose it. A name that resolves to such an
    address needs `network.allow_private_addresses`.
    """
    try:
        client = build_client(
            agent=user_agent(version("khobao"), network.contact),
            proxy=network.proxy,
            ca_bundle=network.ca_bundle,
            allow_private_addresses=network.allow_private_addresses or _is_written_private(address),
            trust_proxy=network.trust_proxy,
        )
        async with client:
            failure = await post_json(client, address, body, _SECONDS)
    except UsageError as error:
        log().error("alert", outcome="the webhook failed", detail=str(error))
        return
    if failure:
        log().error("alert", outcome="the webhook failed", detail=str(failure))


def _is_written_private(address: str) -> bool:
    """Return whether an address spells a host of this machine or of a private network."""
    host = urlsplit(address).hostname or ""
    number = literal(host)
    return host == "localhost" or (number is not None and not is_public(number))


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
