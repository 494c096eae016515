"""Detecting a page served instead of an article, without rejecting articles or their edits."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from archive.errors import Reason
from archive.record import Document, Record
from crawler.reading.stand_in import Expectation, suspect, text_digest

HEADLINE = "Cầu mới qua sông mở cửa cho xe tải"
TEXT = "Sáng nay cây cầu mới đã mở cửa. " + "Người dân hai bên bờ sông chờ đợi điều này từ lâu. " * 20


def record(title: str, text: str, source: str = "json-ld") -> Record:
    """Return a record as read from a page."""
    document = Document(date(2026, 2, 4), title, text)
    published = datetime(2026, 2, 4, 12, tzinfo=UTC)
    return Record(
        id="0123456789abcdef", outlet="bao", url="https://bao.example/a", document=document, published_at=published,
        date_source=source,
    )  # fmt: skip


STAND_INS = {
    "a consent wall": ("Your privacy", "We and our partners store and access information on a device.", Reason.BLOCKED),
    "a bot check": ("One moment, please", "Your request is being checked before it is answered.", Reason.BLOCKED),
    "maintenance": ("Bảo trì hệ thống", "Trang đang được nâng cấp, mời bạn quay lại sau ít phút.", Reason.BLOCKED),
    "expiry": ("Oops!", "The article you requested is no longer available.", Reason.ERROR_PAGE),
    "removal": ("Thông báo", "Bài viết này đã bị gỡ khỏi hệ thống của chúng tôi.", Reason.ERROR_PAGE),
}


@pytest.mark.parametrize(("title", "text", "reason"), STAND_INS.values(), ids=STAND_INS)
def test_a_page_about_something_else_is_refused(title: str, text: str, reason: Reason) -> None:
    """A page without a date of its own and without the headline's words is refused."""
    new = suspect(record(title, text, "feed"), Expectation(HEADLINE))
    edited = suspect(record(title, text, "feed"), Expectation("", Document(date(2026, 2, 4), HEADLINE, TEXT)))

    assert reason == new.reason == edited.reason
    assert title in new.detail
    assert HEADLINE in new.detail


def test_a_short_page_without_common_words_is_refused_despite_a_date() -> None:
    """Notices may show a date too."""
    notice = record("Thông báo", "Hệ thống bảo trì đến mười giờ.", "page")

    assert suspect(notice, Expectation(HEADLINE)) is not None
    assert suspect(record("Thông báo", TEXT, "page"), Expectation(HEADLINE)) is None


def test_the_same_text_at_three_addresses_is_a_wall() -> None:
    """The same text at three addresses of a host is refused; at two it may be one article in two sections."""
    wall = record("Đăng nhập", "Mời bạn đăng nhập.", "feed")

    assert [None, None] == [suspect(wall, Expectation(addresses=count)) for count in (1, 2)]
    assert Reason.BLOCKED == suspect(wall, Expectation(addresses=3)).reason


def test_a_text_has_one_digest_on_one_host() -> None:
    """The same text on another host is another wall, and the headline does not matter."""
    wall, other = (record(title, "Mời bạn đăng nhập.").document for title in ("Đăng nhập", "Thông báo"))

    assert text_digest("bao.example", wall) == text_digest("bao.example", other)
    assert text_digest("bao.example", wall) != text_digest("khac.example", wall)
    assert text_digest("bao.example", wall) != text_digest("bao.example", record("Đăng nhập", TEXT).document)


SLUG = "https://bao.example/cau-moi-qua-song-mo-cua-cho-xe-tai-4954451.html"


def test_a_slug_stands_in_for_a_headline_that_nobody_announced() -> None:
    """A sitemap without headlines still says in its addresses what an article is about."""
    wall = record("One moment, please", "Your request is being checked before it is answered.", "sitemap")
    article = record(HEADLINE, TEXT, "sitemap")

    assert Reason.BLOCKED == suspect(wall, Expectation(url=SLUG)).reason
    assert suspect(article, Expectation(url=SLUG)) is None
    assert suspect(record("One moment, please", TEXT, "meta"), Expectation(url=SLUG)) is None
    assert suspect(wall, Expectation(url="https://bao.example/4954451.html")) is None
    assert suspect(record("Мост открыт", "Мост открыт для машин.", "sitemap"), Expectation(url=SLUG)) is None


