"""The head of an article is found on its page, and the lines around its headline are read."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.reading.header import Header, read_header

TITLE = "Bến đò dời về phía cầu sắt sau mùa nước"
PROSE = "Sáng nay bà con hai bên bờ kéo nhau ra xem, ai cũng mang theo nón lá và một câu chuyện cũ để kể. " * 2


def header(body, titles=(TITLE,), heads=()):
    """Read the head of a page with this body."""
    return read_header(LexborHTMLParser(f"<html><body>{body}</body></html>"), TITLE, titles, heads)


def test_lines_stand_by_their_distance():
    """Lines behind the headline count upwards in page order, those above it downwards."""
    found = header(f"<p>Xa</p><p>Gần</p><h1>{TITLE}</h1><div>Một<p>Hai</p></div><p>Ba</p>")

    assert [(1, "Một"), (2, "Hai"), (3, "Ba"), (-1, "Gần"), (-2, "Xa")] == [(x.place, x.text) for x in found.lines]


def test_the_head_ends_where_the_text_begins():
    """Nothing is read behind the second paragraph."""
    found = header(f"<h1>{TITLE}</h1><p>{PROSE}</p><p>{PROSE}</p><p>Sau</p>")

    assert [PROSE.strip()] * 2 == [line.text for line in found.lines]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<h1>Menu</h1><h2>{TITLE}</h2>", id="another heading"),
        pytest.param(f"<h1>{TITLE} - Báo Bến Đò</h1>", id="a heading that says more"),
        pytest.param(f"<h1>Menu</h1><table><td><b>{TITLE}</b></td></table>", id="no heading"),
    ],
)
def test_the_headline_is_found(body):
    """The element that shows the headline is found, be it a heading or not."""
    assert TITLE in header(body).headline.text()


def test_a_page_without_its_headline_has_no_head():
    """Where nothing shows the headline, there are no lines around it."""
    assert Header() == header("<h1>Menu</h1><p>Một</p>")


def test_any_heading_is_better_than_none():
    """A heading that is no menu stands for a headline that the page's data word otherwise."""
    assert "Chuyện bến đò" == header("<h1>Chuyện bến đò</h1><p>x</p>", heads=("Chuyện bến đò",)).headline.text()


def test_times_and_authors_are_told_apart():
    """A line bears the times of its elements, but for those of a change, and the names in elements for authors."""
    found = header(
        f"<h1>{TITLE}</h1><p>Bởi <a rel=author>Thu Lan</a> và <a href=/tac-gia/minh-anh>Minh Anh</a> "
        "<time datetime=2026-02-04>hôm qua</time><time itemprop=dateModified datetime=2026-02-05>nay</time></p>"
    )

    assert (("2026-02-04",), ("Thu Lan", "Minh Anh")) == (found.lines[0].times, found.lines[0].authors)


def test_list_items_are_names_of_their_own():
    """A list that is named for authors gives each item as a line."""
    found = header(f"<h1>{TITLE}</h1><ul class=byline><li>Thu Lan</li><li>Minh Anh</li></ul>")

    assert ("Thu Lan\nMinh Anh",) == next(line.authors for line in found.lines if line.authors)


def test_boxes_of_other_things_are_left_out():
    """Teasers, comments and tweets beside the headline say nothing of the article."""
    found = header(f"<h1>{TITLE}</h1><div class='related-posts'>Bài khác</div><aside>Quảng cáo</aside><p>Một</p>")

    assert ["Một"] == [line.text for line in found.lines]


@pytest.mark.parametrize(
    ("box", "apart"),
    [
        ("<article><h2>Khác</h2>{}</article>", True),
        ("<aside>{}</aside>", True),
        ("<div class=comments>{}</div>", True),
        ("<blockquote class=twitter-tweet>{}</blockquote>", True),
        ("<div class=author-card>{}</div>", False),
        ("<div>{}</div>", False),
    ],
)
def test_what_stands_apart(box, apart):
    """Elements in another article, or in a box of something else, are not of this article."""
    tree = LexborHTMLParser(f"<body><article><h1>{TITLE}</h1></article>{box.format('<time>x</time>')}</body>")

    assert apart is read_header(tree, TITLE, (TITLE,), ()).is_apart(tree.css_first("time"))


def test_a_huge_page_is_read_in_bounds():
    """However much stands around a headline, few lines of it are read."""
    found = header("<p>x</p>" * 20_000 + f"<h1>{TITLE}</h1>" + "<p>y</p>" * 20_000)

    assert 19 == len(found.lines)
