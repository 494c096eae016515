"""Rechecking archived pages of our own site: edits, churn, deletions, returns and moves."""

import json
from datetime import timedelta

import pytest
from livesite import HOST, PARAGRAPHS, PUBLISHED, moved, page

from archive.errors import Reason
from crawler.newsstand.raw_http import reply

PATH = "/thoi-su/cau-moi-thong-xe-4954454.html"
ELSEWHERE = "http://cho.example/mua-nha-4954454.html"


def test_an_edit_is_a_revision_and_the_old_text_stays(watch):
    """A change by the outlet is archived as a new revision; the earlier one is unchanged."""

    async def scenario(site):
        site.put(PATH, page())
        site.list(PATH)
        await site.crawl()
        site.put(PATH, page(paragraphs=(*PARAGRAPHS[:2], "Cầu được thông xe sớm hơn hai tháng.")))

        (asked,) = await site.crawl(minutes=20)

        assert "revised" == asked.outcome
        versions = site.archive.reader.versions(site.article(PATH).record.id)
        assert [(1, "first"), (2, "material")] == [(v.revision, v.change) for v in versions]
        assert [PARAGRAPHS[2], "Cầu được thông xe sớm hơn hai tháng."] == [v.document.paragraphs[-1] for v in versions]
        assert timedelta(minutes=15) == site.due_in(PATH)  # an edit restarts the recheck schedule

    watch(scenario)


def test_rechecks_decay_and_are_conditional(watch):
    """An unchanged page is requested at the six ages, with its ETag, and then no more."""

    async def scenario(site):
        site.put(PATH, reply(200, page(), ETag='"1"'))
        site.list(PATH)
        await site.crawl()
        site.put(PATH, reply(304, ETag='"1"'))
        ages = []
        while (wait := site.due_in(PATH)) is not None:
            (asked,) = await site.crawl(seconds=wait.total_seconds())
            ages.append(site.clock - PUBLISHED)
            assert "unchanged" == asked.outcome

        expected = [{"minutes": 15}, {"hours": 1}, {"hours": 6}, {"days": 1}, {"days": 7}, {"days": 30}]
        assert [timedelta(**age) for age in expected] == ages
        assert all(b'If-None-Match: "1"' in request for request in site.server.asked[2:])
        assert site.clock == site.article(PATH).last_checked_at

    watch(scenario)


def test_new_articles_come_before_rechecks(watch):
    """Rechecks never delay an outlet's new articles."""
    new = "/thoi-su/bao-so-4-4954455.html"

    async def scenario(site):
        site.put(PATH, page())
        site.list(PATH)
        await site.crawl()
        site.put(new, page("Bão số 4 đổi hướng"))
        site.list(new)
        site.clock += timedelta(hours=1)

        assert [new, PATH] == [a.url.removeprefix(HOST) for a in site.archive.reader.due_addresses("bao", site.clock)]

    watch(scenario)


def test_a_clock_in_the_text_does_not_fill_the_disk(watch):
    """A paragraph that changes at every visit is stored a few times and then counts as churn; a real edit is stored."""

    def ticking(minute, *more):
        return page(paragraphs=(*PARAGRAPHS, f"Cập nhật lúc 10:{minute:02}", *more))

    async def scenario(site):
        site.put(PATH, ticking(0))
        site.list(PATH)
        await site.crawl()
        for minute in range(1, 13):
            site.put(PATH, ticking(minute))
            await site.crawl(seconds=site.due_in(PATH).total_seconds() if site.due_in(PATH) else 0)
            site.archive.ledger.reschedule(HOST + PATH, site.clock)

        assert 4 == site.article(PATH).revision
        churned = [request for request in site.why(PATH).requests if request["outcome"] == "churned"]
        assert len(churned) > 6
        assert "changes every time" in churned[0]["detail"]
        site.put(PATH, ticking(30, "Cầu miễn phí cho xe máy đến hết năm."))
        (asked,) = await site.crawl()
        assert ("revised", 5) == (asked.outcome, site.article(PATH).revision)

    watch(scenario)


