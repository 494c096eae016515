"""Backfills: an outlet's past, from its lists into the archive, by the way that asks least."""

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
from schedules.events import Polled
from schedules.timing.date_range import DateRange

SINCE, UNTIL = date(2024, 1, 10), date(2024, 1, 12)
WANTED = {"2024-01-10": 3, "2024-01-11": 3, "2024-01-12": 3}


@pytest.fixture
def go_back(loop, workers, tmp_path):
    """Make a scenario on the outlet run."""

    def run(scenario, *sources, press=None):
        async def whole():
            async with past(tmp_path, workers, press or OldPress(), *sources) as there:
                await scenario(there)

        loop.run(whole())

    return run


async def fill_some(there, since, until, allowed):
    """Begin a backfill that is stopped after some lists or pages."""
    request, count = BackfillRequest(("cu",), DateRange(since, until)), iter(range(allowed))
    job = BackfillOptions(start_or_resume(there.context.archive, request), request.dates)
    part = OutletBackfill(there.context, there.outlet, job, lambda: next(count, None) is not None)
    part.enter_initial_lists()
    await part.work()


def test_day_archives_are_read_to_their_last_page(go_back):
    """Each day wanted is asked page by page until a page repeats the last one, and every article gets its day."""

    async def scenario(there):
        await there.fill(SINCE, UNTIL)

        assert WANTED == there.dates
        assert 9 == len(there.asked(r"^/ngay/"))
        assert 9 == len(there.asked(r"^/bai-"))

    go_back(scenario, archive("/ngay/{year}/{month}/{day}/trang-{page}"))


def test_a_month_is_sorted_by_reading(go_back):
    """Of a sitemap that tells no days, what turns out to be of other days is told in the ledger and not archived."""

    async def scenario(there):
        await there.fill(date(2024, 1, 30), date(2024, 1, 31))

        assert {"2024-01-30": 3, "2024-01-31": 3} == there.dates
        known = there.context.archive.address(f"{HOST}/bai-0000000.html")
        assert ("rejected", "out_of_range") == (known.state, known.reason)
        assert known.detail.startswith("2024-01-01 ")

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"))


def test_what_was_of_another_day_is_asked_again_by_whom_that_day_interests(go_back):
    """A page that one backfill left out is taken up by the next, whose days it is of, and no other is asked again."""

    async def scenario(there):
        await there.fill(date(2024, 1, 30), date(2024, 1, 31))
        before = len(there.asked("^/bai-"))
        await there.fill(date(2024, 1, 28), date(2024, 1, 31))

        assert {"2024-01-28": 3, "2024-01-29": 3, "2024-01-30": 3, "2024-01-31": 3} == there.dates
        assert 6 == len(there.asked("^/bai-")) - before

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"))


def test_of_an_index_only_the_children_are_read_that_can_hold_the_days(go_back):
    """Names tell what a sitemap holds, where its lastmod does not; of 50 000 children three are asked for."""
    children = [(f"/sitemaps/news-{year}-{month}.xml", "") for year in (2023, 2024) for month in range(1, 13)]
    many = [(f"/sitemaps/old-{n:05}.xml", "2019-01-01") for n in range(49_000)]
    press = OldPress(given={"/sitemap.xml": index(*many, *children, ("/sitemaps/all.xml", "2026-01-01"))})
    press.given["/sitemaps/all.xml"] = sitemap()

    async def scenario(there):
        await there.fill(date(2024, 1, 30), date(2024, 2, 2))

        assert [
            "/sitemap.xml",
            "/sitemaps/all.xml",
            "/sitemaps/news-2024-1.xml",
            "/sitemaps/news-2024-2.xml",
        ] == sorted(there.asked("sitemap"))
        assert {"2024-01-30": 3, "2024-01-31": 3, "2024-02-01": 3, "2024-02-02": 3} == there.dates
        before = len(there.asked("^/bai-"))
        await there.fill(date(2024, 3, 1), date(2024, 3, 2))
        assert 0 == len(there.asked("^/bai-")) - before, (
            "February's sitemap is read, and its articles are not asked for"
        )

    go_back(scenario, archive("/sitemap.xml"), press=press)


def test_an_index_that_lies_about_lastmod_is_not_believed(go_back):
    """Where all sitemaps have changed at once, or before the days they hold, none is left out for that; it is told."""
    press = OldPress(given={"/sitemap.xml": index(("/a.xml", "2019-01-01"), ("/b.xml", "2019-01-01"))})
    press.given |= {"/a.xml": sitemap(press.url(30)), "/b.xml": sitemap(press.url(60))}

    async def scenario(there):
        await there.fill(SINCE, date(2024, 1, 30))

        assert {"2024-01-11": 1, "2024-01-21": 1} == there.dates
        assert "lastmod of this index is not reliable" in there.lists["/sitemap.xml"][2]

    go_back(scenario, archive("/sitemap.xml"), press=press)


def test_a_child_that_is_gone_costs_only_itself(go_back):
    """A sitemap that is a 404 is told once, with its reason, and the others are read."""
    press = OldPress()
    press.given["/sitemap.xml"] = index(("/x-2024-01-10.xml", ""), ("/x-2024-01-11.xml", ""))
    press.given["/x-2024-01-11.xml"] = sitemap(press.url(30))

    async def scenario(there):
        await there.fill(SINCE, UNTIL)

        assert {"2024-01-11": 1} == there.dates
        assert ("failed", "gone") == there.lists["/x-2024-01-10.xml"][:2]
        assert 1 == len([e for e in there.told if isinstance(e, Polled) and e.failure])

    go_back(scenario, archive("/sitemap.xml"), press=press)


