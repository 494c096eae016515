"""Finding the further pages of an article, and joining their texts."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unknown import HEAD, MENU, TEXT, TITLE

from archive.errors import Failure, Reason
from crawler.outlets.catalogue import bare_outlet
from crawler.page import Page
from crawler.parsing import charset
from crawler.reading import pagination
from crawler.reading.pagination import MOST_PARTS, MultipageArticle, find_further_pages, page_number, read_first_page

NOW = datetime(2026, 2, 10, tzinfo=UTC)
SITE = "https://tin.example.vn"
URL = f"{SITE}/the-gioi/hoi-dam-cap-cao-giua-hai-nuoc-4954454.html"
OUTLET = bare_outlet(URL)


def page(lines, links="", url=URL, head=HEAD):
    """Return a page of an article, with links to its other pages after the text."""
    text = "".join(f"<p>{line}</p>" for line in lines)
    body = f"<header>{MENU}</header><h1>{TITLE}</h1><article><div class=content>{text}</div></article>{links}"
    return Page(
        url, f"<html lang=vi><head>{head}</head><body>{body}</body></html>".encode(), "text/html; charset=utf-8"
    )


def numbered(address, last, own=1):
    """Return links to pages by their number."""
    return (
        "<div class=pages>"
        + "".join(f"<b>{n}</b>" if n == own else f"<a href='{address.format(n)}'>{n}</a>" for n in range(1, last + 1))
        + "</div>"
    )


@pytest.mark.parametrize(
    "address",
    ["?page={}", URL + "?trang={}"] + [URL.replace(".html", f"{mark}.html") for mark in ("-p{}", "-trang-{}", "_{}")],
)
def test_finds_the_further_pages(address):
    """Numbered links to the article's address plus a number are its further pages, in order."""
    found = find_further_pages(page(TEXT, numbered(address, 3)), URL, OUTLET)

    assert [2, 3] == [page_number(URL, url) for url in found]


@pytest.mark.parametrize(
    "link",
    [
        f"<link rel=next href='{URL}?page=2'>",
        f"<a rel=next href='{URL}?page=2'>Đọc tiếp</a>",
        f"<a href='{URL}?page=2'>Trang sau</a>",
        f"<a href='{URL}?page=2'>»</a>",
    ],
)
def test_a_link_to_the_next_page_is_followed(link):
    """A link to the next page needs no number."""
    assert (f"{URL}?page=2",) == find_further_pages(page(TEXT, link), URL, OUTLET)


@pytest.mark.parametrize(
    "attribute",
    [
        f"href={URL}?page=2",
        f'HREF = "{URL}?page=2"',
        f"class=x href='\n{URL}?page=2 '",
        f"title='href=' href='{URL}?utm_source=a&amp;page=2'",
        f"href='{URL}?page=%32'",
        "href=?page=2#top",
    ],
)
def test_a_link_is_found_however_it_is_written(attribute):
    """The search for links that precedes parsing knows every form of the attribute."""
    found = find_further_pages(page(TEXT, f"<a {attribute}>2</a><a rel=next href='#'>x</a>"), URL, OUTLET)

    assert 1 == len(found)


@pytest.mark.parametrize(
    "link",
    [
        f"<a rel=next href='{SITE}/the-gioi/mot-bai-khac-4954455.html'>Bài sau</a>",
        "<a rel=next href='https://other.example/the-gioi/hoi-dam-cap-cao-giua-hai-nuoc-4954454.html?page=2'>2</a>",
        f"<a href='{SITE}/the-gioi?page=2'>2</a>",
        f"<a href='{URL}?page=2'>Bình luận cũ hơn</a>",
        f"<a href='{URL}?cpage=2'>2</a>",
        f"<a href='{URL}?page=1'>1</a>",
        f"<a href='{URL}?page=2&sort=old'>2</a>",
        "<a href='http://['>2</a>",
    ],
)
def test_other_links_are_not_further_pages(link):
    """Other articles, other sites, listings and comments are not further pages."""
    assert () == find_further_pages(page(TEXT, f"{link}<a rel=next href='#'>x</a>"), URL, OUTLET)


def test_the_number_of_pages_is_limited():
    """Of any number of linked pages, only a limited number is fetched."""
    links = numbered("?page={}", 90)

    assert MOST_PARTS - 1 == len(find_further_pages(page(TEXT, links), URL, OUTLET))


@pytest.mark.parametrize(
    ("first", "url", "number"),
    [
        ("https://a.vn/bai", "https://a.vn/bai/2", 2),
        ("https://a.vn/bai/", "https://a.vn/bai/page/3/", 3),
        ("https://a.vn/bai?id=7", "https://a.vn/bai?id=7&p=2", 2),
        ("https://a.vn/bai?p=7", "https://a.vn/bai?p=8", 0),
        ("https://a.vn/2026/02/04/bai", "https://a.vn/2026/02/04/bai/2", 2),
        ("https://a.vn/2026/02/04/bai", "https://a.vn/2026/02/05", 0),
        ("https://a.vn/bai-1", "https://a.vn/bai-2", 0),
        ("https://a.vn/bai", "https://b.vn/bai/2", 0),
    ],
)
def test_a_page_is_recognised_by_its_address(first, url, number):
    """A further page has the address of the first with an added number and no other difference."""
    assert number == page_number(first, url)


