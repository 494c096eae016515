"""Articles of several pages: all pages are fetched, captured, and read together."""

from contextlib import contextmanager
from dataclasses import replace

from livesite import HOST, OUTLET, PARAGRAPHS, page

from archive.captures.store import Captures
from archive.errors import Reason
from archive.store.reextraction_queue import ReextractionScope
from schedules.offline.reextraction import ReextractionContext, reextract
from schedules.pipeline.crawl import add_page

PATH = "/cau-moi-thong-xe-4954451.html"
TWO, THREE = f"{PATH}?page=2", f"{PATH}?page=3"
WHOLE = "\n\n".join(PARAGRAPHS)


def part(index, following=""):
    """Return a page with one paragraph, and a link to the next page if there is one."""
    link = f'<link rel="next" href="{following}">' if following else ""
    return page(paragraphs=PARAGRAPHS[index : index + 1], head=link)


def put_all(site):
    """Put an article of three pages, each with a link to the next, on the site."""
    site.put(PATH, part(0, TWO))
    site.put(TWO, part(1, THREE))
    site.put(THREE, part(2))
    site.list(PATH)


@contextmanager
def keeping(site, folder):
    """Let the site's crawler store its responses in this folder."""
    captures = Captures(folder)
    site.context = replace(site.context, captures=captures)
    yield
    captures.close()


def captures(site):
    """Return which addresses were captured, and whether as an article's own page."""
    rows = site.archive.reader.query("SELECT url, article IS NOT NULL AS own FROM captures ORDER BY id")
    return [(row["url"].removeprefix(HOST), bool(row["own"])) for row in rows]


def test_the_pages_of_an_article_are_joined(watch, tmp_path):
    """Every further page is fetched in order, captured, and joined to one article."""

    async def story(site):
        put_all(site)
        with keeping(site, tmp_path / "captures"):
            await site.crawl()

        assert WHOLE == site.article(PATH).record.body
        assert [PATH, TWO, THREE] == site.paths
        assert {(PATH, True), (TWO, False), (THREE, False)} == set(captures(site))

    watch(story)


def test_an_unavailable_further_page_delays_the_article(watch):
    """While a further page is unavailable nothing is archived; later the whole article is."""

    async def story(site):
        put_all(site)
        site.put(THREE, b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n")
        [event] = await site.crawl()
        assert (Reason.SERVER_ERROR, None) == (event.failure.reason, site.archive.reader.article(HOST + PATH))

        site.put(THREE, part(2))
        await site.crawl(hours=2)
        assert WHOLE == site.article(PATH).record.body

    watch(story)


def test_a_missing_further_page_is_left_out(watch):
    """If a further page does not exist, the other pages are archived."""

    async def story(site):
        put_all(site)
        site.lose(THREE)
        await site.crawl()

        assert "\n\n".join(PARAGRAPHS[:2]) == site.article(PATH).record.body

    watch(story)


def test_reextraction_joins_the_captured_pages(watch, tmp_path):
    """Re-extraction joins the captured pages, and so changes nothing."""

    async def story(site):
        put_all(site)
        with keeping(site, tmp_path / "captures"):
            await site.crawl()
        told = []
        tools = ReextractionContext(
            site.archive.reader, tmp_path / "captures", site.context.workers, 1 << 20, told.append, writer=site.archive
        )

        await reextract(tools, OUTLET, ReextractionScope(OUTLET.id, "another reader", again=True))

        assert ["same"] == [event.outcome for event in told]
        assert WHOLE == site.article(PATH).record.body

    watch(story)


def test_a_further_page_is_not_an_article(watch):
    """A further page that a source lists is recorded as part of the first page's article."""

    async def story(site):
        site.put(TWO, page(head=f'<link rel="canonical" href="{PATH}">'))
        site.list(TWO)

        [event] = await site.crawl()

        assert Reason.NOT_AN_ARTICLE == event.failure.reason

    watch(story)


def test_a_mirror_page_is_the_same_article(watch):
    """On an undeclared site, an AMP page and its canonical page are one article."""

    async def story(site):
        amp = "/amp/cau-moi-thong-xe-sang-nay"
        site.put(amp, page(head='<link rel="canonical" href="/cau-moi-thong-xe-sang-nay-2">'))
        site.put("/cau-moi-thong-xe-sang-nay-2", page())
        for path in (amp, "/cau-moi-thong-xe-sang-nay-2"):
            await add_page(site.context, HOST + path, {})

        ids = {site.archive.reader.article(HOST + path).record.id for path in (amp, "/cau-moi-thong-xe-sang-nay-2")}
        assert 1 == len(ids)

    watch(story)
