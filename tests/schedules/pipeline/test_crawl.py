"""Crawling a site on loopback: what is requested, stored and recorded in the ledger."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from factories import make_feed, make_sitemap, make_sitemap_index
from livesite import HOST, OUTLET, page

from archive.errors import Reason
from archive.ledger.model import SourceFacts
from archive.record import ArticleLink, Candidate, article_id
from crawler.newsstand.raw_http import reply
from crawler.outlets.article_urls import article_key
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Source
from schedules.events import PageEvent, PollEvent
from schedules.monitoring.health import examine
from schedules.pipeline.archiving import archive_page
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
    """Return a sitemap of these paths, or an index of sitemaps, each a day older than the one before."""
    make = make_sitemap_index if index else make_sitemap
    return make([HOST + path for path in paths], [f"2026-01-{20 - i:02}" for i in range(len(paths))])


def source_of(site, path=FEED):
    """Return what the ledger knows about a source. Call it last, because it claims the source."""
    return site.archive.ledger.claim_source(SourceFacts(HOST + path, OUTLET.id, "feed"), site.clock)


def polls(site):
    """Return the reported polls, in order."""
    return [event for event in site.told if isinstance(event, PollEvent)]


def asked(site):
    """Return the reported visits to pages, in order."""
    return [event for event in site.told if isinstance(event, PageEvent)]


def test_a_source_leads_to_records(watch):
    """The links of a source are entered, fetched, read and archived, and each step is reported."""

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


def test_a_second_run_sends_conditional_requests(watch):
    """An unchanged source answers 304 and is not a failure, and an archived page is not fetched before it is due."""

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
def test_an_unreadable_source_is_recorded_and_the_run_continues(watch, answer, reason):
    """After an outage, a page instead of a feed, or a broken or empty feed, the ledger has the reason."""

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


def test_a_failed_source_is_retried_with_backoff(watch):
    """Each failure in a row is counted, and a good response resets the count."""

    async def scenario(site):
        waits = []
        for answer in (reply(500), reply(500), reply(500), reply(200, feed(ONE))):
            site.put(FEED, answer)
            await crawl_outlet(replace(site.context, jitter=lambda: 0.5), site.outlet, limit=0)
            waits.append(source_of(site))
        assert [1, 2, 3, 0] == [known.failures for known in waits]

    watch(scenario, listing_from())


def test_only_the_newest_sitemaps_of_an_index_are_polled(watch):
    """Of an index the three newest sitemaps are read, in at most two nested indexes."""

    async def scenario(site):
        site.put("/index.xml", sitemap("/s1.xml", "/s2.xml", "/s3.xml", "/s4.xml", index=True))
        for n in (1, 2, 3):
            site.put(f"/s{n}.xml", sitemap(f"/cau-{n}-495445{n}.html"))

        await crawl_outlet(site.context, site.outlet, limit=0)

        assert {"/index.xml", "/s1.xml", "/s2.xml", "/s3.xml"} == set(site.paths)
        assert 3 == sum(poll.new for poll in polls(site))

    watch(scenario, listing_from(kind="sitemap", url=f"{HOST}/index.xml"))


def test_an_unchanged_index_does_not_silence_its_children(watch):
    """A 304 of an index says nothing about its sitemaps: those that were read before are polled again."""

    async def scenario(site):
        site.put("/index.xml", reply(200, sitemap("/s1.xml", index=True), ETag='"i"'))
        site.put("/s1.xml", reply(200, sitemap("/cau-1-4954451.html"), ETag='"s"'))
        await crawl_outlet(site.context, site.outlet, limit=0)
        site.clock += timedelta(hours=1)
        site.put("/index.xml", reply(304))
        site.put("/s1.xml", sitemap("/cau-1-4954451.html", "/cau-2-4954452.html"))

        await crawl_outlet(site.context, site.outlet, limit=0)

        assert ["/index.xml", "/s1.xml"] * 2 == site.paths
        assert b'if-none-match: "s"' in site.server.asked[-1].lower()
        assert [1, 0, 1, 0] == [poll.new for poll in polls(site)]

    watch(scenario, listing_from(kind="sitemap", url=f"{HOST}/index.xml"))


def test_the_first_poll_of_a_day_has_no_conditions(watch):
    """A server that always answers 304 is detected within a day."""

    async def scenario(site):
        site.put(FEED, reply(200, feed(ONE), ETag='"7"'))
        for hours in (0, 1, 24):
            site.clock += timedelta(hours=hours)
            await crawl_outlet(site.context, site.outlet, limit=0)

        heads = [head.lower() for head in site.server.asked if FEED.encode() in head]
        assert [False, True, False] == [b"if-none-match" in head for head in heads]

    watch(scenario, listing_from())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://strassenblatt.example/tin/cau", "http://xn--straenblatt-y6a.example/tin/cau"),
        ("http://bao.example/tin?ten=d'or", "http://bao.example/tin?ten=d%27or"),
        ("http://93.184.55330/tin/cau", "http://93.184.216.34/tin/cau"),
    ],
)
def test_an_address_whose_canonical_form_changed_keeps_its_article(watch, old, new):
    """An article that was archived under the form of an earlier version is not archived again under today's."""
    outlet = bare_outlet("http://bao.example/").model_copy(update={"id": "bao", "hosts": (urlsplit(new).hostname,)})

    async def scenario(site):
        site.server.answers |= dict.fromkeys((old, new), reply(200, page("Cầu Mới")))
        ids = []
        for url in (old, new):
            link = ArticleLink(url, article_id("bao", article_key(outlet, url)), Candidate(url))
            site.archive.ledger.discover("bao", "", [link], site.clock)
            await archive_page(site.context, outlet, site.archive.reader.address(url))
            site.clock += timedelta(days=400)  # no time of publication ties the two together
            ids.append(site.archive.reader.address(url).article)

        assert 1 == len({*ids})
        assert ["alias", "archived"] == [site.archive.reader.address(url).state for url in (old, new)]

    watch(scenario)


