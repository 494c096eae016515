"""Rules tried on a page: what a declaration might say of it, and what is then taken and dropped. For worker processes.

What the generic reader takes is the measure: the rules of a draft should take the same text from the pages that it is
drafted from, and go on doing so by the landmarks of the pages where they get harder.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.errors import Failure
from crawler.discovery.autodiscovery import timezone_of
from crawler.outlets.model import Outlet, Reading
from crawler.page import Page
from crawler.parsing.blocks import blocks_of, squash
from crawler.parsing.charset import as_written
from crawler.parsing.html_tree import UNSEEN, drop, lxml_tree, parse
from crawler.reading.article import GENERIC
from crawler.reading.extract import Found, read_page
from crawler.reading.metadata import read_facts

_LONG = 40  # letters and digits of a paragraph that stands on a page but once
_WHOLE = 0.6  # of a body: how well an element must hold the text to be proposed
_LINKED = 0.6  # of a box inside links
_MOST_BOXES = 40
_MOST_PLACES = 20  # of a text on one page
_SLACK = 20  # letters and digits of a place or an agency beside a standfirst or a byline
_NAMED = ("itemprop", "data-role", "data-slot", "data-field", "data-content-name")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{2,40}")  # what has digits in it was made by a machine and may change


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Selectors that fit one page.

    Attributes:
        site: How the page calls its site.
        timezone: Of the times that its data give; empty where they give none.
        rules: By key of `Reading`: selectors, each with how well it fits, from 0 to 1.
    """

    site: str = ""
    timezone: str = ""
    rules: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """One block of a page: its text, its role (`crawler.parsing.blocks`), and whether the article has it."""

    text: str
    role: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A page read by the rules of a draft.

    Attributes:
        url: The page's address.
        facts: What was read, by name, as `khobao read --json` has it; empty where it is no article.
        failure: Why it is no article, if it is none.
        by_rule: Whether a rule found the text, rather than the generic reader.
        agreement: How much of the text both readers take, the F1 of their words, from 0 to 1.
        blocks: Everything that the page shows, in page order.
    """

    url: str
    facts: dict[str, object] = field(default_factory=dict)
    failure: Failure | None = None
    by_rule: bool = False
    agreement: float = 0.0
    blocks: tuple[Shown, ...] = ()


def suggest(page: Page, outlet: Outlet, now: datetime) -> Suggestions | Failure:
    """Selectors that would find on a page what the generic reader found without them.

    Args:
        page: A page of an article.
        outlet: The outlet as far as it is drafted, without reading rules.
        now: The instant of reading.
    """
    found = read_page(page, outlet, now)
    if isinstance(found, Failure):
        return found
    text = as_written(page.content, page.content_type)
    tree = parse(text)
    if isinstance(tree, Failure) or tree.body is None:
        return tree if isinstance(tree, Failure) else Suggestions()
    facts = read_facts(tree, page.url)
    drop(tree, UNSEEN)
    chain = _holders(tree.body, [squash(p) for p in found.article.body])
    rules = {"body": _bodies(chain, squash("".join(found.article.paragraphs)))}
    inside = chain[-1] if chain else tree.body
    rules["title"] = _exactly(tree.body, found.title, tree)
    standfirst = found.article.standfirst or next(iter(facts.descriptions), "")
    rules["standfirst"] = _exactly(tree.body, standfirst, tree, _SLACK)
    rules["section"] = _exactly(tree.body, found.section, tree)
    rules["byline"] = _exactly(tree.body, next(iter(found.people.names), ""), tree, _SLACK)
    rules["tags"] = _tags(tree.body, found.tags)
    rules["drop"] = _boxes(inside, {squash(p) for p in found.article.paragraphs})
    return Suggestions(next(iter(facts.site_names), ""), timezone_of(page.url, text), rules)


def site_name(page: Page) -> str:
    """How a page, such as the front page, calls its site; empty where it does not."""
    tree = parse(as_written(page.content, page.content_type))
    return "" if isinstance(tree, Failure) else next(iter(read_facts(tree, page.url).site_names), "")


def _holders(body: LexborNode, keys: Sequence[str]) -> list[LexborNode]:
    """The elements that hold a page's paragraphs, from the outermost to the one around them all."""
    chains = [_chain(body, key) for key in _spread([key for key in keys if len(key) >= _LONG])]
    common: list[LexborNode] = []
    for level in zip(*chains, strict=False):
        if any(node != level[0] for node in level):
            break
        common.append(level[0])
    return common


