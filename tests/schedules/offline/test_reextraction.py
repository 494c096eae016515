"""Re-extraction: reading captures again with today's rules, and storing differences as revisions."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from clippings import OUTLET, SENTENCES, START, Clippings, address, html

from archive.record import ArticleLink, Candidate
from archive.store import reextraction_queue as rereading
from archive.store.reextraction_queue import ReextractionScope, count_queued, queued_captures
from crawler.outlets.model import Reading
from crawler.reading.extract import reader_of
from crawler.workers.pool import WorkerPool
from schedules.offline.reextraction import ReextractionContext, ReextractionTally, reextract

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

LINE = "Tải ứng dụng Báo Ví dụ để đọc tin nhanh nhất."
RULES = Reading(title=("h1",), standfirst=(".sapo",), body=(".body",), strip=(LINE,))
TODAY = OUTLET.model_copy(update={"reading": (RULES,)})
SAPO = "Hai nhà lãnh đạo bàn về hợp tác."
CLEAN = "\n\n".join((SAPO, *SENTENCES))
FULL = f"{CLEAN}\n\n{LINE}"
PAGE = html(*SENTENCES, LINE)


@pytest.fixture(scope="module")
def pool():
    """An event loop and a worker for all tests, because a worker takes a second to start."""
    with asyncio.Runner() as runner:
        workers = WorkerPool(1, imports=("crawler.reading.extract",))
        yield runner, workers
        runner.run(workers.stop())


@pytest.fixture
def shelf(tmp_path):
    """An empty archive."""
    with Clippings(tmp_path) as shelf:
        yield shelf


@pytest.fixture
def again(shelf, pool):
    """A function that reads all captures again, and returns the result of each."""
    runner, workers = pool

    def run(outlet=TODAY, *, keep=True, most=0, **span):
        events = []

        folder, limit = shelf.folder / "captures", 10**6
        tools = ReextractionContext(
            shelf.archive.reader,
            folder,
            workers,
            limit,
            events.append,
            shelf.archive if keep else None,
            lambda: shelf.now,
            lambda: 0 < most <= len(events),
        )
        runner.run(reextract(tools, outlet, ReextractionScope(outlet.id, reader_of(outlet), **span)))
        return events

    return run


def outcomes(events):
    """Return the outcome of each capture."""
    return [event.outcome for event in events]


def test_a_difference_becomes_a_revision(shelf, again):
    """The text of the old rules stays among the revisions, and no capture is read twice."""
    record = shelf.visit(address(1), PAGE)

    (event,) = again()

    assert ("amended", ("text",)) == (event.outcome, event.changed)
    assert [("first", FULL), ("reread", CLEAN)] == shelf.texts(record)
    saved = shelf.archive.reader.article(record.id).record
    assert (reader_of(TODAY), "today") == (saved.reader, saved.rules)
    assert [] == again()
    assert ["same"] == outcomes(again(again=True))


def test_a_dry_run_changes_nothing(shelf, again):
    """A dry run reports what would change, and the archive stays the same, byte for byte."""
    shelf.visit(address(1), PAGE)
    shelf.visit(address(2), "<html><body><p>Không có gì.</p></body></html>")
    before = list(shelf.archive.db.conn.iterdump())

    assert ["amended", "none"] == outcomes(again(keep=False))
    assert before == list(shelf.archive.db.conn.iterdump())


def test_the_newest_edit_is_read_again(shelf, again):
    """For an edited article, the capture of the edit is read again, not the one before it."""
    record = shelf.visit(address(1), PAGE)
    shelf.visit(address(1), html(SENTENCES[1], LINE))

    assert ["amended"] == outcomes(again())
    assert [FULL, f"{SAPO}\n\n{SENTENCES[1]}\n\n{LINE}", f"{SAPO}\n\n{SENTENCES[1]}"] == [
        text for _, text in shelf.texts(record)
    ]


def test_an_edit_without_a_capture_is_left_alone(shelf, again):
    """If the newest revision has no capture, no older capture is read instead."""
    record = shelf.visit(address(1), PAGE)
    shelf.visit(address(1), html(SENTENCES[1], LINE), kept=False)

    assert [] == again()
    assert 2 == len(shelf.texts(record))


def test_a_churned_page_is_not_read(shelf, again):
    """A capture that was recorded as churn does not become a revision."""
    shelf.visit(address(1), html(*SENTENCES, "Đăng 5 phút trước", LINE))
    shelf.visit(address(1), html(*SENTENCES, "Đăng 9 phút trước", LINE))
    shelf.archive.db.execute("UPDATE requests SET outcome = 'churned' WHERE id = 2")

    (event,) = again()

    assert event.after.document.text.endswith("Đăng 5 phút trước")


def test_a_rejected_page_may_be_an_article_now(shelf, again):
    """A page that the old rules rejected enters the archive with its address, dated by its source."""
    url, other = address(3), "https://bao.example/doi-ten-0000003.html"
    shelf.visit(url, html(day="", body="moved"), published=START)
    shelf.archive.ledger.discover(
        "bao", "", [ArticleLink(other, shelf.archive.reader.address(url).article, Candidate(other))], shelf.now
    )
    found = OUTLET.model_copy(update={"reading": (RULES.model_copy(update={"body": (".moved",)}),)})

    assert ["found"] == outcomes(again(found, keep=False))
    assert None is shelf.archive.reader.article(url)
    assert ["found"] == outcomes(again(found))
    assert (CLEAN, "feed") == (
        shelf.archive.reader.article(url).record.document.text,
        shelf.archive.reader.article(url).record.date_source,
    )
    assert ["archived", "alias"] == [shelf.archive.reader.address(name).state for name in (url, other)]
    assert [shelf.archive.reader.article(url).record.id] == [
        c["article"] for c in shelf.archive.reader.why(url).captures
    ]
    assert [] == again(found)


def test_an_article_that_today_is_rejected_is_kept(shelf, again):
    """An article that today's rules reject, or give another id, is kept unchanged."""
    kept = [shelf.visit(address(1), PAGE), shelf.visit(address(2), html())]
    blind = OUTLET.model_copy(update={"reading": (Reading(title=("h1",), body=(".none",), drop=("p",)),)})
    renumbered = OUTLET.model_copy(update={"article": (r"(?P<key>hoi-dam.*)\.html",)})

    assert ["refused", "refused"] == outcomes(again(blind))
    assert ["another", "another"] == outcomes(again(renumbered))
    assert [[("first", FULL)], [("first", CLEAN)]] == [shelf.texts(record) for record in kept]


