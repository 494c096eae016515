"""Parsing JSON-LD in all forms that pages use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading import jsonld
from crawler.reading.jsonld import Author

ARTICLE = '{"@type": "NewsArticle", "headline": "Mùa vụ", "datePublished": "2026-02-04"}'


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ARTICLE, id="plain"),
        pytest.param(f"[{ARTICLE}]", id="in a list"),
        pytest.param(f'{{"@graph": [{ARTICLE}]}}', id="in a graph"),
        pytest.param(f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}', id="main entity of a page"),
        pytest.param(f'{{"@type": "WebSite"}}{ARTICLE}', id="glued to another"),
        pytest.param(f"//<![CDATA[\n{ARTICLE}\n//]]>", id="in a CDATA section"),
        pytest.param(f"<!--\n{ARTICLE}\n-->", id="in a comment"),
        pytest.param(f"{ARTICLE};", id="with a semicolon"),
        pytest.param(ARTICLE.replace('"', "&quot;"), id="escaped for HTML"),
        pytest.param(ARTICLE.replace("ù", "\\u00f9").replace("ụ", "\\u1ee5"), id="with escapes"),
        pytest.param(ARTICLE.replace("}", ",}"), id="with a trailing comma"),
        pytest.param(ARTICLE.replace(", ", ", , ", 1), id="with a doubled comma"),
        pytest.param(ARTICLE.replace("{", "{ // nhan đề\n", 1), id="with a comment"),
        pytest.param(
            ARTICLE.replace("{", '{"url": "https://a.vn/*", /* xem\n*/', 1), id="with a comment and an address"
        ),
        pytest.param(ARTICLE.replace("}", ', "description": "hai\ndòng\t\x01"}'), id="with control characters"),
        pytest.param(f'{{"@type": "WebSite"}}{ARTICLE.replace("}", ",}")}', id="glued to another, and broken"),
        pytest.param(f"{ARTICLE},{ARTICLE}", id="doubled"),
        pytest.param(f"\ufeff{ARTICLE}", id="after a byte order mark"),
        pytest.param(ARTICLE.removesuffix("}"), id="cut"),
        pytest.param(ARTICLE.replace('"headline"', '"broken": "a "quote" inside", "headline"'), id="not JSON at all"),
        pytest.param(ARTICLE.replace("NewsArticle", "http://schema.org/NewsArticle"), id="type with its vocabulary"),
        pytest.param(ARTICLE.replace('"@type": "NewsArticle"', '"@type": ["Thing", "NewsArticle"]'), id="two types"),
    ],
)
def test_finds_the_article(script):
    """The article's node is found in every form that news pages use."""
    found = jsonld.article_nodes(jsonld.parse_nodes([script]))

    assert ("Mùa vụ", "2026-02-04") == (found[0]["headline"], found[0]["datePublished"])


def test_salvages_an_author():
    """In broken JSON, an author given as a plain name is still found."""
    script = (
        '{"headline": "A "b" c", "author": {"@type": "Person", "name": "Thu \\u004can"}, "datePublished": "2026-02-04"}'
    )

    assert [Author("Thu Lan")] == jsonld.authors(jsonld.parse_nodes([script])[0]["author"], {})


def test_finds_nothing_in_other_scripts():
    """A script that is not JSON gives no node."""
    assert [] == jsonld.parse_nodes(["{oops", "", "no braces"])


def test_prefers_the_node_that_says_more():
    """The article with headline, date and author comes before the page that contains it."""
    scripts = ['{"@type": "WebPage", "name": "x", "datePublished": "2020-01-01"}', '{"@type": "Article"}', ARTICLE]

    assert "Mùa vụ" == jsonld.article_nodes(jsonld.parse_nodes(scripts))[0]["headline"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Thu Lan", ["Thu Lan"], id="a string"),
        pytest.param({"name": "Thu Lan"}, ["Thu Lan"], id="a node"),
        pytest.param([{"name": "Thu Lan"}, "Minh Anh"], ["Thu Lan", "Minh Anh"], id="a list"),
        pytest.param({"name": ["Thu Lan", "Minh Anh"]}, ["Thu Lan", "Minh Anh"], id="a list of names in a node"),
        pytest.param({"@list": [{"name": "Thu Lan"}, "Minh Anh"]}, ["Thu Lan", "Minh Anh"], id="an ordered list"),
        pytest.param({"displayName": "Thu Lan"}, ["Thu Lan"], id="a name to be shown"),
        pytest.param(None, [], id="nothing"),
        pytest.param(True, [], id="no name"),
    ],
)
def test_reads_authors(value, expected):
    """Names are read from every form of an author."""
    assert expected == [author.name for author in jsonld.authors(value, {})]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("a <b>bold</b>\n word", "a bold word"),
        ("1 < 2", "1 < 2"),
        ("Ha\u0300 No\u0323\u0302i", "Hà Nội"),
    ],
)
def test_cleans_strings(raw, expected):
    """Strings are cleaned: references resolved, one line, composed letters."""
    assert expected == jsonld.clean_text(raw)


def test_reads_a_value_of_any_form():
    """A list gives the text of its first item, a node its name or value."""
    assert ["a", "b", "c", "5", ""] == [
        jsonld.to_text(v) for v in (["", "a"], {"name": "b"}, {"@value": "c"}, 5, {"other": 1})
    ]


@pytest.mark.parametrize(
    "script",
    [
        "[" * 100_000,
        '{"a": "' + "/*" * 50_000,
        "{" + "/* x" * 50_000,
        "{" + "," * 100_000 + "]",
        '{"a":' * 100_000,
        '{"headline":"' + '\\"' * 100_000,
        '{"author":' + " " * 100_000 + '{"name"',
    ],
)
def test_survives_hostile_scripts(script):
    """A deeply nested, endless or blank script neither raises nor hangs."""
    assert isinstance(jsonld.parse_nodes([script]), list)


def test_parses_a_limited_number_of_scripts_and_nodes():
    """Only a limited number of scripts and nodes is parsed."""
    assert 60 == len(jsonld.parse_nodes([ARTICLE] * 200))
    assert 500 == len(jsonld.parse_nodes([f"[{','.join([ARTICLE] * 900)}]"]))


@given(st.text(max_size=200))
def test_never_raises(script):
    """Any script gives nodes or nothing."""
    assert isinstance(jsonld.article_nodes(jsonld.parse_nodes([script])), list)
