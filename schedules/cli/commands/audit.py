"""Run `khobao audit`: compare what outlets published with what is archived."""

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
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("outlet", "published", "archived", "rejected", "missing", "numbers unseen", "undated", "coverage"):
        table.add_column(column, justify="left" if column == "outlet" else "right")
    table.add_column("why")
    for name, found in rows.items():
        totals = [
            sum(getattr(row, part) for row in found)
            for part in ("announced", "archived", "rejected", "missing", "unseen")
        ]
        part = archived_share(found)
        why = sum((Counter(row.reasons) for row in found), Counter())
        reasons = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in why.most_common(5)) or "-"
        figure = f"{part:.1%}" if part is not None else "-"
        table.add_row(name, *map(str, totals), str(unknown[name]), figure, reasons)
    session.print_table(table)
    for line in chart_lines(rows):
        session.print(line)
    session.print(LEGEND)
