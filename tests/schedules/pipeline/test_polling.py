"""Polling: the links of a source reach the ledger, and sources that link in circles are fetched once."""

import pytest
from livesite import HOST, live_site, page

from archive.errors import Reason
from crawler.newsstand.raw_http import reply
from crawler.outlets.model import Source
from schedules.pipeline.polling import poll

INDEX = "<sitemapindex>{}</sitemapindex>"
ITEM = "<item><title>Tiêu đề</title><link>{}</link><pubDate>{}</pubDate></item>"


@pytest.fixture
def asked(loop, workers, tmp_path):
    """Poll a source of a site with these responses; return the events, the requested paths and the ledger row."""

    def ask(kind, path, answers):
        async def whole():
            async with live_site(tmp_path, workers) as site:
                for at, answer in answers.items():
                    site.put(at, answer)
                await poll(site.context, site.outlet, Source(kind=kind, url=f"{HOST}{path}"))
                return site.told, site.paths, site.archive.reader.source(f"{HOST}{path}")

        return loop.run(whole())

    return ask


def children(*paths):
    """An index of sitemaps."""
    return reply(200, INDEX.format("".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in paths)).encode())


def test_sitemaps_in_a_circle_are_fetched_once(asked):
    """An index that lists itself, and two that list each other, are each fetched once."""
    answers = {"/a.xml": children("/a.xml", "/b.xml"), "/b.xml": children("/a.xml", "/b.xml", "/c.xml")}
    answers["/c.xml"] = children("/a.xml", "/b.xml", "/d.xml")

    told, paths, _ = asked("sitemap", "/a.xml", answers)

    assert ["/a.xml", "/b.xml", "/c.xml"] == paths
    assert [None, None, None] == [event.failure for event in told]


def test_dropped_links_are_counted_and_unusual_times_noted(asked):
    """Dropped links are counted by reason, and unusual times are noted in the ledger."""
    items = (
        ITEM.format(f"{HOST}/a-1.html?utm_source=rss", "4/2/2026 19:25")
        + ITEM.format("https://quangcao.example/b-2.html", "")
        + ITEM.format(f"{HOST}/the-thao", "2027-01-01")
    )
    told, _, source = asked("feed", "/rss", {"/rss": reply(200, f"<rss><channel>{items}</channel></rss>".encode())})

    (event,) = told
    assert (1, 1) == (event.candidates, event.new)
    assert {Reason.FOREIGN: 1, Reason.NOT_AN_ARTICLE: 1} == event.dropped
    assert "a time that cannot be, the first '2027-01-01'" in event.notes
    assert event.notes == source.detail


@pytest.mark.parametrize("kind", ["feed", "sitemap", "listing"])
def test_a_web_page_in_place_of_a_source_is_a_failure(asked, kind):
    """HTML instead of a feed is recorded with its reason, and no link is entered."""
    told, _, source = asked(kind, "/rss", {"/rss": page()})

    assert Reason.MALFORMED == told[0].failure.reason
    assert "malformed" == source.reason
    assert source.detail.startswith(f"{HOST}/rss: not a ")
