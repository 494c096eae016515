"""The backfill of an outlet: from its lists into the archive, with as few requests as possible."""

from datetime import date, timedelta

import pytest
from oldpress import FIRST, HOST, OldPress, archive, index, past, sitemap

from archive.ledger.model import OutletFacts
from archive.record import ArticleLink, Candidate, article_id
from crawler.newsstand.raw_http import reply
from crawler.outlets.model import Source
from schedules.backfill.model import BackfillOptions, BackfillRequest
from schedules.backfill.outlet_backfill import OutletBackfill
from schedules.backfill.requests import start_or_resume
from schedules.events import PollEvent
from schedules.timing.date_range import DateRange

SINCE, UNTIL = date(2024, 1, 10), date(2024, 1, 12)
WANTED = {"2024-01-10": 3, "2024-01-11": 3, "2024-01-12": 3}


@pytest.fixture
def go_back(loop, workers, tmp_path):
    """Run a scenario on the outlet."""

    def run(scenario, *sources, press=None):
        async def whole():
            async with past(tmp_path, workers, press or OldPress(), *sources) as site:
                await scenario(site)

        loop.run(whole())

    return run


async def fill_some(site, since, until, allowed):
    """Start a backfill that is stopped after some lists or pages."""
    request, count = BackfillRequest(("cu",), DateRange(since, until)), iter(range(allowed))
    job = BackfillOptions(start_or_resume(site.context.archive.runs, request), request.dates)
    part = OutletBackfill(site.context, site.outlet, job, lambda: next(count, None) is not None)
    part.enter_initial_lists()
    await part.work()


def test_day_archives_are_read_to_their_last_page(go_back):
    """Each requested day is read until a page repeats the last one, and every article gets its day."""

    async def scenario(site):
        await site.fill(SINCE, UNTIL)

        assert WANTED == site.dates
        assert 9 == len(site.asked(r"^/ngay/"))
        assert 9 == len(site.asked(r"^/bai-"))

    go_back(scenario, archive("/ngay/{year}/{month}/{day}/trang-{page}"))


def test_articles_of_other_days_are_rejected_after_reading(go_back):
    """Articles of a sitemap without dates are read; those of other days are recorded as out of range."""

    async def scenario(site):
        await site.fill(date(2024, 1, 30), date(2024, 1, 31))

        assert {"2024-01-30": 3, "2024-01-31": 3} == site.dates
        known = site.context.archive.reader.address(f"{HOST}/bai-0000000.html")
        assert ("rejected", "out_of_range") == (known.state, known.reason)
        assert date(2024, 1, 1) == known.article_date

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"))


def test_an_article_out_of_range_is_fetched_by_the_backfill_of_its_day(go_back):
    """A page that one backfill left out is fetched by the next one that covers its day; other pages are not."""

    async def scenario(site):
        await site.fill(date(2024, 1, 30), date(2024, 1, 31))
        before = len(site.asked("^/bai-"))
        await site.fill(date(2024, 1, 28), date(2024, 1, 31))

        assert {"2024-01-28": 3, "2024-01-29": 3, "2024-01-30": 3, "2024-01-31": 3} == site.dates
        assert 6 == len(site.asked("^/bai-")) - before

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"))


def test_only_the_sitemaps_that_can_hold_the_days_are_read(go_back):
    """Of 50,000 sitemaps in an index, only the three whose names contain the days are fetched."""
    children = [(f"/sitemaps/news-{year}-{month}.xml", "") for year in (2023, 2024) for month in range(1, 13)]
    many = [(f"/sitemaps/old-{n:05}.xml", "2019-01-01") for n in range(49_000)]
    press = OldPress(given={"/sitemap.xml": index(*many, *children, ("/sitemaps/all.xml", "2026-01-01"))})
    press.given["/sitemaps/all.xml"] = sitemap()

    async def scenario(site):
        await site.fill(date(2024, 1, 30), date(2024, 2, 2))

        assert [
            "/sitemap.xml",
            "/sitemaps/all.xml",
            "/sitemaps/news-2024-1.xml",
            "/sitemaps/news-2024-2.xml",
        ] == sorted(site.asked("sitemap"))
        assert {"2024-01-30": 3, "2024-01-31": 3, "2024-02-01": 3, "2024-02-02": 3} == site.dates
        before = len(site.asked("^/bai-"))
        await site.fill(date(2024, 3, 1), date(2024, 3, 2))
        assert 0 == len(site.asked("^/bai-")) - before, "February's sitemap is read, and its articles are not asked for"

    go_back(scenario, archive("/sitemap.xml"), press=press)


def test_a_wrong_lastmod_is_ignored(go_back):
    """If all sitemaps changed on one day, or before the days in their names, none is left out, with a note."""
    press = OldPress(given={"/sitemap.xml": index(("/a.xml", "2019-01-01"), ("/b.xml", "2019-01-01"))})
    press.given |= {"/a.xml": sitemap(press.url(30)), "/b.xml": sitemap(press.url(60))}

    async def scenario(site):
        await site.fill(SINCE, date(2024, 1, 30))

        assert {"2024-01-11": 1, "2024-01-21": 1} == site.dates
        assert "lastmod of this index is not reliable" in site.lists["/sitemap.xml"][2]

    go_back(scenario, archive("/sitemap.xml"), press=press)


