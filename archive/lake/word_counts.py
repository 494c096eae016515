"""Count the words of articles, with few operations for each word of a text.

Texts are split at their blanks first. Each distinct piece of a batch is then lowered and split into words once, by
DuckDB, so that counts and queries split words in the same way. All other steps work on numbers of pieces, words and
articles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from archive.lake.schema import pyarrow_module
from archive.lake.word_tables import Runs, stable_order, words_schema

_READ = 8192  # rows that are read at a time
_COUNTED = 8_000_000  # bytes of texts that are counted at a time; their tables fit into a processor's cache
# A word is a run of letters, marks, digits and `_`, in lower case.
_WORDS = r"SELECT regexp_extract_all(lower(piece), '[\p{L}\p{M}\p{N}_]+') AS words FROM pieces ORDER BY number"


def count_articles(session: Any, files: Sequence[Path]) -> Iterator[Any]:
    """Yield the words of articles as tables that `sort_words` takes.

    The word '' counts all articles, and all their words.

    Args:
        session: A session from `lake_session`.
        files: Files of articles; the rows of an outlet and day should be adjacent.
    """
    parquet = pyarrow_module().parquet
    for path in files:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_READ, columns=["outlet", "date", "title", "text"], use_threads=False):
                step = max(batch.num_rows * _COUNTED // batch.nbytes, 1)
                for first in range(0, batch.num_rows, step):
                    yield from _count_batch(session, batch.slice(first, step))


def _count_batch(session: Any, batch: Any) -> Iterator[Any]:
    """Yield the words of a batch, and the counts of all its articles."""
    arrow = pyarrow_module()
    texts = arrow.compute.binary_join_element_wise(batch["title"], batch["text"], " ")
    pieces = arrow.compute.ascii_split_whitespace(texts)
    encoded = pieces.flatten().dictionary_encode()
    found = _find_words(session, encoded.dictionary)
    vocabulary = found.flatten().dictionary_encode()
    words = arrow.ListArray.from_arrays(found.offsets, vocabulary.indices).take(encoded.indices)
    words = arrow.ListArray.from_arrays(words.offsets.take(pieces.offsets), words.flatten())

    yield _count_words(words, vocabulary.dictionary, batch)
    every = arrow.array(range(batch.num_rows), arrow.int64())
    no_word = arrow.DictionaryArray.from_arrays(arrow.array([0] * batch.num_rows, arrow.int32()), [""])
    ones = arrow.array([1] * batch.num_rows)
    yield _table(no_word, batch, every, ones, arrow.compute.list_value_length(words))


def _find_words(session: Any, pieces: Any) -> Any:
    """Return the words of each piece of a text."""
    arrow = pyarrow_module()
    session.register("pieces", arrow.table({"piece": pieces, "number": arrow.array(range(len(pieces)))}))
    found = session.sql(_WORDS).to_arrow_table()["words"].combine_chunks()
    session.unregister("pieces")
    return found


def _count_words(words: Any, vocabulary: Any, batch: Any) -> Any:
    """Count words by outlet and day.

    Args:
        words: The numbers of the words of each article.
        vocabulary: The words by their number.
        batch: The articles.
    """
    arrow, count = pyarrow_module(), batch.num_rows
    compute = arrow.compute
    word, article = words.flatten().cast(arrow.int64()), compute.list_parent_indices(words)
    keys = compute.add(compute.multiply(word, count), article).take(stable_order(word))
    pairs = Runs.of(keys)
    keys = keys.take(pairs.first)
    word = compute.divide(keys, count)
    article = compute.subtract(keys, compute.multiply(word, count))
    runs = Runs.of(compute.add(compute.multiply(word, count), _cells(batch).take(article)))
    found = arrow.DictionaryArray.from_arrays(word.take(runs.first).cast(arrow.int32()), vocabulary)
    return _table(found, batch, article.take(runs.first), runs.lengths, runs.sums(pairs.lengths))


def _cells(batch: Any) -> Any:
    """Return a number for the outlet and day of each article."""
    arrow = pyarrow_module()
    outlet = batch["outlet"].dictionary_encode().indices.cast(arrow.int64())
    day = batch["date"].cast(arrow.int32()).cast(arrow.int64())
    return arrow.compute.add(arrow.compute.shift_left(outlet, 32), day).dictionary_encode().indices


def _table(word: Any, batch: Any, rows: Any, articles: Any, times: Any) -> Any:
    """Return a table of words, each with the outlet and the date of an article of the batch."""
    arrow = pyarrow_module()
    columns = [
        word,
        batch["outlet"].dictionary_encode().take(rows),
        batch["date"].take(rows),
        articles.cast(arrow.int32()),
        times.cast(arrow.int64()),
    ]
    return arrow.table(columns, names=words_schema().names)