def test_the_pages_are_one_article():
    """The texts of further pages are appended, repeated parts once, and the last page's signature ends the text."""
    links = numbered("?page={}", 3)
    first = page(TEXT[:2], links)
    second = page([TEXT[1], TEXT[2]], links, f"{URL}?page=2")
    third = page(TEXT[3:], links.replace("</div>", "</div>"), f"{URL}?page=3")
    third = Page(third.url, third.content.replace(b"</div></article>", b"<p>Theo Reuters</p></div></article>"))

    begun = read_first_page(first, OUTLET, NOW)
    assert isinstance(begun, MultipageArticle)
    assert (f"{URL}?page=2", f"{URL}?page=3") == begun.parts
    whole = read_first_page(first, OUTLET, NOW, [second, third])

    assert "\n\n".join(TEXT) == whole.record.body
    assert ("Theo Reuters", ("Reuters",), URL) == (whole.record.signature, whole.record.credits, whole.record.url)


def test_a_further_page_that_is_not_an_article_is_left_out():
    """A page at the address of a further page that is not an article adds nothing."""
    links = numbered("?page={}", 2)

    whole = read_first_page(page(TEXT[:3], links), OUTLET, NOW, [Page(f"{URL}?page=2", b"")])

    assert "\n\n".join(TEXT[:3]) == whole.record.body


@pytest.mark.parametrize(
    "head",
    [f"{HEAD}<link rel=canonical href='{URL}'>", f"{HEAD}<link rel=prev href='{URL}'>"],
)
def test_a_further_page_is_not_an_article_of_its_own(head):
    """A page that names another page as its first is read with it, not alone."""
    refused = read_first_page(page(TEXT, url=f"{URL}?page=2", head=head), OUTLET, NOW)

    assert isinstance(refused, Failure)
    assert (Reason.NOT_AN_ARTICLE, True) == (refused.reason, URL in refused.detail)


def test_an_article_of_one_page_is_read_as_usual():
    """An address with a number, and an article without further pages, are read as usual."""
    assert TITLE == read_first_page(page(TEXT, url=f"{SITE}/bai-viet-hay-nhat-nam-p2.html"), OUTLET, NOW).document.title
    assert Reason.NO_DATE == read_first_page(page(TEXT, head=""), OUTLET, NOW).reason


def test_a_page_that_cannot_be_parsed_has_no_further_ones():
    """A page that is too deep to be parsed has no links."""
    deep = Page(f"{URL}?page=2", f"<a rel=next href='?page=3'>{'<div>' * 5_000}".encode())

    assert () == find_further_pages(deep, URL, OUTLET)
    assert Reason.TOO_DEEP == read_first_page(deep, OUTLET, NOW).reason


@pytest.mark.parametrize(
    ("url", "canonical", "expected"),
    [
        (f"{URL}?amp=1", URL, URL),
        (f"{SITE}/amp/hoi-dam-cap-cao-giua-hai-nuoc-4954454.html", URL, URL),
        (f"{URL}?amp=1", f"{SITE}/", f"{URL}?amp=1"),
        (f"{URL}?amp=1", "https://other.example/hoi-dam-cap-cao-giua-hai-nuoc-4954454.html", f"{URL}?amp=1"),
    ],
)
def test_a_mirror_belongs_to_its_article(url, canonical, expected):
    """An AMP page of an undeclared site belongs to its canonical page on the same site."""
    read = read_first_page(page(TEXT, url=url, head=f"{HEAD}<link rel=canonical href='{canonical}'>"), OUTLET, NOW)

    assert expected == read.url


PLAIN_HINT = re.compile(r"""\brel=["']?next\b|[?&;](?:page|paged|pg|p|part|trang)=2\b""", re.IGNORECASE)
PIECES = [
    "rel",
    "REL",
    "=",
    "'",
    '"',
    "next",
    "Next",
    "2",
    "?",
    "&",
    ";",
    "page",
    "paged",
    "pg",
    "p",
    "part",
    "trang",
    " ",
]
PIECES += ["Page", "é", "_", "-", "x", "\n", "ſ", "\u212a"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_fast_search_for_further_pages_equals_the_plain_one(text):
    """The pattern that searches the equals sign first finds the same hints as the readable pattern."""
    assert bool(PLAIN_HINT.search(text)) == bool(pagination._HINT.search(text))


def test_a_page_is_decoded_once(monkeypatch):
    """Reading an article and finding its further pages decodes its bytes once."""
    decoded = []
    as_written = charset._decode
    monkeypatch.setattr(charset, "_decode", lambda *content: decoded.append(content) or as_written(*content))

    read_first_page(page(TEXT, numbered("?page={}", 3)), OUTLET, NOW)

    assert 1 == len(decoded)
