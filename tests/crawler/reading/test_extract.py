"""Reading a page into a dated record, or into the reason why there is none."""

import re
from datetime import UTC, date, datetime

import pytest

from archive.errors import Failure, Reason
from archive.record import Candidate, article_id
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Outlet, Reading
from crawler.page import Page
from crawler.reading.extract import forbids_showing, read_article, read_page, reader_of

NOW = datetime(2026, 2, 10, tzinfo=UTC)
URL = "https://bao.example/the-gioi/hoi-dam-4954454.html"
RULES = Reading(
    title=("h1.title",),
    standfirst=("p.sapo",),
    body=("div.body",),
    drop=(".related",),
    end=(".end",),
    caption=(".chu-thich",),
    byline=(".author",),
    credit=(".source",),
    published=(".date",),
    tags=(".tags a",),
    section=(".section",),
    strip=(r"Theo dõi Báo .* trên Google News",),
)
OUTLET = Outlet(
    id="bao",
    name="Báo Ví dụ",
    home="https://bao.example/",
    article=r"-(?P<key>\d{7})\.html",
    names=("BVD",),
    language="vi",
    timezone="Asia/Ho_Chi_Minh",
    reading=(RULES,),
)
SENTENCES = (
    "Chủ tịch nước hội đàm trực tuyến với người đồng cấp trong khoảng một giờ hai mươi lăm phút vào chiều ngày 4/2.",
    "Hai bên nhất trí duy trì các cuộc trao đổi cấp cao và mở rộng hợp tác trong nhiều lĩnh vực cùng quan tâm.",
    "Người phát ngôn cho biết chuyến thăm chính thức sẽ diễn ra trong nửa đầu năm nay theo lời mời của nước chủ nhà.",
)
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
MENU = "<ul>" + "".join(f"<li><a href='/{i}'>Chuyên mục số {i}</a></li>" for i in range(12)) + "</ul>"
DATED = '<meta property="article:published_time" content="2026-02-04T18:30:00Z">'
HEAD = DATED + '<meta property="og:title" content="Hội đàm cấp cao | Báo"><meta property="og:site_name" content="Báo">'


def page(body, head=HEAD, url=URL, candidate=None):
    """Return a page of our own making."""
    return Page(
        url, f"<html><head>{head}</head><body>{body}</body></html>".encode(), "text/html; charset=utf-8", candidate
    )


def declared(inner=PARAGRAPHS, around="", head=HEAD, **kwargs):
    """Return the result of reading a page of the declared outlet."""
    body = (
        f"<nav>{MENU}</nav><div class=section>Thế giới</div><h1 class=title>Hội đàm cấp cao hai nước</h1>"
        f"<p class=sapo>BVD - Hai nhà lãnh đạo bàn về hợp tác.</p><div class=body>{inner}</div>{around}"
        "<footer>Giấy phép số 1</footer>"
    )
    return read_article(page(body, head, **kwargs), OUTLET, NOW)


def test_reads_a_declared_page():
    """Every part of a declared page is in the record, and nothing else is in the text."""
    inner = (
        f"<p>{SENTENCES[0]}</p><figure><img><figcaption>Hai nhà lãnh đạo. Ảnh: Reuters</figcaption></figure>"
        "<div class=related><a href=/x>Tin khác</a></div><h2>Hợp tác</h2><ul><li>Thương mại</li></ul>"
        f"<p>{SENTENCES[1]}</p><p class=chu-thich>Trụ sở. Ảnh: AFP</p><p>Theo dõi Báo Ví dụ trên Google News</p>"
        "<p><a href=/quang-cao>Xem thêm tin nóng trong ngày tại đây</a></p><div class=end>Hết</div><p>Bình luận</p>"
    )
    around = "<p class=author>Ngọc Ánh (Theo SCMP, Tân Hoa Xã)</p><div class=tags><a>Nga</a><a>#Trung Quốc</a></div>"

    record = declared(inner, around)

    assert [
        "BVD - Hai nhà lãnh đạo bàn về hợp tác.",
        SENTENCES[0],
        "Hai nhà lãnh đạo. Ảnh: Reuters",
        "Hợp tác",
        "- Thương mại",
        SENTENCES[1],
        "Trụ sở. Ảnh: AFP",
        "Ngọc Ánh (Theo SCMP, Tân Hoa Xã)",
    ] == list(record.document.paragraphs)
    assert ("Hội đàm cấp cao hai nước", date(2026, 2, 5)) == (record.document.title, record.document.date)
    assert (("Ngọc Ánh",), ("SCMP", "Xinhua")) == (record.byline, record.credits)
    assert (("Nga", "Trung Quốc"), "Thế giới", "vi", "article") == (
        record.tags,
        record.section,
        record.language,
        record.kind,
    )
    assert ("meta", "2026-02-04T18:30:00Z") == (record.date_source, record.date_raw)
    assert (article_id("bao", "4954454"), URL) == (record.id, record.url)
    assert (reader_of(OUTLET), "today") == (record.reader, record.rules)
    assert "\n\n".join([SENTENCES[0], "Hợp tác", "- Thương mại", SENTENCES[1]]) == record.body


