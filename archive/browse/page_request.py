"""Parse the parameters of a page strictly: a wrong day or number gets one clear line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from archive.browse.local_time import LocalTimes
from archive.browse.translations import translator

MOST_CHARACTERS = 1000  # of one parameter's value
MOST_VALUES = 200  # of one parameter: a saved search may name every outlet
MOST_NAMES = 20
_DIGITS = 9


class PageError(Exception):
    """A page cannot be shown.

    Attributes:
        status: HTTP status.
        message: One line for the visitor.
    """

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFoundError(PageError):
    """The archive does not contain what the address names."""

    status = 404


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page.

    Attributes:
        path: The named parts of the path.
        query: The values of each name in the query string.
        public: Strangers are served; they see only excerpts of texts marked noarchive.
        times: Formats instants in the timezones of the outlets.
        language: `en` or `vi`.
    """

    path: Mapping[str, str | None]
    query: Mapping[str, Sequence[str]]
    public: bool = False
    times: LocalTimes = field(default_factory=lambda: LocalTimes({}))
    language: str = "en"

    @property
    def t(self) -> Callable[[str], str]:
        """The function that translates a label into the language of the page."""
        return translator(self.language)

    def part(self, name: str) -> str:
        """Return a part of the path; empty if it is omitted."""
        return (self.path.get(name) or "")[:MOST_CHARACTERS]

    def texts(self, name: str) -> list[str]:
        """Return the values of a parameter that are not blank."""
        return [value for value in self.query.get(name, ()) if value]

    def text(self, name: str) -> str:
        """Return the first value of a parameter; empty if there is none."""
        return next(iter(self.texts(name)), "")

    def day(self, name: str) -> date | None:
        """Return a parameter as a day; None if there is none.

        Raises:
            PageError: The value is not a day.
        """
        value = self.text(name)
        return parse_day(value) if value else None

    def number(self, name: str, default: int, most: int) -> int:
        """Return a parameter as a number from 1 to `most`.

        Raises:
            PageError: The value is not such a number.
        """
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit()) or len(value) > _DIGITS or not 1 <= int(value) <= most:
            raise PageError(f"{name}={value[:40]!r}: write a number from 1 to {most}, for example {name}=1")
        return int(value)

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """Return a parameter that must be one of some choices.

        Raises:
            PageError: The value is not one of the choices.
        """
        value = self.text(name) or default
        if value not in choices:
            raise PageError(f"{name}={value[:40]!r}: write one of {', '.join(filter(None, choices))}")
        return value

    def given_values(self, *names: str) -> dict[str, str]:
        """Return those of the named parameters that have a value."""
        return {name: value for name in names if (value := self.text(name))}


def truncate_query(query: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Truncate a query string to a maximum of parameters, values and characters, and drop repeated values."""
    return {
        name[:MOST_CHARACTERS]: list(
            dict.fromkeys(value.replace("\0", " ").strip()[:MOST_CHARACTERS] for value in values[:MOST_VALUES])
        )
        for name, values in list(query.items())[:MOST_NAMES]
    }


def parse_day(text: str) -> date:
    """Parse a civil date.

    Raises:
        PageError: The text is not a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PageError(f"{text[:40]!r} is not a day; write it as 2026-02-04") from None


def page_link(path: str, query: Mapping[str, Any] | None = None) -> str:
    """Return the path of a page with a query string of the non-empty values."""
    encoded = urlencode({name: value for name, value in (query or {}).items() if value not in ("", None)}, doseq=True)
    return f"{path}?{encoded}" if encoded else path
