"""Reading the fields that rules select, and removing them from the tree."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.outlets.model import Reading
from crawler.reading.rule_fields import RuleFields, extract_rule_fields

PAGE = """<html><head><title>Trang</title><meta name=author content="Nhật Xuân"></head><body>
<h1> Tiêu đề <br> một</h1><h2>Sapo</h2><time datetime="2026-02-04T19:25">4/2/2026</time>
<p class=by>Nhật Xuân - nx@bao.example</p>
<p class=by>NHẬT XUÂN</p><p class=by>Tâm Hằng</p><i class=src>Reuters</i><a class=tag>#Hà Nội,</a><a class=tag>Cầu</a>
<a class=tag>Cầu</a><a class=cat>Thời sự</a><div id=text>Văn bản</div></body></html>"""


def test_all_declared_fields_are_read_and_removed() -> None:
    """Headline, standfirst, authors, credit, time, tags and section are read and removed; only the text stays."""
    tree = LexborHTMLParser(PAGE)
    rules = Reading(
        title=("h1.none", "h1"),
        standfirst=("h2",),
        byline=(".none", ".by"),
        credit=(".src",),
        published=("time@datetime",),
        tags=(".none", ".tag"),
        section=(".cat",),
    )

    assert RuleFields(
        "Tiêu đề một", "Sapo", "Nhật Xuân - Tâm Hằng", "Reuters", "2026-02-04T19:25", ("Hà Nội", "Cầu"), "Thời sự"
    ) == extract_rule_fields(tree, rules)
    assert not tree.css("h1, h2, .by, .src")
    assert "Văn bản" in (tree.body.text() if tree.body else "")


def test_without_rules_nothing_is_found() -> None:
    """Undeclared fields are left to the generic reader."""
    assert RuleFields() == extract_rule_fields(LexborHTMLParser(PAGE), Reading())


@pytest.mark.parametrize(
    ("rule", "byline"), [("meta[name=author]@content", "Nhật Xuân"), ("html", "Tiêu đề một"), (".none", "")]
)
def test_the_page_itself_is_never_removed(rule: str, byline: str) -> None:
    """A rule that selects the head, or the whole page, is read without removing it."""
    tree = LexborHTMLParser(PAGE)
    printed = extract_rule_fields(tree, Reading(byline=(rule,), title=("title",)))

    assert printed.byline.startswith(byline)
    assert "Trang" == printed.title
    assert tree.css_first("#text")
