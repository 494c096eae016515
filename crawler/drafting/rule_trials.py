"""Suggest reading rules for a page, and try rules on it. Runs in worker processes.

The generic reader is the reference: the rules of a draft should find the same text on the pages from which they are
drafted. They then keep finding it, by the landmarks of the outlet's pages, where the generic reader would fail.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.errors import Failure
from archive.record import Record
from crawler.discovery.autodiscovery import timezone_of
from crawler.outlets.model import Outlet, Reading
from crawler.page import Page
from crawler.parsing.blocks import blocks_of, squash
from crawler.parsing.dates import find_moment
from crawler.parsing.html_tree import UNSEEN, drop, first, lxml_tree, parse
from crawler.reading.article import GENERIC
from crawler.reading.extract import read_page
from crawler.reading.metadata import PageMetadata, read_metadata
from crawler.reading.page_content import PageContent

_LONG = 40  # letters and digits; such a long paragraph occurs once on a page
_WHOLE = 0.6  # share of the text; an element must contain at least so much to be proposed as the body
_LINKED = 0.6  # share of a box inside links
_MOST_BOXES = 40
_MOST_PLACES = 20  # elements with the same text that are considered
_SLACK = 20  # letters and digits of a place or an agency that may be beside a standfirst or a byline
_NAMED = ("itemprop", "data-role", "data-slot", "data-field", "data-content-name")
_TIMES = (
    "time, [itemprop=datePublished], [class*=date], [class*=time], [class*=publish], [class*=ngay], [data-role*=date]"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{2,40}")  # a name with digits is generated and may change


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Selectors that fit one page.

    Attributes:
        site: The name that the page gives its site.
        timezone: The timezone of the times in its metadata; empty if unknown.
        rules: For each key of `Reading`: selectors, each with how well it fits, from 0 to 1.
    """

    site: str = ""
    timezone: str = ""
    rules: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """One block of a page: its text, its role (`crawler.parsing.blocks`), and whether it was taken."""

    text: str
    role: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A page read by the rules of a draft.

    Attributes:
        url: The page's address.
        facts: The result, as in `khobao read --json`; empty if the page is not an article.
        failure: Why it is not an article; None if it is one.
        by_rule: A rule found the text, not the generic reader.
        agreement: How similar the texts of both readers are, as the F1 of their words, from 0 to 1.
        blocks: All blocks of the page, in page order.
    """

    url: str
    facts: dict[str, object] = field(default_factory=dict)
    failure: Failure | None = None
    by_rule: bool = False
    agreement: float = 0.0
    blocks: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleContent:
    """The parts of an article that are searched on its page.

    Attributes:
        title: The headline.
        standfirst: The sapo.
        body: Paragraphs of the text, without captions.
        paragraphs: Paragraphs of the text with captions, without standfirst and signature.
        author: The first author.
        tags: The tags.
        section: The section.
        day: The civil date of publication; None if unknown.
    """

    title: str
    standfirst: str
    body: tuple[str, ...]
    paragraphs: tuple[str, ...]
    author: str
    tags: tuple[str, ...]
    section: str
    day: date | None

    @classmethod
    def of_record(cls, record: Record) -> ArticleContent:
        """Return the parts of an archived article."""
        paragraphs = tuple(
            part for part in record.document.paragraphs if part not in {record.standfirst, record.signature}
        )
        return cls(
            title=record.document.title,
            standfirst=record.standfirst,
            body=tuple(part for part in paragraphs if part not in record.captions),
            paragraphs=paragraphs,
            author=next(iter(record.byline), ""),
            tags=record.tags,
            section=record.section,
            day=record.document.date,
        )

    @classmethod
    def of_page(cls, found: PageContent, facts: PageMetadata) -> ArticleContent:
        """Return the parts that the generic reader found on a page."""
        return cls(
            title=found.title,
            standfirst=found.article.standfirst or next(iter(facts.descriptions), ""),
            body=found.article.body,
            paragraphs=found.article.paragraphs,
            author=next(iter(found.people.authors), ""),
            tags=found.tags,
            section=found.section,
            day=found.when.day if found.when else None,
        )


def suggest(page: Page, outlet: Outlet, now: datetime, known: Record | None = None) -> Suggestions | Failure:
    """Suggest selectors that find the known parts of an article, or those that the generic reader found.

    Args:
        page: A page of an article.
        outlet: The outlet; its reading rules are not used.
        now: The current time, UTC.
        known: The article as archived from an earlier page; None to use the generic reader.
    """
    text = page.text
    tree = parse(text)
    if isinstance(tree, Failure) or tree.body is None:
        return tree if isinstance(tree, Failure) else Suggestions()
    facts = read_metadata(tree, page.url)
    if known:
        content = ArticleContent.of_record(known)
    else:
        found = read_page(page, outlet.model_copy(update={"reading": ()}), now)
        if isinstance(found, Failure):
            return found
        content = ArticleContent.of_page(found, facts)
    drop(tree, UNSEEN)
    rules = _suggest_rules(tree, tree.body, content)
    rules["published"] = _suggest_times(tree, content.day, outlet) if known else {}
    return Suggestions(next(iter(facts.site_names), ""), timezone_of(page.url, text), rules)


def _suggest_rules(tree: LexborHTMLParser, body: LexborNode, content: ArticleContent) -> dict[str, dict[str, float]]:
    chain = _common_ancestors(body, [squash(paragraph) for paragraph in content.body])
    inside = chain[-1] if chain else body
    return {
        "body": _suggest_bodies(chain, squash("".join(content.paragraphs))),
        "title": _suggest_exact(body, content.title, tree),
        "standfirst": _suggest_exact(body, content.standfirst, tree, _SLACK),
        "section": _suggest_exact(body, content.section, tree),
        "byline": _suggest_exact(body, content.author, tree, _SLACK),
        "tags": _suggest_tags(body, content.tags),
        "drop": _suggest_drops(inside, {squash(paragraph) for paragraph in content.paragraphs}),
    }


def _suggest_times(tree: LexborHTMLParser, day: date | None, outlet: Outlet) -> dict[str, float]:
    """Suggest selectors that find the printed day of publication first."""
    names: dict[str, None] = {}
    for node in tree.css(_TIMES)[:_MOST_PLACES]:
        for name in selectors(node):
            names |= {f"{name}@datetime": None} if node.attributes.get("datetime") else {name: None}
    return {name: 1.0 for name in names if day and _printed_day(tree, name, outlet) == day}


def _printed_day(tree: LexborHTMLParser, rule: str, outlet: Outlet) -> date | None:
    text, _ = first(tree, (rule,))
    moment = find_moment(text, outlet.zone, outlet.date_order) if text else None
    return moment.day if moment else None


def site_name(page: Page) -> str:
    """Return the name that a page gives its site; empty if it gives none."""
    tree = parse(page.text)
    return "" if isinstance(tree, Failure) else next(iter(read_metadata(tree, page.url).site_names), "")


def _common_ancestors(body: LexborNode, keys: Sequence[str]) -> list[LexborNode]:
    """Find the elements that contain all paragraphs, from the outermost to the innermost."""
    chains = [_ancestors_of(body, key) for key in _spread_keys([key for key in keys if len(key) >= _LONG])]
    common: list[LexborNode] = []
    for level in zip(*chains, strict=False):
        if any(node != level[0] for node in level):
            break
        common.append(level[0])
    return common


def _spread_keys(keys: Sequence[str]) -> list[str]:
    """Choose a paragraph from the beginning, the middle and the end."""
    return [keys[i] for i in sorted({0, len(keys) // 2, len(keys) - 1})] if keys else []


def _ancestors_of(body: LexborNode, key: str) -> list[LexborNode]:
    """Return the elements that contain a text, innermost last; empty if it is not on the page."""
    chain: list[LexborNode] = []
    node: LexborNode | None = body
    while node is not None:
        chain.append(node)
        node = next((child for child in node.iter() if key in squash(child.text(deep=True))), None)
    return chain if len(chain) > 1 or key in squash(body.text(deep=True)) else []


def _suggest_bodies(chain: Sequence[LexborNode], text: str) -> dict[str, float]:
    """Suggest selectors of the elements around the text, with the F1 of the text they contain."""
    fits: dict[str, float] = {}
    for node in chain:
        held = len(squash(node.text(deep=True)))
        fit = 2 * len(text) / (held + len(text)) if held else 0.0
        if fit >= _WHOLE:
            fits |= dict.fromkeys(selectors(node), min(fit, 1.0))
    return fits


def selectors(node: LexborNode) -> list[str]:
    """List selectors that may find an element on other pages: id, classes, machine-readable names."""
    attributes = node.attributes
    found = [f"#{name}" for name in (attributes.get("id") or "",) if _WORD.fullmatch(name)]
    found += [f"{node.tag}.{name}" for name in (attributes.get("class") or "").split() if _WORD.fullmatch(name)]
    found += [f"[{key}={value}]" for key in _NAMED if _WORD.fullmatch(value := attributes.get(key) or "")]
    return found + ([node.tag] if node.tag in {"article", "h1"} else [])


def _suggest_exact(body: LexborNode, text: str, tree: LexborHTMLParser, slack: int = 0) -> dict[str, float]:
    """Suggest selectors whose first match is a text, with at most `slack` other letters."""
    key = squash(text)
    places = list(islice(_innermost(body, key), _MOST_PLACES)) if key else []
    around = (node for place in places for node in (place, place.parent) if _shows(node, key, slack))
    names = {selector for node in around if node is not None for selector in selectors(node)}
    return {name: 1.0 for name in names if _shows(tree.css_first(name), key, slack)}


def _innermost(node: LexborNode, key: str) -> Iterator[LexborNode]:
    """Yield the innermost elements that contain a text."""
    within = [child for child in node.iter() if key in squash(child.text(deep=True))]
    for child in within:
        yield from _innermost(child, key)
    if not within:
        yield node


def _shows(node: LexborNode | None, key: str, slack: int) -> bool:
    said = squash(node.text(deep=True)) if node is not None else ""
    return key in said and len(said) <= len(key) + slack


def _suggest_tags(body: LexborNode, tags: Iterable[str]) -> dict[str, float]:
    """Suggest selectors of lists of links that contain only the page's tags."""
    keys = {squash(tag) for tag in tags}
    fits: dict[str, float] = {}
    for link in body.css("a"):
        parent = link.parent
        if squash(link.text(deep=True)) not in keys or parent is None:
            continue
        for around in (parent, parent.parent):
            links = [squash(a.text(deep=True)) for a in around.css("a")] if around is not None else []
            if around is not None and len(links) > 1 and keys.issuperset(links):
                fits |= {f"{name} a": 1.0 for name in selectors(around)}
    return fits


