"""Tables of words: their order, sums of equal rows, and merging of sorted ones."""

import random
from datetime import date, timedelta

import pyarrow as pa
import pytest

from archive.lake.word_tables import Runs, merge_words, sort_words, stable_order, words_schema

ROWS = [
    (word, outlet, date(2024, 1, 1) + timedelta(days=day), 1, 2)
    for word in ("", "a", "A", "bão", "zz", "Đ", "中")
    for outlet in ("x", "b", "nhà")
    for day in (-5, 0, 40)
]


def table(rows):
    """A table of words, with the given rows."""
    columns = [
        pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), words_schema().types, strict=True)
    ]
    word, outlet, *others = columns
    return pa.table([word.dictionary_encode(), outlet.dictionary_encode(), *others], names=words_schema().names)


def listed(made):
    """The rows of a table."""
    return [tuple(row.values()) for row in made.to_pylist()]


@pytest.mark.parametrize("largest", [0, 1, 5000, 1 << 40])
def test_whole_numbers_are_sorted_and_equal_ones_stay_in_order(largest):
    """Small and large numbers are in ascending order, each with its place."""
    keys = [random.Random(largest).randint(0, largest) for _ in range(3000)]
    assert sorted(range(3000), key=keys.__getitem__) == stable_order(pa.array(keys)).to_pylist()
    assert [] == stable_order(pa.array([], pa.int64())).to_pylist()


def test_runs_are_added_up():
    """Numbers of equal neighbours are added up, and no run is lost at an end."""
    runs = Runs.of(pa.array([7, 7, 3, 7, 7, 7]))
    assert ([2, 1, 3], [3, 4, 15]) == (
        runs.lengths.to_pylist(),
        runs.sums(pa.array([1, 2, 4, 4, 5, 6])).to_pylist(),
    )
    assert [] == Runs.of(pa.array([], pa.int64())).lengths.to_pylist()


def test_rows_are_sorted_by_word_outlet_and_date_and_equal_ones_added_up():
    """Rows of several tables, in any order, give one row for each word, outlet and date."""
    dice = random.Random(0)
    many = ROWS * 3
    dice.shuffle(many)
    tables = [table(many[first : first + 50]) for first in range(0, len(many), 50)]
    assert sorted((*row[:3], 3, 6) for row in ROWS) == listed(sort_words(tables))


@pytest.mark.parametrize("rows", [0, 1, 7, 1000])
def test_merged_tables_are_those_sorted_at_once(rows):
    """Series of any length, read in tables of any size, with equal rows at their ends, give what sorting gives."""
    dice = random.Random(rows)
    series = [sorted(dice.sample(ROWS, k=count)) for count in (len(ROWS), 1, 9, 30)]
    sources = [
        iter([table(some[first : first + size]) for first in range(0, len(some), size)] + [table(some[:1]).slice(1)])
        for some, size in zip(series, (4, 1, 9, 2), strict=True)
    ]
    merged = [row for made in merge_words(sources, rows) for row in listed(made)]
    assert listed(sort_words([table(some) for some in series])) == merged
    assert [] == list(merge_words([iter([])], 1))
