"""Read the lines of a page lazily, forwards or backwards from an element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from crawler.parsing.blocks import INLINE
from crawler.parsing.composition import compose

_NODES = 1_500  # nodes that are visited in one direction
_SKIPPED = frozenset(
    "script style template noscript svg nav footer aside form button select textarea iframe figure video audio".split()
)
# Names of boxes that contain other articles, comments, or posts of social networks.
_FOREIGN = re.compile(
    r"(?:^|[\s_-])(?:comments?|binh-?luan|related|recommend\w*|most-?(?:read|popular)|trending|tweet|twitter-\w+|instagram-\w+|"
    r"teasers?|(?<!elementor-)widgets?|breadcrumbs?|newsletter|promo|(?<!author[_-])cards?|more-?(?:news|stories|from)|"
    r"today|clock|current-?(?:date|day|time)|date-?now|weather)(?:$|[\s_-])|"
    r"(?:^|\s)(?:tags?|tag-?list|(?:left-|right-)?sidebar)(?:$|\s)",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"(?:^|[\s_-]|(?-i:(?<=[a-z])(?=[A-Z])))(?:authors?|authorname|bylines?|by-line|contributors?|writers?|reporters?|"
    r"journalists?|redakteure?|autor(?:en|es|in)?|auteurs?|tac-?gia|firma|firmante|yazar|"
    r"muhabir|penulis|szerzo|forfatter|skribent|nguoi-?viet)(?:$|[\s_-]|(?-i:(?=[A-Z])))",
    re.IGNORECASE,
)
_META = re.compile(r"(?:^|[\s_-])(?:meta|submitted|bylines?|info)(?:$|[\s_-])", re.IGNORECASE)
_AUTHOR_NAME = re.compile(r"(?:author|byline|contributor)[\w-]*name", re.IGNORECASE)
# Names of elements beside an author's name, and in boxes about the author.
_AUTHOR_PART = re.compile(
    r"author[\w-]*(?:bio|desc|image|img|photo|avatar|pic|social|follow|title|job|role|thumb|box|about|card)",
    re.IGNORECASE,
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|tac-gia|staff|profiles?|contributors?)/[\w.%-]{3,}", re.IGNORECASE
)
_ASIDE_AUTHOR = "address,[rel~=author],[itemprop~=author]"
_ASIDE_HEADLINE = "h1,h2,h3,h4,article,figure"
_TIME_KEYS = ("data-timestamp", "data-datetime", "data-date-time", "data-date", "data-time", "title")
_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\d{10}(?:\d{3})?$")
_CHANGE = re.compile(r"modif|updated", re.IGNORECASE)
_NO_NAME = 4  # blanks between five missing attributes
_NO_ELEMENTS = frozenset("-!_")  # first characters of the names of comments, doctypes and documents
_LONGEST_BYLINE = 160  # characters; longer text is the article, in a wrapper named after its author


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, with its position relative to the headline.

    Attributes:
        text: The text, with blanks collapsed.
        place: How many lines after the headline it is; negative above it.
        linked: Most of it is inside links.
        times: The `datetime` of its `time` elements and the `title` of its `abbr` elements.
        authors: The texts of its innermost elements with a name for authors.
    """

    text: str
    place: int
    linked: bool = False
    times: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


def lines_after(start: LexborNode) -> Iterator[Line]:
    """Yield the lines after an element in page order, to the end of the page."""
    return _LineWalk(backwards=False).beside(start)


def lines_above(start: LexborNode) -> Iterator[Line]:
    """Yield the lines above an element, nearest first."""
    return _LineWalk(backwards=True).beside(start)


