"""Distinguishing boilerplate phrases from sentences of articles."""

import pytest

from crawler.reading.boilerplate_phrases import is_boilerplate_phrase


@pytest.mark.parametrize(
    "text",
    [
        "Theo dõi Báo Ví dụ trên Google News",
        "Mời quý độc giả đón xem bản tin lúc 19 giờ.",
        "Xem thêm: Một bài khác",
        ">>> Một bài khác của chúng tôi",
        "Từ khóa:",
        "Advertisement",
        "Read more: Another story",
        "Lesen Sie auch",
        "Leia também: Outra notícia",
        "Sign up for our daily newsletter",
        "Comments (12)",
        "3 Min Lesezeit",
        "5-minute read",
        "Tempo di lettura: 3 minuti",
        "4 phút đọc",
    ],
)
def test_knows_phrases(text):
    """Invitations to follow, subscribe or read something else are boilerplate, whatever they name."""
    assert is_boilerplate_phrase(text)


@pytest.mark.parametrize(
    "text",
    [
        "Theo dõi sức khỏe thường xuyên giúp phát hiện bệnh sớm.",
        "Bạn đọc có thể gửi đơn tại ủy ban nhân dân phường.",
        "Xem phim là thú vui của nhiều người.",
        "Readers are more likely to agree.",
        "Comments",
        "5 minutes to go",
        "Reading time is 20 minutes for most people",
        "Mời quý độc giả xem " + "rất nhiều " * 30,
        "",
    ],
)
def test_leaves_sentences_alone(text):
    """A sentence that begins like a phrase is not boilerplate."""
    assert not is_boilerplate_phrase(text)
