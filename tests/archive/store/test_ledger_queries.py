"""Queries of the ledger."""

from dataclasses import replace

from factories import OUTLET

from archive.store.writer import ArchiveWriter


def test_outlets_are_returned_as_they_were_declared(tmp_path):
    """An archive returns the declared outlets by id, each with the values of its last declaration."""
    first = replace(OUTLET, id="bao", name="Báo", home="https://bao.example", unproven=True)
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        archive.runs.declare([OUTLET, first])
        archive.runs.declare([replace(OUTLET, name="Vntin mới")])

        assert [first, replace(OUTLET, name="Vntin mới")] == archive.reader.outlets()
        assert OUTLET.home == archive.reader.home_page(OUTLET.id)
        assert "" == archive.reader.home_page("unknown")
