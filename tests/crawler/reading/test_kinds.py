"""The kind of a page decides how it is read, and whether it is an article."""

import json

import pytest
from unknown import HEAD, MENU, TEXT, TITLE, read

from archive.errors import Failure, Reason
from crawler.reading import embedded_state as state
from crawler.reading import live_blog as live

BODY = "".join(f"<p>{line}</p>" for line in TEXT)
UPDATES = [
    {"@type": "BlogPosting", "headline": "Kết thúc", "datePublished": "2026-02-04T14:05:00Z", "articleBody": TEXT[1]},
    {
        "headline": "Bắt đầu",
        "datePublished": "2026-02-04T12:25:00Z",
        "articleBody": f"<p>{TEXT[2]}</p><p>{TEXT[3]}</p>",
    },
    {"datePublished": "2026-02-04T12:00:00Z", "articleBody": f"{TEXT[4]}\nCòn tiếp."},
    {"datePublished": "2026-02-04T11:00:00Z"},
    "hỏng",
]


def script(node):
    """Return JSON-LD for the head of a page."""
    return f'{HEAD}<script type="application/ld+json">{json.dumps(node)}</script>'


def test_a_live_blog_keeps_its_entries_with_their_times():
    """Each entry of a live blog has its local time and headline, in page order, after the opening."""
    head = script({"@type": "LiveBlogPosting", "headline": TITLE, "liveBlogUpdate": UPDATES})
    shown = f"<p>{TEXT[0]}</p><div><h3>Kết thúc</h3><p>{TEXT[1]}</p></div><div><h3>Bắt đầu</h3><p>{TEXT[2]}</p></div>"

    found = read(f"<header>{MENU}</header><h1>{TITLE}</h1><article>{shown}</article>", head)

    assert "live" == found.kind
    assert (
        TEXT[0],
        "21:05 04/02/2026 Kết thúc",
        TEXT[1],
        "19:25 04/02/2026 Bắt đầu",
        TEXT[2],
        TEXT[3],
        "19:00 04/02/2026",
        TEXT[4],
        "Còn tiếp.",
    ) == found.article.body


def test_a_live_blog_that_shows_its_entries_gets_their_times():
    """If the page shows the entries, even fewer than its data, each headline gets its time."""
    older = [{"headline": f"Tin cũ {i}", "articleBody": TEXT[4] * 3} for i in range(50)]
    newer = [
        {"headline": f"Tin mới {i}", "datePublished": f"2026-02-04T1{i}:25:00Z", "articleBody": TEXT[i]}
        for i in range(4)
    ]
    head = script({"@type": "LiveBlogPosting", "headline": TITLE, "liveBlogUpdate": [*newer, *older]})
    shown = "".join(f"<h3>Tin mới {i}</h3><p>{TEXT[i]}</p>" for i in range(4))

    found = read(f"<h1>{TITLE}</h1><article><p>{TEXT[4]}</p>{shown}</article>", head)

    assert [TEXT[4], "17:25 04/02/2026 Tin mới 0", TEXT[0], "18:25 04/02/2026 Tin mới 1"] == list(
        found.article.body[:4]
    )
    assert 9 == len(found.article.body)


def test_a_live_blog_with_incomplete_data_is_read_as_shown():
    """If the data have fewer entries than the page, the page is used."""
    head = script({"@type": "LiveBlogPosting", "liveBlogUpdate": {"headline": "Một tin"}})

    found = read(f"<h1>{TITLE}</h1><article>{BODY}</article>", head)

    assert ("live", tuple(TEXT)) == (found.kind, found.article.body)


def test_other_pages_have_no_entries():
    """Only live blogs have entries."""
    assert [] == live.entries({"@type": "NewsArticle", "liveBlogUpdate": UPDATES}, None, "")


