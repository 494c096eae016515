"""Parquet files from strangers: what cannot be read costs its row or its file, and never much memory."""

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from factories import make_plain_record

from archive.exchange import parquet
from archive.exchange.importers import read_file


@pytest.fixture
def table(tmp_path):
    """Twelve records as khobao exports them."""
    parquet.write_tables([make_plain_record(str(number)) for number in range(12)], tmp_path)
    (file,) = tmp_path.rglob("*.parquet")
    return pq.read_table(file)


def with_column(table, name, values):
    """Replace the values of a column, whatever they are."""
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), values)


def read(table, path):
    """Write a table and read it as import does."""
    pq.write_table(table, path, compression="zstd")
    return list(read_file(path))


def invalid_text(length):
    """Make a text column whose first value is not UTF-8."""
    buffers = pa.array([b"\xff\xfe", *[b"Tin"] * (length - 1)], pa.binary()).buffers()
    return pa.Array.from_buffers(pa.string(), length, [None, *buffers[1:]])


def days(length):
    """Make a column of days, the first far beyond the calendar."""
    return pa.array([2**30, *[20_000] * (length - 1)], pa.int32()).cast(pa.date32())


def test_a_value_that_python_cannot_hold_costs_its_row(table, tmp_path):
    """Text that is not UTF-8, a day and an instant beyond the calendar are told with their row; the rest is read."""
    instant = pa.array([2**62, *[0] * (len(table) - 1)], pa.int64()).cast(table.schema.field("published_at").type)
    for name, values in (("title", invalid_text(12)), ("date", days(12)), ("published_at", instant)):
        first, *others = read(with_column(table, name, values), tmp_path / "strange.parquet")

        assert "row 1" in first.place
        assert "not a record: " in first.problem
        assert [""] * 11 == [item.problem for item in others]


def test_columns_that_are_not_ours_are_not_read(table, tmp_path, monkeypatch):
    """A column of somebody else may be huge; it is neither counted nor decompressed."""
    monkeypatch.setattr(parquet, "_LARGEST_COLUMN", 100_000)
    junk = pa.array([bytes(random.Random(number).randbytes(100_000)) for number in range(12)])

    assert [""] * 12 == [item.problem for item in read(table.append_column("junk", junk), tmp_path / "a.parquet")]


def test_a_column_that_unpacks_to_too_much_is_refused(table, tmp_path, monkeypatch):
    """A file whose few bytes stand for a lot is refused before anything is unpacked."""
    monkeypatch.setattr(parquet, "_LARGEST_COLUMN", 1_000_000)
    (item,) = read(with_column(table, "text", pa.array(["x" * 2_000_000] * 12)), tmp_path / "a.parquet")

    assert "in one column of a row group; at most 1" in item.problem


def test_a_text_longer_than_any_page_is_refused(table, tmp_path):
    """One value of a dictionary can be the text of every row; each is refused, one after another."""
    items = read(with_column(table, "text", pa.array(["x" * 11_000_000] * 12)), tmp_path / "a.parquet")

    assert {"not accepted: a text of 11000000 characters; at most 10000000 are accepted"} == {
        item.problem for item in items
    }


def test_damaged_bytes_are_never_a_traceback(table, tmp_path):
    """However the bytes of a file are damaged, reading ends with items or problems."""
    path, dice = tmp_path / "a.parquet", random.Random(1)
    pq.write_table(table, path)
    whole = path.read_bytes()
    for number in range(150):
        damaged = bytearray(whole)
        for _ in range(dice.choice((1, 3, 20))):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path.write_bytes(damaged[: dice.randrange(len(damaged))] if number % 5 == 0 else damaged)

        assert list(read_file(path))