def _suggest_drops(inside: LexborNode, taken: set[str]) -> dict[str, float]:
    """Suggest selectors of boxes of links inside the article that contain no paragraph of it."""
    fits: dict[str, float] = {}
    for box in inside.css("div, section, ul, aside, table")[:_MOST_BOXES]:
        text = squash(box.text(deep=True))
        linked = sum(len(squash(a.text(deep=True))) for a in box.css("a"))
        if text and linked >= _LINKED * len(text) and not any(len(key) >= _LONG and key in text for key in taken):
            fits |= {name: linked / len(text) for name in selectors(box) if "." in name or "[" in name}
    return fits


def try_rules(page: Page, outlet: Outlet, now: datetime) -> Trial:
    """Read a page by the rules of a draft, and by the generic reader for comparison.

    Args:
        page: A page of an article.
        outlet: The draft.
        now: The current time, UTC.
    """
    found = read_page(page, outlet, now)
    if isinstance(found, Failure):
        return Trial(page.url, failure=found, blocks=tuple(_all_blocks(page, ())))
    generic = read_page(page, outlet.model_copy(update={"reading": ()}), now)
    return Trial(
        page.url,
        found.as_json(),
        None,
        found.article.rules != GENERIC,
        0.0 if isinstance(generic, Failure) else agreement(found.text, generic.text),
        tuple(_all_blocks(page, _taken_lines(found))),
    )


