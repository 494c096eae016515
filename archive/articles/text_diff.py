"""What changed between two texts, word by word and paragraph by paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

_WORD = re.compile(r"\S+\s*")
_MOST_WORDS = 3000  # of a paragraph; comparing takes the square of it, so longer ones are told whole
_ALIKE = 0.3  # of their words, from which two paragraphs are versions of one

Op = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row that stayed, went or came.

    Attributes:
        op: same, gone (in the old text alone) or new (in the new one alone).
        text: The words, with the blanks between them.
    """

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of both texts, or of the one that has it."""

    runs: tuple[Run, ...]

    @property
    def changed(self) -> bool:
        """Whether anything in it did."""
        return any(run.op != "same" for run in self.runs)

    def side(self, op: Literal["gone", "new"]) -> tuple[Run, ...]:
        """The runs of one of the texts: the old one for `gone`, the new one for `new`."""
        return tuple(run for run in self.runs if run.op in {"same", op})


def compare(old: str, new: str) -> tuple[Paragraph, ...]:
    """The paragraphs of two texts side by side, each as the runs of words that stayed, went and came.

    Args:
        old: Paragraphs parted by blank lines.
        new: Likewise.

    Returns:
        The paragraphs in the order of the texts; joining what is not new gives the old text, joining what is not
        gone the new one.
    """
    before, after = _paragraphs(old), _paragraphs(new)
    compared: list[Paragraph] = []
    for op, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal":
            compared += [Paragraph((Run("same", text),)) for text in before[i:j]]
        else:
            compared += _paired(before[i:j], after[k:m])
    return tuple(compared)


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n") if text else []


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[Paragraph]:
    """Paragraphs that replace others, the first the first and so on, told apart where they have little in common."""
    for old, new in zip_longest(before, after, fillvalue=""):
        runs = _runs(_WORD.findall(old), _WORD.findall(new))
        kept = sum(len(run.text) for run in runs if run.op == "same")
        if old and new and kept < _ALIKE * max(len(old), len(new)):
            yield Paragraph((Run("gone", old),))
            yield Paragraph((Run("new", new),))
        else:
            yield Paragraph(runs)


def _runs(old: Sequence[str], new: Sequence[str]) -> tuple[Run, ...]:
    if max(len(old), len(new)) > _MOST_WORDS:
        return _replaced(old, new)
    # The last word of a paragraph has no blank after it, and is the same word all the same.
    matcher = SequenceMatcher(None, [w.strip() for w in old], [w.strip() for w in new], autojunk=False)
    runs: list[Run] = []
    for op, i, j, k, m in matcher.get_opcodes():
        if op == "equal":
            runs.append(Run("same", "".join(new[k:m])))
        else:
            runs += _replaced(old[i:j], new[k:m])
    return tuple(runs)


def _replaced(old: Sequence[str], new: Sequence[str]) -> tuple[Run, ...]:
    """Words that went, and those that came in their place."""
    return tuple(run for run in (Run("gone", "".join(old)), Run("new", "".join(new))) if run.text)
