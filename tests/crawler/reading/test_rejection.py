"""Refusing pages only on strong evidence."""

from datetime import UTC, datetime

import pytest
from unknown import MENU, TEXT, TITLE, URL, P, read

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.outlets.catalogue import bare_outlet
from crawler.page import Page
from crawler.reading.extract import read_page

NOW = datetime(2026, 2, 10, tzinfo=UTC)
UNDATED = f"<title>{TITLE}</title>"
LINKS = "".join(f"<li><a href=/bai-{i}.html>Một nhan đề khá dài của bài số {i} hôm nay</a></li>" for i in range(90))
CARDS = "".join(
    f"<div><h3><a href=/bai-{i}.html>Một nhan đề khá dài của bài số {i} hôm nay</a></h3><p>{TEXT[i % 5]}</p></div>"
    for i in range(20)
)


def refusal(body, head=UNDATED, **facts):
    """Return the reason why a page is refused; None if it is read."""
    found = read(body, head, **facts)
    return found.reason if isinstance(found, Failure) else None


def test_many_links_beside_an_article_do_not_make_a_list():
    """Paragraphs below an h1 with the page's title are an article, whatever is beside them."""
    found = read(f"<div class=l><h1>{TITLE}</h1>{P}</div><div class=r><ul>{LINKS}</ul></div>", UNDATED)

    assert tuple(TEXT) == found.article.body


def test_paragraphs_in_elements_of_their_own_are_an_article():
    """An article does not need an element with two paragraphs."""
    apart = "".join(f"<div class=b><p>{line}</p></div>" for line in TEXT)

    assert refusal(f"<div><h1>{TITLE}</h1>{apart}</div><ul>{LINKS}</ul>") is None


@pytest.mark.parametrize("head", ["Kinh tế", TITLE])
def test_summaries_after_linked_headlines_make_a_list(head):
    """If each paragraph follows the linked headline of another article, the page is a list."""
    assert Reason.LISTING == refusal(f"<h1>{head}</h1><div class=list>{CARDS}</div>")


def test_a_page_that_calls_itself_an_article_is_believed_if_it_has_the_text():
    """Paragraphs after linked names are an article under the address of one, if they outweigh the links."""
    body = "".join(
        f"<p><a href=/{i}.html>Một cái tên khá dài của ngựa số {i} hôm nay</a></p><p>{TEXT[i % 5]} {i}. {TEXT[4]}</p>"
        for i in range(20)
    )
    claim = f'{UNDATED}<meta property="og:type" content="article">'

    assert (None, Reason.LISTING) == tuple(
        refusal(f"<h1>{TITLE}</h1><div class=list>{body}</div>", head) for head in (claim, UNDATED)
    )


def test_links_do_not_outweigh_a_page_that_calls_itself_an_article():
    """An article without an `h1` is read beside many links if its metas and its address are those of an article."""
    claim = f'{UNDATED}<meta property="og:type" content="article">'
    beside = f"<div><ul>{LINKS}</ul></div>"

    assert [None, Reason.LISTING, Reason.LISTING] == [
        refusal(f"<div class=t>{P}</div>{beside}", claim),
        refusal(f"<div class=t>{P}</div>{beside}"),
        refusal(f"<p>{TEXT[0]}</p>{beside}", claim),
    ]


def test_a_page_with_its_listed_headline_is_not_a_list():
    """Links that outweigh a short text make a list, unless a source listed the page with its headline."""
    body = f"<h1>Kinh tế</h1><p>{TEXT[0]}</p><div><ul>{LINKS}</ul></div>"
    markup = f"<html lang=vi><head>{UNDATED}</head><body>{body}</body></html>"
    listed = Candidate(URL, TITLE, datetime(2026, 2, 4, tzinfo=UTC))

    unlisted, found = (
        read_page(Page(URL, markup.encode(), candidate=candidate), bare_outlet(URL), NOW)
        for candidate in (None, listed)
    )

    assert Reason.LISTING == unlisted.reason
    assert (TEXT[0],) == found.article.body


def test_a_wrong_canonical_address_does_no_harm():
    """An article with the home page as its canonical address is read; a page without an article is not."""
    head = f"{UNDATED}<link rel=canonical href=https://tin.example.vn/>"

    assert refusal(f"<h1>{TITLE}</h1>{P}", head) is None
    assert Reason.ERROR_PAGE == refusal(f"<div>{MENU}</div>{P}", head)


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Just a moment...", Reason.BLOCKED),
        ("Access Denied | Cloudflare", Reason.BLOCKED),
        ("Access denied: how the city locks its tenants out", None),
        ("Why every captcha asks you for traffic lights", None),
    ],
)
def test_a_headline_about_walls_is_not_a_wall(title, reason):
    """A page whose whole title is that of a wall is refused; an article about walls is read."""
    assert reason == refusal(f"<h1>{title}</h1>{P}", f"<title>{title}</title>")


def test_a_short_complete_article_with_paywall_marks_is_read():
    """The standfirst counts as text: a complete article of three sentences is read despite paywall marks."""
    head = (
        f"<title>{TITLE}</title><meta property=og:description content='{TEXT[0]}'>"
        '<meta property="article:published_time" content="2026-02-04T18:30:00Z">'
        '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    )

    assert refusal(f"<h1>{TITLE}</h1><div class=lead>{TEXT[0]}</div><div><p>{TEXT[1]}</p></div>", head) is None


def test_short_paragraphs_of_unspaced_scripts_are_paragraphs():
    """A Japanese article whose canonical address is the home page by mistake is read: its letters count twice."""
    title = "朝市が秋から神社の境内に移転へ、駐車場に診療所"
    text = "谷川町の朝市は、役場裏の駐車場に新しい診療所を建てるため、この秋から神社の境内に移る。"
    head = f"<title>{title}</title><link rel=canonical href=/>"

    assert refusal(f"<div><h1>{title}</h1><p>{text}</p><p>{text}</p></div>", head) is None
