"""Leaving out other articles behind an article that no heading announces."""

import pytest
from unknown import TEXT, TITLE, P, read

OTHER = "<p>Một bài khác kể chuyện con đê mới đắp ở cuối làng, dài hơn hai cây số, xong trước mùa lũ.</p>" * 2
LINKS = "".join(f"<li><a href=/{i}>Một nhan đề khá dài của bài khác số {i}</a></li>" for i in range(4))


@pytest.mark.parametrize(
    "head", ["<h1>Con đê mới ở cuối làng</h1>", "<h2><a href=/de>Con đê mới ở cuối làng đã xong trước mùa lũ</a></h2>"]
)
def test_a_second_article_on_the_page_is_left_out(head):
    """A page that scrolls on shows the next article in an element like the first one's."""
    story = "<div class=story>{}<div class=b>{}</div></div>"
    page = story.format(f"<h1>{TITLE}</h1>", P) + story.format(head, OTHER)

    assert tuple(TEXT) == read(f"<div class=stream>{page}</div>").article.body


def test_sections_of_an_article_are_no_second_article():
    """Sections that look alike stay if their headings are of a lower level and no links."""
    half = "".join(f"<p>{x}</p>" for x in TEXT[:3]), "".join(f"<p>{x}</p>" for x in TEXT[3:])
    page = f"<section class=s><h1>{TITLE}</h1>{half[0]}</section><section class=s><h2>Mốc tới</h2>{half[1]}</section>"

    assert (*TEXT[:3], "Mốc tới", *TEXT[3:]) == read(f"<div>{page}</div>").article.body


def test_text_behind_a_list_of_headlines_is_left_out():
    """A paragraph in another column, behind a list of linked headlines, is not the article's."""
    beside = f"<div class=r><div><b>TOP</b><ul>{LINKS}</ul></div><div class=x>{OTHER[: len(OTHER) // 2]}</div></div>"

    assert tuple(TEXT) == read(f"<div class=l><h1>{TITLE}</h1>{P}</div>{beside}").article.body


def test_text_goes_on_behind_a_list_of_headlines():
    """A list of linked headlines between the paragraphs does not end the article."""
    half = "".join(f"<p>{x}</p>" for x in TEXT[:3]), "".join(f"<p>{x}</p>" for x in TEXT[3:])

    assert tuple(TEXT) == read(f"<div class=l><h1>{TITLE}</h1>{half[0]}<ul>{LINKS}</ul>{half[1]}</div>").article.body