def _spread(keys: Sequence[str]) -> list[str]:
    """A few paragraphs from the beginning, the middle and the end."""
    return [keys[i] for i in sorted({0, len(keys) // 2, len(keys) - 1})] if keys else []


def _chain(body: LexborNode, key: str) -> list[LexborNode]:
    """The elements that a text stands in, the innermost last; none where it is not there."""
    chain: list[LexborNode] = []
    node: LexborNode | None = body
    while node is not None:
        chain.append(node)
        node = next((child for child in node.iter() if key in squash(child.text(deep=True))), None)
    return chain if len(chain) > 1 or key in squash(body.text(deep=True)) else []


def _bodies(chain: Sequence[LexborNode], text: str) -> dict[str, float]:
    """Selectors of the elements around the text, with the F1 of what they hold."""
    fits: dict[str, float] = {}
    for node in chain:
        held = len(squash(node.text(deep=True)))
        fit = 2 * len(text) / (held + len(text)) if held else 0.0
        if fit >= _WHOLE:
            fits |= dict.fromkeys(selectors(node), min(fit, 1.0))
    return fits


def selectors(node: LexborNode) -> list[str]:
    """Selectors by which an element may be known on other pages: its id, classes, and names for machines."""
    attributes = node.attributes
    found = [f"#{name}" for name in (attributes.get("id") or "",) if _WORD.fullmatch(name)]
    found += [f"{node.tag}.{name}" for name in (attributes.get("class") or "").split() if _WORD.fullmatch(name)]
    found += [f"[{key}={value}]" for key in _NAMED if _WORD.fullmatch(value := attributes.get(key) or "")]
    return found + ([node.tag] if node.tag in {"article", "h1"} else [])


def _exactly(body: LexborNode, text: str, tree: LexborHTMLParser, slack: int = 0) -> dict[str, float]:
    """Selectors whose first match shows a text, and nothing else but so many letters."""
    key = squash(text)
    places = list(islice(_innermost(body, key), _MOST_PLACES)) if key else []
    around = (node for place in places for node in (place, place.parent) if _says(node, key, slack))
    names = {selector for node in around if node is not None for selector in selectors(node)}
    return {name: 1.0 for name in names if _says(tree.css_first(name), key, slack)}


def _innermost(node: LexborNode, key: str) -> Iterator[LexborNode]:
    """The elements that a text stands in, and in no element within them."""
    within = [child for child in node.iter() if key in squash(child.text(deep=True))]
    for child in within:
        yield from _innermost(child, key)
    if not within:
        yield node


def _says(node: LexborNode | None, key: str, slack: int) -> bool:
    said = squash(node.text(deep=True)) if node is not None else ""
    return key in said and len(said) <= len(key) + slack


def _tags(body: LexborNode, tags: Iterable[str]) -> dict[str, float]:
    """Selectors of links, all of which are tags of the page."""
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


def _boxes(inside: LexborNode, taken: set[str]) -> dict[str, float]:
    """Selectors of boxes of links inside the article that hold none of its paragraphs."""
    fits: dict[str, float] = {}
    for box in inside.css("div, section, ul, aside, table")[:_MOST_BOXES]:
        text = squash(box.text(deep=True))
        linked = sum(len(squash(a.text(deep=True))) for a in box.css("a"))
        if text and linked >= _LINKED * len(text) and not any(len(key) >= _LONG and key in text for key in taken):
            fits |= {name: linked / len(text) for name in selectors(box) if "." in name or "[" in name}
    return fits


def attempt(page: Page, outlet: Outlet, now: datetime) -> Trial:
    """Read a page by the rules of a draft, beside the generic reader.

    Args:
        page: A page of an article.
        outlet: The draft.
        now: The instant of reading.
    """
    found = read_page(page, outlet, now)
    if isinstance(found, Failure):
        return Trial(page.url, failure=found, blocks=tuple(_shown(page, ())))
    generic = read_page(page, outlet.model_copy(update={"reading": ()}), now)
    return Trial(
        page.url,
        found.as_json(),
        None,
        found.article.rules != GENERIC,
        0.0 if isinstance(generic, Failure) else agreement(found.text, generic.text),
        tuple(_shown(page, _lines(found))),
    )


def agreement(text: str, other: str) -> float:
    """The F1 of the words of two texts, from 0 to 1."""
    words, others = Counter(text.split()), Counter(other.split())
    both = sum((words & others).values())
    return 2 * both / (words.total() + others.total()) if both else 0.0


def _lines(found: Found) -> Iterator[str]:
    yield from (found.title, found.article.standfirst, *found.signature.split("\n\n"))
    yield from (paragraph.removeprefix("- ") for paragraph in found.article.paragraphs)


def _shown(page: Page, taken: Iterable[str]) -> Iterator[Shown]:
    """All that a page shows, with what was taken of it, each line as often as it was."""
    tree = parse(as_written(page.content, page.content_type))
    whole = tree if isinstance(tree, Failure) else lxml_tree(_seen(tree))
    if isinstance(whole, Failure):
        return
    left = Counter(filter(None, map(squash, taken)))
    for block in blocks_of(whole.body):
        there = left[block.key] > 0
        left[block.key] -= there
        yield Shown(block.text, block.role, there)


def _seen(tree: LexborHTMLParser) -> str:
    drop(tree, UNSEEN)
    return tree.html or ""


def with_rules(outlet: Outlet, rules: dict[str, tuple[str, ...]]) -> Outlet:
    """An outlet with these rules."""
    return outlet.model_copy(update={"reading": (Reading.model_validate(rules),)})
