"""Tallies, log lines, the table and the progress display are made from the same events."""

import io
import json

import pytest
import structlog
from rich.console import Console
from rich.progress import Progress

from archive.errors import Failure, Reason
from schedules.cli.progress import RunDisplay, failure_line, failure_lines, log_event, table
from schedules.cli.progress_bars import progress_bars
from schedules.config import LogSettings
from schedules.events import PageEvent, PollEvent, Tally
from schedules.logs import set_up_logs

URL = "http://bao.example/a-1.html"
POLLED = PollEvent("bao", "http://bao.example/rss", "feed", 3, 2, {Reason.FOREIGN: 4})
FAILED = PollEvent("bao", "http://bao.example/mat", "feed", failure=Failure(Reason.GONE, "404 Not Found"))
ARCHIVED = PageEvent("bao", URL, "archived", "Cầu Mới")
REVISED = PageEvent("bao", URL, "revised", "Cầu Mới")
SKIPPED = PageEvent("bao", URL, failure=Failure(Reason.NO_DATE, "nothing says when"))
BROKEN = PageEvent("bao", URL, failure=Failure(Reason.TIMEOUT, "no answer"))
EVENTS = (POLLED, FAILED, ARCHIVED, REVISED, SKIPPED, BROKEN)


@pytest.fixture
def logged(monkeypatch):
    """Log events, and return the lines."""

    def log(settings, *events, verbosity=0):
        lines = io.StringIO()
        monkeypatch.setattr("sys.stderr", lines)
        set_up_logs(settings, verbosity, terminal=False)
        for event in events:
            log_event(event)
        return lines.getvalue().splitlines()

    yield log
    structlog.reset_defaults()


def test_a_failure_is_told_in_80_columns(logged):
    """A terminal that cuts long log lines still shows the outlet and the reason."""
    polled, failed = (line[:80] for line in logged(LogSettings(format="pretty"), POLLED, FAILED))

    assert "outlet=bao" in polled
    assert "poll" in failed
    assert "outlet=bao reason=gone" in failed


def test_a_tally_counts_every_event():
    """Every event is counted, and skipped pages are not failures."""
    tally = Tally()
    for event in EVENTS:
        tally.add(event)

    counts = tally.counts()
    assert (2, 3, 2) == (counts["sources"], counts["candidates"], counts["new"])
    assert (1, 1, 0) == (counts["archived"], counts["revised"], counts["unchanged"])
    assert {"foreign": 4, "no_date": 1} == counts["skipped"]
    assert {"gone": 1, "timeout": 1} == counts["failed"]


def test_a_run_with_failures_ends_with_1():
    """Faults are failures; a page that is not an article is one only if a person named it."""
    outcomes = {}
    for name, strict, event in (("good", False, ARCHIVED), ("skip", False, SKIPPED), ("asked", True, SKIPPED)):
        show = RunDisplay(strict, _bars=Progress(console=Console(file=io.StringIO())))
        show.add(event)
        outcomes[name] = show.exit_code

    assert {"good": 0, "skip": 0, "asked": 1} == outcomes


def test_the_table_has_a_row_per_outlet():
    """Each outlet has one row with archived, revised, skipped and failed pages, and the reasons in words."""
    tally = Tally()
    for event in EVENTS:
        tally.add(event)
    out = io.StringIO()
    Console(file=out, width=120).print(table({"bao": tally}))

    assert ["bao", "3", "2", "1", "+1", "revised"] == out.getvalue().splitlines()[1].split()[:6]
    assert "4 foreign, 1 no date" in out.getvalue()
    assert "1 gone, 1 timeout" in out.getvalue()


def test_a_log_line_begins_with_the_main_facts(logged):
    """A log line begins with time, level and kind of work."""
    (told,) = logged(LogSettings(format="json"), POLLED)

    assert ["timestamp", "level", "event", "outlet"] == list(json.loads(told))[:4]


def test_a_failure_is_one_line():
    """A failure is one line: what, where, why."""
    assert "bao: feed http://bao.example/mat: gone: 404 Not Found" == failure_line(FAILED)
    assert f"bao: {URL}: timeout: no answer" == failure_line(BROKEN)


def test_sources_that_fail_alike_share_a_line():
    """Sources of one outlet and host that failed for one reason are one line with their number; others keep theirs."""
    down = Failure(Reason.UNREACHABLE, "robots.txt: no route")
    feeds = [PollEvent("bao", f"http://bao.example/rss/{n}", "feed", failure=down) for n in range(22)]
    other = PollEvent("bao", "http://api.bao.example/list", "listing", failure=down)
    pages = [PageEvent("bao", f"http://bao.example/{n}", failure=down) for n in range(2)]

    lines = list(failure_lines([feeds[0], FAILED, *feeds[1:], other, *pages]))

    assert "bao: 22 sources, such as http://bao.example/rss/0: unreachable: robots.txt: no route" == lines[0]
    assert [failure_line(event) for event in (FAILED, other, *pages)] == lines[1:]


def test_a_unit_of_work_is_one_json_line(logged):
    """Without a terminal, each event is one JSON line with its facts, and Vietnamese letters unescaped."""
    poll, page, failure = map(json.loads, logged(LogSettings(), POLLED, ARCHIVED, BROKEN))

    assert ("poll", "info", 3, 2, 4) == tuple(poll[key] for key in ("event", "level", "candidates", "new", "dropped"))
    assert ("page", "archived", "Cầu Mới") == tuple(page[key] for key in ("event", "outcome", "title"))
    assert ("warning", "timeout", "no answer") == tuple(failure[key] for key in ("level", "reason", "detail"))


@pytest.mark.parametrize(
    ("level", "verbosity", "count"), [("info", 0, 2), ("warning", 0, 1), ("info", -1, 0), ("error", 1, 2)]
)
def test_the_log_level_filters_lines(logged, level, verbosity, count):
    """`log.level` is the lowest level that is logged; -v and -q override it."""
    assert count == len(logged(LogSettings(level=level), ARCHIVED, BROKEN, verbosity=verbosity))


def test_lines_can_be_pretty(logged):
    """`log.format = "pretty"` is for people; it has no colours without a terminal."""
    (told,) = logged(LogSettings(format="pretty"), ARCHIVED)

    assert "outcome=archived" in told
    assert "\x1b" not in told


def test_the_display_moves_with_the_events():
    """Each outlet's bar shows the fetched pages out of the new ones."""
    out = io.StringIO()
    bars = progress_bars(Console(file=out, width=80), "latest")
    show = RunDisplay(_bars=bars)
    for event in (*EVENTS, PageEvent("bao", URL, "unchanged", "Một nhan đề dài hơn " * 9)):
        show.add(event)

    (task,) = bars.tasks
    assert ("bao", 5, 5) == (task.description, task.completed, task.total)
    bars.console.print(bars)
    (shown,) = out.getvalue().splitlines()
    assert "bao" in shown
    assert "5/5" in shown
    assert shown.rstrip().endswith("…")