def test_a_source_that_answered_304_for_ever_is_requested_in_full_for_a_month(watch):
    """After its content changed under the same ETag, no request has conditions, and the health tells it."""

    async def scenario(site):
        for paths in ((ONE,), (ONE, TWO), (ONE, TWO), (ONE, TWO)):
            site.put(FEED, reply(200, feed(*paths), ETag='"7"'))
            await crawl_outlet(site.context, site.outlet, limit=0)
            site.clock += timedelta(minutes=20)
        ((_, health),) = examine(site.archive.reader, site.clock).values()
        ((_, later),) = examine(site.archive.reader, site.clock + timedelta(days=31)).values()
        await crawl_outlet(site.context, site.outlet, limit=0)
        site.clock += timedelta(days=31)
        for _ in range(2):
            await crawl_outlet(site.context, site.outlet, limit=0)
            site.clock += timedelta(minutes=20)

        heads = [head.lower() for head in site.server.asked if FEED.encode() in head]
        assert [False, True, False, False, False, False, True] == [b"if-none-match" in head for head in heads]
        assert "1 of 1 sources answer 304 Not Modified" in health.why
        assert "304" not in later.why

    watch(scenario, listing_from())


def test_a_feed_that_calls_itself_unchanged_since_1980_is_asked_in_full(watch):
    """A Last-Modified that is older than the articles of a feed is a lie: news are found at the next poll."""
    dated = b"</link><pubDate>Wed, 04 Feb 2026 08:00:00 GMT</pubDate>"

    async def scenario(site):
        for paths in ((ONE,), (ONE, TWO)):
            content = feed(*paths).replace(b"</link>", dated)
            site.put(FEED, reply(200, content, Last_Modified="Tue, 01 Jan 1980 00:00:01 GMT"))
            await crawl_outlet(site.context, site.outlet, limit=0)
            site.clock += timedelta(hours=1)

        assert not [head for head in site.server.asked if b"if-modified-since" in head.lower()]
        ((detail,),) = site.archive.db.execute("SELECT detail FROM sources").fetchall()
        assert "1980" in detail
        assert [1, 1] == [poll.new for poll in polls(site)]

    watch(scenario, listing_from())


