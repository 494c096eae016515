"""The command `khobao audit`: its table in windows of every width."""

import io
from collections import Counter
from datetime import date

import pytest
from rich.console import Console

from archive.ledger.backfill_model import Coverage
from schedules.cli.commands.audit import _table


@pytest.mark.parametrize(("width", "narrow", "titles"), [(80, True, 7), (200, False, 10)])
def test_the_table_of_an_audit_keeps_its_titles_whole(width, narrow, titles):
    """In 80 columns the rarer counts give way where they are 0, and no title or id is cut."""
    day = Coverage(
        day=date(2024, 1, 1), announced=4, archived=3, rejected=0, missing=1, unseen=0, reasons={"timeout": 1}
    )
    out = io.StringIO()

    Console(file=out, width=width).print(_table({"giaoducthoidai": [day]}, Counter(), narrow=narrow))

    header, row = (line.split() for line in out.getvalue().splitlines()[:2])
    assert (titles, False) == (len(header), "…" in out.getvalue())
    assert ["giaoducthoidai", "4", "3", "0", "1"] == row[:5]


def test_a_count_that_is_not_0_stays_in_a_narrow_table():
    """A number that was never seen is told in every width."""
    day = Coverage(day=date(2024, 1, 1), announced=4, archived=3, rejected=0, missing=1, unseen=2, reasons={})
    out = io.StringIO()

    Console(file=out, width=80).print(_table({"bao": [day]}, Counter(), narrow=True))

    assert "unseen" in out.getvalue()
    assert "…" not in out.getvalue()


def test_outlets_without_anything_are_counted_in_one_line(inline):
    """An archive without articles has no table of zeros; an outlet that a person named has its row."""
    assert 0 == inline("init", "news").code
    options = ("--offline", "--since", "2026-01-01", "--until", "2026-01-02", "--archive", "news/archive.db")

    several = inline("audit", "vnexpress", "tuoitre", *options).out
    one = inline("audit", "vnexpress", *options).out

    assert several == "nothing in these days: 2 outlets\n"
    assert ["vnexpress", "0"] == one.splitlines()[1].split()[:2]
