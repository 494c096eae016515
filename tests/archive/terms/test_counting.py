"""Words and pairs are counted as a reader would count them."""

from archive.search.query import parse_query
from archive.terms.counting import count_neighbours, count_terms, split_terms


def test_a_pair_never_spans_punctuation_or_a_paragraph():
    """Words on both sides of a comma or of a paragraph's end are no pair."""
    words, pairs = split_terms("Giá vàng tăng, kinh tế\n\nổn định")

    assert ["giá", "vàng", "tăng", "kinh", "tế", "ổn", "định"] == words
    assert ["giá vàng", "vàng tăng", "kinh tế", "ổn định"] == pairs


def test_numbers_are_no_words():
    """A number parts a pair no more than a blank does, and is not counted."""
    assert (["năm", "có", "mưa"], ["năm có", "có mưa"]) == split_terms("Năm 2026 có 12 mưa")


def test_occurrences_and_articles_are_counted_apart():
    """A word that one article repeats counts often, and in one article."""
    counts = count_terms(["vàng vàng bạc", "vàng"])

    assert (3, 2) == (counts.occurrences("vàng"), counts.articles["vàng"])
    assert (4, 2, 2) == (counts.words, counts.pairs, counts.sampled)


def test_neighbours_are_within_five_words_of_a_match():
    """The sixth word away from a match is no neighbour, nor is a word of the next paragraph."""
    near = count_neighbours(["một hai ba bốn năm sáu giá vàng bảy\ntám"], parse_query('"giá vàng"'))

    assert 1 == near.matches
    assert {"hai", "ba", "bốn", "năm", "sáu", "bảy"} == {term for term in near.occurrences if " " not in term}