def test_a_missing_sitemap_does_not_stop_the_others(go_back):
    """A sitemap that is a 404 is recorded once with its reason, and the others are read."""
    press = OldPress()
    press.given["/sitemap.xml"] = index(("/x-2024-01-10.xml", ""), ("/x-2024-01-11.xml", ""))
    press.given["/x-2024-01-11.xml"] = sitemap(press.url(30))

    async def scenario(site):
        await site.fill(SINCE, UNTIL)

        assert {"2024-01-11": 1} == site.dates
        assert ("failed", "gone") == site.lists["/x-2024-01-10.xml"][:2]
        assert 1 == len([e for e in site.told if isinstance(e, PollEvent) and e.failure])

    go_back(scenario, archive("/sitemap.xml"), press=press)


def test_a_json_listing_is_read_up_to_the_first_day(go_back):
    """A listing with times is read no further back than needed, and only articles of the range are fetched."""

    async def scenario(site):
        await site.fill(date(2024, 2, 20), date(2024, 2, 22))

        assert {"2024-02-20": 3, "2024-02-21": 3, "2024-02-22": 3} == site.dates
        assert 9 == len(site.asked("^/bai-"))
        assert len(site.asked("^/api/")) <= 6

    go_back(scenario, Source(kind="listing", url=f"{HOST}/api/zone-{{page}}.json"))


def test_pages_that_are_too_new_are_skipped(go_back):
    """A day far back in a listing costs few pages, though the backfill was stopped in between."""
    press = OldPress(days=760)

    async def scenario(site):
        last = FIRST + timedelta(days=100)
        await fill_some(site, last, last, 6)
        await site.fill(last, last)

        assert {last.isoformat(): 3} == site.dates
        asked = site.asked("^/api/")
        assert len(asked) <= 2 * (760 * 3 // 10).bit_length() + 5

    go_back(scenario, Source(kind="listing", url=f"{HOST}/api/zone-{{page}}.json"), press=press)


def test_a_section_without_dates_is_dated_by_its_articles(go_back):
    """One article of each page is read to learn the page's dates; articles that are too new are not fetched."""

    async def scenario(site):
        await site.fill(date(2024, 2, 20), date(2024, 2, 22))

        assert {"2024-02-20": 3, "2024-02-21": 3, "2024-02-22": 3} == site.dates
        assert len(site.asked("^/timeline/")) <= 6
        assert len(site.asked("^/bai-")) <= 36

    go_back(scenario, archive("/timeline/trang-{page}.htm"))


def test_endless_lists_are_ended(go_back):
    """A listing that repeats itself, and one that becomes a web page, each end with one line in the ledger."""
    press = OldPress()
    again = press.listing(6)
    press.given |= {f"/api/zone-{n}.json": again for n in range(2, 50)}
    press.given |= {
        "/lat/1": press.listing(1),
        "/lat/2": reply(200, b"<html><a href='/bai-0000001.html'>Tin</a></html>"),
    }

    async def scenario(site):
        await site.fill(FIRST, date(2024, 2, 29))

        assert "repeats an earlier page" in site.lists["/api/zone-4.json"][2]
        assert "/api/zone-5.json" not in site.lists
        assert ("failed", "malformed") == site.lists["/lat/2"][:2]
        assert ("failed", "gone") == site.lists["/lat/3"][:2], "what follows a page that cannot be read is tried"
        assert "/lat/4" not in site.lists

    go_back(
        scenario,
        Source(kind="listing", url=f"{HOST}/api/zone-{{page}}.json"),
        archive("/lat/{page}"),
        press=press,
    )


def test_a_stopped_backfill_resumes(go_back):
    """Stopped after any request, the same backfill fetches nothing twice and archives every article once."""

    async def scenario(site):
        asked = []
        for allowed in range(1, 8):
            await fill_some(site, SINCE, UNTIL, allowed)
            asked.append(len(site.asked()))
        await site.fill(SINCE, UNTIL)

        assert WANTED == site.dates
        assert len(set(site.asked())) == len(site.asked())
        assert 1 < len(set(asked))

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"), archive("/ngay/{year}/{month}/{day}/trang-{page}"))


def test_lists_are_captured(go_back):
    """Every list that a backfill reads is stored unchanged."""

    async def scenario(site):
        await site.fill(date(2024, 1, 31), date(2024, 1, 31))

        kept = site.context.archive.db.execute("SELECT url FROM captures WHERE article IS NULL").fetchall()
        assert (f"{HOST}/sitemaps/news-2024-1.xml",) in kept

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"))


def test_a_crawl_leaves_the_addresses_of_a_backfill_alone(go_back):
    """A crawl fetches an address of a backfill only if it is news; a cancelled backfill releases the others."""

    async def scenario(site):
        archive = site.context.archive
        run = await site.fill(SINCE, UNTIL, pages=False)
        archive.runs.declare([OutletFacts("cu", "Báo Cũ")])
        now = site.context.now()

        assert [] == archive.reader.due_addresses("cu", now)
        assert [] == archive.reader.outlets_with_due_pages(now)
        url = site.press.url(30)
        archive.ledger.discover("cu", "", [ArticleLink(url, article_id("cu", "0000030"), Candidate(url))], now)
        assert [url] == [address.url for address in archive.reader.due_addresses("cu", now)]
        archive.runs.cancel_run(run, now)
        assert [url] == [address.url for address in archive.reader.due_addresses("cu", now)]
        assert "cancelled" == archive.reader.run_state(run)
        await site.fill(SINCE, UNTIL)
        assert WANTED == site.dates | {"2024-01-11": 3}

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"))
