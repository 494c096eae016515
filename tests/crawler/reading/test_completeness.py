"""A reading that misses most of its page is replaced."""

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser
from unknown import HEAD, MENU, TEXT, TITLE, read

from crawler.outlets.model import Outlet, Reading
from crawler.page import Page
from crawler.parsing.blocks import blocks_of
from crawler.parsing.html_tree import lxml_tree
from crawler.reading.article import GENERIC
from crawler.reading.completeness import is_fuller, rules_miss_most
from crawler.reading.confidence import MISSES_PROSE, RULES_DO_NOT_FIT, TITLE_BY_NO_RULE
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


@pytest.mark.parametrize("tag", ["p", "div"])
def test_rules_that_match_too_little_do_not_cut_the_article(tag):
    """If the generic reader finds far more of the page than the rules, its result is used, with a doubt."""
    story = paragraphs(LONG).replace("p>", f"{tag}>")
    found = declared(
        f"<h1>{TITLE}</h1><div class=content><p>08:12 ngày 4/2</p></div><div class=story>{story}</div>",
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


def test_fitting_rules_are_used_whatever_readers_write():
    """If the text is in the element of the rule, the rule is used, although comments below it are longer."""
    comments = f"<div class=comment-list>{paragraphs(f'Bạn đọc: {line}' for line in LONG)}</div>"
    markup = f"<h1>{TITLE}</h1><div class=text>{paragraphs(LONG[:6])}</div>{comments}"
    found = declared(markup, body=(".text",))

    assert (tuple(LONG[:6]), "today") == (found.article.body, found.article.rules)
    assert not rules_miss_most(LexborHTMLParser(markup), found.article.blocks, "")


def test_a_rule_that_matches_one_section_does_not_cut_the_article():
    """If an old selector matches one of several sections, the generic reader reads the whole text."""
    rest = "".join(f"<section class=part>{paragraphs(LONG[i : i + 11])}</section>" for i in (7, 18))
    found = declared(
        f"<h1>{TITLE}</h1><main><div class=text>{paragraphs(LONG[:7])}</div>{rest}</main>", body=(".text",)
    )

    assert GENERIC == found.article.rules
    assert set(LONG[7:29]) <= set(found.article.body)


@pytest.mark.parametrize("head", ["Tin Ví dụ", "Chuyên mục"])
def test_a_wrong_headline_is_not_used(head):
    """An old selector that now matches the site's name or a section does not give the headline."""
    found = declared(
        f"<h1>{head}</h1><h2>{TITLE}</h2><div class=text>{paragraphs(LONG)}</div>", title=("h1",), body=(".text",)
    )

    assert (TITLE, GENERIC) == (found.title, found.article.rules)


@pytest.mark.parametrize(
    ("line", "fuller"), [("港の会社で七日続けて働くことになった", True), ("A week of work", False)]
)
def test_scripts_without_blanks_need_fewer_letters(line, fuller):
    """A text in Japanese replaces another with half as many letters as one in Latin script needs."""
    question, form = (blocks_of(lxml_tree(f"<p>{line * times}</p>").body) for times in (13, 4))

    assert fuller == is_fuller(question, form)


def test_a_headline_by_no_rule_is_a_doubt():
    """If the rule for the headline matches nothing, the page's metadata give it, and the record notes the doubt."""
    content = f"<div class=content>{paragraphs(TEXT)}</div>"
    lost = declared(f"<h1>{TITLE}</h1>{content}", title=(".headline",), body=(".content",))
    found = declared(f"<h1 class=headline>{TITLE}</h1>{content}", title=(".headline",), body=(".content",))

    assert (TITLE, (TITLE_BY_NO_RULE,)) == (lost.title, lost.article.doubts)
    assert (TITLE, ()) == (found.title, found.article.doubts)


def test_a_quick_reading_that_misses_most_is_replaced():
    """Text in elements of several kinds is read completely, and the record notes the doubt."""
    intro = "".join(f"<p>Chào mừng bạn đọc đến với bản tin số {i} trong ngày hôm nay.</p>" for i in range(7))
    parts = "".join(f"<div class=s{i}><div>{paragraphs(LONG[i * 6 : i * 6 + 6])}</div></div>" for i in range(5))
    found = read(f"<h1>{TITLE}</h1><div class=entry-content>{intro}</div><div>{parts}</div>")

    assert set(LONG) <= set(found.article.body)
    assert (MISSES_PROSE,) == found.article.doubts


def test_an_element_around_the_headline_is_no_box():
    """The text is read in an element that is named after comments, but holds the headline too."""
    found = read(f"<div class='comments-enabled post'><h1>{TITLE}</h1><div class=b>{paragraphs(TEXT)}</div></div>")

    assert tuple(TEXT) == found.article.body


def test_menus_and_tables_beside_a_short_article_are_no_prose():
    """A brief is read by its rules, and read once, although links and a table of short lines fill its page."""
    table = "".join(f"<div>Trạm {i}</div><div>{20 + i % 9} độ</div>" for i in range(200))
    links = "".join(f"<li><a href=/{i}>Một nhan đề khá dài của một bài viết khác số {i}</a></li>" for i in range(60))
    markup = f"<h1>{TITLE}</h1><div class=text>{paragraphs(TEXT[:2])}</div><ul>{links}</ul>{table}"
    found = declared(markup, body=(".text",))

    assert (tuple(TEXT[:2]), "today") == (found.article.body, found.article.rules)
    assert not rules_miss_most(LexborHTMLParser(markup), found.article.blocks, "")
