"""The beginning of an article: its first paragraph, what stands above it, and its standfirst."""

import pytest
from unknown import CAPTION, HEAD, LEAD, MENU, TEXT, TITLE, P, read

LONG = "Sau cuộc gặp hai bên cho biết sẽ mở thêm ba chuyến bay và nối lại tuyến tàu đêm trong năm nay"
REST = "".join(f"<p>{line}</p>" for line in TEXT[1:])


def below_headline(markup):
    """Return the article of a page whose headline is in a header of its own."""
    return read(f"<article><header><h1>{TITLE}</h1></header>{markup}</article>").article


@pytest.mark.parametrize(
    ("markup", "opening"),
    [
        (f"<p>&amp;#151; -- {TEXT[0]}</p>", f"&#151; -- {TEXT[0]}"),
        (
            f"<p><ruby>港<rp>（</rp><rt>みなと</rt><rp>）</rp></ruby> {TEXT[0]}</p><h2>Hai bên nhất trí</h2>",
            f"港 {TEXT[0]}",
        ),
        (f"&amp;#151; {TEXT[0]}", f"&#151; {TEXT[0]}"),
    ],
)
def test_the_first_paragraph_is_kept_however_it_is_marked_up(markup, opening):
    """The first paragraph in the element of the text stays, even if trafilatura lost it or wrote it otherwise."""
    body = below_headline(f"<div class=story>{markup}{REST}</div>").body

    assert (opening, TEXT[-1]) == (body[0], body[-1])


def test_lines_above_the_text_are_not_its_beginning():
    """A sentence in an element of its own between headline and text, which trafilatura leaves out, is not added."""
    notice = (
        "<div class=share-bar><p>Nghe bài này bằng giọng đọc tự động, dài bốn phút, miễn phí cho mọi người.</p></div>"
    )

    assert tuple(TEXT) == below_headline(f"{notice}<div class=story>{P}</div>").body


def test_a_summary_in_points_opens_the_text():
    """A list of sentences before the first paragraph stays; a list of links does not."""
    points = "".join(f"<li>{line}</li>" for line in TEXT[:2])
    contents = "".join(f"<li><a href=#{i}>Phần {i} của bài này</a></li>" for i in range(3))
    body = below_headline(f"<div class=story><ul>{contents}</ul><ul>{points}</ul>{REST}</div>").body

    assert tuple(f"- {line}" for line in TEXT[:2]) == body[:2]


def test_a_place_above_the_text_stays():
    """A short line that opens the text stays, such as a place; days, reading times and authors are left out."""
    lines = "<p>Tới 3 phút đọc</p><p>Bài: Thu Lan</p><p>HÀ NỘI, VIỆT NAM</p>"

    assert ("HÀ NỘI, VIỆT NAM", *TEXT) == below_headline(f"<div class=story>{lines}{P}</div>").body


LINKS = "<a href=/1>Bản in</a> | <a href=/2>Gửi bài này cho bạn bè</a> | <a href=/3>Báo lỗi chính tả trong bài</a>"


@pytest.mark.parametrize(
    "line",
    [
        f"Năm giờ trước, chưa có ý kiến<br>{LINKS}",
        "Chuyên mục: Thời sự",
        "Kategorie: Stadt",
        f"{TITLE}<br>14/3/2014 | Thu Lan",
    ],
)
def test_lines_of_the_system_do_not_open_the_text(line):
    """A line with links to tools, the category, or headline and day is not the beginning of the text."""
    assert tuple(TEXT) == below_headline(f"<div class=story><p>{line}</p>{P}</div>").body


def test_a_caption_below_the_standfirst_is_kept():
    """The caption of the picture between standfirst and text is kept."""
    picture = f"<div class=thumb><img src=/a.jpg><p class=wp-caption-text>{CAPTION}</p></div>"
    found = below_headline(f"<p class=deck>{LEAD}</p><div class=main>{picture}<div class=text>{P}</div></div>")

    assert (LEAD, (CAPTION,), tuple(TEXT)) == (found.standfirst, found.captions, found.body)


def test_a_standfirst_after_a_place_is_found():
    """A standfirst that repeats the description after the name of a place is separated from the text."""
    found = below_headline(f"<div class=big><span>Hà Nội</span> {LEAD}</div><div class=text>{P}</div>")

    assert (f"Hà Nội {LEAD}", tuple(TEXT)) == (found.standfirst, found.body)


@pytest.mark.parametrize(("description", "standfirst"), [(TEXT[0], TEXT[0]), (TEXT[0][:70], "")])
def test_a_description_cut_out_of_the_text_makes_no_standfirst(description, standfirst):
    """The first paragraph is the standfirst if the description repeats all of it, not if it was cut out of it."""
    head = HEAD.replace(LEAD, description)
    rest = "".join(f"<div>{line}</div>" for line in TEXT[1:])
    found = read(
        f"<article><header><h1>{TITLE}</h1></header><div><p>{TEXT[0]}</p><section>{rest}</section></div></article>",
        head,
    )

    assert standfirst == found.article.standfirst
    assert TEXT == [line for line in (standfirst, *found.article.body) if line]