def test_a_notice_of_maintenance_replaces_no_revision(watch):
    """A page served instead of an archived article is reported and retried, and the article is unchanged."""
    notice = b"<html><head><title>Notice</title></head><body><h1>We will be back</h1><p>%s</p></body></html>"

    async def scenario(site):
        site.put(FEED, feed(ONE))
        site.put(ONE, page())
        await crawl_outlet(site.context, site.outlet)
        site.put(ONE, reply(200, notice % (b"Our pages are undergoing scheduled maintenance. " * 20)))

        await add_page(site.context, HOST + ONE, CATALOGUE)

        (article,) = site.archive.db.execute("SELECT revision FROM articles").fetchall()
        state = site.archive.reader.address(HOST + ONE)
        assert (1,) == article
        assert asked(site)[-1].failure is not None
        assert state.next_due_at > site.clock

    watch(scenario, listing_from())


def test_a_wall_is_known_by_the_texts_in_the_ledger(watch):
    """The third address of a host that gives one text is refused, though a crawl of its own fetches each."""
    wall = page("Xin chào quý độc giả", ("Mời bạn đăng nhập để đọc tiếp trên trang của chúng tôi. " * 20,))

    async def scenario(site):
        for path in (ONE, TWO, THREE):
            site.put(FEED, make_feed([HOST + path], title="Cầu mới qua sông mở cửa cho xe tải"))
            site.put(path, wall)
            await crawl_outlet(site.context, site.outlet)

        digests = site.archive.db.execute("SELECT text_digest, count(*) FROM addresses GROUP BY 1").fetchall()
        assert [3] == [count for _, count in digests]
        assert ["archived", "archived", "rejected"] == [site.address(path).state for path in (ONE, TWO, THREE)]
        assert Reason.BLOCKED == asked(site)[-1].failure.reason
        assert "the same text is at 3 addresses" in asked(site)[-1].failure.detail

    watch(scenario, listing_from())


def test_further_pages_of_a_section_are_polled_while_they_have_news(watch):
    """The next page is polled if this one had a new link, up to the declared number of pages."""

    async def scenario(site):
        for n in (1, 2, 3, 4):
            link = f'<a href="/cau-moi-thong-xe-ngay-thu-{n}-495445{n}.html">Cầu Mới thông xe ngày thứ {n}</a>'
            site.put(f"/tin?trang={n}", f"<html><body>{link}</body></html>".encode())

        await crawl_outlet(site.context, site.outlet, limit=0)
        assert ["/tin?trang=1", "/tin?trang=2", "/tin?trang=3"] == site.paths

        await crawl_outlet(site.context, site.outlet, limit=0)
        assert ["/tin?trang=1"] == site.paths[3:]

    watch(scenario, listing_from(kind="section", url=f"{HOST}/tin?trang=1", next=f"{HOST}/tin?trang={{page}}", pages=3))


def test_a_limit_leaves_the_other_pages_due(watch):
    """With a limit, only that many pages are fetched; the next run fetches the others."""

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


def test_a_stop_before_the_first_source_sends_nothing(watch):
    """A run that is stopped immediately polls no source."""

    async def scenario(site):
        site.context.stop.set()

        await crawl_outlet(site.context, site.outlet)

        assert [] == site.paths

    watch(scenario, listing_from())


def test_add_fetches_a_page_that_is_not_due(watch):
    """`add` fetches a page now, of a declared outlet or of any other site; a bad address is reported."""

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


def test_an_address_on_a_declared_host_is_an_additional_source(watch):
    """An undeclared listing is read by the rules of the outlet that owns its host."""

    async def scenario(site):
        site.put("/tim-thay", feed(ONE))
        site.put(ONE, page())

        await crawl_site(site.context, f"{HOST}/tim-thay", CATALOGUE)

        assert ["/tim-thay", ONE] == site.paths
        assert "bao" == site.article(ONE).record.outlet

    watch(scenario)


def test_an_undeclared_site_is_crawled_by_its_own_sources(watch):
    """The feed of the home page and the sitemap of robots.txt are found and crawled."""

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


def test_a_site_that_does_not_answer_is_reported(watch):
    """A home page that cannot be fetched is a failure with its reason, and nothing else is requested."""

    async def scenario(site):
        await crawl_site(site.context, f"{HOST}/", {})

        (poll,) = polls(site)
        assert ("site", Reason.GONE) == (poll.kind, poll.failure.reason)

    watch(scenario)
