"""Parse and apply a share of files, such as `2/8`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.errors import UsageError


@dataclass(frozen=True, slots=True)
class Share:
    """A share of some files.

    Attributes:
        number: The number of the share, from 1.
        count: The number of shares.
    """

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str, option: str = "--part") -> Share:
        """Parse a share such as `2/8`.

        Raises:
            UsageError: The text is not a share.
        """
        first, _, last = text.partition("/")
        number, count = (int(word) if word.isascii() and word.isdigit() else 0 for word in (first, last))
        if not 1 <= number <= count:
            raise UsageError(f"{option} {text}: write SHARE/SHARES, for example {option} 2/8")
        return cls(number, count)

    def of(self, paths: Sequence[str]) -> list[str]:
        """Return every `count`th file, beginning with the `number`th."""
        return list(paths[self.number - 1 :: self.count])
