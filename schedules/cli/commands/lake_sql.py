"""`khobao lake sql`: run a SELECT on a lake, and print a table, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import click
from rich.table import Table

from archive.lake.layout import open_lake
from archive.lake.queries import QueryResult, run_query
from schedules.cli.params import Name
from schedules.cli.session import Session, command

_MOST_SHOWN = 1000  # rows that are printed as a table
_LONGEST = 120  # characters that are printed of a value


@command(name="sql")
@click.argument("lake", metavar="LAKE")
@click.argument("sql", metavar="SELECT")
@click.option(
    "--format", "form", type=Name(["table", "csv", "json"]), default="table", show_default=True, help="How to print."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per row.")
def sql_command(session: Session, lake: str, sql: str, form: str, as_json: bool) -> None:
    """Run one SELECT of DuckDB on a lake; it cannot reach other files or the network.

    \b
    articles  one row per article, as written by `khobao lake compact`
    words     word, outlet, date, articles, times; the word '' counts all articles
    captures  one row per capture of an article, of every file that was read
    ledger    one row per page, with the reason if it gave no article
    """
    with run_query(open_lake(lake), sql) as result:
        for name, filled_by in sorted(result.unfilled.items()):
            session.note(f"the table {name} is empty; run `khobao lake {filled_by} {lake}` first")
        if as_json or form == "json":
            for row in result.rows:
                session.print_json(dict(zip(result.columns, map(_plain, row), strict=True)))
        elif form == "csv":
            for line in _csv_lines(result):
                session.print(line)
        else:
            _print_table(session, result)


def _plain(value: Any) -> Any:
    """Return a value that JSON can contain; instants are in UTC with `Z`."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no infinity
    return value.isoformat() if isinstance(value, date) else value


def _csv_lines(result: QueryResult) -> Iterator[str]:
    yield _csv_line(result.columns)
    for row in result.rows:
        yield _csv_line([_text(value) for value in row])


def _csv_line(values: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(values)
    return out.getvalue()


def _text(value: Any) -> str:
    plain = _plain(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, default=str)


def _print_table(session: Session, result: QueryResult) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in result.columns:
        table.add_column(name)
    shown = 0
    for row in islice(result.rows, _MOST_SHOWN):
        table.add_row(*(_short(_text(value)) for value in row))
        shown += 1
    session.print_table(table)
    if shown == _MOST_SHOWN and next(result.rows, None) is not None:
        session.note(f"the first {_MOST_SHOWN} rows; --format csv or json prints all")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