def test_keeps_a_linked_sentence_of_the_body():
    """A sentence of the body that is a link stays, because trafilatura takes it for text."""
    record = declared(PARAGRAPHS + f"<p>{SENTENCES[0][:-1]} <a href=/x>và sẽ còn gặp lại nhau nhiều lần nữa</a>.</p>")

    assert record.document.paragraphs[-1].endswith("nhiều lần nữa.")


@pytest.mark.parametrize(
    ("inner", "around", "signature", "names", "credits_"),
    [
        pytest.param("", "<p class=author>Thu Lan</p>", "Thu Lan", ("Thu Lan",), (), id="a byline after the text"),
        pytest.param("<p class=author>Thu Lan</p>", "", "Thu Lan", ("Thu Lan",), (), id="a byline within it"),
        pytest.param(
            "<p>Nguồn: CCTV, RT</p>",
            "<p class=author>Vân Bình</p>",
            "Vân Bình\n\nNguồn: CCTV, RT",
            ("Vân Bình",),
            ("CCTV", "RT"),
            id="credits in a line of their own",
        ),
        pytest.param("<p><b>Vân Bình</b></p>", "", "Vân Bình", ("Vân Bình",), (), id="a byline no rule knows"),
        pytest.param(
            "",
            "<p class=author>Thu Lan</p><p class=source>Reuters, SCMP</p>",
            "Thu Lan\n\nReuters, SCMP",
            ("Thu Lan",),
            ("Reuters", "SCMP"),
            id="agencies printed apart",
        ),
        pytest.param(
            "",
            "<p class=author>Thu Lan</p><p class=source>Nhịp sống</p>",
            "Thu Lan",
            ("Thu Lan",),
            ("Nhịp sống",),
            id="taken over",
        ),
        pytest.param("", "<p class=author>BVD</p>", "BVD", (), (), id="signed by the outlet"),
        pytest.param(
            "",
            "<i class=author>Thu Lan</i><i class=author>Minh Anh</i>",
            "Thu Lan - Minh Anh",
            ("Thu Lan", "Minh Anh"),
            (),
            id="two",
        ),
        pytest.param(
            "",
            "<i class=author>Thu Lan</i><i class=author>Thu Lan lan@bao.vn</i>",
            "Thu Lan",
            ("Thu Lan",),
            (),
            id="twice",
        ),
        pytest.param("", "", "", (), (), id="unsigned"),
    ],
)
def test_signature_ends_the_text(inner, around, signature, names, credits_):
    """Byline and credits come last, as printed, once; names and agencies are distinguished."""
    record = declared(PARAGRAPHS + inner, around)

    assert (signature, names, credits_) == (record.signature, record.byline, record.credits)
    assert "\n\n".join(SENTENCES) == record.body
    assert record.document.text.endswith(signature)


def test_authors_in_the_metadata_sign_if_none_is_printed():
    """If no byline is printed, the authors in JSON-LD are the signature."""
    head = (
        HEAD
        + '<script type="application/ld+json">{"@type": "NewsArticle", "author": ["BVD", {"name": "Thu Lan"}]}</script>'
    )

    record = declared(head=head)

    assert (("Thu Lan",), "Thu Lan") == (record.byline, record.signature)


def test_rules_of_the_day_read_the_page():
    """An old page is read by the rules of its day."""
    old = Reading(until=date(2026, 2, 28), body=(".cu",), title=("h2",))
    outlet = OUTLET.model_copy(update={"reading": (old, RULES)})

    record = read_article(
        page(f"<h2>Nhan đề cũ</h2><div class=cu>{PARAGRAPHS}</div><div class=body>Khác</div>"), outlet, NOW
    )

    assert ("Nhan đề cũ", "until 2026-02-28") == (record.document.title, record.rules)


