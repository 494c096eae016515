"""Name one share of some work, such as `2/8`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.errors import UsageError


@dataclass(frozen=True, slots=True)
class Share:
    """A share of some work.

    Attributes:
        number: From 1.
        count: How many shares there are.
    """

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str, option: str = "--part") -> Share:
        """Read a share as a person writes it, such as `2/8`.

        Raises:
            UsageError: It is not written so.
        """
        first, _, last = text.partition("/")
        number, count = (int(word) if word.isascii() and word.isdigit() else 0 for word in (first, last))
        if not 1 <= number <= count:
            raise UsageError(f"{option} {text}: write a number and how many there are, for example {option} 2/8")
        return cls(number, count)

    def of(self, paths: Sequence[str]) -> list[str]:
        """Return every `count`th file, from the `number`th on."""
        return list(paths[self.number - 1 :: self.count])
