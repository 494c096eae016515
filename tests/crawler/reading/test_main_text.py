"""Restoring the text that trafilatura loses, and removing what it adds."""

import unicodedata

import pytest
from lxml.html import HtmlElement
from unknown import CAPTION, COMMENTS, HEAD, MENU, MORE, PICTURE, TEXT, TITLE, P, read

from crawler.parsing.blocks import blocks_of
from crawler.parsing.html_tree import lxml_tree
from crawler.reading.main_text import correct_selection

LINKED = "Trước đó một tuần, ba người ở bến cảng đều phủ nhận đã dịch chuyển những tảng đá lớn trong đêm."


def body(markup, head=HEAD):
    """Return the paragraphs that are read below a headline."""
    return read(f"<main><article><h1>{TITLE}</h1>{markup}</article></main>", head).article.body


@pytest.mark.parametrize("character", ["\v", "\x01", "&#1;", "\x7f", "\x85", "\ufffe"])
def test_a_control_character_loses_nothing(character):
    """One invisible character does not lose the article."""
    assert tuple(TEXT) == body(P.replace("</p>", f"{character}</p>", 1))


def test_decomposed_pages_read_as_their_composed_twins():
    """Composed and decomposed letters give the same result."""
    markup = f"<p class=sapo>{TEXT[0]}</p>{P}<figure><figcaption>{CAPTION}</figcaption></figure>"
    apart = [unicodedata.normalize("NFD", part) for part in (markup, HEAD)]

    assert body(markup) == body(*apart)
    assert tuple(TEXT) == body("".join(f"<p>{unicodedata.normalize('NFD', line)}</p>" for line in TEXT))


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(f"{MENU}<h1>{TITLE}</h1>{PICTURE}{P}{MORE}<ul>{COMMENTS}</ul>", id="clutter"),
        pytest.param(
            f"<h1>{TITLE}</h1><p>Thứ Tư, 04/02/2026 19:25</p>{P}<p>Bài và ảnh: Nguyễn Thị Lụa</p>", id="printed"
        ),
        pytest.param(
            f"<h1>{TITLE}</h1><div class=author>Nguyễn Thị Lụa</div>{P}<p>(Theo Tân Hoa Xã, TTXVN)</p>", id="credits"
        ),
        pytest.param(f"<h1>{TITLE}</h1>{P}<h3>Tin liên quan</h3>{MORE}<p>Mời bạn đọc theo dõi Báo</p>", id="tails"),
    ],
)
def test_every_field_of_a_decomposed_page_is_that_of_its_twin(markup):
    """Headline, date, people and captions do not depend on how the letters of a page are composed."""
    apart = [unicodedata.normalize("NFD", part) for part in (markup, HEAD)]

    assert read(markup).as_json() == read(*apart).as_json()


def test_letters_that_composing_takes_apart_are_read():
    """Bengali letters that NFC writes as two characters are read."""
    lines = [
        "বন্দর পরিষদ মঙ্গলবার ঝড়ের মৌসুম শুরুর আগেই পুরোনো বাতিঘরের সড়ক মেরামতের সিদ্ধান্ত নিয়েছে।",
        "প্রকৌশলীরা সভায় জানিয়েছেন, নিচের দেয়ালটি বসন্তের পর থেকে প্রায় নয় সেন্টিমিটার সরে গেছে।",
    ]

    assert tuple(unicodedata.normalize("NFC", x) for x in lines) == body("".join(f"<p>{x}</p>" for x in lines))


@pytest.mark.parametrize(
    ("above", "kept"),
    [
        ("".join(f"<li>Bến số {i}: {20 + i} độ, có mây, không mưa</li>" for i in range(60)), ["Xem trên YouTube"]),
        (P, TEXT),
    ],
)
def test_short_lines_above_the_headline_are_not_the_article(above, kept):
    """The weather of sixty places above a short video is not its text; prose above the headline is."""
    tree = lxml_tree(f"<body><ul>{above}</ul><article><h1>{TITLE}</h1><p>Xem trên YouTube</p></article></body>")
    assert isinstance(tree, HtmlElement)
    blocks = blocks_of(tree.body)

    taken = correct_selection(blocks, [True] * len(blocks), [TITLE])

    assert list(kept) == [block.text for block in taken][: len(kept)]


