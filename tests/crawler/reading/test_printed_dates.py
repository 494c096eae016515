"""Finding the article's printed time before other times."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parsing.dates import DateStyle
from crawler.reading.header import read_header
from crawler.reading.printed_dates import printed_times, text_days

TITLE = "Bến đò dời về phía cầu sắt sau mùa nước"
PROSE = "Sáng nay bà con hai bên bờ kéo nhau ra xem, ai cũng mang theo nón lá và một câu chuyện cũ để kể. " * 2
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def times(body, language="vi", order="dmy", zone=HANOI):
    """Return the times that a page with this body prints."""
    tree = LexborHTMLParser(f"<html><body>{body}</body></html>")
    return printed_times(tree, read_header(tree, TITLE, (TITLE,), ()), DateStyle(zone, order, language))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<h1>{}</h1><p>Thứ tư, 4/2/2026</p>", id="a line without a class"),
        pytest.param("<h3>04.02.2026</h3><h1>{}</h1>", id="a line above the headline"),
        pytest.param("<h1>{}</h1><div>Thu Lan | 04/02/26</div>", id="a year of two digits"),
        pytest.param("<h1>{}</h1><p>HÀ NỘI, 4/2/2026 (TTXVN) - " + PROSE + "</p>", id="an agency's dateline"),
        pytest.param("<div class=clock>7/2/2026</div><p>a<p>b<p>c<h1>{}</h1><p>4/2/2026</p>", id="not the visit's"),
        pytest.param("<h1>{}</h1><p>Cập nhật 5/2/2026</p><p>Đăng 4/2/2026</p>", id="not that of a change"),
        pytest.param("<h1>{}</h1><p>4/2/2026 10:00 | Cập nhật 5/2/2026 11:00</p>", id="the first of two"),
        pytest.param("<aside><time class=published>1/1/2026</time></aside><h1>{}</h1><p>4/2/2026", id="no teaser's"),
        pytest.param("<h1>{}</h1><p>" + PROSE + "</p><p>" + PROSE + "</p><p>Ngày đăng: 4/2/2026", id="behind a word"),
        pytest.param("<h1>{}</h1><p>" + PROSE + "<p>" + PROSE + "<p class=post-date>4/2/2026", id="by its class"),
        pytest.param(
            "<h1>{}</h1><div class='elementor-element elementor-widget elementor-widget-post-info'>4/2/2026</div>",
            id="in a part of the page that its builder calls a widget",
        ),
        pytest.param("<div>{}</div><div class='author-share-top'>Lan - 4/2/2026</div>", id="beside buttons to share"),
        pytest.param(
            "<h1>{}</h1><aside><i></i><p><time datetime=2026-02-04>4/2/2026</time></aside>", id="an aside for it"
        ),
        pytest.param(
            "<h1>{}</h1><aside><h4>Bài khác</h4><time>1/1/2026</time></aside><p>4/2/2026", id="an aside of others"
        ),
        pytest.param("<h1>{}</h1><p><span title='4/2/2026 10:00'>ba giờ trước</span>", id="a title beside an age"),
        pytest.param("<h1>{}</h1><p><span data-timestamp=1770200000>4 thg 2</span>", id="seconds beside a short day"),
        pytest.param("<h1>{}</h1><meta itemprop=datePublished content=2026-02-04>", id="microdata"),
    ],
)
def test_the_article_s_time_comes_first(body):
    """Wherever a page prints it, the day of publication comes first."""
    assert date(2026, 2, 4) == times(body.format(TITLE))[0].moment.day


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<h1>{}</h1><p>Ngày 4/2/2026 " + PROSE + "</p>", id="a paragraph that begins with a day"),
        pytest.param(
            "<h1>{}</h1><p>Lễ hội diễn ra từ ngày 4/2/2026 tại sân đình làng Vạn, ai cũng được mời đến dự cùng bà con.",
            id="a sentence",
        ),
        pytest.param(
            "<h1>{}</h1><p>"
            + PROSE
            + "<p>"
            + PROSE
            + "<p>Bản thứ 8, chỉnh sửa lần cuối: <span class=date>4/2/2026</span>",
            id="that of a change, behind the word for it",
        ),
        pytest.param(
            "<h1>{}</h1><p>" + PROSE + "<p>" + PROSE + "<p><b>Cập nhật</b> <i></i><time datetime=2026-02-04>4/2</time>",
            id="that of a change, behind an element with the word",
        ),
        pytest.param(
            "<h1>{}</h1><div class='widget comments'><time datetime=2026-02-04>x</time></div>", id="a widget's"
        ),
        pytest.param("<h1>{}</h1><div class=comments><time datetime=2026-02-04>x</time></div>", id="a comment's"),
        pytest.param(
            "<h1>{}</h1>" + "<p>Đăng 4/2/2026 " + PROSE + "<p>Đăng 5/2/2026 " + PROSE, id="two days behind words"
        ),
    ],
)
def test_other_times_are_ignored(body):
    """Days in prose, comments or several lists are ignored."""
    assert not times(body.format(TITLE))


def test_an_instant_is_on_its_printed_day():
    """The attribute of a time element gives the instant, the text beside it the civil day."""
    found = times(f"<h1>{TITLE}</h1><time datetime=2026-02-05T02:00:00Z>4 February 2026</time>", "en", zone=None)

    assert (date(2026, 2, 4), datetime(2026, 2, 5, 2, tzinfo=UTC)) == (found[0].moment.day, found[0].moment.instant)


def test_only_a_time_near_the_headline_is_strong():
    """A day beside the headline is near; one in an element with a class elsewhere is not."""
    near = times(f"<h1>{TITLE}</h1><p>4/2/2026</p>")
    far = times(f"<h1>{TITLE}</h1><p>{PROSE}<p>{PROSE}<p>x<p class=date>4/2/2026</p>")

    assert (True, False) == (near[0].near, far[0].near)


def test_text_days_are_unambiguous():
    """4/2/2026 may be in April; 01.11.2025 and 13/2/2026 are unambiguous."""
    tree = LexborHTMLParser("<body><p>4/2/2026</p><p>Erstellt 01.11.2025</p><p>13/2/2026</p></body>")

    assert [date(2025, 11, 1), date(2026, 2, 13)] == [time.moment.day for time in text_days(tree, DateStyle())]