def agreement(text: str, other: str) -> float:
    """Compute the F1 of the words of two texts, from 0 to 1."""
    words, others = Counter(text.split()), Counter(other.split())
    both = sum((words & others).values())
    return 2 * both / (words.total() + others.total()) if both else 0.0


def _taken_lines(found: PageContent) -> Iterator[str]:
    yield from (found.title, found.article.standfirst, *found.signature.split("\n\n"))
    yield from (paragraph.removeprefix("- ") for paragraph in found.article.paragraphs)


def _all_blocks(page: Page, taken: Iterable[str]) -> Iterator[Shown]:
    """Yield all visible blocks of a page, and whether each belongs to the article."""
    tree = parse(page.text)
    whole = tree if isinstance(tree, Failure) else lxml_tree(_visible_html(tree))
    if isinstance(whole, Failure):
        return
    left = Counter(filter(None, map(squash, taken)))
    for block in blocks_of(whole.body):
        there = left[block.key] > 0
        left[block.key] -= there
        yield Shown(block.text, block.role, there)


def _visible_html(tree: LexborHTMLParser) -> str:
    drop(tree, UNSEEN)
    return tree.html or ""


def with_rules(outlet: Outlet, rules: dict[str, tuple[str, ...]]) -> Outlet:
    """Return the outlet with these rules instead of its own."""
    return outlet.model_copy(update={"reading": (Reading.model_validate(rules),)})