def test_a_sentence_that_is_one_link_stays():
    """A paragraph of the article may be one link from its first word to its last."""
    assert (TEXT[0], LINKED, *TEXT[1:]) == body(
        f"<p>{TEXT[0]}</p><div class=m><p><a href=/x>{LINKED}</a></p></div>" + "".join(f"<p>{x}</p>" for x in TEXT[1:])
    )


def test_a_list_that_ends_the_article_stays():
    """List items in the element of the text belong to it, even if they are not sentences."""
    items = "<ul><li>Nước chủ nhà</li><li>Hai nước láng giềng</li><li>Khách mời</li></ul>"

    assert (*TEXT, "- Nước chủ nhà", "- Hai nước láng giềng", "- Khách mời") == body(f"<div class=t>{P}{items}</div>")


def test_a_table_in_the_text_stays():
    """Rows of a table in the element of the text belong to it."""
    rows = "".join(f"<tr><td>Hạng {i}</td><td>Nước thứ {i}</td></tr>" for i in range(1, 9))

    assert (*TEXT, *(f"Hạng {i} Nước thứ {i}" for i in range(1, 9))) == body(f"<div>{P}<table>{rows}</table></div>")


def test_a_lead_that_is_a_heading_stays():
    """A heading that is a long sentence is the first paragraph."""
    lead = f"{TEXT[0][:-1]}, trước khi hai bên ra thông cáo chung về hợp tác kinh tế."

    assert (lead, *TEXT[1:]) == body(f"<div class=t><h2>{lead}</h2>{'<br><br>'.join(TEXT[1:])}</div>")


def test_captions_of_a_gallery_are_its_text():
    """If captions have more text than paragraphs, all captions are kept."""
    pictures = "".join(f"<figure><img src=/{i}.jpg><figcaption>{x}</figcaption></figure>" for i, x in enumerate(TEXT))

    found = read(f"<main><h1>{TITLE}</h1><p>{LINKED}</p>{pictures}</main>")

    assert ("photo", tuple(TEXT)) == (found.kind, found.article.captions)


def test_boxes_with_most_of_the_text_are_kept():
    """If elements with names of boxes contain most of the text, their names are ignored."""
    wrapped = "".join(f"<section><div class=body-share-wrapper><p>{x}</p></div></section>" for x in TEXT)

    assert tuple(TEXT) == body(wrapped)


@pytest.mark.parametrize(
    "tail",
    [
        "<p>Bình luận (3)</p><div class=cmt><p>Lan: Đường này đi sợ lắm, mong sửa sớm cho bà con nhờ.</p></div>",
        f"<h3>Top stories</h3><div class=others>{MORE}</div>",
        "<footer-line><div>© 2026 Tin Ví dụ. Bản quyền thuộc về Tin Ví dụ.</div></footer-line>",
        "<div>© 2026 Tin Ví dụ. All rights reserved.</div>",
        "<div class=f><span>Posted by Thu Lan at 10:32</span></div><div>Labels: <a href=/1>Ngoại giao</a></div>",
        "<div>Ähnliche Beiträge</div>",
    ],
)
def test_content_after_the_article_is_left_out(tail):
    """Comments, other articles and licence lines after the text are left out."""
    assert tuple(TEXT) == body(f"<div class=t>{P}</div>{tail}")


def test_text_continues_after_a_box_of_other_articles():
    """A heading of other articles between paragraphs does not end the text."""
    box = f"<aside-box><h3>Tin liên quan</h3>{MORE}</aside-box>"
    half = "".join(f"<p>{x}</p>" for x in TEXT[:3]), "".join(f"<p>{x}</p>" for x in TEXT[3:])

    assert tuple(TEXT) == body(f"<div class=t>{half[0]}{box}{half[1]}</div>")


def test_text_continues_in_a_wrapper_with_further_classes():
    """The last wrapper of a text may have classes more than the others; behind a box, it is still of the text."""
    links = "".join(f"<li><a href=/bai-{n}.html>Một nhan đề khác, rất dài, số {n}</a>" for n in range(3))
    more = f"<section><div>Xem thêm</div><ul>{links}</ul></section>"
    first, last = (f"<div class='van-ban {name}'>{{}}</div>" for name in ("doan", "doan-cuoi rong"))
    head, rest = "".join(f"<p>{line}</p>" for line in TEXT[:3]), "".join(f"<p>{line}</p>" for line in TEXT[3:])

    found = read(
        f"<h1>{TITLE}</h1><article><div>{first.format(head)}</div>{more}<div>{last.format(rest)}</div></article>"
    )

    assert TEXT == list(found.article.body)