def test_a_listing_is_turned_until_it_is_past_the_first_day(go_back):
    """A listing with times is read from the newest on and no further than it must; only the days wanted are asked."""

    async def scenario(there):
        await there.fill(date(2024, 2, 20), date(2024, 2, 22))

        assert {"2024-02-20": 3, "2024-02-21": 3, "2024-02-22": 3} == there.dates
        assert 9 == len(there.asked("^/bai-"))
        assert len(there.asked("^/api/")) <= 6

    go_back(scenario, Source(kind="listing", url=f"{HOST}/api/zone-{{page}}.json"))


def test_pages_that_are_too_new_are_leapt_over(go_back):
    """Far back in a listing, few pages are asked for besides those that hold the days, though it was stopped."""
    press = OldPress(days=760)

    async def scenario(there):
        last = FIRST + timedelta(days=100)
        await fill_some(there, last, last, 6)
        await there.fill(last, last)

        assert {last.isoformat(): 3} == there.dates
        asked = there.asked("^/api/")
        assert len(asked) <= 2 * (760 * 3 // 10).bit_length() + 5

    go_back(scenario, Source(kind="listing", url=f"{HOST}/api/zone-{{page}}.json"), press=press)


def test_a_section_that_tells_no_day_is_dated_by_its_articles(go_back):
    """An article of each page is read to know how old the page is; what is newer than wanted is not asked for."""

    async def scenario(there):
        await there.fill(date(2024, 2, 20), date(2024, 2, 22))

        assert {"2024-02-20": 3, "2024-02-21": 3, "2024-02-22": 3} == there.dates
        assert len(there.asked("^/timeline/")) <= 6
        assert len(there.asked("^/bai-")) <= 36

    go_back(scenario, archive("/timeline/trang-{page}.htm"))


def test_pages_without_end_are_left(go_back):
    """A listing that shows the same for ever, and one that turns into a web page, end with one clear line each."""
    press = OldPress()
    again = press.listing(6)
    press.given |= {f"/api/zone-{n}.json": again for n in range(2, 50)}
    press.given |= {
        "/lat/1": press.listing(1),
        "/lat/2": reply(200, b"<html><a href='/bai-0000001.html'>Tin</a></html>"),
    }

    async def scenario(there):
        await there.fill(FIRST, date(2024, 2, 29))

        assert "repeats an earlier page" in there.lists["/api/zone-4.json"][2]
        assert "/api/zone-5.json" not in there.lists
        assert ("failed", "malformed") == there.lists["/lat/2"][:2]
        assert ("failed", "gone") == there.lists["/lat/3"][:2], "what follows a page that cannot be read is tried"
        assert "/lat/4" not in there.lists

    go_back(
        scenario,
        Source(kind="listing", url=f"{HOST}/api/zone-{{page}}.json"),
        archive("/lat/{page}"),
        press=press,
    )


def test_a_backfill_that_is_stopped_goes_on_where_it_was(go_back):
    """Stopped after any request, the same request asks for nothing twice and ends with every article once."""

    async def scenario(there):
        asked = []
        for allowed in range(1, 8):
            await fill_some(there, SINCE, UNTIL, allowed)
            asked.append(len(there.asked()))
        await there.fill(SINCE, UNTIL)

        assert WANTED == there.dates
        assert len(set(there.asked())) == len(there.asked())
        assert 1 < len(set(asked))

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"), archive("/ngay/{year}/{month}/{day}/trang-{page}"))


def test_lists_are_captured(go_back):
    """What an outlet announced is kept as it came, list by list."""

    async def scenario(there):
        await there.fill(date(2024, 1, 31), date(2024, 1, 31))

        kept = there.context.archive.db.execute("SELECT url FROM captures WHERE article IS NULL").fetchall()
        assert (f"{HOST}/sitemaps/news-2024-1.xml",) in kept

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"))


def test_what_waits_for_a_backfill_is_nobody_elses(go_back):
    """Live crawling leaves a backfill's addresses alone, unless they are news; what is released is left alone too."""

    async def scenario(there):
        archive = there.context.archive
        run = await there.fill(SINCE, UNTIL, pages=False)
        archive.declare([OutletFacts("cu", "Báo Cũ")])
        now = there.context.now()

        assert [] == archive.due_addresses("cu", now)
        assert [] == archive.outlets_with_due_pages(now)
        url = there.press.url(30)
        archive.discover("cu", "", [ArticleLink(url, article_id("cu", "0000030"), Candidate(url))], now)
        assert [url] == [address.url for address in archive.due_addresses("cu", now)]
        archive.cancel_run(run, now)
        assert [url] == [address.url for address in archive.due_addresses("cu", now)]
        assert "cancelled" == archive.run_state(run)
        await there.fill(SINCE, UNTIL)
        assert WANTED == there.dates | {"2024-01-11": 3}

    go_back(scenario, archive("/sitemaps/news-{year}-{month}.xml"))