def test_a_live_blog_grows_revision_by_revision(watch):
    """Each visit to a live blog with new entries stores a revision with them; it never counts as churn."""

    def blog(entries):
        told = [
            {"headline": f"Tin {i}", "datePublished": f"2026-02-04T12:{30 + i}:00Z", "articleBody": PARAGRAPHS[i % 3]}
            for i in reversed(range(entries))
        ]
        node = {"@type": "LiveBlogPosting", "headline": "Cầu Mới thông xe", "liveBlogUpdate": told}
        data = f'<script type="application/ld+json">{json.dumps(node)}</script>'
        return page(paragraphs=("Cập nhật liên tục từ hiện trường.",), head=data)

    async def scenario(site):
        site.list(PATH)
        for entries in range(1, 13):
            site.put(PATH, blog(entries))
            await site.crawl(seconds=(site.due_in(PATH) or timedelta()).total_seconds())

        article = site.article(PATH)
        assert ("live", 12) == (article.record.kind, article.revision)
        sizes = [
            sum("04/02/2026 Tin" in line for line in v.document.paragraphs)
            for v in site.archive.reader.versions(article.record.id)
        ]
        assert list(range(1, 13)) == sizes
        assert "19:41 04/02/2026 Tin 11" in article.record.document.paragraphs

    watch(scenario)


@pytest.mark.parametrize(
    ("case", "answer", "front", "reason"),
    [
        ("404", reply(404), b"", Reason.GONE),
        ("410", reply(410), b"", Reason.GONE),
        ("redirect to the front page", moved("/"), page("Báo"), Reason.HOME_PAGE),
        ("redirect to another site", moved(ELSEWHERE), b"", Reason.FOREIGN),
        (
            "soft 404",
            page("Không tìm thấy trang", ("Bài viết không tồn tại hoặc đã bị xóa khỏi trang.",)),
            b"",
            Reason.ERROR_PAGE,
        ),
    ],
)
def test_a_page_that_stays_missing_is_gone_until_it_is_back(watch, case, answer, front, reason):
    """After a second miss there is a tombstone; the text stays, and a returning page ends the tombstone."""

    async def scenario(site):
        site.put(PATH, page())
        site.list(PATH)
        await site.crawl()
        text = site.article(PATH).record.document.text
        site.put("/", front)
        site.server.answers[ELSEWHERE] = reply(200, page("Mua nhà"))
        site.put(PATH, answer)

        (missed,) = await site.crawl(minutes=15)
        first = site.clock
        assert (reason, None) == (missed.failure.reason, site.article(PATH).gone_at), case
        assert timedelta(hours=7) == site.due_in(PATH)

        await site.crawl(hours=7)
        assert (first, text) == (site.article(PATH).gone_at, site.article(PATH).record.document.text)
        assert timedelta(days=30) == site.due_in(PATH)
        confirmed = site.clock
        await site.crawl(days=30)
        assert first == site.article(PATH).gone_at

        site.put(PATH, page())
        (back,) = await site.crawl(days=30)
        assert ("unchanged", None) == (back.outcome, site.article(PATH).gone_at)
        (stone,) = site.why(PATH).tombstones
        times = [f"{moment:%Y-%m-%dT%H:%M:%S}.000Z" for moment in (first, confirmed, site.clock)]
        assert [*times, reason.value] == [stone[name] for name in ("missed_at", "confirmed_at", "back_at", "reason")]

    watch(scenario)


def test_a_short_outage_makes_no_tombstone(watch):
    """A page that exists again at the next visit was not gone, and neither was one whose server only failed."""

    async def scenario(site):
        site.put(PATH, page())
        site.list(PATH)
        await site.crawl()
        site.lose(PATH)
        await site.crawl(minutes=15)
        site.put(PATH, reply(503))
        await site.crawl(hours=7)
        assert site.article(PATH).gone_at is None
        site.put(PATH, page())
        site.archive.ledger.reschedule(HOST + PATH, site.clock)
        await site.crawl()
        site.lose(PATH)
        site.archive.ledger.reschedule(HOST + PATH, site.clock)
        await site.crawl(hours=1)

        assert (None, "archived") == (site.article(PATH).gone_at, site.address(PATH).state)

    watch(scenario)


def test_a_slug_edit_that_redirects_is_the_same_article(watch):
    """The old address and the new slug that it redirects to are both addresses of the article."""
    new = "/thoi-su/cau-moi-thong-xe-som-4954454.html"

    async def scenario(site):
        site.put(PATH, page())
        site.list(PATH)
        await site.crawl()
        site.put(PATH, moved(new))
        site.put(new, page("Cầu Mới thông xe sớm"))
        site.list(new)

        await site.crawl(minutes=20)

        assert (1, 2) == (site.archive.db["articles"].count, site.article(new).revision)
        assert site.article(PATH) == site.article(new)
        assert [new] == [url.removeprefix(HOST) for url in site.why(PATH).aliases]
        assert [PATH, PATH, new] == site.paths

    watch(scenario)