def test_a_slug_is_only_believed_until_the_second_look() -> None:
    """An article whose slug is of another language is archived when it stayed the same, and is at one address."""
    article = record("One moment, please", "Your request is being checked before it is answered.", "sitemap")

    assert suspect(article, Expectation(url=SLUG, looks=1)) is not None
    assert suspect(article, Expectation(url=SLUG, looks=2)) is None
    assert suspect(article, Expectation(url=SLUG, looks=2, addresses=2)) is not None


def test_a_long_dated_notice_replaces_no_revision_at_once() -> None:
    """A page that keeps neither the headline nor the text of an article waits for later looks, whatever its length."""
    notice = record("We will be back soon", "Our engineers are moving every server to another building. " * 40, "page")
    earlier = Document(date(2026, 2, 4), HEADLINE, TEXT)

    assert Reason.BLOCKED == suspect(notice, Expectation("", earlier)).reason
    assert Reason.BLOCKED == suspect(notice, Expectation("", earlier, looks=1)).reason
    assert suspect(notice, Expectation("", earlier, looks=2)) is None


@pytest.mark.parametrize("headline", ["北京市政府宣布新的交通計畫", "ประชุมสภาเรื่องสะพานใหม่ข้ามแม่น้ำ"])
def test_headlines_of_scripts_without_blanks_are_compared_by_pairs_of_characters(headline: str) -> None:
    """A headline that was edited in a script without blanks still shares most of its pairs with the text."""
    article = record(f"「{headline[2:]}」", f"{headline[2:]}，" * 20, "feed")

    assert suspect(article, Expectation(headline)) is None
    assert suspect(record("Thông báo", "Mời bạn đăng nhập.", "feed"), Expectation(headline)) is not None


def test_an_article_in_three_sections_is_not_a_wall() -> None:
    """An article at several addresses has a date of its own and shares the words of its headline."""
    assert suspect(record(HEADLINE, TEXT), Expectation(HEADLINE, addresses=3)) is None
    assert suspect(record(HEADLINE, TEXT), Expectation(addresses=3)) is None


ARTICLES = {
    "as announced": (record(HEADLINE, TEXT, "feed"), Expectation(HEADLINE)),
    "with another headline": (record("Xe tải đã qua được sông", TEXT, "feed"), Expectation(HEADLINE)),
    "announced by a word": (record("Thông báo", TEXT, "feed"), Expectation("Ảnh")),
    "not announced": (record("Thông báo", TEXT, "url"), Expectation()),
    "with a date of its own": (record("Một tựa đề hoàn toàn khác", "Ngắn. " * 200), Expectation(HEADLINE)),
    "cut down": (record(HEADLINE, "Đã rút."), Expectation("", Document(date(2026, 2, 4), HEADLINE, TEXT))),
}


@pytest.mark.parametrize(("found", "expected"), ARTICLES.values(), ids=ARTICLES)
def test_one_sign_alone_proves_nothing(found: Record, expected: Expectation) -> None:
    """An article is never refused for a single sign."""
    assert suspect(found, expected) is None


WORDS = "sông cầu đường chợ phà bến tàu lúa mưa nắng trường lớp thầy trò làng phố núi biển thuyền lưới".split()


def test_no_edit_of_an_article_is_refused() -> None:
    """Of thousands of edits, as in the soak test, with wholly new texts, none is refused."""
    chance = random.Random(7)
    for number in range(5_000):
        title = f"Tin số {number} về {chance.choice(WORDS)} và {chance.choice(WORDS)}"
        texts = [" ".join(chance.choices(WORDS, k=chance.randint(20, 400))) for _ in range(2)]
        earlier = Document(date(2026, 2, 4), title, texts[0])

        assert suspect(record(title, texts[1], chance.choice(["meta", "feed"])), Expectation(title, earlier)) is None
