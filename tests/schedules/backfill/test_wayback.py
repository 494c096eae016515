"""Backfills of deleted pages from a web archive on loopback."""

from dataclasses import replace
from datetime import date

import pytest
from factories import make_json_answer
from oldpress import HOST, OldPress, archive, captures, past, sitemap

from archive.errors import Failure, Reason
from archive.ledger.backfill_model import ListFacts
from crawler.discovery.wayback_cdx import published_query, query_of, read_captures, read_published, replay_of
from crawler.newsstand.raw_http import reply
from crawler.page import Page
from schedules.backfill.lists import next_cdx_page
from schedules.backfill.model import WaybackServers

SINCE, UNTIL = date(2024, 1, 10), date(2024, 1, 12)
CDX, REPLAY = "http://luu.example/cdx", "http://luu.example/web"
GONE = f"{HOST}/bai-0000030.html"


def go_back(loop, workers, folder, press, scenario):
    """Run a scenario on the outlet."""
    press.given["/sitemaps/news-2024-1.xml"] = sitemap(*map(press.url, press.numbers(SINCE, UNTIL)))
    press.given["/bai-0000030.html"] = reply(404)

    async def whole():
        async with past(folder, workers, press, archive("/sitemaps/news-{year}-{month}.xml")) as site:
            await scenario(site)

    loop.run(whole())


def test_a_missing_page_is_read_from_a_web_archive(loop, workers, tmp_path):
    """A page that is a 404 is archived from its oldest capture, and the ledger records the source."""
    press = OldPress()
    place = replay_of(REPLAY, "20240111080000", GONE)
    press.given |= {query_of(CDX, GONE, SINCE): captures("20250101000000", "20240111080000"), place: press.article(30)}

    async def scenario(site):
        await site.fill(SINCE, UNTIL, wayback=WaybackServers(CDX, REPLAY))

        assert {"2024-01-10": 3, "2024-01-11": 3, "2024-01-12": 3} == site.dates
        why = site.context.archive.reader.why(GONE)
        assert f"read from {place}" in why.requests[-1]["detail"]
        assert GONE == site.context.archive.reader.article(GONE).record.url
        before = len(site.asked())
        await site.fill(SINCE, UNTIL, wayback=WaybackServers(CDX, REPLAY))
        assert [] == [
            path for path in site.asked()[before:] if "matchType" not in path and ("luu." in path or "bai-" in path)
        ]

    go_back(loop, workers, tmp_path, press, scenario)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (captures(), ("done", "", "no capture")),
        (reply(200, b""), ("done", "", "no capture")),
        (reply(200, b"<html>Sorry</html>"), ("failed", "malformed", "")),
        (reply(429, Retry_After="3600"), ("due", "rate_limited", "")),
        (reply(503), ("due", "server_error", "")),
    ],
)
def test_a_web_archive_without_an_answer_is_recorded(loop, workers, tmp_path, answer, state):
    """No capture, a malformed answer and a rate limit each leave one line in the ledger, and no loop."""
    press = OldPress()
    question = query_of(CDX, GONE, SINCE)
    press.given[question] = answer

    async def scenario(site):
        await site.fill(SINCE, UNTIL, wayback=WaybackServers(CDX, REPLAY), patient=False)

        kept = site.lists[question]
        assert state[:2] == kept[:2]
        assert state[2] in kept[2]
        assert 8 == sum(site.dates.values())

    go_back(loop, workers, tmp_path, press, scenario)


def published(*urls, resume=""):
    """Return the CDX server's response for a host."""
    rows = [["original"], *([url] for url in urls), *([[], [resume]] if resume else [])]
    return make_json_answer(rows)


def test_addresses_that_no_list_has_are_found_in_a_web_archive(loop, workers, tmp_path):
    """Captured addresses are fetched from the site, or from the web archive if the site deleted them; each once."""
    press = OldPress()
    first = published_query(CDX, "cu.example", SINCE, date(2024, 1, 31))
    again = published_query(CDX, "cu.example", date(2024, 2, 1), date(2024, 2, 12))
    place = replay_of(REPLAY, "20240111080000", GONE)
    press.given |= {
        first: published(press.url(27), f"{press.url(28)}?utm_source=x", f"{HOST}/", resume="vn,bao)/ 2024"),
        f"{first}&resumeKey=vn%2Cbao%29%2F%202024": published(GONE, press.url(90)),
        again: reply(429, Retry_After="0"),
        query_of(CDX, GONE, SINCE): captures("20240111080000"),
        place: press.article(30),
        "/bai-0000030.html": reply(404),
    }

    async def whole():
        async with past(tmp_path, workers, press) as site:
            await site.fill(SINCE, UNTIL, wayback=WaybackServers(CDX, REPLAY), pages=False)
            assert {"cu": (4, 4)} == {
                name: (one.found, one.waiting) for name, one in site.context.archive.reader.progress(2).items()
            }
            await site.fill(SINCE, UNTIL, wayback=WaybackServers(CDX, REPLAY), patient=False)

            assert {"2024-01-10": 2, "2024-01-11": 1} == site.dates
            assert ("due", "rate_limited") == site.lists[again][:2]
            assert 1 == len(site.asked(r"resumeKey"))
            assert 4 == len(site.asked(r"^/bai-"))

    loop.run(whole())


def test_responses_for_a_host_are_parsed():
    """A CDX response may be empty, complete or truncated; malformed and unresumable ones are failures."""
    facts = ListFacts(url=f"{CDX}?url=a", outlet="cu", kind="captured")

    assert ([], "") == read_published(Page(CDX, b""))
    assert isinstance(read_published(Page(CDX, b'[["original"], [], []]')), Failure)
    assert isinstance(read_published(Page(CDX, b"<html>")), Failure)
    assert ((), "") == next_cdx_page(facts, "", 10)
    assert "the maximum of 10000 addresses" in next_cdx_page(facts, "", 10_000)[1]
    assert "does not end" in next_cdx_page(replace(facts, page=1000), "k", 10)[1]


def test_responses_for_a_page_are_parsed():
    """Only captures of web pages count, oldest first; a row that is too short makes the response malformed."""
    rows = (
        b'[["timestamp","mimetype"],["20240111080000","text/html"],["20240110080000","warc/revisit"],["x","text/html"]]'
    )

    assert ["20240111080000"] == read_captures(Page(CDX, rows))
    assert isinstance(read_captures(Page(CDX, b'[["timestamp"],[]]')), Failure)
    assert Reason.MALFORMED == read_captures(Page(CDX, b"{}x")).reason