def test_a_section_move_without_a_redirect_is_followed(watch):
    """If the old address is a 404, the new address in a source is tried, and the article is not gone."""
    new = "/giao-thong/cau-moi-thong-xe-4954454.html"

    async def scenario(site):
        site.put(PATH, page())
        site.list(PATH)
        await site.crawl()
        site.lose(PATH)
        site.put(new, page())
        site.list(new)
        await site.crawl(minutes=15)
        await site.crawl(minutes=5)

        assert ("alias", "archived") == (site.address(PATH).state, site.address(new).state)
        assert (1, None) == (site.archive.db["articles"].count, site.article(PATH).gone_at)
        assert () == site.why(new).tombstones
        assert [PATH, PATH, new] == site.paths

    watch(scenario)


def test_every_address_of_an_article_leads_to_it(watch):
    """AMP and canonical links, tracking parameters and mobile pages are addresses of one article, fetched once."""
    amp, own = PATH.replace(".html", ".amp"), f'<link rel="canonical" href="{HOST}{PATH}">'

    async def scenario(site):
        site.put(amp, page(head=own))
        site.list(amp)
        await site.crawl()
        site.list(PATH)

        assert [] == await site.crawl(minutes=1)
        assert (HOST + PATH, "alias") == (site.article(amp).record.url, site.address(PATH).state)
        assert site.article(PATH) == site.article(amp)

    watch(scenario)


def test_articles_that_look_alike_are_never_merged(watch):
    """An article whose address redirects to another is missing; the other gets neither its text nor its address."""
    other = "/thoi-su/cau-moi-thong-xe-49544540.html"

    async def scenario(site):
        site.put(PATH, page())
        site.put(other, page("Cầu Mới đóng cửa để sửa"))
        site.list(PATH, other)
        await site.crawl()
        site.put(PATH, moved(other))
        await site.crawl(minutes=15)
        await site.crawl(hours=7)

        assert 2 == site.archive.db["articles"].count
        assert "Cầu Mới thông xe" == site.article(PATH).record.document.title
        assert site.article(PATH).gone_at
        assert site.article(other).gone_at is None
        assert "redirects" == site.why(PATH).tombstones[0]["reason"]

    watch(scenario)


def test_an_article_that_was_renumbered_stays_one_article(watch):
    """Where a redesign numbers articles anew, the old address, asked once, redirects to the new one and tells so."""
    new = "/v2/thoi-su/cau-moi-thong-xe-200004954454.html"

    async def scenario(site):
        site.put(PATH, page())
        site.list(PATH)
        await site.crawl()
        site.put(PATH, moved(new))
        site.put(new, page())
        site.list(new)
        await site.crawl(minutes=1)
        site.archive.ledger.reschedule(HOST + PATH, site.clock)
        await site.crawl(minutes=5)

        assert 1 == site.archive.db["articles"].count
        assert site.article(PATH) == site.article(new)
        assert () == site.why(PATH).tombstones

    watch(scenario)


def test_articles_of_one_headline_and_minute_stay_two(watch):
    """Two numbers with one headline and instant are two articles where neither address redirects to the other."""
    other = "/thoi-su/cau-moi-thong-xe-4954455.html"

    async def scenario(site):
        site.put(PATH, page())
        site.list(PATH)
        await site.crawl()
        site.put(other, page())
        site.list(other)
        await site.crawl(minutes=1)

        assert 2 == site.archive.db["articles"].count
        assert site.article(PATH).record.id != site.article(other).record.id

    watch(scenario)


def test_a_page_of_another_site_is_not_archived(watch):
    """An address that redirects to another site gives no article of the outlet."""

    async def scenario(site):
        site.put(PATH, moved(ELSEWHERE))
        site.server.answers[ELSEWHERE] = reply(200, page("Mua nhà"))
        site.list(PATH)
        (asked,) = await site.crawl()

        assert (Reason.FOREIGN, 0) == (asked.failure.reason, site.archive.db["articles"].count)

    watch(scenario)


def test_a_refused_page_is_fetched_in_full(watch):
    """A page that gave no record is fetched without conditions: a 304 would say nothing about it."""

    async def scenario(site):
        site.put(PATH, reply(200, page(paragraphs=()), ETag='"1"'))
        site.list(PATH)
        (refused,) = await site.crawl()
        site.put(PATH, reply(200, page(), ETag='"1"'))
        site.archive.ledger.reschedule(HOST + PATH, site.clock)
        (asked,) = await site.crawl()

        assert (Reason.NO_TEXT, "archived") == (refused.failure.reason, asked.outcome)
        assert not any(b"If-None-Match" in request for request in site.server.asked)

    watch(scenario)
