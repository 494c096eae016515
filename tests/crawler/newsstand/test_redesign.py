"""The newsstand can redesign an outlet: the same articles in other elements, at other addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from crawler.newsstand.article_pages import address
from crawler.newsstand.press import stories
from crawler.newsstand.redesign import new_name, redesigned_page
from crawler.newsstand.server import Newsstand
from crawler.page import Page
from crawler.reading.article import GENERIC
from crawler.reading.extract import read_page
from crawler.reading.page_content import PageContent

NOW = datetime(2026, 11, 28, tzinfo=UTC)
OUTLETS = ("songhong", "phuongnam", "vntin", "biendong")


def place(url: str) -> tuple[str, str]:
    """Return the host and the path of an address."""
    parts = urlsplit(url)
    return parts.netloc, parts.path


@pytest.mark.parametrize("outlet", OUTLETS)
def test_a_redesigned_page_says_the_same_and_fits_no_rule(outlet: str) -> None:
    """Headline and day stay, the old selectors match nothing, and the old address redirects to the new one."""
    newsstand = Newsstand()
    story = next(s for s in stories() if s.outlet == outlet and s.kind == "article" and len(s.blocks) > 3)
    old = newsstand.answer(*place(address(story)))

    newsstand.redesign(outlet)
    redirect = newsstand.answer(*place(address(story)))
    assert old
    assert redirect
    new = newsstand.answer(*place(redirect.location))
    assert new
    declared = newsstand.outlets[outlet]
    before = read_page(Page(address(story), old.body, old.content_type), declared, NOW)
    after = read_page(Page(redirect.location, new.body, new.content_type), declared, NOW)

    assert isinstance(before, PageContent)
    assert isinstance(after, PageContent)
    assert before.article.rules != GENERIC == after.article.rules
    assert (before.title, before.when and before.when.day) == (after.title, after.when and after.when.day)


def test_lists_of_a_redesigned_outlet_name_the_new_addresses() -> None:
    """The outlet's feed lists only new addresses; other outlets are unchanged."""
    newsstand = Newsstand()
    newsstand.redesign("songhong")

    feed = newsstand.answer("songhong.example", "/rss/home.rss")
    other = newsstand.answer("vntin.example", "/rss/tin-moi.atom")

    assert feed
    assert other
    assert b"songhong.example/v1/" in feed.body
    assert b"-299" not in feed.body
    assert b"/v1/" not in other.body


def test_the_first_design_is_the_page_itself() -> None:
    """Design 0 changes nothing, and a class name is the same at every call."""
    assert b"<h1>A</h1>" == redesigned_page(b"<h1>A</h1>", 0)
    assert new_name("title", 1) == new_name("title", 1) != new_name("title", 2)
    assert new_name("title", 1).isalpha()
