"""Requests of backfills: the ledger's run of each, and the work in one process."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from oldpress import HOST, OldPress, archive, outlet_of

from archive.errors import Reason
from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import ByteServer
from crawler.outlets.article_urls import canonical
from schedules.backfill.model import BackfillRequest
from schedules.backfill.requests import (
    earlier_tallies,
    enter_urls,
    reads_lists_only,
    run_backfill,
    start_or_resume,
)
from schedules.config import Settings
from schedules.events import Tally
from schedules.pipeline.context import utc_now
from schedules.timing.date_range import DateRange

REQUEST = BackfillRequest(("cu",), DateRange(date(2024, 1, 10), date(2024, 1, 11)))
NEXT_DAY = replace(REQUEST, dates=DateRange(date(2024, 1, 12), date(2024, 1, 12)))


@pytest.fixture
def ledger(tmp_path):
    """An archive, open for writing."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as writer:
        yield writer


def test_the_same_request_resumes_its_unfinished_run(ledger):
    """A stopped run is resumed by the same request; another request, or an ended run, begins a new one."""
    run = start_or_resume(ledger.runs, REQUEST)
    ledger.runs.set_run_state(run, "stopped")

    assert run == start_or_resume(ledger.runs, REQUEST)
    assert "running" == ledger.reader.run_state(run)
    assert run != start_or_resume(ledger.runs, NEXT_DAY)

    ledger.runs.end_run(run, "done", {}, utc_now())
    assert run != start_or_resume(ledger.runs, REQUEST)


def test_a_request_for_the_service_waits_for_it(ledger):
    """A run that is handed to the service waits; the same request again leaves a running run as it is."""
    run = start_or_resume(ledger.runs, REQUEST, served=True)
    assert [run] == [waiting.run for waiting in ledger.reader.waiting_runs()]

    ledger.runs.set_run_state(run, "running")
    assert run == start_or_resume(ledger.runs, REQUEST, served=True)
    assert "running" == ledger.reader.run_state(run)


@pytest.mark.parametrize("pages", [True, False])
def test_a_run_remembers_whether_it_reads_lists_only(ledger, pages):
    """A request without pages makes a run that only reads lists; the ledger remembers it."""
    run = start_or_resume(ledger.runs, replace(REQUEST, pages=pages))

    assert (not pages) is reads_lists_only(ledger.reader, run)


def test_the_addresses_of_a_file_wait_for_their_run(ledger):
    """Each address of a file is entered once for the run; its outlet is declared."""
    outlet = outlet_of()
    urls = [canonical(f"{HOST}/bai-{number:07}.html") for number in (30, 31)]
    request = replace(REQUEST, urls="urls.txt")
    run = start_or_resume(ledger.runs, request)
    for _ in range(2):
        enter_urls(ledger.runs, run, request, {outlet.id: (outlet, urls)})

    soon = utc_now() + timedelta(minutes=1)
    assert urls == [entry.url for entry in ledger.reader.wanted_addresses(run, "cu", soon, limit=10, tries=3)]
    assert ["cu"] == [facts.id for facts in ledger.reader.outlets()]


def test_a_resumed_run_goes_on_counting(ledger):
    """The counts of a stopped run are the first counts of the resumed run; an unknown run has none."""
    run = start_or_resume(ledger.runs, REQUEST)
    tally = Tally(sources=2, candidates=9, new=6, asked=5)
    tally.outcomes["archived"], tally.failed[Reason.GONE] = 4, 1
    ledger.runs.end_run(run, "stopped", {"cu": tally.counts()}, utc_now())

    assert {"cu": tally} == earlier_tallies(ledger.runs, run)
    assert {} == earlier_tallies(ledger.runs, run + 1)


def test_lists_are_read_first_and_pages_are_fetched_by_a_later_request(loop, tmp_path):
    """A request without pages ends as stopped; the same request with pages resumes and completes that run."""
    outlet = outlet_of(archive("/ngay/{year}/{month}/{day}/trang-{page}"))
    prepared, shown = [], []

    async def scenario():
        async with ByteServer(OldPress()) as server:
            network = {"proxy": f"http://127.0.0.1:{server.port}", "gap": 0}
            told = {"archive": {"path": tmp_path / "a.db"}, "network": network, "reading": {"workers": 1}}
            settings = Settings.model_validate(told)

            async def run(request):
                number = await run_backfill(
                    request,
                    settings,
                    {outlet.id: outlet},
                    writer,
                    lambda _: None,
                    shown.append,
                    lambda _, number: prepared.append(number),
                )
                return number, writer.reader.run_state(number), len([p for p in server.paths if "/bai-" in p])

            with ArchiveWriter.create_or_open(tmp_path / "a.db") as writer:
                first = await run(replace(REQUEST, pages=False))
                again = await run(REQUEST)
                days = writer.reader.archived_by_day("cu", None, None)
                return first, again, days

    first, again, days = loop.run(scenario())

    assert ("stopped", 0) == first[1:]
    assert (first[0], "done", 6) == again
    assert [first[0]] * 2 == prepared
    assert {date(2024, 1, 10): 3, date(2024, 1, 11): 3} == days
    assert {first[0]} == {state.run for state in shown}
