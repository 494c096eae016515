"""Citations that Zotero and LaTeX can read."""

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exchange.citations import Citation, bibtex, csl_json, json_ld, ris

CITATION = Citation(
    "0123456789abcdef",
    "Giá vàng tăng 5% & lập đỉnh_mới",
    ("Nguyễn Văn A", "Trần Thị B"),
    "VnTin",
    date(2026, 2, 4),
    "https://vntin.example/gia-vang_1.html?a=1&b=2",
    "vi",
    "Kinh tế",
    "2026-02-04T01:00:00Z",
)
BARE = Citation("0123456789abcdef", "Tin", (), "Báo", date(2026, 2, 4))


def test_bibtex_escapes_what_tex_would_run():
    """Percent, ampersand and underscore are escaped in texts; names stay whole, and the address is unchanged."""
    entry = bibtex(CITATION)

    assert entry.startswith("@article{khobao_0123456789abcdef,\n")
    assert r"title = {{Giá vàng tăng 5\% \& lập đỉnh\_mới}}" in entry
    assert "author = {{Nguyễn Văn A} and {Trần Thị B}}" in entry
    assert "url = {https://vntin.example/gia-vang_1.html?a=1&b=2}" in entry
    assert "date = {2026-02-04}" in entry


def test_ris_has_a_line_for_each_fact():
    """A record begins with its type, has one line per author, and ends with ER."""
    lines = ris(CITATION).splitlines()

    assert ("TY  - NEWS", "ER  -") == (lines[0], lines[-1].strip())
    assert ["AU  - Nguyễn Văn A", "AU  - Trần Thị B"] == [line for line in lines if line.startswith("AU")]
    assert "DA  - 2026/02/04/" in lines


def test_csl_json_is_a_newspaper_article():
    """Citation processors get type, container, day and address."""
    (item,) = json.loads(csl_json(CITATION))

    assert ("article-newspaper", "VnTin", [[2026, 2, 4]]) == (
        item["type"],
        item["container-title"],
        item["issued"]["date-parts"],
    )


def test_json_ld_is_a_news_article():
    """Programs that read schema.org get the instant of publication."""
    assert "2026-02-04T01:00:00Z" == json.loads(json_ld(CITATION))["datePublished"]


@pytest.mark.parametrize("write", [bibtex, ris, csl_json, json_ld])
def test_unknown_facts_are_left_out(write):
    """An article without author, address or language has no empty fields."""
    text = write(BARE)

    assert not re.search(r"\{\}|\": (\"\"|\[\])|^(AU|UR|LA)  - ", text, re.MULTILINE)


@given(st.text(min_size=1, max_size=40))
def test_no_title_breaks_a_format(title):
    """With any title, BibTeX's braces are balanced, RIS has one fact per line, and JSON can be parsed."""
    citation = Citation("0" * 16, title, (title,), title, date(2026, 2, 4))
    unescaped = re.sub(r"\\[\\{}]|\\text\w+\{\}", "", bibtex(citation))

    assert unescaped.count("{") == unescaped.count("}")
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in ris(citation).split("\r\n") if line)
    assert (
        " ".join(title.split()) in json.loads(csl_json(citation))[0]["title"]
        or title == json.loads(csl_json(citation))[0]["title"]
    )