class _LineWalk:
    """Walk through a page within bounds, and break the text where a block element begins or ends."""

    def __init__(self, *, backwards: bool) -> None:
        self._backwards = backwards
        self._parts: list[str] = []
        self._times: list[str] = []
        self._authors: list[str] = []
        self._linked = 0
        self._left = _NODES

    def beside(self, start: LexborNode) -> Iterator[Line]:
        """Yield the lines on one side of an element, from it to the edge of the page."""
        node: LexborNode | None = start
        while node is not None and node.tag not in {"body", "html"}:
            sibling = self._next(node)
            while sibling is not None:
                yield from self._enter(sibling, linked=False)
                sibling = self._next(sibling)
            yield from self._flush()
            node = node.parent

    def _next(self, node: LexborNode) -> LexborNode | None:
        return node.prev if self._backwards else node.next

    def _enter(self, node: LexborNode, *, linked: bool) -> Iterator[Line]:
        """Yield the lines of an element; a line that does not end in it continues in the next element."""
        self._left -= 1
        tag = node.tag or ""
        if tag == "-text":
            self._add(node.text(deep=False), linked=linked)
        elif (
            self._left > 0
            and (tag not in _SKIPPED or names_author(node) or _holds_one_time(node) or _is_meta_line(node))
            and tag[:1] not in _NO_ELEMENTS
            and not _names_foreign(attributes := node.attributes)
        ):
            inline = tag in INLINE
            if not inline:
                yield from self._flush()
            named = _names_author_of(tag, attributes)
            yield from self._enter_element(node, tag, linked=linked or tag == "a", named=named)
            if not inline:
                yield from self._flush()

    def _enter_element(self, node: LexborNode, tag: str, *, linked: bool, named: bool) -> Iterator[Line]:
        if tag in {"time", "abbr"}:
            self._times.append(_time_of(node, tag))
        elif tag == "span":
            self._times.append(_time_in_attributes(node))
        before, inner = len(self._authors), list[Line]()
        child = node.last_child if self._backwards else node.child
        while child is not None:
            for line in self._enter(child, linked=linked):
                inner.append(line)
                yield line
            child = self._next(child)
        if named and len(self._authors) == before and not any(line.authors for line in inner):
            texts = [line.text for line in inner] or _names_in(node) or [_one_line(node.text(deep=True, separator=" "))]
            self._authors.append("\n".join(reversed(texts) if self._backwards else texts))

    def _add(self, text: str, *, linked: bool) -> None:
        self._parts.append(text)
        if linked:
            self._linked += len(text.strip())

    def _flush(self) -> Iterator[Line]:
        """End the current line."""
        step = -1 if self._backwards else 1
        if not (self._parts or self._times or self._authors):
            return
        text = _one_line(" ".join(self._parts[::step]))
        times = tuple(filter(None, self._times[::step]))
        authors = tuple(name for name in self._authors[::step] if 0 < len(name) <= _LONGEST_BYLINE)
        linked = 2 * self._linked > len(text)
        self._parts, self._times, self._authors, self._linked = [], [], [], 0
        if text or times or authors:
            yield Line(text, 0, linked, times, authors)


def _time_of(node: LexborNode, tag: str) -> str:
    """Return the machine-readable time of an element, unless it is the time of a change."""
    attributes = node.attributes
    if _CHANGE.search(f"{attributes.get('itemprop')} {attributes.get('class')}"):
        return ""
    return attributes.get("datetime" if tag == "time" else "title") or ""


def _names_in(node: LexborNode) -> list[str]:
    """Return the names that are separated only by elements: `<a>Ana Ruiz</a><a>Luis Gil</a>`."""
    parts = [(child.tag, _one_line(child.text(deep=True))) for child in node.iter(include_text=True)]
    parts = [(tag, text) for tag, text in parts if text]
    names = [text for tag, text in parts if tag in {"a", "span"} and " " in text and _begin_as_names(text.split())]
    return names if len(names) == len(parts) > 1 else []


def _begin_as_names(words: Sequence[str]) -> bool:
    return words[0][0].isupper() and words[-1][0].isupper()


def _time_in_attributes(node: LexborNode) -> str:
    """Return the time that an attribute of an element has beside its text, such as `3 hours ago`."""
    attributes = node.attributes
    told = next((attributes[key] or "" for key in _TIME_KEYS if key in attributes), "") if attributes else ""
    return told if _TIME.match(told) else ""


def _one_line(text: str) -> str:
    return compose(" ".join(text.split()))


def _names_author_of(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Return whether an element is named after an author, or links to one."""
    if tag == "cite" or not attributes:  # a `cite` names the author of a quotation
        return False
    name = " ".join(attributes.get(key) or "" for key in ("class", "itemprop", "rel", "id", "data-testid"))
    if len(name) > _NO_NAME and (_AUTHOR.search(name) or _AUTHOR_NAME.search(name)):
        return _AUTHOR_NAME.search(name) is not None or not _AUTHOR_PART.search(name)
    return tag == "a" and _AUTHOR_PAGE.search(attributes.get("href") or "") is not None


def names_author(node: LexborNode) -> bool:
    """Return whether an `aside` holds the byline, as on The Guardian, and no other headline."""
    return node.tag == "aside" and node.css_first(_ASIDE_AUTHOR) is not None and node.css_first(_ASIDE_HEADLINE) is None


def _holds_one_time(node: LexborNode) -> bool:
    """Return whether an `aside` holds one time, as on ALPIN, and no other headline."""
    return node.tag == "aside" and len(node.css("time")) == 1 and node.css_first(_ASIDE_HEADLINE) is None


def _is_meta_line(node: LexborNode) -> bool:
    """Return whether a `footer` is named as the line of author and day, as in Drupal."""
    return node.tag == "footer" and _META.search(node.attributes.get("class") or "") is not None


def is_foreign(node: LexborNode) -> bool:
    """Return whether an element is named as a box with other content than the article."""
    return _names_foreign(node.attributes)


def _names_foreign(attributes: Mapping[str, str | None]) -> bool:
    if not attributes:
        return False
    name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return len(name) > 1 and _FOREIGN.search(name) is not None