@pytest.mark.parametrize("label", ["Đọc thêm", "Czytaj więcej", "Read more:", "Mehr zum Thema"])
def test_a_box_with_one_other_article_is_left_out(label):
    """A box between paragraphs with one linked headline and its summary is left out if it begins with such words."""
    link = "<a href=/khac.html><h4>Một bài khác cũng khá dài của báo này</h4></a>"
    summary = "<div><p>Tóm tắt của bài khác ấy, một câu.</p></div>"
    box = f"<div class=x><div><p>{label}</p></div><div>{link}{summary}</div></div>"
    half = "".join(f"<p>{x}</p>" for x in TEXT[:3]), "".join(f"<p>{x}</p>" for x in TEXT[3:])

    assert tuple(TEXT) == body(f"<div class=t>{half[0]}{box}{half[1]}</div>")


def test_links_with_the_same_lead_in_are_left_out():
    """Paragraphs that link to other articles with the same words are left out."""
    pointers = [f"<p>ĐỌC BÀI KHÁC Ở ĐÂY | <a href=/{i}>Một bài khác của báo số {i}</a></p>" for i in range(2)]
    between = "".join(f"<p>{x}</p>{pointers[i] if i < 2 else ''}" for i, x in enumerate(TEXT))

    assert tuple(TEXT) == body(f"<div class=t>{between}</div>")


def test_a_list_of_links_may_be_the_article():
    """If paragraphs of links are most of the text in its element, they are the article."""
    links = [
        f"<p><a href=https://shop.example/{i}>Món hàng thứ {i} trong số những món giảm giá, còn 39 nghìn đồng</a></p>"
        for i in range(9)
    ]

    assert 10 == len(body(f"<div class=t><p>{TEXT[0]}</p>{''.join(links)}</div>"))


def test_the_line_of_the_author_is_not_text():
    """A line with author and day between headline and text does not open the text."""
    line = "By Kathy Lind Published in FrontBurner December 14, 2016 2:24 pm"
    found = read(f"<h1>{TITLE}</h1><div class=info>{line}</div>{P}")

    assert tuple(TEXT) == found.article.body


@pytest.mark.parametrize(("end", "kept"), [(".", True), ("?", False)])
def test_a_statement_that_is_one_link_is_text(end, kept):
    """A linked sentence between two paragraphs is text if it ends in a full stop; linked questions are headlines."""
    linked = TEXT[2].rstrip(".") + end
    found = read(f"<h1>{TITLE}</h1><div>{P.replace(f'<p>{TEXT[2]}</p>', f'<p><a href=/a>{linked}</a></p>')}</div>")

    assert kept == (linked in found.article.body)


@pytest.mark.parametrize(
    "heading", ["<h3>Bình luận</h3>", "<p>Bình luận (2)</p>", "<h2>Yorumlar</h2>", "<h4>Σχόλια</h4>"]
)
def test_nothing_goes_on_after_a_heading_of_comments(heading):
    """Comments are left out even in the element of the text itself, behind a heading or a count of them."""
    tail = f"{heading}<p>Bạn đọc: đê này cần làm sớm hơn nữa cho dân trong vùng được nhờ.</p>"
    links = "<ul><li><a href=/1>Bến phà cũ</a><li><a href=/2>Mùa nước</a></ul>"
    found = read(f"<h1>{TITLE}</h1>{P}<h3>Tin liên quan</h3>{links}{tail}")

    assert tuple(TEXT) == found.article.body


@pytest.mark.parametrize("lead_in", ["Xem thêm:", "Lire aussi", "関連記事"])
def test_words_with_a_link_to_another_article_are_left_out(lead_in):
    """Such words with a link, alone or above a summary in a box, are left out; the text around them stays."""
    pointer = f"{lead_in} <a href=/khac.html>Một bài khác của báo này</a>"
    first, second, *rest = (f"<p>{x}</p>" for x in TEXT)
    box = f"<div class=x>{pointer}<p>Tóm tắt của bài khác ấy, đủ dài để trông như câu của bài.</p></div>"

    assert tuple(TEXT) == body(f"<div>{first}<p>{pointer}</p>{second}{box}{''.join(rest)}</div>")


