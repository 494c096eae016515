"""Distinguishing boilerplate phrases from sentences of articles."""

import pytest

from crawler.reading.boilerplate_phrases import (
    is_boilerplate_phrase,
    is_comments_heading,
    is_entry_line,
    is_related_heading,
    reserves_rights,
)


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
        "Get the latest updates right in your inbox. Subscribe to our newsletters.",
        "Have a tip? Anna Lind may be reached at a.lind@hafenblatt.example.",
        "Write to Anna Lind at a.lind@hafenblatt.example",
        "Anna Lind can be reached at a.lind@hafenblatt.example. Follow her on Twitter @alind.",
        "Like this story? Share it with a friend!",
        "An error has occurred, please try again later.",
        "Hat Ihnen dieser Artikel gefallen? Dann unterstützen Sie uns.",
        "3 Min Lesezeit",
        "5-minute read",
        "Tempo di lettura: 3 minuti",
        "4 phút đọc",
        "Czytaj więcej",
        "Teilen mit:",
        "Klicken, um über Twitter zu teilen (Wird in neuem Fenster geöffnet)",
        "Gefällt mir: Wird geladen …",
        "Abonniere unseren Newsletter und verpasse nichts",
        "Inscrivez-vous à notre newsletter",
        "Drucken | Artikel versenden | nach oben",
        "Ihre E-Mail-Adresse wird nicht veröffentlicht.",
        "Um selbst Kommentare verfassen zu können, müssen Sie sich bitte einloggen.",
        "War dieser Artikel hilfreich?",
        "Advertisement. Scroll to continue reading.",
        "Keine Kommentare",
        "Ayrıca okuyun: Bir başka haber",
        "Citește și: O altă știre",
        "یہ بھی پڑھیں: دوسری خبر",
        "Deel dit artikel:",
        "関連記事：港の道路",
        "ALSO READ | Another story",
        "Bạn đọc có thể xem lại bài: Một bài khác",
        "【関連記事】港の道路",
        "อ่านข่าวที่เกี่ยวข้อง: ข่าวอื่น",
        "更多精彩内容请关注微信公众号",
        "有料記事が読み放題！詳しくはこちら",
        "Подписывайтесь на нашу рассылку",
        "Empfohlener redaktioneller Inhalt",
        "An dieser Stelle findest du einen externen Inhalt von YouTube, der den Artikel ergänzt. " * 2,
        "Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden.",
        "Klicken Sie auf den unteren Button, um den Inhalt von karten.example zu laden.",
        "This content is hosted elsewhere, and only shown if you accept cookies.",
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
        "Klicken Sie nicht auf Links in solchen Mails, rät die Polizei.",
        "Wir brauchen die Zustimmung des Rates, sagt sie.",
        "The video was posted without her consent.",
        "JavaScript is a language that many learn first.",
        "Loading docks stayed closed on Monday.",
        "An error occurred at the reactor early on Monday.",
        "The crisis line can be reached at 0800 111 0 111.",
        "Residents got the latest figures from the town hall.",
        "Mời quý độc giả xem " + "rất nhiều " * 30,
        "",
    ],
)
def test_leaves_sentences_alone(text):
    """A sentence that begins like a phrase is not boilerplate."""
    assert not is_boilerplate_phrase(text)


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("Dieser Beitrag wurde am 14. März 2014 von Jutta in Stadt veröffentlicht. Schlagworte: Markt.", True),
        ("Eingestellt von Jutta um 10:32", True),
        ("This entry was posted in Local by June. Bookmark the permalink.", True),
        ("Posted by June Carter on March 14, 2014 at 10:32 AM in Local | Permalink", True),
        ("Labels: Markt, Kirchplatz", True),
        ("Kategorie: Stadt", True),
        ("Abonnieren Kommentare zum Post (Atom)", True),
        ("Published in 2019, the book sold well.", False),
        ("Der Artikel wurde gestohlen.", False),
        ("The label changed its name.", False),
    ],
)
def test_knows_the_lines_of_blogs(line, is_one):
    """Category, tags, author and time around the entry of a blog are not its text; sentences are."""
    assert is_one == is_entry_line(line)


def test_knows_headings_of_other_articles_and_reserved_rights():
    """Headings of other articles are known in many languages, and a reserved right ends no article."""
    headings = "Ähnliche Beiträge;Das könnte dich auch interessieren;À lire également;Te puede interesar;Baca juga:"
    headings += ";Читайте также;Læs også;Meer nieuws;関連記事;اقرأ أيضا"

    assert all(map(is_related_heading, headings.split(";")))
    assert not is_related_heading("Das könnte teuer werden")
    assert reserves_rights("© 2014 Lokalblick. Alle Rechte vorbehalten.")
    assert reserves_rights("© RIPRODUZIONE RISERVATA")
    assert not reserves_rights("Alle Rechte vorbehalten sich die Erben.")


@pytest.mark.parametrize(
    "text",
    [
        "What do you think?",
        "Schreiben Sie einen Kommentar",
        "Laisser un commentaire",
        "Deja un comentario",
        "2 comentarios",
        "Lascia un commento",
        "Dodaj komentarz",
        "Добавить комментарий",
        "Yorum Yap",
        "Bình luận bài viết",
    ],
)
def test_knows_invitations_to_comment(text):
    """An invitation to comment heads the comments, in many languages."""
    assert is_comments_heading(text)
