"""What a page says of itself is gathered and ranked."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.reading.metadata import read_metadata

URL = "https://bao.example/tin/bai-1.html"
PAGE = """<html lang=vi><head><title>Nhan đề | Báo</title>
<link rel=canonical href="/tin/bai-1.html">
<meta property="og:title" content="Nhan đề og"><meta property="og:site_name" content="Báo">
<meta name=description content="Mô tả"><meta name=author content="https://facebook.com/bao">
<meta name=robots content="index, noarchive">
<meta property="article:published_time" content="2026-02-04T19:25:00&#x2B;07:00">
<meta property="article:modified_time" content="2026-02-05T08:00:00+07:00">
<meta property="article:tag" content="Nga, Mỹ"><meta property="article:tag" content="#Mỹ; Trung Quốc">
<meta property="article:section" content="Thế giới, Phân tích">
<script type="application/ld+json">%s</script></head><body><h1>Nhan  đề in</h1></body></html>"""


def facts(script="", page=PAGE):
    """The facts of a page, its JSON-LD filled in."""
    return read_metadata(LexborHTMLParser(page % script if "%s" in page else page), URL)


def test_reads_metas():
    """Titles, times, tags and the rest come from metas where there is no JSON-LD."""
    found = facts()

    assert ["Nhan đề og", "Nhan đề | Báo"] == found.titles
    assert [("meta", "2026-02-04T19:25:00+07:00")] == found.published
    assert ["2026-02-05T08:00:00+07:00"] == found.modified
    assert ["Nga", "Mỹ", "Trung Quốc"] == found.tags
    assert ("Thế giới", ["Mô tả"], ["Báo"], []) == (found.section, found.descriptions, found.site_names, found.authors)
    assert (URL, "vi", ("Nhan đề in",), True) == (found.canonical, found.language, found.heads, found.noarchive)


def test_json_ld_comes_first():
    """What JSON-LD says of the article ranks above metas, and the modified time never is the published one."""
    found = facts(
        '{"@type": "NewsArticle", "headline": "Nhan đề ld", "datePublished": "2026-02-03", '
        '"dateModified": "2026-02-06",'
        '"author": [{"name": "Thu Lan"}], "articleSection": "Nga", "keywords": ["x"], "description": "Tóm tắt",'
        '"publisher": {"name": "Tòa soạn"}, "dateCreated": "2026-02-01"}'
    )

    assert "Nhan đề ld" == found.titles[0]
    assert [
        ("json-ld", "2026-02-03"),
        ("json-ld", "2026-02-01"),
        ("meta", "2026-02-04T19:25:00+07:00"),
    ] == found.published
    assert "2026-02-06" == found.modified[0]
    assert (["Thu Lan"], "Nga", "Tóm tắt") == (found.authors, found.section, found.descriptions[0])
    assert ["Tòa soạn", "Báo"] == found.site_names


def test_a_comment_dates_nothing():
    """The time of a comment, an event or a listed item is not the article's."""
    found = facts('[{"@type": "Comment", "datePublished": "2020-01-01"}, {"@type": "NewsArticle"}]')

    assert [("meta", "2026-02-04T19:25:00+07:00")] == found.published


@pytest.mark.parametrize(
    ("page", "authors"),
    [
        ('<meta name=author content="Thu Lan">', ["Thu Lan"]),
        ('<meta name=author content="@bao"><meta property="article:author" content="Minh Anh">', ["Minh Anh"]),
        ("", []),
    ],
)
def test_authors_of_metas_are_people(page, authors):
    """An address of a profile or an account is no author."""
    assert authors == facts(page=page).authors


def test_keywords_of_json_ld_are_the_last_resort():
    """Tags come from the node's keywords where no meta has any; sentences are no tags."""
    page = '<script type="application/ld+json">{"@type": "Article", "keywords": "Nga; %s"}</script>' % ("x" * 61)

    assert ["Nga"] == facts(page=page).tags


@pytest.mark.parametrize("href", ["http://[", "", "  "])
def test_a_broken_canonical_is_none(href):
    """A canonical address that is none is left out."""
    assert "" == facts(page=f'<link rel=canonical href="{href}">').canonical


def test_a_web_page_has_no_headline():
    """The name of the page's own node is not the headline."""
    found = facts('{"@type": "WebPage", "name": "Trang", "inLanguage": "vi"}')

    assert "Nhan đề og" == found.titles[0]
