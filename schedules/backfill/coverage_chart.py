"""Coverage as a heat map, a square for each day: in characters for a terminal, and as SVG. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from archive.ledger.backfill_model import Coverage
from schedules.backfill.coverage import share

_STEP, _SIDE, _MARGIN, _TOP = 13, 11, 150, 30
_SHADES = ((0.995, "█", "#1a7f37"), (0.9, "▓", "#6fbf73"), (0.5, "▒", "#e3b341"), (0.0001, "░", "#e5534b"))
_NONE, _LOST = ("·", "#d0d7de"), ("×", "#8e1519")

LEGEND = "█ all  ▓ 90 %  ▒ half  ░ less  × none of what was published  · nothing published"


def _shade(row: Coverage) -> tuple[str, str]:
    """The character and the colour of a day."""
    part = share([row])
    if part is None:
        return _NONE
    return next(((char, colour) for least, char, colour in _SHADES if part >= least), _LOST)


def lines(rows: Mapping[str, Sequence[Coverage]]) -> Iterator[str]:
    """A line for each outlet and month, a character for each of its days."""
    for outlet, days in rows.items():
        for month, ones in groupby(days, key=lambda row: f"{row.day:%Y-%m}"):
            known = {row.day.day: _shade(row)[0] for row in ones}
            yield f"{outlet:<18.18} {month} {''.join(known.get(n, ' ') for n in range(1, 32))}".rstrip()


def svg(rows: Mapping[str, Sequence[Coverage]], title: str) -> str:
    """A row for each outlet and month, a square for each of its days, with its figures as its title."""
    drawn, y = [], _TOP
    for outlet, days in rows.items():
        for month, ones in groupby(days, key=lambda row: f"{row.day:%Y-%m}"):
            drawn.append(f'<text x="4" y="{y + _SIDE - 1}">{escape(outlet[:14])} {month}</text>')
            drawn += [_square(outlet, row, y) for row in ones]
            y += _STEP
    width = _MARGIN + 31 * _STEP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 6}" width="{width}" height="{y + 6}"'
        f' font-family="sans-serif" font-size="10" role="img"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/><text x="4" y="16" font-size="12">{escape(title)}</text>'
        f"{''.join(drawn)}</svg>\n"
    )


def _square(outlet: str, row: Coverage, y: int) -> str:
    told = (
        f"{outlet} {row.day}: {row.announced} published, {row.archived} archived, {row.rejected} rejected,"
        f" {row.missing} missing, {row.unseen} numbers unseen"
    )
    place = f'x="{_MARGIN + (row.day.day - 1) * _STEP}" y="{y}" width="{_SIDE}" height="{_SIDE}"'
    return f'<rect {place} fill="{_shade(row)[1]}"><title>{escape(told)}</title></rect>'
