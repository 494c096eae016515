"""Parsing a page within bounds, and cutting it by rules."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure, Reason
from crawler.parsing import html_tree


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        pytest.param("<div>" * 200_000, Reason.TOO_DEEP, id="200 000 divs"),
        pytest.param("<div>" * 250, Reason.TOO_DEEP, id="deeper than libxml2 reads"),
        pytest.param("<DIV>" * 50_000, Reason.TOO_DEEP, id="in capitals"),
        pytest.param("<a href=/x>y</a>" * 1_000_000, Reason.TOO_LARGE, id="a million links"),
        pytest.param("<p>x" * 70_000, Reason.TOO_LARGE, id="elements without end"),
        pytest.param("x" * 12_000_001, Reason.TOO_LARGE, id="text without end"),
    ],
)
def test_refuses_pages_beyond_the_bounds(page, reason):
    """A page that is too deep or too large is refused before it is parsed."""
    refused = html_tree.parse(page)

    assert isinstance(refused, Failure)
    assert reason == refused.reason


@pytest.mark.parametrize(
    "page", ["", "<", "<p>a\0b\ud800c", "<div>" * 150, "</div>" * 9_000 + "<p>x", "<p>x<br>" * 20_000]
)
def test_parses_malformed_pages(page):
    """Nulls, lone surrogates, stray end tags and unclosed elements are parsed."""
    assert isinstance(html_tree.parse(page), LexborHTMLParser)


def test_refuses_a_pruned_page_that_is_too_large():
    """Markup that is still too large without its menus is refused before lxml parses it."""
    refused = html_tree.lxml_tree("x" * 3_000_001)

    assert isinstance(refused, Failure)
    assert Reason.TOO_LARGE == refused.reason


def test_gives_lxml_clean_text():
    """The tree for trafilatura has neither nulls nor comments, and survives a lone surrogate."""
    tree = html_tree.lxml_tree("<body><p>a\0<!-- no -->b\ud800</p></body>")

    assert "ab?" == tree.text_content()


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (("h1",), "Nhan đề"),
        (("h2", "h1"), "Nhan đề"),
        (("time@datetime",), "2026-02-04"),
        ((".empty", "p"), "Một, hai (ba)."),
        (("h6",), ""),
    ],
)
def test_finds_the_first_rule_that_holds(rules, expected):
    """The first selector that finds a text or an attribute decides."""
    tree = LexborHTMLParser(
        "<h1> Nhan\n đề </h1><time datetime='2026-02-04'></time><i class=empty> </i>"
        "<p><b>Một</b>, <i>hai</i> (<b>ba</b>).</p>"
    )

    assert expected == html_tree.first(tree, rules)[0]


def test_cuts_a_body_at_its_end():
    """Everything after the end marker is removed, at every level up to the body."""
    tree = LexborHTMLParser("<main><div><p>1</p><i class=end>x</i><p>2</p></div><p>3</p></main><p>4</p>")
    body = tree.css_first("main")

    html_tree.end_at(body, (".end",))

    assert ("1", "14") == (body.text(), tree.body.text())


def test_an_end_marker_with_text_is_removed_too():
    """The end marker itself is removed."""
    body = LexborHTMLParser("<main><p>1</p><div class=end><p>2</p></div></main>").css_first("main")

    html_tree.end_at(body, (".none", ".end"))

    assert "1" == body.text()


def test_readings_of_words_are_left_out():
    """The readings beside words, as Japanese pages for learners have, are no text, and the words stay together."""
    tree = html_tree.parse("<h1>県立<ruby><rb>病院</rb><rp>(</rp><rt>びょういん</rt><rp>)</rp></ruby>の夜</h1>")

    assert "県立病院の夜" == tree.css_first("h1").text(separator=" ")


MONSTERS = {
    "names": "<div " + " ".join(f"a{n}" for n in range(50_000)) + ">",
    "values": "<div " + " ".join(f"a{n}='b'" for n in range(50_000)) + ">",
    "slashes": "<div/" + "/".join(f"a{n}" for n in range(50_000)) + ">",
    "brackets in names": "<div " + " ".join(f"a{n}<b" for n in range(50_000)) + ">",
    "quoted ends": "<div " + " ".join(f'a{n}=">"' for n in range(50_000)) + ">",
    "quoted tags": "<div " + " ".join(f"a{n}='<p>'" for n in range(50_000)) + ">",
}


@pytest.mark.parametrize("page", [v for k, v in MONSTERS.items() if k != "quoted tags"])
def test_an_element_of_many_attributes_is_refused(page):
    """Parsers compare all attributes of an element with each other, so tens of thousands are refused."""
    began = time.process_time()
    refused = html_tree.parse(f"<html><body>{page}<p>Tin</p></body></html>")

    assert refused.reason in {Reason.TOO_LARGE, Reason.TOO_DEEP}
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "page",
    [
        '<img src="data:image/png;base64,' + "AAAA/" * 40_000 + '">',
        "<p>" + "một từ " * 20_000 + "</p>",
        "<script>for(i=0;i<n;i++){" + "x => y='a';" * 4_000 + "}</script>",
        "<div " + " ".join(f"data-{n}='a'" for n in range(200)) + ">x</div>",
    ],
)
def test_a_large_page_of_small_elements_is_parsed(page):
    """Inline pictures, long paragraphs and scripts are not refused."""
    assert not isinstance(html_tree.parse(f"<html><body>{page}</body></html>"), Failure)


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 8))
def test_long_stretches_are_found_in_steps(lengths, longest):
    """The search in steps finds the stretches between two `>` that splitting the whole text finds."""
    text = ">".join("x" * length for length in lengths)

    assert [s for s in text.split(">") if len(s) > longest] == list(html_tree._long_stretches(text, longest))
