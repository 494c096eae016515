"""Decide when to send a message about a saved search, and send it by mail, webhook or command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from platform import node
from typing import Any

from archive.search.watches import Watch, WatchState, WeekComparison
from archive.store.writer import ArchiveWriter
from crawler.fetching.mail import MailServer, send_mail
from schedules.config import MailSettings, Settings, WatchSettings
from schedules.logs import log
from schedules.monitoring import hooks

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MOST_HITS = 100  # hits in one message
_RETRY_AFTER = timedelta(minutes=15)  # after a message that could not be sent


@dataclass(frozen=True, slots=True)
class WatchMessage:
    """A message about a saved search.

    Attributes:
        watch: The name of the search.
        query: The query of the search.
        kind: `each`, `daily` or `surge`.
        found: Number of hits that it reports.
        expected: For a surge, the number that was expected from the twelve weeks before.
        hits: The latest hits: `id`, `url`, `outlet`, `outlet_name`, `date`, `title`, `page`.
        at: When it was written, ISO 8601.
    """

    watch: str
    query: str
    kind: str
    found: int
    expected: float | None
    hits: Sequence[dict[str, Any]]
    at: str

    @property
    def subject(self) -> str:
        """The message in one line."""
        if self.expected is not None:
            numbers = f"{self.found} articles in seven days, expected {self.expected:.0f}"
            return f"{self.watch}: this week stands out ({numbers})"
        return f"{self.watch}: {self.found} new {'article' if self.found == 1 else 'articles'}"

    @property
    def text(self) -> str:
        """The message as plain text, three lines per hit."""
        lines = [self.subject, f"Query: {self.query}", ""]
        for hit in self.hits:
            lines += [hit["title"], f"{hit['date']}, {hit['outlet_name']}", hit["page"] or hit["url"] or "", ""]
        more = self.found - len(self.hits)
        if more > 0 and self.expected is None:
            lines.append(f"and {more} more")
        return "\n".join(lines).rstrip() + "\n"


def is_due(send: str, state: WatchState, now: datetime) -> bool:
    """Return whether to send a message about the waiting hits of a search now.

    Args:
        send: `each`, `daily`, `surge` or `never`.
        state: The state of the search.
        now: The instant, UTC.
    """
    if not state.waiting or send not in {"each", "daily"}:
        return False
    return send == "each" or not _is_within(_DAY, state.sent_at, now)


def must_compare(send: str, state: WatchState, now: datetime) -> bool:
    """Return whether to compare the week of a search now.

    It is compared once a day, but not within a week after a message.
    """
    is_recent = _is_within(_DAY, state.checked_at, now) or _is_within(_WEEK, state.sent_at, now)
    return send == "surge" and not is_recent


def _is_within(span: timedelta, before: datetime | None, now: datetime) -> bool:
    """Return whether an instant was less than a time span ago; False for an instant in the future."""
    return before is not None and before <= now < before + span


class WatchPost:
    """Search new articles for the saved searches of the settings, and send messages."""

    def __init__(self) -> None:
        self._retry_at: dict[str, datetime] = {}

    async def check(self, archive: ArchiveWriter, settings: Settings, now: datetime) -> int:
        """Search new articles, and send the messages that are due.

        Returns:
            The number of messages that were sent.

        Raises:
            ArchiveError: The archive cannot be written to.
        """
        wanted = {watch.name: watch for watch in settings.watch}
        if not wanted and not archive.watches.states():
            return 0
        archive.watches.save([Watch(one.name, one.query, one.outlets) for one in settings.watch], now)
        archive.watches.search_new(now)
        sent = 0
        for state in archive.watches.states():
            watch = wanted.get(state.watch.name)
            if watch is None or now < self._retry_at.get(watch.name, now):
                continue
            message = _message(archive, watch, state, settings.mail, now)
            if message is None:
                continue
            if await deliver(message, watch, settings):
                archive.watches.mark_sent(watch.name, now)
                sent += 1
            else:
                self._retry_at[watch.name] = now + _RETRY_AFTER
        return sent


def _message(
    archive: ArchiveWriter, watch: WatchSettings, state: WatchState, mail: MailSettings, now: datetime
) -> WatchMessage | None:
    """Return the message to send for a search now, or None."""
    comparison: WeekComparison | None = None
    if must_compare(watch.send, state, now):
        comparison = archive.watches.compare_week(state.watch, now.date())
        archive.watches.mark_checked(watch.name, now)
    if not is_due(watch.send, state, now) and not (comparison and comparison.stands_out):
        return None
    hits = [_with_page(hit, mail.pages) for hit in archive.watches.waiting_hits(watch.name, _MOST_HITS)]
    found, expected = (comparison.found, comparison.expected) if comparison else (state.waiting, None)
    return WatchMessage(watch.name, watch.query, watch.send, found, expected, hits, now.isoformat())


def _with_page(hit: dict[str, Any], pages: str) -> dict[str, Any]:
    kept = {name: hit[name] for name in ("id", "url", "outlet", "outlet_name", "date", "title")}
    return kept | {"page": f"{pages.rstrip('/')}/article/{hit['id']}" if pages else ""}


async def deliver(message: WatchMessage, watch: WatchSettings, settings: Settings) -> bool:
    """Send a message by mail, webhook and command, as configured; log failures.

    Returns:
        Whether one of them worked, or none is configured.
    """
    body = json.dumps(asdict(message) | {"subject": message.subject, "text": message.text}, ensure_ascii=False).encode()
    webhook, command = watch.webhook or settings.alerts.webhook, watch.command or settings.alerts.command
    outcomes: dict[str, str] = {}
    if watch.mail:
        outcomes["mail"] = await _mail(message, watch, settings)
    if webhook:
        outcomes["webhook"] = await hooks.post(webhook, body, settings.network)
    if command:
        facts = {"KHOBAO_WATCH_NAME": watch.name, "KHOBAO_WATCH_KIND": message.kind}
        outcomes["command"] = await hooks.run(command, body, facts)
    for channel, failure in outcomes.items():
        if failure:
            log().error("watch", watch=watch.name, outcome=f"the {channel} failed", detail=failure)
    taken = not outcomes or any(not failure for failure in outcomes.values())
    if taken:
        log().info("watch", watch=watch.name, kind=message.kind, found=message.found)
    return taken


async def _mail(message: WatchMessage, watch: WatchSettings, settings: Settings) -> str:
    """Mail a message; return why that failed, in one line, or an empty string."""
    mail, bundle = settings.mail, settings.network.ca_bundle
    if not mail.host:
        return 'mail.host is not set; write the name of your SMTP server, for example host = "smtp.example.org"'
    server = MailServer(
        mail.host,
        mail.port,
        mail.security,
        mail.user,
        mail.password.get_secret_value(),
        str(bundle) if bundle else None,
    )
    return await asyncio.to_thread(send_mail, server, as_mail(message, watch.mail, mail))


def as_mail(message: WatchMessage, receivers: Sequence[str], mail: MailSettings) -> EmailMessage:
    """Write a message as a mail."""
    host = node() or "localhost"
    sender = mail.sender or (mail.user if "@" in mail.user else f"khobao@{host}")
    written = EmailMessage()
    written["From"], written["To"] = sender, ", ".join(receivers)
    written["Subject"] = " ".join(message.subject.split())
    written["Date"] = formatdate(datetime.fromisoformat(message.at).timestamp())
    written["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    written["Auto-Submitted"] = "auto-generated"  # RFC 3834: tells programs not to answer
    written.set_content(message.text)
    return written
