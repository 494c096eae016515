"""Reading the newsstand's pages gives the articles that its outlets published."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.errors import Failure, Reason
from archive.record import Record, dumps
from crawler.newsstand import Newsstand
from crawler.newsstand.article_pages import address
from crawler.newsstand.press import HTML, page_of, stories
from crawler.page import Page
from crawler.reading.extract import read_article

SEEDS = Path(__file__).parents[3] / "seeds"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
STORIES = stories()


@pytest.fixture(scope="module")
def outlets():
    """The declarations of the invented outlets."""
    return Newsstand().outlets


def seed(number):
    """Return the text of a seed document."""
    return next(SEEDS.glob(f"{number}_*.txt")).read_text(encoding="utf-8")


def story(outlet, number):
    """Return a story of the newsstand."""
    return next(s for s in STORIES if (s.outlet, s.number) == (outlet, number))


def read(outlets, told):
    """Return the result of reading a story's page."""
    own = [s for s in STORIES if s.outlet == told.outlet]
    kind = "text/html" if told.outlet == "cholon" else HTML
    return read_article(Page(address(told), page_of(told, own), kind), outlets[told.outlet], NOW)


@pytest.mark.parametrize(
    ("outlet", "number", "name"),
    [("vntin", 5013771, "001"), ("songhong", 410, "002"), ("biendong", 1210033, "003")],
)
def test_clean_seeds_come_out_byte_for_byte(outlets, outlet, number, name):
    """The record of a lead story's page is the seed document, byte for byte."""
    record = read(outlets, story(outlet, number))

    assert isinstance(record, Record), record
    assert seed(name) == dumps(record.document)


def test_seed_000_comes_out_without_its_menu_file_name_and_tags(outlets):
    """The seed with menus and tags gives only the article."""
    lines = seed("000").rstrip("\n").split("\n")
    standfirst = next(i for i, line in enumerate(lines) if line.startswith("TPO - "))
    kept = [line for line in lines[standfirst:-1] if not line.endswith(".jpg")]
    title = lines[lines.index("Google News") + 2]
    kept.insert(-1, "")  # author and agencies are in two boxes of the page

    record = read(outlets, story("phuongnam", 1845503))

    assert isinstance(record, Record), record
    assert f" date 2026-02-04 {title}\n\n" + "\n".join(kept) == dumps(record.document)


def test_seed_004_comes_out_without_lists_and_footers(outlets):
    """The seed with related news, a licence and office addresses gives only the article."""
    lines = seed("004").split("\n")
    signed = next(i for i, line in enumerate(lines) if line.startswith("Hoài Phương"))
    body = "\n".join(lines[3 : signed + 1])

    record = read(outlets, story("cholon", 2207))

    assert isinstance(record, Record), record
    assert f" date 2025-01-22 {lines[0]}\n\n{body}" == dumps(record.document)
    assert ("Công luận",) == record.credits[-1:]


@pytest.mark.parametrize(
    "told", [s for s in STORIES if s.kind in {"article", "photo", "opinion", "moved"}], ids=address
)
def test_every_story_is_read_as_it_was_written(outlets, told):
    """Title, day, standfirst, captions and byline of every story are read as written."""
    record = read(outlets, told)

    assert isinstance(record, Record), record
    assert (told.title, told.published.date()) == (record.document.title, record.document.date)
    assert told.standfirst == record.standfirst
    assert tuple(b.text for b in told.blocks if b.kind == "picture") == record.captions
    assert all(block.text in record.document.text for block in told.blocks)
    if told.outlet != "cholon":  # nothing on its pages marks captions
        assert record.published_at == told.published.astimezone(UTC)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("video", Reason.VIDEO), ("topic", Reason.LISTING), ("undated", Reason.NO_DATE)],
)
def test_pages_that_are_not_articles_have_reasons(outlets, kind, reason):
    """A video page, a listing at an article's address and an undated page do not become records."""
    (told,) = [s for s in STORIES if s.kind == kind]

    result = read(outlets, told)

    assert isinstance(result, Failure), result.document.text
    assert reason == result.reason


def test_the_press_is_the_same_at_every_call():
    """Two newsstands publish the same stories, so a second crawl finds nothing new."""
    assert STORIES == stories()
    assert len({address(s) for s in STORIES}) == len(STORIES)