def test_a_printed_time_is_in_the_outlets_timezone():
    """A printed time without an offset is local to the outlet."""
    record = declared(around="<div class=date>05/02/2026 06:30</div>", head="")

    assert (datetime(2026, 2, 4, 23, 30, tzinfo=UTC), "page") == (record.published_at, record.date_source)


def test_the_source_of_the_link_dates_and_names_a_page():
    """The date and title in a feed are used if the page has none."""
    candidate = Candidate(URL, "Nhan đề của nguồn", datetime(2026, 2, 4, 18, 30, tzinfo=UTC), "raw")
    outlet = OUTLET.model_copy(update={"reading": (Reading(body=("div.body",)),)})

    record = read_article(page(f"<div class=body>{PARAGRAPHS}</div>", "", candidate=candidate), outlet, NOW)

    assert ("Nhan đề của nguồn", date(2026, 2, 5), "feed") == (
        record.document.title,
        record.document.date,
        record.date_source,
    )


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("https://bao.example/the-gioi/slug-moi-4954454.html", "https://bao.example/the-gioi/slug-moi-4954454.html"),
        ("https://bao.example/khac-1111111.html", URL),
        ("https://other.example/hoi-dam-4954454.html", URL),
    ],
)
def test_the_canonical_address_is_the_articles_own(canonical, expected):
    """A canonical address is used if it belongs to the outlet and to the same article."""
    record = declared(head=HEAD + f'<link rel=canonical href="{canonical}">')

    assert expected == record.url


GENERIC = (
    f"<div id=top>{MENU}</div><main><article><h1>Hội đàm cấp cao giữa hai nước</h1>"
    "<p class=standfirst>Hai nhà lãnh đạo bàn "
    f"về hợp tác lâu dài.</p><div class=byline>Thu Lan</div><div class=content>{PARAGRAPHS * 2}</div>"
    f"<div class='newsletter box'><p>Đăng ký nhận bản tin của chúng tôi qua thư điện tử ngay hôm nay.</p></div>"
    f"</article></main><div class=more>{MENU}</div>"
)


def test_reads_a_page_without_rules():
    """An undeclared page gives headline, standfirst and text, without menus and boxes."""
    found = read_page(page(GENERIC), bare_outlet(URL), NOW)

    assert "Hội đàm cấp cao" == found.title
    assert "Hai nhà lãnh đạo bàn về hợp tác lâu dài." == found.article.standfirst
    assert SENTENCES * 2 == found.article.body
    assert (("Thu Lan",), "Thu Lan") == (found.people.authors, found.signature)


def test_a_split_body_is_whole():
    """A body in several containers is read to its end."""
    chunks = "".join(
        f"<div class=chunk><div class=text>{PARAGRAPHS.replace('4/2', str(i))}</div></div><div class=ad></div>"
        for i in range(4)
    )

    found = read_page(
        page(f"<h1>Hội đàm cấp cao giữa hai nước</h1><div class=grid>{chunks}</div>"), bare_outlet(URL), NOW
    )

    assert 12 == len(found.article.body)


def test_subheads_and_short_lines_stay():
    """Subheads and short lines between the paragraphs stay; a link to another page is removed."""
    link = "<p><a href=/x>Đọc thêm tin khác</a></p>"
    inner = f"<p>{SENTENCES[0]}</p><h2>Hợp tác</h2><p>{SENTENCES[1]}</p><p>Ba điểm</p>{link}<p>{SENTENCES[2]}</p>"

    found = read_page(page(f"<h1>Hội đàm cấp cao giữa hai nước</h1><article>{inner}</article>"), bare_outlet(URL), NOW)

    assert (SENTENCES[0], "Hợp tác", SENTENCES[1], "Ba điểm", SENTENCES[2]) == found.article.body


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        ('{"author": "AFP"}', ("AFP",)),
        ('{"author": ["Thu Lan", "Reuters"]}', ("Thu Lan", "Reuters")),
        ('{"author": "Báo", "publisher": "Báo"}', ("Thu Lan",)),
        ('{"author": "105092"}', ("Thu Lan",)),
        ('{"author": "cms-user"}', ("Thu Lan",)),
    ],
)
def test_authors_of_an_unknown_site(head, authors):
    """The metadata name the authors and agencies; the site itself is none if another author is printed."""
    script = head.replace("{", '{"@type": "NewsArticle", ', 1)

    found = read_page(
        page(GENERIC, HEAD + f'<script type="application/ld+json">{script}</script>'), bare_outlet(URL), NOW
    )

    assert authors == found.people.authors


