"""Reading pages in the styles of well-known publishing systems without any rules."""

from datetime import UTC, date, datetime

import pytest
from unknown import CAPTION, COMMENTS, HEAD, LEAD, MENU, MORE, NOW, PICTURE, TEXT, TITLE, P, read

from crawler.outlets.catalogue import bare_outlet
from crawler.page import Page
from crawler.reading.extract import read_page


def table_layout():
    """Return a page of the 1990s: tables for layout, and line breaks between paragraphs."""
    return (
        f"<table width=100%><tr><td width=20%>{MENU}</td><td><font size=5><b>{TITLE}</b></font><br>"
        f"<font size=2>{'<br><br>'.join(TEXT)}</font></td><td>{MORE}</td></tr></table>"
    )


SYSTEMS = {
    "WordPress": (
        f"<header>{MENU}</header><main><article class='post type-post hentry'><h1 class=entry-title>{TITLE}</h1>"
        "<div class=entry-meta><span class=author>Thu Lan</span></div><div class=entry-content>"
        f"{P}<div class='wp-caption'><img src=a><p class=wp-caption-text>{CAPTION}</p></div>"
        "<div class='sharedaddy sd-sharing-enabled'><p>Chia sẻ bài viết này với bạn bè trên mạng xã hội.</p>"
        f"</div></div></article><div id=comments class=comments-area><ol>{COMMENTS}</ol></div></main>"
        f"<aside class=sidebar>{MORE}</aside>"
    ),
    "Drupal": (
        f"<div class=region-header>{MENU}</div><div class='node node--type-article'><h1>{TITLE}</h1>"
        f"<div class='field field--name-field-sapo field--type-text'>{LEAD}</div>"
        f"<div class='field field--name-body field--type-text-with-summary'>{P}</div>"
        f"<div class='field field--name-field-related'>{MORE}</div></div>"
    ),
    "Ghost": (
        f"<nav>{MENU}</nav><article class='gh-article post'><h1 class=gh-article-title>{TITLE}</h1>"
        f"<p class=gh-article-excerpt>{LEAD}</p><section class='gh-content gh-canvas'>{P}"
        f"<figure class='kg-card kg-image-card'><img><figcaption>{CAPTION}</figcaption></figure></section></article>"
        "<section class=gh-subscribe><h3>Đăng ký nhận tin</h3><p>Để lại địa chỉ thư, không lỡ bài nào.</p></section>"
    ),
    "Arc": (
        f"<header>{MENU}</header><main><h1 class=headline>{TITLE}</h1><h2 class=subheadline>{LEAD}</h2>"
        f"<div class=byline>Thu Lan</div>{PICTURE}<article class='article-body-wrapper'>"
        + "".join(f"<p class=article-paragraph>{line}</p><div class=ad-container>Quảng cáo</div>" for line in TEXT)
        + f"</article><div class='results-list'>{MORE}</div></main>"
    ),
    "Blogger": (
        f"<div class=header>{MENU}</div><div class='post hentry'><h3 class='post-title entry-title'>{TITLE}</h3>"
        f"<div class='post-body entry-content'>{'<br /><br />'.join(TEXT)}</div>"
        "<div class=post-footer><span class=post-author>Người đăng: Thu Lan</span></div></div>"
        f"<div class=comments id=comments><ul>{COMMENTS}</ul></div>"
    ),
    "Joomla": (
        f"<div class=moduletable>{MENU}</div><div class=item-page itemscope itemtype=https://schema.org/Article>"
        f"<div class=page-header><h2 itemprop=headline>{TITLE}</h2></div><div itemprop=articleBody>{P}</div>"
        f"</div><div class=related-items>{MORE}</div>"
    ),
    "tables": table_layout(),
    "split": (
        f"<header>{MENU}</header><h1>{TITLE}</h1><div class=grid>"
        + "".join(
            f"<div class=row><div class=body-chunk><p>{line}</p><p>{line} Câu thêm của phần này.</p></div></div>"
            "<div class=row><div class=ad></div></div>"
            for line in TEXT
        )
        + f"</div><div class=more>{MORE}</div>"
    ),
    "hidden": f"<header>{MENU}</header><h1>{TITLE}</h1><div id=story hidden>{P}</div><div class=more>{MORE}</div>",
    "AMP": (
        f"<amp-sidebar>{MENU}</amp-sidebar><article class=amp-wp-article><h1 class=amp-wp-title>{TITLE}</h1>"
        f"<div class=amp-wp-article-content>{P}<amp-img src=a.jpg></amp-img></div></article>"
        "<amp-ad><div placeholder>Quảng cáo</div></amp-ad>"
    ),
    "after": (
        f"<header>{MENU}</header><article><h1>{TITLE}</h1><div class=content>{P}"
        "<p>Theo dõi Tin Ví dụ trên Google News</p><p><a href=/x>Xem thêm: Một bài khác của chúng tôi</a></p>"
        "<p>Mời quý độc giả đón xem bản tin lúc 19 giờ mỗi ngày.</p></div>"
        "<div class='newsletter-signup'><p>Nhận bản tin hằng ngày của chúng tôi qua thư điện tử, miễn phí.</p></div>"
        f"<div class=most-read>{MORE}</div><div class=comments>{COMMENTS}</div></article>"
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_reads_only_the_text(system):
    """The whole text of a page is read, without menus, comments, adverts and other articles."""
    found = read(SYSTEMS[system])

    body = "\n\n".join(found.article.body)
    assert [] == [line for line in TEXT if line not in body]
    others = ["Chuyên mục", "bài khác", "Bạn đọc", "đồng ý với", "Quảng cáo", "Đăng ký", "bản tin", "Google", "bạn bè"]
    assert [] == [words for words in others if words in found.text]
    assert (TITLE, date(2026, 2, 5)) == (found.title, found.when.day)


@pytest.mark.parametrize("system", ["Drupal", "Ghost", "Arc"])
def test_finds_the_standfirst(system):
    """A standfirst in an element of its own is separated from the text."""
    found = read(SYSTEMS[system])

    assert (LEAD, TEXT) == (found.article.standfirst, list(found.article.body))


@pytest.mark.parametrize("system", ["WordPress", "Ghost", "Arc"])
def test_finds_the_captions(system):
    """Captions are recognised in the text, after it, or between headline and text."""
    assert (CAPTION,) == read(SYSTEMS[system]).article.captions


@pytest.mark.parametrize(
    "picture",
    [
        f"<table><tr><td><img src=a></td></tr><tr><td>{CAPTION}</td></tr></table>",
        f"<table class=tplCaption><tr><td class=pCaption><p>{CAPTION}</p></td></tr></table>",
        f"<div class=photo><img src=a><div class=chu-thich>{CAPTION}</div></div>",
        f"<p><img src=a></p><p>{CAPTION}</p>",
        f"<div class=media><img src=a><span class=image-desc>{CAPTION}</span></div>",
    ],
)
def test_captions_by_class_place_or_credit(picture):
    """A caption is recognised by its class, by a table around a picture, or by its credit."""
    inner = f"<p>{TEXT[0]}</p><p>{TEXT[1]}</p>{picture}<p>{TEXT[2]}</p><p>{TEXT[3]}</p>"

    found = read(f"<h1>{TITLE}</h1><div class=content>{inner}</div>")

    assert ((CAPTION,), TEXT[:4]) == (found.article.captions, list(found.article.body))


@pytest.mark.parametrize(
    "picture",
    [
        "<p align=center><img src=a><br><em>{}</em></p>",
        "<center><img src=a><i>{}</i></center>",
        "<div class=media><img src=a><span class=image-desc>{}</span></div>",
    ],
)
def test_words_in_the_paragraph_of_a_picture_are_its_caption(picture):
    """Words in italics or with a class below a picture in its own paragraph are a caption without a credit."""
    caption = "Hai nhà lãnh đạo trước cuộc hội đàm"
    inner = f"<p>{TEXT[0]}</p><p>{TEXT[1]}</p>{picture.format(caption)}<p>{TEXT[2]}</p><p>{TEXT[3]}</p>"

    found = read(f"<h1>{TITLE}</h1><div class=content>{inner}</div>")

    assert ((caption,), TEXT[:4]) == (found.article.captions, list(found.article.body))


@pytest.mark.parametrize(
    ("closing", "signature", "credits_"),
    [
        pytest.param("<p><strong>XUÂN LONG</strong></p>", "XUÂN LONG", (), id="a name in bold"),
        pytest.param(
            "<p>Theo Reuters, Tân Hoa Xã</p>", "Theo Reuters, Tân Hoa Xã", ("Reuters", "Xinhua"), id="credits"
        ),
        pytest.param("</div><div class=article-author>Xuân Long", "Xuân Long", (), id="an author apart"),
        pytest.param("</div><p class=source>Nhịp sống", "", ("Nhịp sống",), id="taken over from another outlet"),
        pytest.param(
            "</div><div class=link-source>Theo Nhịp sống Copy link",
            "Theo Nhịp sống",
            ("Nhịp sống",),
            id="taken over, with a button",
        ),
    ],
)
def test_closing_lines_sign_the_text(closing, signature, credits_):
    """Names and credits after the text are the signature."""
    found = read(f"<h1>{TITLE}</h1><div class=content>{P}{closing}</div><div class=more>{MORE}</div>")

    assert (signature or "Nhịp sống", credits_, TEXT) == (
        found.signature,
        found.people.credits,
        list(found.article.body),
    )


@pytest.mark.parametrize(
    ("end", "names"),
    [
        ("<p>【佐々木健太、田中美咲】</p>", ("佐々木健太", "田中美咲")),
        ("<p>橋は来年直す。（佐々木健太）</p>", ("佐々木健太",)),
        ("<p>橋は来年直す。（肩書は当時）</p>", ()),
        ("<p>【関連記事】</p>", ()),
        ("<p>（记者 王小明 李华）</p>", ("王小明", "李华")),
    ],
)
def test_names_in_brackets_sign_an_east_asian_text(end, names):
    """Names in brackets behind the last sentence in Japanese or Chinese are authors; other words are not."""
    text = "<p>渡し船は増水の後、鉄橋の近くへ移ることになり、両岸の住民が朝から集まった。</p>" * 2
    found = read(f"<h1>{TITLE}</h1><div class=content>{text}{end}</div>")

    assert names == found.people.authors


@pytest.mark.parametrize(("line", "name"), [("", "Thu Lan"), ("<p class=byline>Minh Anh</p>", "Minh Anh")])
def test_the_labelled_user_is_the_author_of_an_unsigned_page(line, name):
    """The user whom WordPress labels as the writer is the author, unless the page prints another one."""
    user = "<meta name=twitter:label1 content='Được viết bởi'><meta name=twitter:data1 content='Thu Lan'>"
    minutes = "<meta name=twitter:label2 content='Thời gian đọc'><meta name=twitter:data2 content='3 phút'>"

    found = read(f"<h1>{TITLE}</h1>{line}<div class=content>{P}</div>", head=HEAD + user + minutes)

    assert (name,) == found.people.authors


def test_hidden_copies_are_not_read_twice():
    """A hidden copy of visible text is dropped; other hidden text is kept, because scripts may show it."""
    hidden = f"<div style='display: none'><p>{TEXT[0]}</p></div>"

    found = read(f"<h1>{TITLE}</h1><div class=content>{hidden}{P}</div>")

    assert TEXT == list(found.article.body)
    assert TEXT == list(read(f"<h1>{TITLE}</h1><div style='display:none'>{P}</div>").article.body)


def test_commenters_sign_nothing():
    """The names of commenters are not the signature."""
    found = read(f"<h1>{TITLE}</h1><div class=content>{P}</div><ul class=comments>{COMMENTS}</ul>")

    assert ("", ()) == (found.signature, found.people.authors)


@pytest.mark.parametrize(
    ("url", "lang", "hour"),
    [("https://tin.example.vn/a-b-c-d", "en", 12), ("https://tin.example.com/a-b-c-d", "vi", 12)],
)
def test_a_time_without_an_offset_is_local(url, lang, hour):
    """The country of the site or the language of the page gives the timezone of a time without an offset."""
    head = '<meta property="article:published_time" content="2026-02-04T19:30:00">'
    markup = f"<html lang={lang}><head>{head}</head><body><h1>{TITLE}</h1>{P}</body></html>"

    found = read_page(Page(url, markup.encode(), "text/html; charset=utf-8"), bare_outlet(url), NOW)

    assert datetime(2026, 2, 4, hour, 30, tzinfo=UTC) == found.when.instant
