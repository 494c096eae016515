"""If an old selector matches the wrong element after a redesign, the generic reader reads the page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.outlets.model import Outlet, Reading
from crawler.page import Page
from crawler.reading.extract import PageContent, read_page

NOW = datetime(2026, 3, 3, tzinfo=UTC)
OUTLET = Outlet(
    id="bao",
    name="Báo Mới",
    home="https://bao.example/",
    language="vi",
    timezone="Asia/Ho_Chi_Minh",
    reading=(Reading(title=("h1",), body=(".text",)),),
)
TITLE = "Cầu mới nối hai bờ sông thông xe sáng nay"
PROSE = [
    f"Đoạn thứ {n} kể rằng người dân hai bên bờ đã chờ cây cầu này từ lâu, vì phà thường phải dừng khi nước lớn. "
    f"Sau {n + 2} năm xây dựng, cầu có bốn làn xe, và đường dẫn hai đầu dài hơn hai cây số."
    for n in range(9)
]


def read(body: str) -> PageContent:
    """Read a page with this body."""
    page = (
        f'<html lang="vi"><head><title>{TITLE}</title><meta property="og:title" content="{TITLE}">'
        '<meta property="og:site_name" content="Báo Mới">'
        '<meta property="article:published_time" content="2026-03-02T08:00:00+07:00"></head>'
        f"<body>{body}</body></html>"
    )
    found = read_page(Page("https://bao.example/cau-moi", page.encode(), "text/html"), OUTLET, NOW)
    assert isinstance(found, PageContent)
    return found


def paragraphs(texts: list[str]) -> str:
    """Return paragraphs of an article."""
    return "".join(f"<p>{text}</p>" for text in texts)


def test_fitting_rules_are_used() -> None:
    """If the text is in the rule's element, the rule is used, whatever readers write below it."""
    comments = f'<div class="comment-list">{paragraphs([f"Bạn đọc {text}" for text in PROSE * 2])}</div>'

    found = read(f'<h1>{TITLE}</h1><div class="text">{paragraphs(PROSE)}</div>{comments}')

    assert "today" == found.article.rules
    assert PROSE == list(found.article.body)


def test_a_rule_that_matches_one_box_does_not_cut_the_article() -> None:
    """If an old selector matches one of several sections, the generic reader reads the whole text."""
    rest = "".join(f'<section class="part">{paragraphs(PROSE[n : n + 4])}</section>' for n in (1, 5))

    found = read(f'<h1>{TITLE}</h1><main><div class="text">{paragraphs(PROSE[:1])}</div>{rest}</main>')

    assert "generic" == found.article.rules
    assert set(PROSE[1:]) <= set(found.article.body)


@pytest.mark.parametrize("head", ["Báo Mới", "Chuyên mục"])
def test_a_wrong_headline_is_not_used(head: str) -> None:
    """An old selector that now matches the site's name or a section does not give the headline."""
    found = read(f'<h1>{head}</h1><h2>{TITLE}</h2><div class="text">{paragraphs(PROSE)}</div>')

    assert TITLE == found.title
    assert "generic" == found.article.rules
