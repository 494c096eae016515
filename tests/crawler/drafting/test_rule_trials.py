"""Suggesting rules for a page, and trying rules on it."""

from datetime import UTC, datetime

import pytest
from clippings import OUTLET, SENTENCES, html

from archive.errors import Failure, Reason
from crawler.drafting.rule_trials import Shown, agreement, site_name, suggest, try_rules, with_rules
from crawler.outlets.model import Outlet
from crawler.page import Page

NOW = datetime(2026, 2, 10, tzinfo=UTC)
URL = "https://bao.example/hoi-dam-0000001.html"
BARE = Outlet(id="bao", name="bao.example", home="https://bao.example/", language="vi", timezone="Asia/Ho_Chi_Minh")
TEXT = "".join(f"<p>{sentence} {i}</p>" for i, sentence in enumerate(SENTENCES * 3))
HEAD = (
    '<meta property="og:site_name" content="Báo Ví dụ"><meta property="og:title" content="Hội đàm cấp cao hai nước">'
    '<meta property="article:published_time" content="2026-02-04T08:00:00+07:00">'
    '<meta name="author" content="Minh Anh">'
    '<meta name="description" content="Hai nhà lãnh đạo bàn về hợp tác giữa hai nước trong năm nay.">'
    '<meta name="keywords" content="Nga, Trung Quốc"><meta property="article:section" content="Thế giới">'
)
PAGE = Page(
    URL,
    f"""<html><head>{HEAD}</head><body><nav class=menu><a href=/a>Thế giới ngày nay</a></nav><main>
<div class="crumb"><a class=muc href=/the-gioi>Thế giới</a></div><h1 class="headline x9">Hội đàm cấp cao hai nước</h1>
<p class="lead-in"><b>Hà Nội</b> Hai nhà lãnh đạo bàn về hợp tác giữa hai nước trong năm nay.</p>
<div id=noi-dung class="body-text css-1a2b" itemprop=articleBody>{TEXT}<div class="related-box"><a href=/b>Một bài
báo khác có liên quan đến chủ đề này</a></div></div><p class=signed>Minh Anh</p>
<div class=tag-list><a>Nga</a><a>Trung Quốc</a></div>
</main><footer>Giấy phép số 1</footer></body></html>""".encode(),
    "text/html; charset=utf-8",
)


def test_suggests_the_landmarks_of_a_page():
    """Every part that the generic reader or the page's metadata give gets selectors that find it."""
    told = suggest(PAGE, BARE, NOW)

    assert ("Báo Ví dụ", "Etc/GMT-7") == (told.site, told.timezone)
    assert {"#noi-dung", "div.body-text", "[itemprop=articleBody]"} <= told.rules["body"].keys()
    assert not any("css" in selector for selector in told.rules["body"])  # that name was generated
    assert {"h1", "h1.headline"} == told.rules["title"].keys()
    assert {"p.lead-in"} == told.rules["standfirst"].keys()
    assert {"p.signed"} == told.rules["byline"].keys()
    assert {"a.muc", "div.crumb"} == told.rules["section"].keys()
    assert {"div.tag-list a"} == told.rules["tags"].keys()
    assert {"div.related-box"} == told.rules["drop"].keys()


def test_shows_what_was_taken_and_what_was_dropped():
    """A trial has the fields that were read, whether a rule found the text, and every block of the page."""
    drafted = with_rules(BARE, {"body": ("#noi-dung",), "title": ("h1",), "drop": (".related-box",)})

    trial = try_rules(PAGE, drafted, NOW)

    assert (True, "Hội đàm cấp cao hai nước", None) == (trial.by_rule, trial.facts["title"], trial.failure)
    assert 0.9 < trial.agreement <= 1
    assert Shown("Thế giới ngày nay", "text", taken=False) in trial.blocks
    taken = [block.text for block in trial.blocks if block.taken]
    assert ["Hội đàm cấp cao hai nước", f"{SENTENCES[0]} 0"] == taken[:2]
    assert not any("Một bài báo khác" in text for text in taken)


def test_tells_that_no_rule_found_the_text():
    """If the body selector matches nothing, the generic reader reads, and the trial says so."""
    trial = try_rules(PAGE, with_rules(BARE, {"body": (".nothing",)}), NOW)

    assert (False, 1.0) == (trial.by_rule, trial.agreement)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", Reason.EMPTY), (b"<p>", Reason.NO_TEXT), (b"<div>" * 9000, Reason.TOO_DEEP)],
)
def test_a_page_that_is_not_an_article_is_a_failure(content, reason):
    """A page that cannot be read is a failure with its reason."""
    page = Page(URL, content, "text/html")

    suggested, trial = suggest(page, BARE, NOW), try_rules(page, BARE, NOW)

    assert isinstance(suggested, Failure)
    assert (reason, reason) == (suggested.reason, trial.failure.reason)
    assert "" == site_name(page)


def test_a_page_without_an_element_for_its_text_gets_no_body():
    """If paragraphs are all over the page, only the whole page contains them, which is not a rule."""
    page = Page(URL, html(*SENTENCES).replace("<div class=body>", "").replace("</div>", "").encode(), "text/html")

    told = suggest(page, OUTLET.model_copy(update={"reading": ()}), NOW)

    assert {} == told.rules["body"]


@pytest.mark.parametrize(("one", "other", "f1"), [("a b c d", "a b c d", 1.0), ("a b", "c", 0.0), ("a b", "b c", 0.5)])
def test_agreement_is_the_f1_of_the_words(one, other, f1):
    """Agreement is twice the number of common words divided by the number of all words."""
    assert f1 == agreement(one, other)
