"""Keyword in context: every place where a query matches."""

from archive.search.concordance import Text, concordance_lines, sort_lines
from archive.search.query import parse_query


def lines(text, query, most=100, title="Tiêu đề"):
    """Return the places of a query in one text."""
    return concordance_lines([Text("a", "2026-02-04", "vntin", title, text)], parse_query(query).as_phrases(), most)


def test_every_place_has_the_words_around_it():
    """Each match has the words of its paragraph on both sides, and the paragraph's number."""
    found = lines("Nền kinh tế tăng.\n\nMột nền Kinh tế xanh, kinh tế biển.", "kinh tế", title="Kinh tế")

    assert [
        (0, "", "Kinh tế", ""),
        (1, "Nền", "kinh tế", "tăng."),
        (2, "Một nền", "Kinh tế", "xanh, kinh tế biển."),
        (2, "Một nền Kinh tế xanh,", "kinh tế", "biển."),
    ] == [(line.paragraph, line.left, line.match, line.right) for line in found]


def test_words_without_marks_match_and_are_shown_with_theirs():
    """A match is shown as the article prints it."""
    assert ["Đà Nẵng"] == [line.match for line in lines("Ở Đà Nẵng hôm nay.", "da nang")]


def test_context_is_cut_at_a_word():
    """Long paragraphs show whole words on both sides."""
    (line,) = lines("trước " * 40 + "giá vàng " + "sau " * 40, "giá vàng")

    assert {"trước"} == set(line.left.split())
    assert {"sau"} == set(line.right.split())
    assert len(line.left) <= 70 >= len(line.right)


def test_lines_are_sorted_by_the_nearest_words():
    """Sorting by the left side compares the last word first; marks decide only between equal letters."""
    found = lines("ba kinh tế mới. an kinh tế mạnh. bà kinh tế cũ.", "kinh tế")

    assert ["an", "ba", "bà"] == [line.left.split()[-1] for line in sort_lines(found, "left")]
    assert ["cũ.", "mạnh.", "mới."] == [line.right.split()[0] for line in sort_lines(found, "right")]


def test_one_article_cannot_fill_the_list():
    """At most twenty places of one article are listed, and never more than requested."""
    assert 20 == len(lines("mưa " * 50, "mưa"))
    assert 5 == len(lines("mưa " * 50, "mưa", most=5))


def test_overlapping_terms_are_one_place():
    """A word inside a matching phrase of the same query is not listed again."""
    assert ["kinh tế"] == [line.match for line in lines("Về kinh tế.", '"kinh tế" OR kinh')]


def test_a_pattern_names_every_letter_that_may_stand_in_a_place():
    """Capitals, marks and both places of a tone mark match; a longer word, and marks that were not typed, do not."""
    for query, text, matches in (
        ("dang", "ĐẢNG đang Dáng đặng dangs ádang", ["ĐẢNG", "đang", "Dáng", "đặng"]),
        ("hòa", "HOÀ hòa hoa hoạ hòan", ["HOÀ", "hòa"]),
        ("òa khóc", "oà khóc, ÒA  KHÓC, toà khóc", ["oà khóc", "ÒA  KHÓC"]),
        ("hoà*", "hòan Hoà hoàng", ["Hoà", "hoà"]),
        ('"x-y"', "x y X–Y xy", ["x y", "X–Y"]),
    ):
        assert matches == [line.match for line in lines(text, query, title="")], query
