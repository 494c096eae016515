"""Remove the classes and ids of a page that no XPath asks about, so that XPaths run faster.

lxml runs `re:test` in Python. Most names of elements match none of trafilatura's patterns; each name is compared here
once with all of them, instead of each element in every XPath.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from lxml.etree import XPath, _Element

# Every form in which an XPath asks about an attribute.
_QUESTION = re.compile(
    r"""re:test\((?P<tested>[@\w|-]+),\s*'(?P<pattern>[^']*)'(?P<flags>,\s*'[a-z]+')?\)|"""
    r"""starts-with\((?P<opened>[@\w|-]+),\s*'(?P<start>[^']*)'\)|"""
    r"""contains\((?P<folded>translate\()?(?P<holding>[@\w|-]+)(?:,\s*'\w+',\s*'\w+'\))?,\s*'(?P<part>[^']*)'\)|"""
    r"""(?P<equal>@[\w-]+)\s?=\s?'(?P<whole>[^']*)'"""
)
_PIECE = re.compile(r"\\.|\[[^\]]*\]|.")  # an escape, a set, or another character of a pattern
_FIRST = re.compile(r"\\?([\w -])(?![?*+{])")
_CHOICES = re.compile(r"\(\?:([^()\[\]\\]*)\)((?![?*+{]).*)")  # a group of plain texts, and the rest of its pattern
_Search = Callable[[str], re.Match[str] | None]
_NAMES = frozenset(["@id", "@class"])


class IdleNames:
    """The classes and ids that no XPath asks about."""

    def __init__(self, paths: Sequence[str], others: Sequence[str]) -> None:
        """Collect the questions of XPaths about classes and ids.

        Args:
            paths: The XPaths.
            others: Further texts in classes and ids that matter.
        """
        self._asked = {name: _asked(paths, name, others) for name in ("id", "class")}
        # `@id|@style` is the first of both, so the style of an element without an id would be asked about.
        groups = (_pattern_of(question)[0].split("|") for path in paths for question in _QUESTION.finditer(path))
        beside = {name for group in groups if not _NAMES.isdisjoint(group) for name in {*group} - _NAMES}
        self._all_named = XPath(f".//*[@id or @class]{''.join(f'[not({name})]' for name in sorted(beside))}")

    def remove_from(self, tree: _Element) -> None:
        """Remove the idle classes and ids of the elements under a node.

        If the class or the id of an element matters, the element keeps both.
        """
        idle: dict[tuple[str | None, str | None], bool] = {}
        for element in self._all_named(tree):
            names = element.get("id"), element.get("class")
            if names not in idle:
                idle[names] = not (self._matters("id", names[0]) or self._matters("class", names[1]))
            if idle[names]:
                element.attrib.pop("id", None)
                element.attrib.pop("class", None)

    def _matters(self, attribute: str, value: str | None) -> bool:
        """Return whether a value of an attribute may make an XPath select its element."""
        return value is not None and any(search(value) for search in self._asked[attribute])


def unknown_questions(path: str) -> str:
    """Return an XPath without the tests of attributes that `IdleNames` understands."""
    return _QUESTION.sub("", path)


def _asked(paths: Iterable[str], attribute: str, others: Iterable[str]) -> tuple[_Search, ...]:
    """Return searches for the patterns that XPaths test on an attribute: at its start, anywhere, any case."""
    patterns = [*map(re.escape, others)]
    for question in (found for path in paths for found in _QUESTION.finditer(path)):
        asked, pattern = _pattern_of(question)
        if f"@{attribute}" in asked.split("|"):
            patterns.append(pattern)
    alternatives = sorted(
        {one for pattern in patterns for part in _alternatives(pattern) for one in _spelled_out(part)}
    )
    opening = [part for part in alternatives if part.startswith("^")]
    folded = [part for part in alternatives if part.startswith("(?i:")]
    anywhere = [part for part in alternatives if not part.startswith(("^", "(?i:"))]
    return re.compile("|".join(opening)).match, re.compile(_by_first_letter(anywhere)).search, _in_any_case(folded)


def _spelled_out(alternative: str) -> list[str]:
    """Write each choice of a group in full, so that every alternative begins with a letter."""
    group = _CHOICES.fullmatch(alternative)
    return [choice + group[2] for choice in group[1].split("|")] if group else [alternative]


def _in_any_case(groups: Iterable[str]) -> _Search:
    """Return a search for patterns whose case does not matter, in lower case where that is the same.

    A search that ignores case cannot skip to the first letters of a pattern, so it takes several times as long.
    """
    whole = re.compile("|".join(groups) or r"(?!)")
    inner = [group.removeprefix("(?i:").removesuffix(")") for group in groups]
    if any(part != part.lower() for part in inner):
        return whole.search
    lower = re.compile("|".join(inner) or r"(?!)").search
    return lambda value: lower(value.lower()) if value.isascii() else whole.search(value)


def _pattern_of(question: re.Match[str]) -> tuple[str, str]:
    """Return the attributes that a part of an XPath asks about, and the pattern that it asks for."""
    if question["tested"]:
        asked, pattern = question["tested"], question["pattern"]
    elif question["opened"]:
        asked, pattern = question["opened"], f"^{re.escape(question['start'])}"
    elif question["holding"]:
        asked, pattern = question["holding"], re.escape(question["part"])
    else:
        asked, pattern = question["equal"], rf"^{re.escape(question['whole'])}\Z"
    return asked, f"(?i:{pattern})" if question["flags"] or question["folded"] else pattern


def _alternatives(pattern: str) -> list[str]:
    """Split a pattern at each `|` that is outside groups."""
    parts, depth = [""], 0
    for piece in _PIECE.findall(pattern):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _by_first_letter(alternatives: Iterable[str]) -> str:
    """Join alternatives so that those with the same first letter are tried together.

    This halves the time of a search (measured).
    """
    groups: dict[str, list[str]] = {}
    others: list[str] = []
    for part in alternatives:
        if first := _FIRST.match(part):
            groups.setdefault(first[1], []).append(part[first.end() :])
        else:
            others.append(part)
    return "|".join([*(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in groups.items()), *others])