def test_a_site_is_the_author_if_there_is_no_other():
    """If the metadata name only the site and nothing is printed, the site is the author."""
    script = '{"@type": "NewsArticle", "author": "Báo", "publisher": "Báo"}'
    body = GENERIC.replace("<div class=byline>Thu Lan</div>", "")

    found = read_page(page(body, HEAD + f'<script type="application/ld+json">{script}</script>'), bare_outlet(URL), NOW)

    assert ("Báo",) == found.people.authors


def test_an_unknown_site_keeps_the_written_day():
    """Without a timezone the day is the written one, and a local time without an offset gives no instant."""
    dated = read_page(page(GENERIC), bare_outlet(URL), NOW)
    bare = read_page(
        page(GENERIC, '<meta property="article:published_time" content="2026-02-04T23:30:00">'), bare_outlet(URL), NOW
    )

    assert (date(2026, 2, 4), 18) == (dated.when.day, dated.when.instant.hour)
    assert (date(2026, 2, 4), None) == (bare.when.day, bare.when.instant)


TEASERS = "".join(
    f"<h3><a href='/bai-{i}.html'>Một nhan đề khá dài của bài số {i} hôm nay</a></h3><p>Tóm tắt {i}.</p>"
    for i in range(20)
)


@pytest.mark.parametrize(
    ("body", "head", "url", "reason"),
    [
        pytest.param("", "", URL, Reason.NO_TEXT, id="an empty page"),
        pytest.param("<script>write()</script>", HEAD, URL, Reason.NO_TEXT, id="a page of scripts"),
        pytest.param(GENERIC, HEAD, "https://bao.example/", Reason.HOME_PAGE, id="the front page"),
        pytest.param(
            GENERIC, '<link rel=canonical href="https://bao.example/">', URL, Reason.ERROR_PAGE, id="calls itself home"
        ),
        pytest.param(
            "<h1>404 - Không tìm thấy trang</h1><p>Mời bạn về trang chủ.</p>", "", URL, Reason.ERROR_PAGE, id="soft 404"
        ),
        pytest.param(f"<h1>Kinh tế</h1>{TEASERS}", "", URL, Reason.LISTING, id="a listing"),
        pytest.param(GENERIC, "<title>Just a moment...</title>", URL, Reason.BLOCKED, id="a wall"),
        pytest.param(
            "<h1>Tin dài cho bạn đọc</h1><p>Chỉ một câu mở đầu cho người chưa trả tiền.</p>",
            HEAD
            + '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": "False"}</script>',
            URL,
            Reason.PAYWALLED,
            id="a paywalled stub",
        ),
        pytest.param(
            "<h1>Bàn thắng đẹp của trận đấu</h1><p>Xem bàn thắng đẹp nhất của trận đấu tối qua.</p>",
            HEAD + '<meta property="og:type" content="video.other">',
            URL,
            Reason.VIDEO,
            id="a video",
        ),
        pytest.param(GENERIC, "", URL, Reason.NO_DATE, id="no date"),
        pytest.param(PARAGRAPHS, DATED, URL, Reason.NO_TITLE, id="no headline"),
        pytest.param(GENERIC, HEAD.replace("2026", "2027"), URL, Reason.FUTURE_DATE, id="from the future"),
        pytest.param("<div>" * 5_000, HEAD, URL, Reason.TOO_DEEP, id="too deep"),
    ],
)
def test_pages_that_are_not_articles_are_refused(body, head, url, reason):
    """Each kind of page that is not an article is refused with its own reason."""
    refused = read_article(page(body, head, url), bare_outlet(url), NOW)

    assert isinstance(refused, Failure)
    assert reason == refused.reason


def test_bytes_without_markup_are_empty():
    """A response without markup is EMPTY."""
    assert Reason.EMPTY == read_article(Page(URL, b"hello"), OUTLET, NOW).reason


def test_a_declared_outlets_listing_is_not_an_article():
    """A page of a declared outlet with neither a date nor the article node is a listing."""
    assert Reason.LISTING == read_article(page(TEASERS, ""), OUTLET, NOW).reason


def test_another_template_of_a_declared_outlet_is_read_anyway():
    """A dated page on which the rules match nothing is read by the generic reader."""
    record = read_article(page(GENERIC), OUTLET, NOW)

    assert (SENTENCES[0], True) == (record.body.split("\n\n")[0], record.rules == "generic")