def test_a_rejected_page_of_an_archived_article_changes_nothing(shelf, again):
    """A rejected page that now shows an archived article does not change that article."""
    shelf.visit(address(1), PAGE)
    shelf.visit(f"{address(2)}?goc=0000001", html(day="", body="moved"), published=START)
    last_number = {"article": (r"(?P<key>\d{7})(?!.*\d{7})",)}
    rules = (RULES.model_copy(update={"body": (".body", ".moved")}),)

    assert ["amended", "another"] == outcomes(again(OUTLET.model_copy(update=last_number | {"reading": rules})))
    assert 1 == sum(1 for _ in shelf.archive.reader.records())


def test_a_damaged_capture_is_reported_and_retried(shelf, again):
    """A capture that cannot be read is reported with its place, and is not marked as read."""
    shelf.visit(address(1), PAGE)
    shelf.archive.db.execute("UPDATE captures SET digest = 'sha1:X'")

    (event,) = again()

    assert ("failed", "unreachable") == (event.outcome, event.failure.reason)
    assert "the payload differs from its recorded digest" in event.failure.detail
    assert ["failed"] == outcomes(again())


def test_a_stopped_run_resumes(shelf, again, monkeypatch):
    """No capture is read twice, in any number; only one page of rows is in memory at a time."""
    monkeypatch.setattr(rereading, "_PAGE", 2)
    for number in range(9):
        shelf.visit(address(number), PAGE)
    span = ReextractionScope("bao", reader_of(TODAY))

    assert 9 == count_queued(shelf.archive.reader, span)
    first = again(most=1)
    assert 1 <= len(first) < 9
    assert 9 - len(first) == count_queued(shelf.archive.reader, span) == len(again())


def test_dates_limit_what_is_read(shelf):
    """Articles are selected by their date, rejected pages by the date of the request."""
    for number, day in enumerate(("2026-02-02", "2026-02-03", "2026-02-04")):
        shelf.visit(address(number), html(day=day))
    shelf.visit(address(5), "<p>không có gì")
    span = ReextractionScope("bao", "tomorrow", since=date(2026, 2, 3), until=date(2026, 2, 3))

    assert [address(1)] == [one.url for one in queued_captures(shelf.archive.reader, span)]
    assert [address(2), address(5)] == [
        one.url for one in queued_captures(shelf.archive.reader, replace(span, since=date(2026, 2, 4), until=None))
    ]


def test_counts_are_recorded_by_field_and_reason(shelf, again):
    """The run's ledger row has the captures by outcome, by changed field and by reason."""
    shelf.visit(address(1), PAGE)
    count = ReextractionTally()
    for event in again():
        count.add(event)

    assert {"amended": 1, "changed": {"text": 1}, "reasons": {}} == count.counts()
