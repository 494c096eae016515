"""A page that is only a refresh is a redirect; a page with a text is a page."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching.meta_refresh import refresh_target

HERE = "https://bao.example/go/1"
THERE = "https://bao.example/tin/cau-moi"

REFRESHES = {
    "plain": '<meta http-equiv="refresh" content="0; url=/tin/cau-moi">',
    "in capitals": '<META HTTP-EQUIV="Refresh" CONTENT="0; URL=/tin/cau-moi">',
    "the other way round": "<meta content=\"0;URL='/tin/cau-moi'\" http-equiv=refresh>",
    "without quotes": "<meta http-equiv=refresh content=0;url=/tin/cau-moi>",
    "without url=": '<meta http-equiv="refresh" content="0; /tin/cau-moi">',
    "after some seconds": '<meta http-equiv="refresh" content="5;url=/tin/cau-moi"><p>You will be redirected.',
    "for those without scripts": (
        '<script>location="/x"</script><noscript><meta http-equiv=refresh content="0;url=/tin/cau-moi"></noscript>'
    ),
    "after a long comment": f'<!--{"x" * 9000}--><meta http-equiv="refresh" content="0; url=/tin/cau-moi">',
    "relative to a base": '<base href="/tin/"><meta http-equiv="refresh" content="0; url=cau-moi">',
    "with backslashes": r'<meta http-equiv="refresh" content="0; url=\tin\cau-moi">',
    "escaped": '<meta http-equiv="refresh" content="0; url=&#47;tin/cau-moi">',
}


@pytest.mark.parametrize("markup", REFRESHES.values(), ids=REFRESHES)
def test_a_refresh_is_followed(markup: str) -> None:
    """A refresh is recognised in every spelling."""
    assert THERE == refresh_target(f"<html><head>{markup}</head><body></body></html>".encode(), HERE)


PAGES = {
    "an article that reloads itself": f'<meta http-equiv="refresh" content="300"><p>{"Tin dài. " * 99}</p>',
    "an article with a refresh for those without scripts": (
        f'<noscript><meta http-equiv=refresh content="0;url=/?nojs"></noscript><p>{"Tin dài. " * 99}</p>'
    ),
    "a page that reloads": '<meta http-equiv="refresh" content="0">',
    "a page whose refresh is commented out": '<!-- <meta http-equiv="refresh" content="0;url=/x"> --><p>Tin ngắn.',
    "a page that waits": '<meta http-equiv="refresh" content="60;url=/x">',
    "another scheme": '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    "a broken address": '<meta http-equiv="refresh" content="0;url=http://[">',
    "a feed that quotes one": "<?xml version='1.0'?><rss>&lt;meta http-equiv=refresh content='0;url=/x'></rss>",
    "another meta": '<meta name="refresh" content="0;url=/x">',
}


@pytest.mark.parametrize("markup", PAGES.values(), ids=PAGES)
def test_other_pages_are_not_redirects(markup: str) -> None:
    """A page with a text, a long wait or a useless target is not a redirect."""
    assert "" == refresh_target(markup.encode(), HERE)


def test_the_header_field_counts_too() -> None:
    """The header field `Refresh` means the same (HTML, 4.2.5.3)."""
    assert THERE == refresh_target(b"<p>x", HERE, "0; url=/tin/cau-moi")
    assert "" == refresh_target(b"<p>x", HERE, "300")


@pytest.mark.parametrize("header", ["5; url=/tin/cau-moi", f"5; url={HERE}", f"0; url={HERE}"])
def test_an_article_with_a_later_refresh_is_read(header: str) -> None:
    """An article that reloads itself, or leads on after some seconds, is no redirect; one that leads on at once is."""
    article = f"<p>{'Tin dài. ' * 99}</p>".encode()

    assert "" == refresh_target(article, HERE, header)
    assert THERE == refresh_target(article, HERE, "0; url=/tin/cau-moi")


@pytest.mark.parametrize("piece", [b"<script", b"<meta refresh ", b"refresh<", b"<script>refresh", b"<meta content='"])
def test_hostile_pages_take_no_time(piece: bytes) -> None:
    """The search is bounded, because it runs in the event loop."""
    began = time.process_time()
    refresh_target(b"<meta http-equiv=refresh content='0;url=/x'>" + piece * 500, HERE)

    assert time.process_time() - began < 0.2


@given(st.binary(max_size=300), st.text(max_size=50))
def test_nothing_raises(content: bytes, header: str) -> None:
    """Any page and any header field give an address or none."""
    assert refresh_target(b"refresh<meta http-equiv=refresh content='0;url=" + content, HERE, header) is not None


def test_a_page_that_leads_to_itself_is_a_redirect_to_itself() -> None:
    """A page that only names its own address again is a loop, which the fetcher reports; it is no page without text."""
    assert HERE == refresh_target(f'<meta http-equiv="refresh" content="0;url={HERE}#a">'.encode(), HERE)
