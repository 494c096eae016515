"""Finding the header of an article, and the lines around its headline."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.reading.header import Header, read_header

TITLE = "Bến đò dời về phía cầu sắt sau mùa nước"
PROSE = "Sáng nay bà con hai bên bờ kéo nhau ra xem, ai cũng mang theo nón lá và một câu chuyện cũ để kể. " * 2


def header(body, titles=(TITLE,), heads=()):
    """Read the header of a page with this body."""
    return read_header(LexborHTMLParser(f"<html><body>{body}</body></html>"), TITLE, titles, heads)


def test_lines_are_numbered_from_the_headline():
    """Lines after the headline are numbered upwards in page order, lines above it downwards."""
    found = header(f"<p>Xa</p><p>Gần</p><h1>{TITLE}</h1><div>Một<p>Hai</p></div><p>Ba</p>")

    assert [(1, "Một"), (2, "Hai"), (3, "Ba"), (-1, "Gần"), (-2, "Xa")] == [(x.place, x.text) for x in found.lines]


def test_the_header_ends_where_the_text_begins():
    """Nothing is read after the second paragraph."""
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
    """The element with the headline is found, even if it is not a heading."""
    assert TITLE in header(body).headline.text()


def test_a_list_of_the_newest_articles_has_no_header():
    """Where a list above the article names it too, the lines around its `h1` are read."""
    found = header(f"<ul><li><h3>{TITLE}</h3><li><h3>Bài khác</h3></ul><p>Chuyên mục<h1>{TITLE}</h1><p>Thu Lan")

    assert ("h1", ["Thu Lan", "Chuyên mục"]) == (found.headline.tag, [line.text for line in found.lines][:2])


def test_a_page_without_its_headline_has_no_header():
    """If nothing shows the headline, there are no lines around it."""
    assert Header() == header("<h1>Menu</h1><p>Một</p>")


def test_any_heading_is_better_than_none():
    """If the metadata have another headline, a heading that is not a menu is used."""
    assert "Chuyện bến đò" == header("<h1>Chuyện bến đò</h1><p>x</p>", heads=("Chuyện bến đò",)).headline.text()


def test_times_and_authors_are_collected():
    """A line has the times of its elements, except times of changes, and the names in elements for authors."""
    found = header(
        f"<h1>{TITLE}</h1><p>Bởi <a rel=author>Thu Lan</a> và <a href=/tac-gia/minh-anh>Minh Anh</a> "
        "<time datetime=2026-02-04>hôm qua</time><time itemprop=dateModified datetime=2026-02-05>nay</time></p>"
    )

    assert (("2026-02-04",), ("Thu Lan", "Minh Anh")) == (found.lines[0].times, found.lines[0].authors)


def test_list_items_are_separate_names():
    """A list named after authors gives a line for each item."""
    found = header(f"<h1>{TITLE}</h1><ul class=byline><li>Thu Lan</li><li>Minh Anh</li></ul>")

    assert ("Thu Lan\nMinh Anh",) == next(line.authors for line in found.lines if line.authors)


def test_other_boxes_are_ignored():
    """Teasers, comments and tweets beside the headline are ignored."""
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
def test_elements_of_other_articles_are_recognised(box, apart):
    """Elements in another article, or in a box with other content, do not belong to this article."""
    tree = LexborHTMLParser(f"<body><article><h1>{TITLE}</h1></article>{box.format('<time>x</time>')}</body>")

    assert apart is read_header(tree, TITLE, (TITLE,), ()).is_apart(tree.css_first("time"))


def test_a_huge_page_is_read_in_bounds():
    """On a huge page, only a few lines around the headline are read."""
    found = header("<p>x</p>" * 20_000 + f"<h1>{TITLE}</h1>" + "<p>y</p>" * 20_000)

    assert 19 == len(found.lines)


def test_a_line_that_repeats_the_title_is_left_out():
    """A day in a headline is that of the event, not that of the article."""
    told = "Bến đò dời về phía cầu sắt sau mùa nước (2/2/2026)"
    found = header(f"<h1>{TITLE}</h1><h2>{told}</h2><p>4/2/2026</p>", (f"{told} - Bến Đò",))

    assert ["4/2/2026"] == [line.text for line in found.lines]
