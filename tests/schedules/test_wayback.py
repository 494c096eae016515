"""Backfills of what is gone from its site, from another archive on loopback."""

from datetime import date

import pytest
from oldpress import HOST, OldPress, archive, captures, past, sitemap

from archive.errors import Failure, Reason
from crawler.cdx import query_of, read_captures, replay_of
from crawler.newsstand.wire import reply
from crawler.page import Page

SINCE, UNTIL = date(2024, 1, 10), date(2024, 1, 12)
CDX, REPLAY = "http://luu.example/cdx", "http://luu.example/web"
GONE = f"{HOST}/bai-0000030.html"


def go_back(loop, workers, folder, press, scenario):
    """Run a scenario on the outlet."""
    press.given["/sitemaps/news-2024-1.xml"] = sitemap(*map(press.url, press.numbers(SINCE, UNTIL)))
    press.given["/bai-0000030.html"] = reply(404)

    async def whole():
        async with past(folder, workers, press, archive("/sitemaps/news-{year}-{month}.xml")) as there:
            await scenario(there)

    loop.run(whole())


def test_what_is_gone_is_read_from_its_oldest_capture(loop, workers, tmp_path):
    """A page that its site answers with 404 is archived from another archive, and the ledger says from where."""
    press = OldPress()
    place = replay_of(REPLAY, "20240111080000", GONE)
    press.given |= {query_of(CDX, GONE, SINCE): captures("20250101000000", "20240111080000"), place: press.article(30)}

    async def scenario(there):
        await there.fill(SINCE, UNTIL, wayback=(CDX, REPLAY))

        assert {"2024-01-10": 3, "2024-01-11": 3, "2024-01-12": 3} == there.dates
        why = there.stages.archive.why(GONE)
        assert f"read from {place}" in why.requests[-1]["detail"]
        assert GONE == there.stages.archive.article(GONE).record.url
        before = len(there.asked())
        await there.fill(SINCE, UNTIL, wayback=(CDX, REPLAY))
        assert [] == [path for path in there.asked()[before:] if "luu.example" in path or "bai-" in path]

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
def test_a_server_that_has_nothing_or_is_tired_is_left(loop, workers, tmp_path, answer, state):
    """No capture, an answer that is none, and a server that asks to wait: one line in the ledger each, and no loop."""
    press = OldPress()
    question = query_of(CDX, GONE, SINCE)
    press.given[question] = answer

    async def scenario(there):
        await there.fill(SINCE, UNTIL, wayback=(CDX, REPLAY), patient=False)

        kept = there.lists[question]
        assert state[:2] == kept[:2]
        assert state[2] in kept[2]
        assert 8 == sum(there.dates.values())

    go_back(loop, workers, tmp_path, press, scenario)


def test_answers_of_cdx_servers_are_read():
    """Only web pages count, the oldest first; a row that is too short makes the answer none."""
    rows = (
        b'[["timestamp","mimetype"],["20240111080000","text/html"],["20240110080000","warc/revisit"],["x","text/html"]]'
    )

    assert ["20240111080000"] == read_captures(Page(CDX, rows))
    assert isinstance(read_captures(Page(CDX, b'[["timestamp"],[]]')), Failure)
    assert Reason.MALFORMED == read_captures(Page(CDX, b"{}x")).reason
