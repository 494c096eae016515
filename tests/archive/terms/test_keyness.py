"""Measures of what is typical agree with their published formulas."""

import pytest

from archive.terms.counting import Neighbours, count_terms
from archive.terms.keyness import Background, Frequency, candidates, collocates, key_terms, log_likelihood


def typical(counts, known, most=50):
    """The typical terms beside a background of 10,000 words and 9,000 pairs with some known frequencies."""

    def look_up(terms):
        return {term: known[term] for term in terms if term in known}

    return key_terms(counts, Background({}, 10_000, 9_000, 100), look_up, candidates(counts), most)


def test_log_likelihood_agrees_with_a_worked_example():
    """50 of 10,000 words beside 100 of 100,000: 2·(50·ln(50/13.636) + 100·ln(100/136.364)) = 67.9."""
    assert 67.9 == pytest.approx(log_likelihood(50, 10_000, 100, 100_000), abs=0.05)
    assert 0 == pytest.approx(log_likelihood(5, 100, 50, 1000))


def test_words_that_are_more_frequent_than_in_the_background_are_typical():
    """A word that is as frequent as everywhere is not typical; one that stands nowhere else is, without a ratio."""
    counts = count_terms(["lũ và. bão. mưa. và"] * 20)
    known = {"và": Frequency(5_000, 900), "mưa": Frequency(10, 5)}

    found = {one.term: one for one in typical(counts, known)}

    assert "và" not in found
    assert found["mưa"].ratio == pytest.approx((1 / 5) / (10 / 10_000))
    assert found["lũ và"].ratio is None


def test_a_word_is_not_listed_beside_the_pair_that_contains_it():
    """Where a word nearly always stands in a typical pair, only the pair is listed."""
    counts = count_terms(["giá vàng. tăng"] * 20)

    found = [one.term for one in typical(counts, {})]

    assert {"giá vàng", "tăng"} == set(found)


def test_terms_that_cannot_be_among_the_most_certain_are_not_looked_up():
    """Rare terms are not looked up where frequent ones are more certain, and the list is the same as of all terms."""
    names = [f"{a}{b}{c}" for a in "bcdghklmnpqrstvx" for b in "aeiouy" for c in "bcdghklmnpqrstvx"]
    counts = count_terms([". ".join(names[:40] * 20 + names)] * 3)
    asked = []

    def look_up(terms):
        asked.extend(terms)
        return {term: Frequency(place, 1) for place, term in enumerate(names) if term in terms}

    def most_certain(most):
        asked.clear()
        found = key_terms(counts, Background({}, 10_000_000, 9_000_000, 100), look_up, candidates(counts), most)
        return found, len(asked)

    some, looked_up = most_certain(20)
    every, of_all = most_certain(10_000)

    assert every[:20] == some
    assert looked_up < of_all == len(names)


def test_the_querys_own_words_are_left_out():
    """Of course a query's words are typical of what it finds."""
    counts = count_terms(["giá vàng tăng"] * 3)

    assert {"tăng", "vàng tăng"} == set(candidates(counts, ["giá", "vàng"]))


def test_a_word_in_two_articles_is_not_typical():
    """What two articles say is not typical of all."""
    assert [] == candidates(count_terms(["lũ lũ lũ"] * 2))


def test_log_dice_is_14_for_words_that_never_stand_apart():
    """LogDice has 14 as its maximum, and one less for half the association."""
    near = Neighbours(10, {"miếng": 10, "bạc": 10}, {"miếng": 8, "bạc": 8})
    background = Background({"miếng": Frequency(10), "bạc": Frequency(30)}, 1000, 900, 10)

    found = {one.term: one.log_dice for one in collocates(near, background, 1.0, (), 50)}

    assert {"miếng": 14.0, "bạc": 13.0} == found
