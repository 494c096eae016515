"""Decide which changes of health are alerts, and send them by webhook and command."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from schedules.config import Settings
from schedules.logs import log
from schedules.monitoring import hooks
from schedules.monitoring.health import Health


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

    An outlet without an earlier alert gets one only if it has a problem. A recovery is an alert if the problem was an
    alert. An outlet that goes back and forth gets one alert within the gap. Failures that may be temporary are no
    alert.

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
            _log_failure("webhook", await hooks.post(settings.alerts.webhook, body, settings.network))
        if settings.alerts.command:
            facts = {f"KHOBAO_ALERT_{name.upper()}": value for name, value in asdict(alert).items()}
            _log_failure("command", await hooks.run(settings.alerts.command, body, facts))


def _log_failure(receiver: str, failure: str) -> None:
    if failure:
        log().error("alert", outcome=f"the {receiver} failed", detail=failure)
