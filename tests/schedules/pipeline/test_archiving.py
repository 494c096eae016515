"""Archiving a page: claimed before it is requested, captured before it is read, due again when its time comes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from livesite import HOST, OUTLET, moved, page

from archive.captures.store import Captures
from schedules.pipeline.archiving import archive_due

ONE, TWO = (f"/cau-moi-thong-xe-495445{n}.html" for n in (1, 2))


def _kill(_):
    raise AssertionError("a killed run reports nothing")


def test_a_stop_finishes_requests_in_flight(watch):
    """After a stop no new request is sent, and the other pages stay due."""

    async def scenario(site):
        paths = [f"/cau-{n}-49544{n}.html" for n in range(10, 30)]
        site.list(*paths)
        for path in paths:
            site.put(path, page(path))
        context = replace(site.context, report=lambda event: (site.told.append(event), site.context.stop.set()))

        await archive_due(context, site.outlet)

        assert 0 < len(site.told) < len(paths)
        left = site.archive.reader.due_addresses(OUTLET.id, site.clock, None)
        assert len(paths) == len(left) + len(site.told)

    watch(scenario)


def test_few_pages_wait_in_memory(watch):
    """One page is fetched while each worker reads another; while other outlets have many in flight, it is one alone."""

    async def most_in_flight(site, others):
        in_flight, counts = set(others), []
        context = replace(
            site.context, in_flight=in_flight, report=lambda _: counts.append(len(in_flight) - len(others))
        )
        paths = [f"/cau-{len(others)}-4954{len(others)}{n}.html" for n in range(10, 16)]
        site.list(*paths)
        for path in paths:
            site.put(path, page(path))
        await archive_due(context, site.outlet)
        assert len(paths) == len(counts)
        return max(counts)

    async def scenario(site):
        others = {asyncio.create_task(asyncio.Event().wait()) for _ in range(4 * site.context.workers.count)}

        assert (site.context.workers.count + 1, 1) == (
            await most_in_flight(site, ()),
            await most_in_flight(site, others),
        )
        for task in others:
            task.cancel()

    watch(scenario)


def test_a_claim_outlives_a_kill(watch):
    """A page whose process was killed during its request is fetched again only after its claim expires."""

    async def scenario(site):
        site.list(ONE)
        site.put(ONE, page())
        killed = asyncio.create_task(archive_due(replace(site.context, report=_kill), site.outlet))
        site.archive.ledger.claim_address(HOST + ONE, site.clock, site.clock + timedelta(hours=1))
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)

        assert [] == await site.crawl()
        assert ["archived"] == [event.outcome for event in await site.crawl(hours=1)]

    watch(scenario)


class _NeverReads:
    """Workers that never finish reading a page."""

    count = 1

    def __init__(self):
        self.began = asyncio.Event()

    def is_resting(self, outlet):
        return False

    async def run_for(self, *_):
        self.began.set()
        await asyncio.Event().wait()


def test_a_cancelled_page_is_released(watch):
    """A page that was being read when the run was cancelled is due for the next run."""

    async def scenario(site):
        site.list(ONE)
        site.put(ONE, page())
        workers = _NeverReads()
        ended = asyncio.create_task(archive_due(replace(site.context, workers=workers), site.outlet))
        await asyncio.wait([ended, asyncio.ensure_future(workers.began.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert workers.began.is_set(), ended
        ended.cancel()
        await asyncio.gather(ended, return_exceptions=True)

        assert timedelta() == site.due_in(ONE)
        assert ["archived"] == [event.outcome for event in await site.crawl()]

    watch(scenario)


def test_a_broken_page_is_retried_after_an_hour(watch):
    """Broken markup is fetched again after an hour, and then after a week if it is still broken."""

    async def scenario(site):
        site.list(ONE, TWO)
        site.put(ONE, b"<html>")
        site.put(TWO, b"<html>")
        await site.crawl()
        site.put(ONE, page())

        assert [] == await site.crawl(minutes=59)
        assert ["", "archived"] == sorted(event.outcome for event in await site.crawl(minutes=20))
        assert site.due_in(TWO) >= timedelta(days=7)

    watch(scenario)


def test_every_response_is_captured(watch, tmp_path):
    """The response is captured before it is read, whether it gives a record or not."""

    async def scenario(site):
        site.list(ONE, TWO)
        site.put(ONE, page())
        site.put(TWO, b"<html><body><h1>x</h1></body></html>")
        captures = Captures(tmp_path / "captures")
        await archive_due(replace(site.context, captures=captures), site.outlet)
        captures.close()

        assert (1, 1) == (len(site.why(ONE).captures), len(site.why(TWO).captures))
        (file,) = (tmp_path / "captures").glob("*.warc*")
        assert page() in file.read_bytes()

    watch(scenario)


def test_a_redirect_makes_an_alias(watch):
    """An address that redirects is recorded as an alias of the article."""

    async def scenario(site):
        site.list(ONE)
        site.put(ONE, moved("/cau-moi-da-thong-xe-4954451.html"))
        site.put("/cau-moi-da-thong-xe-4954451.html", page())

        await archive_due(site.context, site.outlet)

        assert site.article(ONE).record.id == site.article("/cau-moi-da-thong-xe-4954451.html").record.id

    watch(scenario)