PIECES = [{"type": "paragraph", "content": line} for line in TEXT]
SHIPPED = {
    "Next.js": "<script id=__NEXT_DATA__ type=application/json>"
    + json.dumps({"props": {"article": {"blocks": PIECES}}})
    + "</script>",
    "markup in a state": "<script>window.__STATE__ = "
    + json.dumps({"a": {"body": BODY, "related": "<p>Tin khác</p>"}}).replace("</", "<\\/")
    + ";</script>",
    "articleBody": '<script type="application/ld+json">'
    + json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(TEXT)})
    + "</script>",
}


@pytest.mark.parametrize("how", SHIPPED)
def test_a_body_in_scripts_is_read(how):
    """If a page has its text only in scripts, that text is the article."""
    found = read(f"<header>{MENU}</header><div id=root><h1>{TITLE}</h1></div>{SHIPPED[how]}")

    assert (TITLE, tuple(TEXT)) == (found.title, found.article.body)


def test_the_shown_text_is_preferred():
    """If the page shows the text, its scripts are not used."""
    shipped = SHIPPED["articleBody"].replace(TEXT[0][:20], "Một câu khác")

    assert tuple(TEXT) == read(f"<h1>{TITLE}</h1><article>{BODY}</article>{shipped}").article.body


@pytest.mark.parametrize(
    "shipped",
    [
        "<script type=application/json>{" + '"a": "' + "x" * 300 + "</script>",
        "<script type=application/json>" + "[" * 5_000 + "]" * 5_000 + "</script>",
        "<script>window.__STATE__ = function () { return '" + "x" * 300 + "' }</script>",
        "<script type=application/json>" + json.dumps([[1, None, {"type": 3, "text": "x" * 300}]] * 20) + "</script>",
        "<script type=application/json>" + json.dumps(list(range(200_000))) + "</script>",
    ],
)
def test_states_without_an_article_are_ignored(shipped):
    """Broken, deep, huge or unrelated states give no article, and do no harm."""
    assert Reason.NO_TEXT == read(f"<h1>{TITLE}</h1>{shipped}").reason


@pytest.mark.parametrize(
    "wall",
    [
        "Đăng nhập hoặc mua gói để đọc tiếp bài viết này.",
        "Subscribe now to continue reading this article.",
        "Cet article est réservé aux abonnés.",
    ],
)
def test_a_stub_before_a_paywall_is_not_an_article(wall):
    """A page that shows the first lines and a paywall is refused with its reason."""
    refused = read(f"<h1>{TITLE}</h1><article><p>{TEXT[0]}</p></article><div class=wall><p>{wall}</p></div>")

    assert isinstance(refused, Failure)
    assert Reason.PAYWALLED == refused.reason


def test_a_whole_article_may_ask_for_subscribers():
    """A complete article is read, even if it asks readers to subscribe."""
    ask = "<div class=wall><p>Đăng nhập để đọc tiếp các bài khác.</p></div>"

    assert tuple(TEXT) == read(f"<h1>{TITLE}</h1><article>{BODY}</article>{ask}").article.body


def test_text_parts_keep_their_markup():
    """Text parts with markup are kept as they are, others are escaped."""
    assert ["<p><b>a</b></p>", "<p>1 &amp; 2</p>", "", ""] == [
        state._piece(item)
        for item in ({"text": "<b>a</b>"}, {"text": "1 & 2"}, {"text": " "}, {"type": "image", "text": "c"})
    ]


@pytest.mark.parametrize(
    ("title", "is_there"),
    [
        ("Cả nước có 404 ca mắc mới trong ngày", True),
        ("Tàu 410 cập cảng sau bão", True),
        ("404", False),
        ("404 - Không tìm thấy trang", False),
        ("404 Not Found", False),
        ("Lỗi 404 | Báo", False),
        ("Error 410", False),
    ],
)
def test_a_number_in_the_news_is_not_a_status(title, is_there):
    """A short article about "404 people" is read; a page that says 404 about itself is refused."""
    head = HEAD.replace(TITLE, title)
    found = read(f"<h1>{title}</h1><article><p>{TEXT[0]}</p><p>{TEXT[1]}</p></article>", head)

    assert is_there == (not isinstance(found, Failure))
    assert is_there or found.reason is Reason.ERROR_PAGE
