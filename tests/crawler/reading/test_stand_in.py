"""Detecting a page served instead of an article, without rejecting articles or their edits."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from archive.errors import Reason
from archive.record import Document, Record
from crawler.reading.stand_in import Expectation, SeenTexts, suspect

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
    seen = SeenTexts()
    wall = record("Đăng nhập", "Mời bạn đăng nhập.", "feed")

    counts = [seen.add("bao.example", wall.document, article) for article in ("a", "b", "b", "c", "d")]

    assert [1, 2, 2, 3, 3] == counts
    assert [None, None] == [suspect(wall, Expectation(), count) for count in (1, 2)]
    assert Reason.BLOCKED == suspect(wall, Expectation(), 3).reason
    assert 1 == seen.add("khac.example", wall.document, "a")


def test_an_article_in_three_sections_is_not_a_wall() -> None:
    """An article at several addresses has a date of its own and shares the words of its headline."""
    assert suspect(record(HEADLINE, TEXT), Expectation(HEADLINE), 3) is None
    assert suspect(record(HEADLINE, TEXT), Expectation(), 3) is None


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


def test_the_memory_of_texts_is_bounded() -> None:
    """The text that was not seen for longest is forgotten."""
    seen = SeenTexts(2)
    for text in ("a", "b", "a", "c"):
        seen.add("bao.example", Document(date(2026, 2, 4), "Tin", text), "1")

    assert 2 == seen.add("bao.example", Document(date(2026, 2, 4), "Tin", "a"), "2")
    assert 1 == seen.add("bao.example", Document(date(2026, 2, 4), "Tin", "b"), "2")


WORDS = "sông cầu đường chợ phà bến tàu lúa mưa nắng trường lớp thầy trò làng phố núi biển thuyền lưới".split()


def test_no_edit_of_an_article_is_refused() -> None:
    """Of thousands of edits, as in the soak test, with wholly new texts, none is refused."""
    chance = random.Random(7)
    for number in range(5_000):
        title = f"Tin số {number} về {chance.choice(WORDS)} và {chance.choice(WORDS)}"
        texts = [" ".join(chance.choices(WORDS, k=chance.randint(20, 400))) for _ in range(2)]
        earlier = Document(date(2026, 2, 4), title, texts[0])

        assert suspect(record(title, texts[1], chance.choice(["meta", "feed"])), Expectation(title, earlier)) is None
