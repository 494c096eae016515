"""The whole way, once, on a site of our own: what is asked, what is kept, and what the ledger says of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import make_feed, make_sitemap, make_sitemap_index
from livesite import HOST, OUTLET, moved, page

from archive.captures.store import Captures
from archive.errors import Reason
from archive.ledger.model import SourceFacts
from crawler.newsstand.raw_http import reply
from crawler.outlets.model import Source
from schedules.events import Asked, Polled
from schedules.pipeline.archiving import archive_due
from schedules.pipeline.crawl import add_page, crawl_outlet, crawl_site

FEED = "/rss"
ONE, TWO, THREE = (f"/cau-moi-thong-xe-495445{n}.html" for n in (1, 2, 3))
CATALOGUE = {OUTLET.id: OUTLET}


def listing_from(**source):
    """The outlet, with one source."""
    return OUTLET.model_copy(update={"sources": (Source(**{"kind": "feed", "url": HOST + FEED} | source),)})


def feed(*paths):
    """A feed that lists these paths."""
    return make_feed(path if "://" in path else HOST + path for path in paths)


def sitemap(*paths, index=False):
    """A sitemap of these paths, or an index of sitemaps, each a day older than the one before."""
    make = make_sitemap_index if index else make_sitemap
    return make([HOST + path for path in paths], [f"2026-01-{20 - i:02}" for i in range(len(paths))])


def source_of(site, path=FEED):
    """What the ledger knows of a source; to be asked last, since it claims it."""
    return site.archive.claim_source(SourceFacts(HOST + path, OUTLET.id, "feed"), site.clock)


def polls(site):
    """The polls that were told, in order."""
    return [event for event in site.told if isinstance(event, Polled)]


def asked(site):
    """The visits to pages that were told, in order."""
    return [event for event in site.told if isinstance(event, Asked)]


def test_a_source_leads_to_records(watch):
    """What a source lists is entered, fetched, read and archived, and both poll and pages are told."""

    async def scenario(site):
        site.put(FEED, feed(ONE, TWO, "/lien-he", "https://quangcao.example/x-4954459.html"))
        site.put(ONE, page("Cầu thứ nhất"))
        site.put(TWO, page("Cầu thứ hai"))

        await crawl_outlet(site.context, site.outlet)

        (poll,) = polls(site)
        assert (2, 2) == (poll.candidates, poll.new)
        assert {Reason.NOT_AN_ARTICLE: 1, Reason.FOREIGN: 1} == dict(poll.dropped)
        assert {"Cầu thứ nhất", "Cầu thứ hai"} == {event.title for event in asked(site)}
        assert "Cầu thứ nhất" == site.article(ONE).record.document.title
        assert HOST + FEED == site.address(ONE).source

    watch(scenario, listing_from())


def test_a_second_run_asks_conditionally_and_fetches_nothing_again(watch):
    """An unchanged source is a 304 that costs no failure, and an archived page is left alone until it is due."""

    async def scenario(site):
        site.put(FEED, reply(200, feed(ONE), ETag='"7"'))
        site.put(ONE, page())
        await crawl_outlet(site.context, site.outlet)
        site.put(FEED, reply(304))

        await crawl_outlet(site.context, site.outlet)

        assert b'if-none-match: "7"' in site.server.asked[-1].lower()
        assert [FEED, ONE, FEED] == site.paths
        assert [(False, None), (True, None)] == [(poll.unchanged, poll.failure) for poll in polls(site)]
        assert ('"7"', 0) == (source_of(site).etag, source_of(site).failures)

    watch(scenario, listing_from())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(503), Reason.SERVER_ERROR),
        (reply(200, b"<html><body><p>Xin ch\xc3\xa0o</p></body></html>"), Reason.MALFORMED),
        (reply(200, b"<rss><channel><item><link>", Content_Type="application/rss+xml"), None),
        (reply(200, b""), Reason.EMPTY),
        (reply(200, b"\x1f\x8b\x08\x00\x00", Content_Encoding="gzip", Content_Type="text/xml"), Reason.TRUNCATED),
    ],
)
def test_a_source_that_cannot_be_read_is_settled_and_the_run_goes_on(watch, answer, reason):
    """An outage, a page instead of a feed, half a feed, nothing, or half a gzip: the ledger has the reason, if any."""

    async def scenario(site):
        site.put(FEED, answer)
        site.list(ONE)
        site.put(ONE, page())

        await crawl_outlet(site.context, site.outlet)

        (poll,) = polls(site)
        assert reason == (poll.failure and poll.failure.reason)
        assert ["archived"] == [event.outcome for event in asked(site)]
        known = source_of(site)
        assert (int(reason is not None), reason or "") == (known.failures, known.reason)

    watch(scenario, listing_from())


def test_a_failed_source_is_asked_again_later_and_later(watch):
    """Each failure in a row puts the next poll off, and a good answer starts anew."""

    async def scenario(site):
        waits = []
        for answer in (reply(500), reply(500), reply(500), reply(200, feed(ONE))):
            site.put(FEED, answer)
            await crawl_outlet(replace(site.context, jitter=lambda: 0.5), site.outlet, limit=0)
            waits.append(source_of(site))
        assert [1, 2, 3, 0] == [known.failures for known in waits]

    watch(scenario, listing_from())


def test_an_index_leads_to_its_newest_children(watch):
    """Of an index of sitemaps the three newest are read, and no index within more than two."""

    async def scenario(site):
        site.put("/index.xml", sitemap("/s1.xml", "/s2.xml", "/s3.xml", "/s4.xml", index=True))
        for n in (1, 2, 3):
            site.put(f"/s{n}.xml", sitemap(f"/cau-{n}-495445{n}.html"))

        await crawl_outlet(site.context, site.outlet, limit=0)

        assert {"/index.xml", "/s1.xml", "/s2.xml", "/s3.xml"} == set(site.paths)
        assert 3 == sum(poll.new for poll in polls(site))

    watch(scenario, listing_from(kind="sitemap", url=f"{HOST}/index.xml"))


def test_pages_of_a_section_are_turned_while_they_bring_news(watch):
    """The next page is asked for when something on this one was new, as far as is declared, and not otherwise."""

    async def scenario(site):
        for n in (1, 2, 3, 4):
            link = f'<a href="/cau-moi-thong-xe-ngay-thu-{n}-495445{n}.html">Cầu Mới thông xe ngày thứ {n}</a>'
            site.put(f"/tin?trang={n}", f"<html><body>{link}</body></html>".encode())

        await crawl_outlet(site.context, site.outlet, limit=0)
        assert ["/tin?trang=1", "/tin?trang=2", "/tin?trang=3"] == site.paths

        await crawl_outlet(site.context, site.outlet, limit=0)
        assert ["/tin?trang=1"] == site.paths[3:]

    watch(scenario, listing_from(kind="section", url=f"{HOST}/tin?trang=1", next=f"{HOST}/tin?trang={{page}}", pages=3))


def test_a_limit_leaves_the_rest_due(watch):
    """With a limit, so many pages are asked for; the next run takes up the others."""

    async def scenario(site):
        site.put(FEED, feed(ONE, TWO, THREE))
        for path in (ONE, TWO, THREE):
            site.put(path, page(path))

        await crawl_outlet(site.context, site.outlet, limit=2)
        assert 2 == len(asked(site))

        await crawl_outlet(site.context, site.outlet)
        assert 3 == len(asked(site))
        assert 3 == len(set(site.paths) - {FEED})

    watch(scenario, listing_from())


def test_a_stop_finishes_what_is_in_flight(watch):
    """After a stop nothing new is begun, and what is not asked for stays due."""

    async def scenario(site):
        paths = [f"/cau-{n}-49544{n}.html" for n in range(10, 30)]
        site.list(*paths)
        for path in paths:
            site.put(path, page(path))
        context = replace(site.context, report=lambda event: (site.told.append(event), site.context.stop.set()))

        await archive_due(context, site.outlet)

        assert 0 < len(asked(site)) < len(paths)
        left = site.archive.due_addresses(OUTLET.id, site.clock, None)
        assert len(paths) == len(left) + len(asked(site))

    watch(scenario)


def test_a_stop_before_the_first_source_asks_nothing(watch):
    """A run that is stopped at once polls no source."""

    async def scenario(site):
        site.context.stop.set()

        await crawl_outlet(site.context, site.outlet)

        assert [] == site.paths

    watch(scenario, listing_from())


def test_a_claim_outlives_a_kill(watch):
    """A page that was asked for and never settled is not asked again by the next run, but within the hour."""

    async def scenario(site):
        site.list(ONE)
        site.put(ONE, page())
        killed = asyncio.create_task(archive_due(replace(site.context, report=_kill), site.outlet))
        site.archive.claim_address(HOST + ONE, site.clock, site.clock + timedelta(hours=1))
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)

        assert [] == await site.crawl()
        assert ["archived"] == [event.outcome for event in await site.crawl(hours=1)]

    watch(scenario)


class _NeverReads:
    """Workers that come to no end."""

    def __init__(self):
        self.began = asyncio.Event()

    async def run(self, *_):
        self.began.set()
        await asyncio.Event().wait()


def test_what_is_ended_while_it_is_read_is_given_back(watch):
    """A page that a run had no time left to read is due for the next one."""

    async def scenario(site):
        site.list(ONE)
        site.put(ONE, page())
        workers = _NeverReads()
        ended = asyncio.create_task(archive_due(replace(site.context, workers=workers), site.outlet))
        await workers.began.wait()
        ended.cancel()
        await asyncio.gather(ended, return_exceptions=True)

        assert timedelta() == site.due_in(ONE)
        assert ["archived"] == [event.outcome for event in await site.crawl()]

    watch(scenario)


def test_a_page_that_is_broken_for_a_moment_gets_a_second_look(watch):
    """Broken markup is asked for again after an hour and not after a week; only when it still is so, after a week."""

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


def _kill(_):
    raise AssertionError("nothing is told of what was killed")


def test_a_capture_is_kept_of_whatever_came(watch, tmp_path):
    """The answer is in the captures before anything is made of it: for a record, and for a page that is none."""

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
    """An address that leads to another is known as one more address of the same article."""

    async def scenario(site):
        site.list(ONE)
        site.put(ONE, moved("/cau-moi-da-thong-xe-4954451.html"))
        site.put("/cau-moi-da-thong-xe-4954451.html", page())

        await archive_due(site.context, site.outlet)

        assert site.article(ONE).record.id == site.article("/cau-moi-da-thong-xe-4954451.html").record.id

    watch(scenario)


def test_a_page_is_added_whatever_the_ledger_thinks(watch):
    """`add` asks for a page now: of a declared outlet under its id, of any other site too; an address must be one."""

    async def scenario(site):
        site.put(ONE, page())
        site.server.answers["http://khac.example/bai-viet"] = reply(200, page("Một bài ở nơi khác"))

        await add_page(site.context, HOST + ONE, CATALOGUE)
        await add_page(site.context, HOST + ONE, CATALOGUE)
        await add_page(site.context, "http://khac.example/bai-viet", CATALOGUE)
        await add_page(site.context, "chẳng phải địa chỉ", CATALOGUE)

        assert ["archived", "unchanged", "archived", ""] == [event.outcome for event in asked(site)]
        assert Reason.BAD_ADDRESS == asked(site)[-1].failure.reason
        assert ["bao", "bao", "khac.example", "-"] == [event.outlet for event in asked(site)]

    watch(scenario)


def test_an_address_on_a_declared_host_is_one_more_source(watch):
    """A listing that nobody declared is read as what it is, by the rules of the outlet it belongs to."""

    async def scenario(site):
        site.put("/tim-thay", feed(ONE))
        site.put(ONE, page())

        await crawl_site(site.context, f"{HOST}/tim-thay", CATALOGUE)

        assert ["/tim-thay", ONE] == site.paths
        assert "bao" == site.article(ONE).record.outlet

    watch(scenario)


def test_a_bare_site_is_crawled_by_what_it_names(watch):
    """Of a site that nobody declared, the feed of its front page and the sitemap of its robots.txt are found."""

    async def scenario(site):
        head = '<link rel="alternate" type="application/rss+xml" href="/tin.rss">'
        site.put("/", page("Trang nhất", head=head))
        site.put("/robots.txt", reply(200, f"User-agent: *\nSitemap: {HOST}/s.xml".encode(), Content_Type="text/plain"))
        site.put("/tin.rss", feed(ONE))
        site.put("/s.xml", sitemap(TWO))
        site.put(ONE, page("Cầu thứ nhất"))
        site.put(TWO, page("Cầu thứ hai"))

        await crawl_site(site.context, f"{HOST}/", {})

        assert {"/tin.rss", "/s.xml"} <= set(site.paths)
        assert "Cầu thứ nhất" == site.article(ONE).record.document.title
        assert "Cầu thứ hai" == site.article(TWO).record.document.title

    watch(scenario)


def test_a_site_that_does_not_answer_is_told(watch):
    """A site whose front page cannot be had is a failure with its reason, and nothing else is asked."""

    async def scenario(site):
        await crawl_site(site.context, f"{HOST}/", {})

        (poll,) = polls(site)
        assert ("site", Reason.GONE) == (poll.kind, poll.failure.reason)

    watch(scenario)
