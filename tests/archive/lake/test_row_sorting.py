"""The rows of many parts in one order, with little memory."""

import random

import pyarrow as pa
import pyarrow.parquet
import pytest

from archive.errors import ArchiveError
from archive.lake import row_sorting
from archive.lake.row_sorting import PartRows, sorted_rows

SCHEMA = pa.schema([pa.field("name", pa.string())])


def write_parts(folder, counts, group):
    """Write parts whose rows are named after the part and their number."""
    paths = [folder / "parts" / f"{part}.parquet" for part in range(len(counts))]
    (folder / "parts").mkdir()
    for part, (path, count) in enumerate(zip(paths, counts, strict=True)):
        names = pa.array([f"{part}-{row}" for row in range(count)], pa.string())
        pa.parquet.write_table(pa.table([names], schema=SCHEMA), path, row_group_size=group, compression="zstd")
    return paths


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("budget", [0, 2_000, 1_000_000])
def test_the_wanted_rows_come_in_the_order_of_their_places(tmp_path, monkeypatch, seed, budget):
    """Whatever rows are wanted, each comes once and in its place; only what does not fit into memory goes to files."""
    monkeypatch.setattr(row_sorting, "_BUDGET", budget)
    monkeypatch.setattr(row_sorting, "_RANGE", 7)
    monkeypatch.setattr(row_sorting, "_READ", 10)
    dice = random.Random(seed)
    counts = [dice.randint(1, 60) for _ in range(5)]
    paths = write_parts(tmp_path, counts, group=4)
    wanted = [sorted(dice.sample(range(count), dice.randint(0, count))) for count in counts]
    places = list(range(sum(map(len, wanted))))
    dice.shuffle(places)
    expected = [""] * len(places)
    parts = []
    for part, rows in enumerate(wanted):
        given = [places.pop() for _ in rows]
        parts.append(PartRows(paths[part], pa.array(rows, pa.int64()), pa.array(given, pa.int64())))
        for row, place in zip(rows, given, strict=True):
            expected[place] = f"{part}-{row}"
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    tables = list(sorted_rows(parts, SCHEMA, scratch))

    assert expected == [name for table in tables for name in table["name"].to_pylist()]
    assert all(table.num_rows <= 7 and table.schema.equals(SCHEMA) for table in tables)
    assert (budget < 1_000_000) == any(scratch.iterdir())


@pytest.mark.parametrize("kind", ["missing", "empty", "foreign", "damaged"])
def test_a_part_that_cannot_be_read_is_one_clear_line(tmp_path, kind):
    """The message names the part and the command that finds all damaged files."""
    (path,) = write_parts(tmp_path, [300], group=300)
    content = path.read_bytes()
    path.unlink()
    if kind != "missing":
        damaged = content[:40] + bytes(60) + content[100:]
        path.write_bytes({"empty": b"", "foreign": b"PAR1 no parquet PAR1", "damaged": damaged}[kind])

    with pytest.raises(ArchiveError, match=r"0\.parquet: cannot be read: .*`khobao lake check") as caught:
        list(sorted_rows([PartRows(path, pa.array([0]), pa.array([0]))], SCHEMA, tmp_path))
    assert "\n" not in str(caught.value)
