"""A reading that misses most of its page is replaced."""

from datetime import UTC, datetime

import pytest
from unknown import HEAD, MENU, TEXT, TITLE, read

from crawler.outlets.model import Outlet, Reading
from crawler.page import Page
from crawler.parsing.blocks import blocks_of
from crawler.parsing.html_tree import lxml_tree
from crawler.reading.article import GENERIC
from crawler.reading.completeness import is_fuller
from crawler.reading.confidence import MISSES_PROSE, RULES_DO_NOT_FIT
from crawler.reading.extract import read_page

NOW = datetime(2026, 2, 10, tzinfo=UTC)
URL = "https://bao.example/the-gioi/hoi-dam-4954454.html"
LONG = [f"{line} Đoạn số {i} của bài dài." for i in range(6) for line in TEXT]


def declared(markup, **rules):
    """Read a page by the rules of a declared outlet."""
    outlet = Outlet(
        id="bao", name="Báo", home="https://bao.example/", article=r"-(?P<key>\d{7})\.html", reading=(Reading(**rules),)
    )
    whole = f"<html lang=vi><head>{HEAD}</head><body>{markup}</body></html>"
    return read_page(Page(URL, whole.encode(), "text/html; charset=utf-8"), outlet, NOW)


def paragraphs(lines):
    """Write lines as paragraphs."""
    return "".join(f"<p>{line}</p>" for line in lines)


def test_rules_that_match_too_little_do_not_cut_the_article():
    """If the generic reader finds far more of the page than the rules, its result is used, with a doubt."""
    found = declared(
        f"<h1>{TITLE}</h1><div class=content><p>08:12 ngày 4/2</p></div><div class=story>{paragraphs(LONG)}</div>",
        body=(".content",),
    )

    assert tuple(LONG) == found.article.body
    assert (GENERIC, True) == (found.article.rules, RULES_DO_NOT_FIT in found.article.doubts)


def test_fitting_rules_are_used():
    """A short article of a declared outlet is read by its rules, whatever is beside it."""
    links = "".join(f"<li><a href=/{i}>Một nhan đề khá dài của bài khác số {i}</a></li>" for i in range(60))
    content = f"<div class=content>{paragraphs(TEXT[:2])}</div>"
    found = declared(f"{MENU}<h1>{TITLE}</h1>{content}<ul>{links}</ul>", body=(".content",))

    assert (tuple(TEXT[:2]), "today", ()) == (found.article.body, found.article.rules, found.article.doubts)


@pytest.mark.parametrize(
    ("line", "fuller"), [("港の会社で七日続けて働くことになった", True), ("A week of work", False)]
)
def test_scripts_without_blanks_need_fewer_letters(line, fuller):
    """A text in Japanese replaces another with half as many letters as one in Latin script needs."""
    question, form = (blocks_of(lxml_tree(f"<p>{line * times}</p>").body) for times in (13, 4))

    assert fuller == is_fuller(question, form)


def test_a_quick_reading_that_misses_most_is_replaced():
    """Text in elements of several kinds is read completely, and the record notes the doubt."""
    intro = "".join(f"<p>Chào mừng bạn đọc đến với bản tin số {i} trong ngày hôm nay.</p>" for i in range(7))
    parts = "".join(f"<div class=s{i}><div>{paragraphs(LONG[i * 6 : i * 6 + 6])}</div></div>" for i in range(5))
    found = read(f"<h1>{TITLE}</h1><div class=entry-content>{intro}</div><div>{parts}</div>")

    assert set(LONG) <= set(found.article.body)
    assert (MISSES_PROSE,) == found.article.doubts
