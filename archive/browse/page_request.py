"""What a visitor asks for, read strictly: what is no day, number or id is told in one clear line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from archive.browse.local_time import Clock

MOST_CHARACTERS = 1000  # of one value
MOST_VALUES = 8  # of one name
MOST_NAMES = 20
_DIGITS = 9


class PageError(Exception):
    """A page that cannot be shown, and why.

    Attributes:
        status: Of HTTP.
        said: One line for the visitor.
    """

    status = 400

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class NotFound(PageError):  # noqa: N818 - reads as the sentence it is
    """There is no such thing in the archive."""

    status = 404


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a page.

    Attributes:
        path: The named parts of the path.
        query: The values of each name in the query.
        public: Whether strangers may look, so that what an outlet wants out of archives is only excerpted.
        clock: What tells the time as the outlets have it.
    """

    path: Mapping[str, str | None]
    query: Mapping[str, Sequence[str]]
    public: bool = False
    clock: Clock = field(default_factory=lambda: Clock({}))

    def part(self, name: str) -> str:
        """A part of the path; empty where it is left out."""
        return (self.path.get(name) or "")[:MOST_CHARACTERS]

    def texts(self, name: str) -> list[str]:
        """The values of a name that are not blank."""
        return [value for value in self.query.get(name, ()) if value]

    def text(self, name: str) -> str:
        """The first value of a name; empty without one."""
        return next(iter(self.texts(name)), "")

    def day(self, name: str) -> date | None:
        """A day of the query; None without one.

        Raises:
            PageError: It is no day.
        """
        told = self.text(name)
        return read_day(told) if told else None

    def number(self, name: str, default: int, most: int) -> int:
        """A number from 1 to so many.

        Raises:
            PageError: It is none.
        """
        told = self.text(name)
        if not told:
            return default
        if not (told.isascii() and told.isdigit()) or len(told) > _DIGITS or not 1 <= int(told) <= most:
            raise PageError(f"{name}={told[:40]!r}: should be a number from 1 to {most}")
        return int(told)

    def given(self, *names: str) -> dict[str, str]:
        """Those names of the query that have a value."""
        return {name: value for name in names if (value := self.text(name))}


def bearable(query: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """A query cut to what a page can bear, however long it is: some names, of some values, of some characters each."""
    return {
        name[:MOST_CHARACTERS]: [value.replace("\0", " ").strip()[:MOST_CHARACTERS] for value in values[:MOST_VALUES]]
        for name, values in list(query.items())[:MOST_NAMES]
    }


def read_day(told: str) -> date:
    """A civil date.

    Raises:
        PageError: It is none.
    """
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise PageError(f"{told[:40]!r} is no day; write it as 2026-02-04") from None


def link(path: str, query: Mapping[str, Any] | None = None) -> str:
    """A path of ours with the values that are not empty as its query."""
    told = urlencode({name: value for name, value in (query or {}).items() if value not in ("", None)}, doseq=True)
    return f"{path}?{told}" if told else path
