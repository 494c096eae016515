"""Reading section pages: each link with its best headline, and the address of the next page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.discovery.entries import BOUNDS
from crawler.discovery.section_pages import read_section
from crawler.outlets.model import Source
from crawler.page import Listing, Page

URL = "https://bao.example/kinh-doanh"
ANY = Source(kind="section", url=URL)


def read(markup: str | bytes, source: Source = ANY, url: str = URL) -> Listing | Failure:
    """Read a section page."""
    return read_section(Page(url, markup.encode() if isinstance(markup, str) else markup), source)


def test_each_link_comes_once_with_its_best_headline() -> None:
    """If a picture and a headline link to the same article, the longest text is its headline."""
    listing = read(
        '<a href="/a.html#anh"><img src=x></a><a href=" /a.html "> Tiêu đề\n <b>một</b></a>'
        '<a href="/b.html" title="Tiêu đề hai"></a>'
        '<a href="https://quangcao.example/x" aria-label="Mua"></a><a href="javascript:void(0)">x</a><a href="http://[">y</a><a>z</a>'
    )

    assert (
        Candidate("https://bao.example/a.html", "Tiêu đề một"),
        Candidate("https://bao.example/b.html", "Tiêu đề hai"),
        Candidate("https://quangcao.example/x", "Mua"),
    ) == listing.candidates


def test_only_declared_links_are_used() -> None:
    """A selector may match links, or elements that contain one."""
    markup = "<nav><a href=/menu>Menu</a></nav><h3><a href=/a>A</a></h3><h3>no link</h3><a class=x href=/b>B</a>"
    listing = read(markup, Source(kind="section", url=URL, links="h3, a.x"))

    assert ["https://bao.example/a", "https://bao.example/b"] == [found.url for found in listing.candidates]


def test_links_are_relative_to_the_base() -> None:
    """`<base href>` applies if it is a valid address."""
    assert (
        "https://m.bao.example/x/a" == read("<base href='https://m.bao.example/x/'><a href=a>A</a>").candidates[0].url
    )
    assert "https://bao.example/a" == read("<base href='http://['><a href=a>A</a>").candidates[0].url


NUMBERED = Source(kind="section", url=URL, next="https://bao.example/kinh-doanh?trang={page}", pages=3)
NEXT = {
    "none": ("", ANY, URL, ""),
    "the page's own": ("<link rel=next href='/kinh-doanh-p2'>", ANY, URL, "https://bao.example/kinh-doanh-p2"),
    "a link in the page": ("<a rel=next href='?p=2'>Sau</a>", ANY, URL, "https://bao.example/kinh-doanh?p=2"),
    "itself": (f"<link rel=next href='{URL}'>", ANY, URL, ""),
    "another site": ("<link rel=next href='https://quangcao.example/2'>", ANY, URL, ""),
    "nowhere": ("<link rel=next>", ANY, URL, ""),
    "declared, from the first": ("", NUMBERED, URL, "https://bao.example/kinh-doanh?trang=2"),
    "declared, from the second": (
        "",
        NUMBERED,
        "https://bao.example/kinh-doanh?trang=2",
        "https://bao.example/kinh-doanh?trang=3",
    ),
}


@pytest.mark.parametrize(("markup", "source", "url", "following"), NEXT.values(), ids=NEXT)
def test_the_next_page(markup: str, source: Source, url: str, following: str) -> None:
    """The next page is the declared one, or the page's own link to the next page, on the same site."""
    assert following == read(f"<html><head>{markup}</head></html>", source, url).next_page


def test_links_are_bounded() -> None:
    """Only the first links of a page with very many links are read, and a note says so."""
    listing = read("".join(f"<a href=/{n}>A</a>" for n in range(BOUNDS.links + 1)))

    assert BOUNDS.links == len(listing.candidates)
    assert (f"more than {BOUNDS.links} links; the rest was not read",) == listing.notes


BAD = {
    "nothing": (b" \n", Reason.EMPTY),
    "nested": (b"<div>" * 200_000, Reason.TOO_DEEP),
    "a million links": (b"<a href=/x>x</a>" * 1_000_000, Reason.TOO_LARGE),
}


@pytest.mark.parametrize(("content", "reason"), BAD.values(), ids=BAD)
def test_a_page_that_cannot_be_read_is_a_failure(content: bytes, reason: Reason) -> None:
    """An empty page and hostile pages fail with a reason."""
    failure = read(content)

    assert isinstance(failure, Failure)
    assert reason == failure.reason


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"<a href='{text}'>{text}".encode())))
def test_no_content_raises(content: bytes) -> None:
    """Any content gives a listing or a failure."""
    assert isinstance(read(content), Listing | Failure)
