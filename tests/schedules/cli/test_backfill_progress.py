"""The progress of a backfill, on a terminal and elsewhere, with a simulated clock."""

import io
import json
from datetime import UTC, datetime, timedelta

from rich.console import Console

from archive.ledger.backfill_model import BackfillRun, Progress
from schedules.cli.backfill_progress import BackfillDisplay, backfill_bars
from schedules.cli.spans import span
from schedules.config import LogSettings
from schedules.logs import set_up_logs

FACTS = {"lists": 12, "read": 4, "failed": 1, "found": 400, "days": 31, "days_read": 20}


NOON = datetime(2026, 2, 4, 12, tzinfo=UTC)


def kept(waiting: int, retry_at: datetime | None = None) -> BackfillRun:
    """Return a backfill of one outlet with a number of addresses."""
    counts = {"cu": {"failed": {"timeout": 3, "server_error": 2}}}
    now = datetime(2026, 2, 4, tzinfo=UTC)
    progress = {"cu": Progress(**FACTS, waiting=waiting, retry_at=retry_at)}
    return BackfillRun(1, "backfill", "running", False, now, None, {}, counts, progress)


def test_bars_show_days_addresses_rate_time_and_failures():
    """A terminal shows a line for each outlet, with everything that a person wants to know."""
    seconds = iter([0.0, 100.0])
    console = Console(file=io.StringIO(), force_terminal=True, width=120, record=True, color_system=None)
    bars = backfill_bars(console, lambda: 100.0)
    display = BackfillDisplay(bars, lambda: next(seconds))
    display.show(kept(400))
    display.show(kept(200))
    console.print(bars.get_renderable())
    line = console.export_text()

    for told in ("cu", "20/31 days", "5/12 lists", "200/400", "2.0/s", "100 s", "3 timeout, 2 server error"):
        assert told in line


def test_without_a_terminal_one_line_a_minute_is_logged(capsys):
    """Without a terminal, each outlet has a line immediately, and then one a minute."""
    set_up_logs(LogSettings(), 0, terminal=False)
    seconds = iter([0.0, 59.0, 60.0, 100.0])
    display = BackfillDisplay(None, lambda: next(seconds))
    for waiting in (400, 350, 340, 300):
        display.show(kept(waiting))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    assert ["0/400", "60/400"] == [line["addresses"] for line in lines]
    last = lines[-1]
    assert ("cu", "20/31 days", "5/12 lists", "1.0/s", "6 min", "3 timeout, 2 server error") == tuple(
        last[name] for name in ("outlet", "days", "lists", "rate", "left", "failed")
    )


def test_a_wait_for_a_retry_is_told_at_once(capsys):
    """When only failed requests are left, the next line comes at once and says until when the backfill waits."""
    set_up_logs(LogSettings(), 0, terminal=False)
    seconds = iter([0.0, 5.0, 6.0])
    display = BackfillDisplay(None, lambda: next(seconds), lambda: NOON)
    for retry_at in (None, NOON + timedelta(minutes=2), NOON + timedelta(minutes=2)):
        display.show(kept(3, retry_at))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    assert [None, "waits until 12:02:00Z to repeat 3 failed requests"] == [line.get("waits") for line in lines]


def test_a_length_of_time_has_a_suitable_unit():
    """Lengths of time are in days, hours, minutes or seconds."""
    assert ["90 s", "2 min", "5 h", "3 d"] == [span(n) for n in (90, 120, 18_000, 260_000)]