def test_strip_rules_apply_to_other_templates():
    """`strip` rules of an outlet also apply to its pages with another template."""
    line = "Theo dõi Báo Ví dụ trên Google News"
    body = f"<h1>Hội đàm cấp cao</h1><article>{PARAGRAPHS}<p>{line}</p>{PARAGRAPHS.replace('4/2', '5/2')}</article>"

    found = read_page(page(body), OUTLET, NOW)

    assert ("generic", True) == (found.article.rules, SENTENCES[0] in found.article.body)
    assert line not in found.article.body


@pytest.mark.parametrize(
    ("head", "inner", "url", "kind"),
    [
        ('<script type="application/ld+json">{"@type": "LiveBlogPosting"}</script>', PARAGRAPHS, URL, "live"),
        ("", PARAGRAPHS, "https://bao.example/goc-nhin/bai-4954454.html", "opinion"),
        ("", "<figure><figcaption>" + " ".join(SENTENCES) + "</figcaption></figure><p>Ngắn thôi.</p>", URL, "photo"),
        ("", PARAGRAPHS, "https://bao.example/emagazine/bai-4954454.html", "emagazine"),
        ("", PARAGRAPHS, "https://bao.example/video/bai-4954454.html", "video"),
        ('<meta property="article:section" content="Góc nhìn">', PARAGRAPHS, URL, "article"),
    ],
)
def test_knows_the_kinds(head, inner, url, kind):
    """Photo stories, live blogs, opinion and others are recognised by type, address, section and captions."""
    record = declared(inner, head=HEAD + head, url=url)

    assert kind == record.kind


def test_a_photo_story_holds_its_captions_once():
    """A photo story with duplicate captions has each caption once, and no other text."""
    figure = "<figure><figcaption>{0}</figcaption></figure><p class=chu-thich style='display:none'>{0}</p>"

    record = declared("".join(figure.format(sentence) for sentence in SENTENCES))

    assert (SENTENCES, "photo", "") == (record.captions, record.kind, record.body)


def test_hidden_bodies_are_read():
    """A body inside an element with the hidden attribute is still the article."""
    found = read_page(
        page(f"<h1>Hội đàm cấp cao giữa hai nước</h1><div hidden>{PARAGRAPHS}</div>"), bare_outlet(URL), NOW
    )

    assert SENTENCES == found.article.body


@pytest.mark.parametrize("odd", ["\0", "&#0;", "&#xD800;", "\u200b", "&shy;"])
def test_odd_characters_do_no_harm(odd):
    """Nulls, lone surrogates and invisible characters neither raise nor split a record."""
    record = declared(f"<p>{SENTENCES[0]}{odd}</p><p>{SENTENCES[1]}</p>")

    assert "Hội đàm cấp cao hai nước" == record.document.title
    assert 2 == len(record.body.split("\n\n"))


def test_prints_what_it_found():
    """A saved page is printed completely, with or without a date."""
    line = read_page(page(GENERIC, ""), bare_outlet(URL), NOW).as_json()

    assert (None, None, ["Thu Lan"]) == (line["date"], line["published_at"], line["byline"])
    assert line["text"] == "\n\n".join([line["standfirst"], line["body"], "Thu Lan"])


def test_an_empty_body_is_no_text():
    """A body element without any text after the drops is not the article."""
    record = declared("<div class=related>Tin khác</div>", f"<article>{PARAGRAPHS}</article>")

    assert "generic" == record.rules


def test_names_the_reader_of_a_page():
    """The reader's name has its version, trafilatura's, and a digest that only the rules change."""
    rules = (RULES.model_copy(update={"strip": ("Tải ứng dụng",)}),)

    assert re.fullmatch(r"\d+ trafilatura-[\d.]+ rules-[0-9a-f]{8}", reader_of(OUTLET))
    assert reader_of(OUTLET) == reader_of(OUTLET.model_copy(update={"note": "đọc kỹ", "unproven": True}))
    for change in ({"reading": rules}, {"timezone": "UTC"}, {"names": ()}, {"article": (r"(?P<key>\d+)",)}):
        assert reader_of(OUTLET) != reader_of(OUTLET.model_copy(update=change))


@pytest.mark.parametrize(
    ("robots", "forbidden"),
    [
        ("", False),
        ("noindex, NoArchive", True),
        ("khobao: noarchive", True),
        ("googlebot: noarchive", False),
        ("noindex", False),
    ],
)
def test_a_header_can_ask_not_to_be_shown_from_an_archive(robots, forbidden):
    """`X-Robots-Tag` has the effect of the page's own `noarchive`, unless it names another robot."""
    assert forbidden == forbids_showing(robots)
