"""Reading of one list: its links and the lists that follow it are entered into the ledger."""

from datetime import date, timedelta

import pytest
from oldpress import HOST, NOW, OldPress, archive, index, past, sitemap

from archive.errors import Failure, Reason
from archive.ledger.backfill_model import ListFacts, ListState
from archive.record import Candidate
from crawler.newsstand.raw_http import reply
from schedules.backfill.list_reading import ListReader, failed_list, sift_in_chunks
from schedules.backfill.model import MAX_ATTEMPTS, BackfillOptions, BackfillRequest
from schedules.backfill.outlet_backfill import OutletBackfill
from schedules.backfill.requests import start_or_resume
from schedules.timing.date_range import DateRange

DATES = DateRange(date(2024, 1, 10), date(2024, 1, 11))
SITEMAP = archive("/sitemap.xml")
TIMELINE = archive("/timeline/trang-{page}.htm")


@pytest.fixture
def go_back(loop, workers, tmp_path):
    """Run a scenario on the outlet with some responses, by path, and one source."""

    def run(scenario, source, given):
        async def whole():
            async with past(tmp_path, workers, OldPress(given=given), source) as site:
                return await scenario(site)

        return loop.run(whole())

    return run


async def read_first(site, *, pages=True):
    """Read the first list of a backfill; return the number of its run."""
    run = start_or_resume(site.context.archive.runs, BackfillRequest((site.outlet.id,), DATES))
    options = BackfillOptions(run, DATES, pages=pages)
    OutletBackfill(site.context, site.outlet, options).enter_initial_lists()
    await ListReader(site.context, site.outlet, options).read(next_list(site, run))
    return run


def next_list(site, run, after=timedelta()):
    """Return the next due list of a run, at once or after some time."""
    return site.context.archive.reader.next_list(run, site.outlet.id, NOW + after)


def wanted(site, run):
    """Return the addresses that wait for a run."""
    found = site.context.archive.reader.wanted_addresses(run, site.outlet.id, NOW, limit=100, tries=MAX_ATTEMPTS)
    return [address.url for address in found]


def test_the_links_of_a_list_are_entered_into_the_ledger(go_back):
    """Each article of a sitemap is entered once for the run; no page is requested yet."""
    press = OldPress()
    urls = [press.url(30), press.url(31), press.url(30), f"{HOST}/lien-he.html"]

    async def scenario(site):
        run = await read_first(site)

        assert [press.url(30), press.url(31)] == wanted(site, run)
        assert ["/sitemap.xml"] == site.asked()
        assert "done" == site.lists["/sitemap.xml"][0]
        assert next_list(site, run) is None
        (event,) = site.told
        assert (2, 2, None) == (event.candidates, event.new, event.failure)

    go_back(scenario, SITEMAP, {"/sitemap.xml": sitemap(*urls)})


def test_the_sitemaps_of_an_index_follow(go_back):
    """The sitemaps of an index that can contain the days become lists of the run; the others do not."""
    children = index(("/x-2024-01-10.xml", ""), ("/x-2023-05-01.xml", ""))

    async def scenario(site):
        run = await read_first(site)

        following = next_list(site, run).facts
        assert (f"{HOST}/x-2024-01-10.xml", 1) == (following.url, following.depth)
        assert {"/sitemap.xml", "/x-2024-01-10.xml"} == site.lists.keys()

    go_back(scenario, SITEMAP, {"/sitemap.xml": children})


@pytest.mark.parametrize(("status", "state", "reason"), [(404, "failed", "gone"), (500, "due", "server_error")])
def test_a_list_that_cannot_be_read_is_recorded(go_back, status, state, reason):
    """A list that is gone has failed; after an error of the server it is due again later, and not before."""

    async def scenario(site):
        run = await read_first(site)

        assert (state, reason) == site.lists["/sitemap.xml"][:2]
        assert next_list(site, run) is None
        assert (state == "due") is (next_list(site, run, timedelta(days=2)) is not None)
        assert [Reason(reason)] == [event.failure.reason for event in site.told]

    go_back(scenario, SITEMAP, {"/sitemap.xml": reply(status, b"")})


def test_a_list_without_dates_waits_if_no_page_may_be_read(go_back):
    """Without dates and without pages, the list stays due with its number of articles and the reason."""

    async def scenario(site):
        run = await read_first(site, pages=False)

        state, _, detail = site.lists["/timeline/trang-1.htm"]
        assert ("due", True) == (state, detail.startswith("the list shows no dates"))
        assert 10 == site.context.archive.reader.progress(run)["cu"].undated
        assert ([], ["/timeline/trang-1.htm"], []) == (wanted(site, run), site.asked(), site.told)

    go_back(scenario, TIMELINE, {})


@pytest.mark.parametrize(
    ("reason", "failures", "is_retried"),
    [
        (Reason.SERVER_ERROR, 0, True),
        (Reason.SERVER_ERROR, MAX_ATTEMPTS - 2, True),
        (Reason.SERVER_ERROR, MAX_ATTEMPTS - 1, False),
        (Reason.GONE, 0, False),
    ],
)
def test_a_temporary_failure_is_retried_a_few_times(go_back, reason, failures, is_retried):
    """Only a temporary failure is retried, until the run has made its last attempt."""
    facts = ListFacts(url=f"{HOST}/sitemap.xml", outlet="cu", kind="archive")

    async def scenario(site):
        read = failed_list(site.context, ListState(id=1, run=1, facts=facts, failures=failures), Failure(reason))

        assert reason is read.failure.reason
        assert is_retried is (read.retry_at is not None and read.retry_at > NOW)

    go_back(scenario, SITEMAP, {})


def test_a_long_list_is_sifted_in_chunks(go_back):
    """Of many links each article is selected once, in order; every other link is counted with its reason."""
    press = OldPress()
    articles = [press.url(number) for number in range(1200)]
    candidates = [Candidate(url) for url in [*articles, *articles[:700], f"{HOST}/lien-he.html"]]

    async def scenario(site):
        selection = await sift_in_chunks(site.outlet, candidates)

        assert articles == [link.url for link in selection.links]
        assert 1 == sum(selection.dropped.values())

    go_back(scenario, SITEMAP, {})
