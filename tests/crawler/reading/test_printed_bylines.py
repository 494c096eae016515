"""Finding the article's printed byline, complete and without other text."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.reading.bylines import read_byline
from crawler.reading.header import read_header
from crawler.reading.printed_bylines import printed_byline

TITLE = "Bến đò dời về phía cầu sắt sau mùa nước"
PROSE = "Sáng nay bà con hai bên bờ kéo nhau ra xem, ai cũng mang theo nón lá và một câu chuyện cũ để kể. " * 2
CARDS = "<div class=card><a href=/a><h3>Bài khác</h3></a><span class=author>Otto Pike</span></div>" * 2


def authors(body, language=""):
    """Return the authors that a page with this body prints."""
    tree = LexborHTMLParser(f"<html><body>{body}</body></html>")
    return read_byline([printed_byline(tree, read_header(tree, TITLE, (TITLE,), ()), language)]).authors


@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param("<p class=byline>Bởi Thu Lan</p>", ("Thu Lan",), id="an element for it"),
        pytest.param("<p>Von Thu Lan, 4. Februar 2026</p>", ("Thu Lan",), id="a line that says so"),
        pytest.param("<div class=byline><span>By</span><a>Thu Lan</a></div>", ("Thu Lan",), id="glued elements"),
        pytest.param(
            "<p><a rel=author>Thu Lan</a> in X and <a rel=author>Minh Anh</a> in Y</p>",
            ("Thu Lan", "Minh Anh"),
            id="two links",
        ),
        pytest.param("<ul class=byline><li>Thu Lan</li><li>Minh Anh</li></ul>", ("Thu Lan", "Minh Anh"), id="a list"),
        pytest.param(
            "<div class=byline>Thu Lan | TNN | Updated: Feb 4, 2026, 11:05 IST</div>", ("Thu Lan",), id="a change"
        ),
        pytest.param("<div class=byline>Thu Lan · 5 min read</div>", ("Thu Lan",), id="the time to read"),
        pytest.param("<a href=/tac-gia/thu-lan>Thu Lan</a>", ("Thu Lan",), id="a link to an author"),
        pytest.param(
            "<div class=author-card><span class=author-card__name>Thu Lan</span><p>Bút danh</p></div>",
            ("Thu Lan",),
            id="a card",
        ),
        pytest.param(
            "<p>" + PROSE + "<p>" + PROSE + "<p class=post-author>Người đăng: Thu Lan</p>",
            ("Thu Lan",),
            id="behind the text",
        ),
        pytest.param(
            "<aside><address><a rel=author>Thu Lan</a> and <a rel=author>Minh Anh</a></address></aside>",
            ("Thu Lan", "Minh Anh"),
            id="an aside for it",
        ),
        pytest.param(
            "<aside><h3>Bài khác</h3><address><a rel=author>Otto Pike</a></address></aside>",
            (),
            id="an aside of others",
        ),
        pytest.param(
            "<p><a rel=author>Thu Lan</a>, <a rel=author>Minh Anh</a> and Xuân Long</p>",
            ("Thu Lan", "Minh Anh", "Xuân Long"),
            id="a name without a page",
        ),
        pytest.param("<p><a rel=author>Thu Lan</a> and editors</p>", ("Thu Lan",), id="others without a name"),
        pytest.param(
            "<div class=authorDate><b>Thu Lan</b><p>14/10/2025</div>", ("Thu Lan",), id="a name in camel case"
        ),
        pytest.param("<div data-testid=byline>Thu Lan</div>", ("Thu Lan",), id="a name for tests"),
        pytest.param(
            "<div class=author-by>By</div> <div class=author><a>Thu Lan</a></div>", ("Thu Lan",), id="by in its own"
        ),
        pytest.param(
            "<footer class=node__meta><p>Submitted by Thu Lan on Tue, 10/14/2025</p></footer>",
            ("Thu Lan",),
            id="a footer of the headline",
        ),
        pytest.param("<dl><dt>Tác giả<dd>Thu Lan<dt>Ngày<dd>14/10/2025</dl>", ("Thu Lan",), id="a list of terms"),
        pytest.param(
            "<div class=byline><span>Thu Lan</span><span>Minh Anh</span></div>", ("Thu Lan", "Minh Anh"), id="spans"
        ),
        pytest.param("<p>本报记者 王小明 李华</p>", ("王小明", "李华"), id="journalists of a Chinese paper"),
        pytest.param("<p class=firma>Thu Lan</p>", ("Thu Lan",), id="a Spanish name for it"),
        pytest.param("<p class=byline>par Thu Lan Lecture 3 min</p>", ("Thu Lan",), id="the time to read in French"),
        pytest.param("<p><span>By</span> <span>by Thu Lan</span></p>", ("Thu Lan",), id="by twice"),
        pytest.param("<p>Seen at <a href=/people/otto-pike>Otto Pike</a></p>", (), id="a person of the story"),
        pytest.param("<p><span>作者：王小明</span> <span>编辑：李华</span></p>", ("王小明",), id="a Chinese line"),
        pytest.param("<p>Text: Thu Lan, Fotos: Minh Anh</p>", ("Thu Lan",), id="text and pictures"),
        pytest.param("<p>Posted February 3, 2026 by Thu Lan</p>", ("Thu Lan",), id="behind a day"),
        pytest.param("<p>3/2/2026 | By Thu Lan | News</p>", ("Thu Lan",), id="between other parts"),
        pytest.param("<p>来源：新华社 作者：王小明</p>", ("王小明",), id="behind the source"),
        pytest.param("<p>记者 王小明 李华</p>", ("王小明", "李华"), id="two Chinese journalists"),
        pytest.param("<p>記者 山田 太郎</p>", ("山田 太郎",), id="a Japanese journalist"),
        pytest.param("<p>記者会見 文化庁</p>", (), id="a press conference"),
        pytest.param("<p>[서울=항만일보] 홍길동 기자 =</p>", ("홍길동",), id="a Korean journalist"),
        pytest.param("<p>Автор: Анна Линд</p>", ("Анна Линд",), id="Cyrillic letters"),
        pytest.param("<p>מאת: דנה רואיז</p>", ("דנה רואיז",), id="Hebrew letters"),
        pytest.param("<blockquote><p>Đẹp.</p><cite class=author>Otto Pike</cite></blockquote>", (), id="a quotation"),
        pytest.param("<p>By the river they met again.</p>", (), id="a sentence"),
        pytest.param("<p>" + PROSE + "<p>" + PROSE + "</p>" + CARDS, (), id="authors of teasers"),
    ],
)
def test_the_authors_are_found(body, names):
    """Authors beside the headline or after the text are found; other people are not."""
    assert names == authors(f"<h1>{TITLE}</h1>{body}")


def test_a_wrapper_is_not_a_byline():
    """An element named after the author that contains the text is not a byline."""
    assert () == authors(f"<div class='post author-wrap'><h1>{TITLE}</h1><p>{PROSE}</p><p>{PROSE}</p></div>")


@pytest.mark.parametrize(
    ("line", "language", "names"),
    [
        ("Per Montserrat Puig i Vila", "ca", ("Montserrat Puig i Vila",)),
        ("De Ioana Dumitrescu, 14 octombrie 2025", "ro-RO", ("Ioana Dumitrescu",)),
        ("Της Μαρίας Οικονόμου", "el", ("Μαρίας Οικονόμου",)),
        ("Ni Rowena Salvacion", "fil", ("Rowena Salvacion",)),
        ("Per Anders Madsen", "da", ()),
        ("De rechter oordeelt morgen", "nl", ()),
        ("Per la ciutat de Barcelona", "ca", ()),
        ("Γράφει ο Νίκος Παπαδάκης", "el", ("Νίκος Παπαδάκης",)),
        ("Írta: Kovács Eszter", "hu", ("Kovács Eszter",)),
        ("Propos recueillis par Élodie Marchand", "fr", ("Élodie Marchand",)),
        ("A cura di Giulia De Santis", "it", ("Giulia De Santis",)),
        ("Von unserem Redakteur Jonas Ölschläger", "de", ("Jonas Ölschläger",)),
        ("Por Renata Albuquerque, da Redação", "pt", ("Renata Albuquerque",)),
        ("By Anna Lind for the Quay Gazette", "en", ("Anna Lind",)),
        ("By Anna Lind, Special to the Gazette", "en", ("Anna Lind",)),
        ("Haber: Elif Karaca Giriş: 14.10.2025 18:20", "tr", ("Elif Karaca",)),
        ("Submitted by Ruth Odhiambo on Tue, 10/14/2025 - 18:20", "en", ("Ruth Odhiambo",)),
    ],
)
def test_words_before_names_are_those_of_the_language(line, language, names):
    """A word for "by" that is a common word or name elsewhere is read as such only in its language, before names."""
    assert names == authors(f"<h1>{TITLE}</h1><p>{line}</p><p>{PROSE}</p>", language)
