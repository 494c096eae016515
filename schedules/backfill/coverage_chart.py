"""Draw coverage as a heat map of days: as text for a terminal, and as SVG. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from archive.ledger.backfill_model import Coverage
from schedules.backfill.coverage import archived_share

_STEP, _SIDE, _LEFT_MARGIN, _TOP_MARGIN = 13, 11, 150, 30  # pixels
_SHADES = ((0.995, "█", "#1a7f37"), (0.9, "▓", "#6fbf73"), (0.5, "▒", "#e3b341"), (0.0001, "░", "#e5534b"))
_NOTHING_PUBLISHED, _NOTHING_ARCHIVED = ("·", "#d0d7de"), ("×", "#8e1519")

LEGEND = "█ all  ▓ 90 %  ▒ half  ░ less  × none of the published articles  · nothing published"


def _shade(row: Coverage) -> tuple[str, str]:
    """Return the character and the colour of a day."""
    share = archived_share([row])
    if share is None:
        return _NOTHING_PUBLISHED
    return next(((char, colour) for least, char, colour in _SHADES if share >= least), _NOTHING_ARCHIVED)


def chart_lines(rows: Mapping[str, Sequence[Coverage]]) -> Iterator[str]:
    """Draw a line of text for each outlet and month, with a character for each day."""
    for outlet, days in rows.items():
        for month, month_days in groupby(days, key=lambda row: f"{row.day:%Y-%m}"):
            shades = {row.day.day: _shade(row)[0] for row in month_days}
            yield f"{outlet:<18.18} {month} {''.join(shades.get(n, ' ') for n in range(1, 32))}".rstrip()


def chart_svg(rows: Mapping[str, Sequence[Coverage]], title: str) -> str:
    """Draw an SVG: one row for each outlet and month, one square for each day."""
    drawn, y = [], _TOP_MARGIN
    for outlet, days in rows.items():
        for month, month_days in groupby(days, key=lambda row: f"{row.day:%Y-%m}"):
            drawn.append(f'<text x="4" y="{y + _SIDE - 1}">{escape(outlet[:14])} {month}</text>')
            drawn += [_square(outlet, row, y) for row in month_days]
            y += _STEP
    width = _LEFT_MARGIN + 31 * _STEP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 6}" width="{width}" height="{y + 6}"'
        f' font-family="sans-serif" font-size="10" role="img"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/><text x="4" y="16" font-size="12">{escape(title)}</text>'
        f"{''.join(drawn)}</svg>\n"
    )


def _square(outlet: str, row: Coverage, y: int) -> str:
    """Draw the square of a day."""
    title = (
        f"{outlet} {row.day}: {row.announced} published, {row.archived} archived, {row.rejected} rejected,"
        f" {row.missing} missing, {row.unseen} numbers unseen"
    )
    position = f'x="{_LEFT_MARGIN + (row.day.day - 1) * _STEP}" y="{y}" width="{_SIDE}" height="{_SIDE}"'
    return f'<rect {position} fill="{_shade(row)[1]}"><title>{escape(title)}</title></rect>'
