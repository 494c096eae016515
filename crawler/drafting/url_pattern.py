"""Learn the pattern of article addresses from those in feeds, against an outlet's other links."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_TAIL = re.compile(
    r"(?P<before>(?:[\W_]|(?<=\d)(?=[A-Za-z]))[A-Za-z]*)(?P<number>\d{4,})(?P<after>(?:\.[A-Za-z]\w{1,5})?/?)$"
)
_INNER = re.compile(r"(?P<before>/[A-Za-z]*)(?P<number>\d{5,})(?P<after>/)[^/]+/?$")
_ASKED = re.compile(r"(?:^|&)(?P<name>\w+)=(?P<number>\d{3,})(?=&|$)")
_DAY = re.compile(r"(?:19|20)\d{2}(?:(?:0[1-9]|1[0-2])(?:[0-3]\d)?)?")
_USUAL = 0.15  # share of the addresses; a rarer form is chance
_MOST = 0.6  # share of the addresses; a form that covers less is not a pattern
_DISTINCT = 0.9  # share of the numbers that must differ: an article number belongs to one article
_COUNTED = 10  # digits; a longer number is a timestamp, which does not get longer
_SLUG = r"[^/?]*(?:[-_+][^-_+/?]+){3,}"
_SEGMENTS = (r"\d{4}", r"\d{1,2}", _SLUG)


@dataclass(frozen=True, slots=True)
class LearnedPattern:
    """A pattern for `article` in a declaration.

    Attributes:
        pattern: The regular expression; empty if the addresses have nothing in common.
        matched: How many of the articles' addresses it matches.
        articles: The number of these addresses.
        mistaken: How many of the other addresses it matches.
    """

    pattern: str
    matched: int = 0
    articles: int = 0
    mistaken: int = 0


def learn_pattern(articles: Iterable[str], others: Iterable[str] = ()) -> LearnedPattern:
    """Learn a pattern that matches addresses of articles and no other addresses.

    Args:
        articles: Addresses of articles, from feeds and sitemaps.
        others: Addresses of the outlet's other pages; a few articles among them do no harm.

    Returns:
        A pattern, with a group `key` if the addresses contain an article number; without it if only their words and
        days identify them.
    """
    asked = list(dict.fromkeys(map(_path_and_query, articles)))
    rest = set(map(_path_and_query, others)) - set(asked)
    tried = [measure_pattern(pattern, asked, rest) for pattern in (*_number_patterns(asked), *_word_patterns(asked))]
    good = [learned for learned in tried if learned.matched >= _MOST * len(asked)]
    return next(iter(good), LearnedPattern("", articles=len(asked)))


def measure_pattern(pattern: str, asked: Sequence[str], rest: Iterable[str]) -> LearnedPattern:
    """Count the addresses that a pattern matches."""
    compiled = re.compile(pattern)
    mistaken = sum(1 for address in rest if compiled.search(address))
    return LearnedPattern(pattern, sum(1 for address in asked if compiled.search(address)), len(asked), mistaken)


def _path_and_query(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _number_patterns(asked: Sequence[str]) -> Iterator[str]:
    """Propose patterns from a number that most addresses have in the same place."""
    forms: dict[tuple[str, str], set[str]] = defaultdict(set)
    addresses: dict[tuple[str, str], int] = defaultdict(int)
    for address in asked:
        for form, number in _forms(address):
            forms[form].add(number)
            addresses[form] += 1
    usual = {
        form: numbers
        for form, numbers in forms.items()
        if addresses[form] >= max(2, _USUAL * len(asked)) and len(numbers) >= _DISTINCT * addresses[form]
    }
    for place in ("path", "query", "inner"):
        if found := {form: numbers for form, numbers in usual.items() if _place(form) == place}:
            yield _number_pattern(place, found)


def _forms(address: str) -> Iterator[tuple[tuple[str, str], str]]:
    path, _, query = address.partition("?")
    for pattern in (_TAIL, _INNER):
        if (found := pattern.search(path)) and not _DAY.fullmatch(found["number"]):
            yield (found["before"], found["after"] + ("*" if pattern is _INNER else "")), found["number"]
    for found in _ASKED.finditer(query):
        yield (f"?{found['name']}=", ""), found["number"]


def _place(form: tuple[str, str]) -> str:
    return "query" if form[0].startswith("?") else "inner" if form[1].endswith("*") else "path"


def _number_pattern(place: str, forms: dict[tuple[str, str], set[str]]) -> str:
    lengths = [len(number) for numbers in forms.values() for number in numbers]
    fewest, most = min(lengths), max(lengths)
    if most < _COUNTED:  # numbers that are counted up were shorter before, and will be longer
        fewest, most = max(3, fewest - 1), most + 1
    digits = rf"\d{{{fewest}}}" if fewest == most else rf"\d{{{fewest},{most}}}"
    before = _either(form[0].removeprefix("?") for form in forms)
    after = _either(form[1].removesuffix("*") for form in forms)
    if place == "query":
        return rf"[?&]{before}(?P<key>{digits})(?:&|$)"
    return rf"^[^?]*{before}(?P<key>{digits}){after}" + (r"[^/?]+" if place == "inner" else r"(?:\?|$)")


def _either(words: Iterable[str]) -> str:
    """Write a pattern that matches any of several words."""
    escaped = sorted({re.sub(r"[.+*?()\[\]{}|^$\\]", r"\\\g<0>", word) for word in words}, key=lambda w: (-len(w), w))
    return escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})"


def _word_patterns(asked: Sequence[str]) -> Iterator[str]:
    """Propose patterns from days and long slugs, for addresses without a number."""
    shapes: dict[tuple[str, ...], int] = defaultdict(int)
    for address in asked:
        shapes[tuple(map(_segment, address.partition("?")[0].strip("/").split("/")))] += 1
    usual = [shape for shape, count in shapes.items() if count >= max(2, _USUAL * len(asked)) and _is_specific(shape)]
    if usual:
        patterns = sorted("/".join(shape) for shape in usual)
        yield f"^/{patterns[0]}/?$" if len(patterns) == 1 else f"^/(?:{'|'.join(patterns)})/?$"


def _segment(segment: str) -> str:
    bare = re.sub(r"\.\w{2,5}$", "", segment)
    return next((form for form in _SEGMENTS if re.fullmatch(form, bare)), r"[^/?]+")


def _is_specific(shape: Sequence[str]) -> bool:
    """Return whether a shape contains a day or a long slug."""
    return any(segment != r"[^/?]+" for segment in shape)
