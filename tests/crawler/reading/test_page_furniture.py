"""Recognising the parts of a page that are not the article, by the structure of its blocks."""

from lxml import html

from crawler.parsing.blocks import blocks_of
from crawler.reading.page_furniture import drop_lists, is_mostly_digits


def test_a_grid_of_cards_is_dropped():
    """Cards with a section, a linked headline and a summary are dropped; a text with as many links stays."""
    cards = "".join(
        f"<div><a href=/m>Mục {i}</a><h2><a href=/{i}>Một nhan đề dài của bài khác, số {i}</a></h2>"
        f"<p>Tóm tắt bài số {i}.</p><a href=/m>Mục {i}</a></div>"
        for i in range(4)
    )
    shared = "".join("<div><p>Một câu của bài.</p><p><a href=#>Chia sẻ</a></p></div>" for _ in range(4))
    text = "".join(
        f"<div><p>{'Một câu dài của bài báo. ' * 12}</p><a href=/{i}>Xem ảnh {i}</a></div>" for i in range(4)
    )
    tree = html.document_fromstring(
        f"<body><section>{text}</section><section>{shared}</section><section>{cards}</section></body>"
    )

    drop_lists(blocks_of(tree.body))

    assert ["Chia sẻ"] * 4 == [link.text for link in tree.iter("a") if link.get("href") == "#"]
    assert ["Xem ảnh 0", "Xem ảnh 1", "Xem ảnh 2", "Xem ảnh 3"] == [
        link.text for link in tree.iter("a") if link.get("href") != "#"
    ]


def test_lines_of_digits_are_no_sentences():
    """A line with days and times is mostly digits; a sentence with a day is not."""
    page = "<p>2026年2月4日 01時28分 (2月4日 01時40分更新)</p><p>Hai bên gặp nhau vào ngày 4/2/2026 (thứ Tư)</p>"

    assert [True, False] == [is_mostly_digits(block) for block in blocks_of(html.document_fromstring(page).body)]
