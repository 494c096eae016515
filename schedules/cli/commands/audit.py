"""`khobao audit`: what outlets published against what is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import click
from rich.table import Table

from archive.atomic_files import atomic_path
from archive.ledger.backfill_model import Coverage
from archive.store.runs import RunStore
from schedules.backfill.coverage import archived_share, measure_coverage
from schedules.backfill.coverage_chart import LEGEND, chart_lines, chart_svg
from schedules.backfill.model import BackfillRequest
from schedules.cli.commands.backfill import do_request, requested_dates, tell_untold
from schedules.cli.lookups import enabled_outlets
from schedules.cli.params import Day
from schedules.cli.session import Session, command
from schedules.pipeline.context import utc_now


@command(name="audit")
@click.argument("outlets", nargs=-1, metavar="[OUTLET…]")
@click.option("--since", type=Day(), help="The first day.")
@click.option("--until", type=Day(), help="The last day; today, if it is left out.")
@click.option("--fill", is_flag=True, help="Fetch what is missing.")
@click.option("--offline", is_flag=True, help="Ask no outlet for its lists; count by what the ledger has.")
@click.option("--svg", "picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw the days to this file.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
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
    """Show for each day what outlets published and what of it is archived, rejected and missing.

    What was published is told by their sitemaps and archives, which are read for it, by every address that the ledger
    has, and by the article numbers between those that were seen.
    """
    chosen = enabled_outlets(session, outlets)
    dates = requested_dates(since, until, chosen)
    failed = False
    if not offline:
        request = BackfillRequest(tuple(outlet.id for outlet in chosen), dates, "audit", pages=fill)
        kept, _ = do_request(session, request)
        tell_untold(session, kept)
        failed = kept.state != "done" or any(part.failed for part in kept.progress.values())
    rows: dict[str, Sequence[Coverage]] = {}
    unknown: Counter[str] = Counter()
    with session.reader() as archive:
        for outlet in chosen:
            archived = archive.archived_by_day(outlet.id, dates.since, dates.until)
            announced = archive.announced_addresses(outlet.id)
            rows[outlet.id], unknown[outlet.id] = measure_coverage(outlet, announced, archived, dates)
    with RunStore.beside(session.settings.archive.path) as runs:
        for name, found in rows.items():
            runs.save_coverage(name, found, utc_now())
    _tell(session, rows, unknown, as_json=as_json)
    if picture:
        with atomic_path(picture) as draft:
            draft.write_text(chart_svg(rows, f"Coverage from {dates}"), encoding="utf-8")
    return 1 if failed else 0


def _tell(session: Session, rows: Mapping[str, Sequence[Coverage]], unknown: Counter[str], *, as_json: bool) -> None:
    if as_json:
        session.answer({name: [row.facts() for row in found] for name, found in rows.items()})
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
        told = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in why.most_common(5)) or "-"
        figure = f"{part:.1%}" if part is not None else "-"
        table.add_row(name, *map(str, totals), str(unknown[name]), figure, told)
    session.out.print(table)
    for line in chart_lines(rows):
        session.tell(line)
    session.tell(LEGEND)
