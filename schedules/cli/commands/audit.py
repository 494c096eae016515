"""Run `khobao audit`: compare the articles that outlets published with the archived ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import click
from rich.table import Table

from archive.atomic_files import atomic_text, require_writable
from archive.ledger.backfill_model import Coverage
from archive.store.runs import RunStore
from schedules.backfill.coverage import archived_share, measure_coverage
from schedules.backfill.coverage_chart import LEGEND, chart_lines, chart_svg
from schedules.backfill.model import BackfillRequest
from schedules.cli.commands.backfill import do_request, note_uncounted, requested_dates
from schedules.cli.lookups import enabled_outlets
from schedules.cli.params import Day, PathArgument
from schedules.cli.session import Session, command
from schedules.pipeline.context import outlet_facts, utc_now

_WIDE = 110  # columns that hold every count beside the reasons
_COUNTS = (
    ("published", "announced"),
    ("archived", "archived"),
    ("rejected", "rejected"),
    ("missing", "missing"),
    ("numbers unseen", "unseen"),
)
_RARE = ("numbers unseen", "undated")


@command(name="audit")
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("--since", type=Day(), help="First day.")
@click.option("--until", type=Day(), help="Last day.  [default: today]")
@click.option("--fill", is_flag=True, help="Fetch what is missing.")
@click.option("--offline", is_flag=True, help="Read no lists; count only what the ledger knows.")
@click.option("--svg", "picture", type=PathArgument(), metavar="FILE", help="Draw the days.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def audit_command(
    session: Session,
    outlets: tuple[str, ...],
    since: date | None,
    until: date | None,
    fill: bool,
    offline: bool,
    picture: Path | None,
    as_json: bool,
) -> int:
    """Compare what outlets published with what is archived, day by day.

    Published articles are known from sitemaps and archive lists, which the command reads first, from the addresses in
    the ledger, and from gaps in article numbers.
    """
    chosen = enabled_outlets(session, outlets)
    dates = requested_dates(since, until, chosen)
    if picture:
        require_writable(picture)
    failed = False
    if not offline:
        request = BackfillRequest(tuple(outlet.id for outlet in chosen), dates, "audit", pages=fill)
        run, _ = do_request(session, request)
        note_uncounted(session, run)
        failed = run.state != "done" or any(progress.failed for progress in run.progress.values())
    rows: dict[str, Sequence[Coverage]] = {}
    unknown: Counter[str] = Counter()
    with session.reader() as archive:
        for outlet in chosen:
            archived = archive.archived_by_day(outlet.id, dates.since, dates.until)
            announced = archive.announced_addresses(outlet.id)
            rows[outlet.id], unknown[outlet.id] = measure_coverage(outlet, announced, archived, dates)
    with RunStore.beside(session.archive_path) as runs:
        runs.declare([outlet_facts(outlet) for outlet in chosen])
        for name, found in rows.items():
            runs.save_coverage(name, found, utc_now())
    _print(session, rows, unknown, as_json=as_json)
    if picture:
        with atomic_text(picture) as file:
            file.write(chart_svg(rows, f"Coverage from {dates}"))
    return 1 if failed else 0


def _print(session: Session, rows: Mapping[str, Sequence[Coverage]], unknown: Counter[str], *, as_json: bool) -> None:
    if as_json:
        session.print_json({name: [row.facts() for row in found] for name, found in rows.items()})
        return
    empty = [name for name, found in rows.items() if not unknown[name] and not any(map(_has_figures, found))]
    shown = {name: found for name, found in rows.items() if len(rows) == 1 or name not in empty}
    if shown:
        session.print_table(_table(shown, unknown, narrow=session.out.width < _WIDE))
        for line in chart_lines(shown):
            session.print(line)
        session.print(LEGEND)
    if others := len(rows) - len(shown):
        session.print(
            f"nothing in these days: {others} outlets" if others > 1 else f"nothing in these days: {empty[0]}"
        )


def _has_figures(row: Coverage) -> bool:
    """Return whether anything is known about a day."""
    return bool(row.announced or row.archived or row.rejected or row.missing or row.unseen)


def _table(rows: Mapping[str, Sequence[Coverage]], unknown: Counter[str], *, narrow: bool) -> Table:
    """Lay out one row per outlet; in a narrow terminal, leave out the rarer counts if all are 0."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    figures = {title: [sum(getattr(row, part) for row in found) for found in rows.values()] for title, part in _COUNTS}
    figures["undated"] = [unknown[name] for name in rows]
    if narrow:
        figures = {title: counts for title, counts in figures.items() if title not in _RARE or any(counts)}
    table.add_column("outlet", no_wrap=True)
    for title in (*figures, "coverage"):
        table.add_column(title, justify="right", min_width=max(map(len, title.split())))
    table.add_column("why")
    for number, (name, found) in enumerate(rows.items()):
        part = archived_share(found)
        why = sum((Counter(row.reasons) for row in found), Counter())
        reasons = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in why.most_common(5)) or "-"
        share = f"{part:.1%}" if part is not None else "-"
        table.add_row(name, *(str(counts[number]) for counts in figures.values()), share, reasons)
    return table