def test_a_first_paragraph_with_a_dateline_is_no_standfirst():
    """A paragraph with the class of the others is text, even if it repeats the description after a dateline."""
    rest = "".join(f"<div class=story__line>{line}</div>" for line in TEXT)
    first = f"<div class=media><p class=story__line>HÀ NỘI (TTX) {LEAD}</p></div>"
    found = below_headline(f"<div class=story>{first}{rest}</div>")

    assert ("", (f"HÀ NỘI (TTX) {LEAD}", *TEXT)) == (found.standfirst, found.body)


def test_the_line_of_the_author_below_a_standfirst_is_not_text():
    """A line with author and day between standfirst and text is left out."""
    line = "By Kathy Lind Published in FrontBurner December 14, 2016 2:24 pm"
    found = read(
        f"<article><header><h1>{TITLE}</h1><p class=subhead>{LEAD}</p><div class=info>{line}</div></header>"
        f"<div class=story>{P}</div></article>"
    )

    assert tuple(TEXT) == found.article.body


@pytest.mark.parametrize(("end", "kept"), [(".", True), ("", False)])
def test_a_short_heading_that_is_a_statement_opens_the_text(end, kept):
    """A heading above the text belongs to it if it ends in a full stop; else it is the title of a part."""
    lead = f"Hội đồng bến cảng quyết định sửa con đường cũ ra ngọn hải đăng trước mùa bão năm nay{end}"

    assert kept == (lead in below_headline(f"<div class=story><h2>{lead}</h2>{P}</div>").body)


@pytest.mark.parametrize(
    ("between", "standfirst"),
    [
        (f"<h2>{LONG}</h2>", LONG),
        (f"<div class=sub><h3>{LONG}</h3></div><figure></figure>", LONG),
        (f"<h2>{LEAD}</h2>", LEAD),
        ("<h2>Hai bên</h2>", ""),
    ],
)
def test_a_heading_of_a_sentence_below_the_headline_is_the_standfirst(between, standfirst):
    """A second heading beside the headline, as long as a sentence, is the standfirst without a class that says so."""
    found = read(f"<header><h1>{TITLE}</h1></header>{between}<div class=story>{P}</div>").article

    assert (standfirst, tuple(TEXT)) == (found.standfirst, found.body)


def test_a_place_above_the_first_paragraph_opens_the_text():
    """A place before a colon stays in an element of its own; a word for the text does not become a place."""
    assert ("Hà Nội/Hải Phòng:", *TEXT) == below_headline(
        f"<div class=story><div><b>Hà Nội/Hải Phòng:</b></div>{P}"
    ).body


def test_the_first_of_several_subheads_opens_the_text():
    """A short heading above the first paragraph stays if the text has more headings like it."""
    parts = f"<h2>Hai bên</h2>{P}<h2>Chi phí</h2><p>{TEXT[0]} Rồi hai bên ký.</p>"

    assert "Hai bên" == below_headline(f"<div class=story>{parts}</div>").body[0]


def test_a_site_name_in_a_heading_is_not_the_headline():
    """A day below the site's name at the top of the page is not the standfirst."""
    top = "<h1 class=site-name><a href=/>Tin</a></h1><p class=subtitle>Thứ Tư, ngày 4 tháng 2 năm 2026</p>"
    found = read(f"{top}{MENU}<h1>{TITLE}</h1><div class=story>{P}</div>", url="https://tin.vn/2026/02/bai-so-mot-hai")

    assert ("", tuple(TEXT)) == (found.article.standfirst, found.article.body)


def test_captions_longer_than_the_introduction_are_a_gallery():
    """Captions beside the introduction are kept if they have more text, each once."""
    slides = "".join(
        f"<figure><img src=/{i}.jpg><figcaption>{line}</figcaption></figure>" for i, line in enumerate(TEXT)
    )
    found = below_headline(f"<div class=intro><p>{LEAD}</p></div><div class=slides>{slides}</div>")

    assert tuple(TEXT) == found.captions


def test_a_standfirst_is_not_the_headline_again():
    """A second copy of the headline, alone or with the day, is no standfirst."""
    again = f"<p class=intro>{TITLE} : 04.02.2026</p>"

    assert (LEAD, tuple(TEXT)) == (
        (found := below_headline(f"{again}<p class=lead>{LEAD}</p><div class=t>{P}</div>")).standfirst,
        found.body,
    )


@pytest.mark.parametrize(
    "first",
    [f"<p><a href=/chu-de><b>{TEXT[0]}</b></a></p>", f"<table><tr><td><p><b>{TEXT[0]}</b></p></td></tr></table>"],
)
def test_a_first_paragraph_in_a_link_or_a_frame_stays(first):
    """The first paragraph stays if it is one link, or alone in a table that frames it."""
    assert tuple(TEXT) == below_headline(f"<div class=story>{first}{REST}</div>").body
