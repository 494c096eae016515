"""Collecting and ranking the metadata of a page."""

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
    """Return the metadata of a page with this JSON-LD."""
    return read_metadata(LexborHTMLParser(page % script if "%s" in page else page), URL)


def test_reads_metas():
    """Without JSON-LD, titles, times, tags and others come from metas."""
    found = facts()

    assert ["Nhan đề og", "Nhan đề | Báo"] == found.titles
    assert [("meta", "2026-02-04T19:25:00+07:00")] == found.published
    assert ["2026-02-05T08:00:00+07:00"] == found.modified
    assert ["Nga", "Mỹ", "Trung Quốc"] == found.tags
    assert ("Thế giới", ["Mô tả"], ["Báo"], []) == (found.section, found.descriptions, found.site_names, found.authors)
    assert (URL, "vi", ("Nhan đề in",), True) == (found.canonical, found.language, found.heads, found.noarchive)


def test_json_ld_comes_first():
    """JSON-LD of the article ranks above metas, and the modified time is never the time of publication."""
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


def test_other_times_do_not_date_the_article():
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
    """The address of a profile or an account is not an author."""
    assert authors == facts(page=page).authors


def test_keywords_of_json_ld_are_the_last_resort():
    """Tags come from JSON-LD's keywords if no meta has any; sentences are not tags."""
    page = '<script type="application/ld+json">{"@type": "Article", "keywords": "Nga; %s"}</script>' % ("x" * 61)

    assert ["Nga"] == facts(page=page).tags


@pytest.mark.parametrize("href", ["http://[", "", "  "])
def test_an_invalid_canonical_address_is_ignored(href):
    """An invalid canonical address is ignored."""
    assert "" == facts(page=f'<link rel=canonical href="{href}">').canonical


def test_a_web_page_has_no_headline():
    """The name of the page's own node is not the headline."""
    found = facts('{"@type": "WebPage", "name": "Trang", "inLanguage": "vi"}')

    assert "Nhan đề og" == found.titles[0]


OWN = f'{{"@type": "NewsArticle", "headline": "Bến đò dời chỗ", "url": "{URL}", "datePublished": "2026-02-04"}}'
OTHER = (
    '{"@type": "NewsArticle", "headline": "Lịch phà đổi", "url": "https://bao.example/khac.html", '
    '"datePublished": "2025-03-12", "author": "Otto Pike"}'
)


@pytest.mark.parametrize(
    ("nodes", "headline", "days"),
    [
        pytest.param(f"[{OTHER}, {OWN}]", "Bến đò dời chỗ", ["2026-02-04"], id="another article first"),
        pytest.param(f"[{OTHER}]", None, [], id="another article alone"),
        pytest.param(
            '{"@type": "NewsArticle", "headline": "Tin SEO", "datePublished": "2026-02-04"}',
            "Tin SEO",
            ["2026-02-04"],
            id="another wording alone",
        ),
        pytest.param(
            f'[{{"@type": "WebPage", "url": "{URL}"}}, '
            '{"@type": "NewsArticle", "headline": "x", "datePublished": "2026-02-04"}]',
            "x",
            ["2026-02-04"],
            id="another wording beside the page's own address",
        ),
    ],
)
def test_the_node_of_the_article_is_found_by_address_and_headline(nodes, headline, days):
    """JSON-LD of other articles gives neither headline nor day."""
    page = f'<title>Bến đò dời chỗ</title><script type="application/ld+json">{nodes}</script><h1>Bến đò dời chỗ</h1>'
    found = facts(page=page)

    assert headline == found.article.get("headline")
    assert days == [words for _, words in found.published]


@pytest.mark.parametrize(
    ("author", "names", "organizations"),
    [
        ('{"@id": "#1"}, "x": {"@id": "#1", "@type": "Person", "name": "Thu Lan"}', [], False),
        ('{"givenName": "Thu", "familyName": "Lan"}', ["Thu Lan"], False),
        ('{"@type": "Organization", "name": "Chủ báo"}', ["Chủ báo"], True),
        (
            '[{"@type": "NewsMediaOrganization", "name": "Chủ báo"}, {"@type": "Person", "name": "Lan"}]',
            ["Chủ báo", "Lan"],
            False,
        ),
    ],
)
def test_authors_of_every_form(author, names, organizations):
    """Given and family names are joined, and organizations are distinguished from people."""
    found = facts(page=f'<script type="application/ld+json">{{"@type": "Article", "author": {author}}}</script>')

    assert (names, organizations) == (found.authors, found.names_organizations)


def test_a_contributor_is_an_author_where_none_is_named():
    """A person among the contributors is taken only if JSON-LD names no author."""
    people = '"contributor": [{"@type": "Person", "name": "Thu Lan"}, {"@type": "Organization", "name": "AP"}]'

    assert ["Thu Lan"] == facts(f'{{"@type": "NewsArticle", {people}}}').authors
    assert ["Minh"] == facts(f'{{"@type": "NewsArticle", "author": "Minh", {people}}}').authors


def test_an_author_by_reference():
    """An author that refers to another node is looked up."""
    graph = '[{"@type": "Article", "author": {"@id": "#1"}}, {"@type": "Person", "@id": "#1", "name": "Thu Lan"}]'

    assert ["Thu Lan"] == facts(page=f'<script type="application/ld+json">{{"@graph": {graph}}}</script>').authors
