"""State why the reading of a page may be wrong, for a person who may then declare its outlet."""

from __future__ import annotations

from crawler.reading.publication_date import DISPUTED, PublicationDate

TITLE_BY_NO_RULE = "title: no rule of the outlet found it; the page's metadata state it"
MISSES_PROSE = "text: the quick reading missed most of the page's prose"
RULES_DO_NOT_FIT = "text: the outlet's rules no longer fit: the generic reader took more, or another headline"
GUESSED_DATE = "date: nothing on the page states it; htmldate guessed it"
WEAK_DATE = "date: only the address or a line away from the headline states it"
DISPUTED_DATE = "date: another source states a day that is more than a day away"
_GUESSED = frozenset({"htmldate"})


def date_doubts(when: PublicationDate | None) -> tuple[str, ...]:
    """List the doubts about a publication date, the worst first; empty if it is well supported."""
    if when is None:
        return ()
    doubts = []
    if when.weak:
        doubts.append(GUESSED_DATE if when.source in _GUESSED else WEAK_DATE)
    if DISPUTED in when.raw:
        doubts.append(DISPUTED_DATE)
    return tuple(doubts)