def test_paragraphs_with_share_buttons_stay():
    """Paragraphs that each have a button to share them are not cards of other articles."""
    share = "<div class=share><a href=#>Chia sẻ</a></div>"
    wrapped = "".join(f"<div class=para-share-wrapper><p>{line}</p>{share}</div>" for line in TEXT)

    assert tuple(TEXT) == read(f"<h1>{TITLE}</h1>{wrapped}").article.body


def test_headings_of_list_items_stay():
    """Headings inside the items of a list stay, even if they are short."""
    items = "".join(f"<li><h3>Điểm số {i}</h3><p>{line}</p></li>" for i, line in enumerate(TEXT[1:3]))
    found = body(f"<div class=t><p>{TEXT[0]}</p><ol>{items}</ol><p>{TEXT[3]}</p><p>{TEXT[4]}</p></div>")

    assert (TEXT[0], "Điểm số 0", f"- {TEXT[1]}", "Điểm số 1", f"- {TEXT[2]}", *TEXT[3:]) == found


def test_columns_beside_the_article_are_left_out():
    """In a table that lays out the page, a column of other articles beside the text is not part of it."""
    links = "".join(f"<a href=/{i}>Bài khác của báo, số {i}</a><br>Tóm tắt của bài khác, số {i}.<br>" for i in range(3))
    text = "<br><br>".join(TEXT)
    page = f"<table><tr><td><b>{TITLE}</b><br><br>{text}</td><td><b>Tin mới</b><br>{links}</td></tr></table>"

    assert tuple(TEXT) == read(page).article.body


def test_headings_beside_the_sections_stay():
    """A heading stays if it is beside the elements that contain the paragraphs of each section."""
    first, second = "".join(f"<p>{x}</p>" for x in TEXT[:2]), "".join(f"<p>{x}</p>" for x in TEXT[2:])

    page = f"<div class=level1>{first}</div><h2>Hai bên nói gì</h2><div class=level2>{second}</div>"

    assert (*TEXT[:2], "Hai bên nói gì", *TEXT[2:]) == read(f"<div><h1>{TITLE}</h1>{page}</div>").article.body


@pytest.mark.parametrize(
    "box",
    [
        "<div class=toc>Nội dung bài<ul><li><a href=#1>Hai bên nói gì</a><li><a href=#2>Mốc tới</a></ul></div>",
        "<div class=ad><p>Mua điện thoại mới hôm nay để được giảm đến ba trăm nghìn đồng!</p></div>",
        "<div class=postmetadata>Bạn có thể theo dõi các phản hồi của bài này qua một nguồn tin riêng.</div>",
    ],
)
def test_named_boxes_are_left_out(box):
    """A table of contents, an advertisement and the data of a post between the paragraphs are left out."""
    first, *rest = (f"<p>{x}</p>" for x in TEXT)

    assert tuple(TEXT) == body(f"<div class=t>{first}{box}{''.join(rest)}</div>")


def test_headings_named_after_contents_stay():
    """A heading whose class names the table of contents stays, because it links to no place of the page."""
    half = "".join(f"<p>{x}</p>" for x in TEXT[:3]), "".join(f"<p>{x}</p>" for x in TEXT[3:])

    assert (*TEXT[:3], "Mốc tới", *TEXT[3:]) == body(f"<div>{half[0]}<h2 class=toc id=2>Mốc tới</h2>{half[1]}</div>")


def test_short_lines_between_wrapped_paragraphs_stay():
    """If each paragraph is in a wrapper of its own, a short line in such a wrapper stays, and so does a caption."""
    lines = [*TEXT[:2], "Hai bên nói gì", *TEXT[2:]]
    wrapped = "".join(f"<section><p>{line}</p></section>" for line in lines)
    found = read(f"<div><h1>{TITLE}</h1><div>{wrapped}{PICTURE}</div></div>").article

    assert (tuple(lines), (CAPTION,)) == (found.body, found.captions)
