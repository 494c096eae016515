"""Splitting a page into its visible paragraphs, in order and each once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawler.parsing.blocks import CAPTION_MARK, as_text, blocks_of, squash, visible_blocks, word_count


def read(markup):
    """Return the blocks of a page with this markup."""
    return visible_blocks(blocks_of(html.document_fromstring(f"<body>{markup}</body>").body))


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<p>Một <b>hai</b> ba</p>", [("text", "Một hai ba")], id="inline elements do not break"),
        pytest.param(
            "<div>Một<p>Hai</p>ba</div>", [("text", "Một"), ("text", "Hai"), ("text", "ba")], id="text around"
        ),
        pytest.param("<p>Một<br>hai</p>", [("text", "Một\nhai")], id="a line break"),
        pytest.param("<p>Một<br><br>hai</p>", [("text", "Một"), ("text", "hai")], id="two breaks part paragraphs"),
        pytest.param("<h2>Đề mục</h2>", [("heading", "Đề mục")], id="a heading"),
        pytest.param("<ul><li>Một</li><li><p>Hai</p></li></ul>", [("item", "Một"), ("item", "Hai")], id="list items"),
        pytest.param(
            "<table><tr><td>Một</td><td><p>Hai</p></td></tr></table>", [("row", "Một Hai")], id="a row is one block"
        ),
        pytest.param(
            f"<table><tr><td><h2>Mục</h2><p>{'Một ' * 120}</p></td></tr></table>",
            [("heading", "Mục"), ("text", ("Một " * 120).strip())],
            id="a table that lays out the page",
        ),
        pytest.param("<blockquote><p>Lời</p></blockquote>", [("quote", "Lời")], id="a quotation"),
        pytest.param(
            "<figure><img><figcaption>Chú thích</figcaption></figure>", [("caption", "Chú thích")], id="caption"
        ),
        pytest.param("<figure><blockquote>Lời</blockquote></figure>", [("quote", "Lời")], id="a quotation in a figure"),
        pytest.param(f"<p {CAPTION_MARK}>Ảnh</p>", [("caption", "Ảnh")], id="a marked caption"),
        pytest.param(
            f"<p>Chữ <em {CAPTION_MARK}>Ảnh</em></p>", [("text", "Chữ"), ("caption", "Ảnh")], id="marked inline"
        ),
        pytest.param("<p>\u00a0 </p><p>—</p>", [], id="nothing to read"),
        pytest.param(
            "<p>Ha\u0300 No\u0323\u0302i\u200b\ufeff</p>", [("text", "Hà Nội")], id="composed and visible only"
        ),
        pytest.param("<p>a<!-- b -->c</p>", [("text", "ac")], id="a comment is not text"),
    ],
)
def test_breaks_the_page_into_blocks(markup, expected):
    """Blocks begin and end where block elements do, and have a role."""
    assert expected == [(block.role, block.text) for block in read(markup)]


def test_measures_the_share_of_links():
    """The density is the share of the text that is inside links."""
    block = read('<p>mười chữ: <a href="/x">  mười chữ: </a></p>')[0]

    assert 9 == block.linked
    assert 0.4 < block.density < 0.5


def test_measures_links_in_each_paragraph():
    """Paragraphs parted by line breaks do not share their links."""
    blocks = read('<div>một <a href="/x">hai</a><br><br>ba bốn<br>năm<br><br>sáu<br><a href="/y">bảy tám</a></div>')

    assert [("một hai", 3), ("ba bốn\nnăm", 0), ("sáu\nbảy tám", 7)] == [(b.text, b.linked) for b in blocks]


def test_shows_a_caption_once():
    """A gallery's hidden copy of a caption is dropped; a paragraph with the same text stays."""
    markup = "<figure><figcaption>Cây cầu</figcaption></figure>" * 2 + "<p>Cây cầu</p>"

    assert [("caption", "Cây cầu"), ("text", "Cây cầu")] == [(b.role, b.text) for b in read(markup)]


def test_joins_a_credit_to_its_caption():
    """A credit in an element of its own is joined to the caption before it in the same figure only."""
    one = "<figure><figcaption>Cây cầu</figcaption><div>ẢNH: AN</div></figure>"
    two = "<div><figure><figcaption>Cây cầu</figcaption></figure><figure>Ảnh: AN</figure></div>"

    assert ["Cây cầu ẢNH: AN"] == [b.text for b in read(one)]
    assert ["Cây cầu", "Ảnh: AN"] == [b.text for b in read(two)]


def test_writes_items_with_a_dash():
    """List items are written with a dash, all other blocks without."""
    assert ["- Một", "Hai"] == [as_text(block) for block in read("<ul><li>Một</li></ul><p>Hai</p>")]


@pytest.mark.parametrize(("text", "expected"), [("một hai ba", 3), ("", 0), ("首相在东京说话", 1 + 3)])
def test_counts_words(text, expected):
    """Words are separated by blanks; in scripts without blanks, two characters count as one word."""
    assert expected == word_count(text)


@given(st.lists(st.text(alphabet="abcđê 1", min_size=1).filter(squash), min_size=1, max_size=8))
def test_loses_nothing(paragraphs):
    """All letters and digits of a page are kept, in order."""
    markup = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)

    assert squash("".join(paragraphs)) == "".join(block.key for block in read(markup))


def test_each_picture_keeps_its_photographer():
    """A photographer named in an element of the figure is appended to its caption, for each of several figures."""
    figure = "<figure><img><div class=Caption>{}</div><p class=PhotoCMS_Author>NGỌC DƯƠNG</p></figure>"

    found = read("".join(figure.format(words) for words in ("Cầu cũ", "Cầu mới")))

    assert [("caption", "Cầu cũ NGỌC DƯƠNG"), ("caption", "Cầu mới NGỌC DƯƠNG")] == [(b.role, b.text) for b in found]
