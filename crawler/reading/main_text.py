"""The article's text among the blocks of a page: trafilatura reads, and what it lost or took too much of is mended."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from lxml.etree import _Element
from trafilatura import bare_extraction

from crawler.parsing.blocks import Block, squash
from crawler.reading.boilerplate_phrases import is_phrase

# trafilatura reports each page it finds nothing in as an error; here that is an answer like any other.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_LONG = 25  # letters and digits from which a text is hardly on a page by chance
_PROSE = 60  # letters and digits from which a block counts as prose
_HOLDS = 2  # paragraphs by which an element is one that holds the article
_BOX_HOLDS = 0.25  # of the text, at most, in a box that is not the article
_BOXES = re.compile(
    r"(?:^|[\s_-])(?:newsletter|subscribe|subscription|signup|sign-up|cta|promo|share|sharing|related|recommend(?:ed|ation|ations)?|"
    r"most-?(?:read|popular)|trending|comments?|disqus|cookies?|consent|breadcrumbs?|author-?(?:bio|box|card|info)|tags?|"
    r"tag-?list|advert(?:isement)?|sponsor(?:ed)?|outbrain|taboola|read-?more|see-?also|more-?(?:from|on))(?:$|[\s_-])",
    re.IGNORECASE,
)
_LINE = 20  # letters and digits of a short line
_FEW_LINKS = 0.3  # of a block inside links
_SOME_LINKS = 0.5
_MENU = 6  # links that make a list of links a menu
_LISTS = frozenset(["ul", "ol", "div", "section", "table"])
_CARDS = 3  # elements side by side that make a list of other articles
_CARD_LINKS = 2
_CARD_BLOCKS = 4
_CARD_TEXT = 250  # characters that are no link, at most
_LINKED = 0.8  # of a block inside links: a pointer to another page
_SENTENCE = re.compile(r"[.!?…。！？:;”\"»’')\]]\s*$")
_LEADS = re.compile(
    r"(?:^|[\s_-])(?:sapo|stand-?first|dek|deck|lead|lede|leadin|sub-?title|sub-?head(?:line|ing)?|excerpt|intro(?:duction)?|"
    r"perex|chapo|preamble|ingress|summary|vorspann|bajada|entradilla|abstract|teaser-?text|article__?description)(?:$|[\s_-])",
    re.IGNORECASE,
)


def thin(blocks: Sequence[Block], headlines: Sequence[str]) -> None:
    """Take out of the blocks' tree what trafilatura would find to be no text, at several times the cost."""
    _drop_lists(blocks)
    top = headline_at(blocks, {squash(title) for title in headlines if title})
    if top > 0 and _plain(blocks[:top]) * 2 < _plain(blocks[top:]):
        for element in (blocks[top].node, *blocks[top].node.iterancestors()):
            for before in [*element.itersiblings(preceding=True)]:
                if before.tag != "head":
                    before.drop_tree()


def _drop_lists(blocks: Sequence[Block]) -> None:
    """Drop lists of links: menus, which hold nothing else, and other articles, each a linked headline and a summary."""
    links: Counter[_Element] = Counter()
    others: Counter[_Element] = Counter()
    plain: Counter[_Element] = Counter()  # characters that are no link
    for block in blocks:
        around = [*block.node.iterancestors()]
        if block.density > _LINKED:
            links.update(around)
        else:
            others.update(around)
            size = len(block.text)
            for element in around:
                plain[element] += size
    menus: list[_Element] = []
    cards: dict[_Element | None, list[_Element]] = {}
    for element, count in links.items():
        if element not in others:
            if count >= _MENU and element.tag in _LISTS and element.getparent() in others:
                menus.append(element)
        elif count <= _CARD_LINKS and count + others[element] <= _CARD_BLOCKS and plain[element] <= _CARD_TEXT:
            cards.setdefault(element.getparent(), []).append(element)
    _drop_all(menus)
    for parent, held in cards.items():
        if len(held) >= _CARDS and 2 * sum(plain[card] for card in held) > plain.get(parent, 0):
            _drop_all(held)


def _drop_all(elements: Iterable[_Element]) -> None:
    for element in elements:
        element.drop_tree()


def _plain(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks if block.density <= _LINKED)


def verdict(blocks: Sequence[Block], tree: _Element) -> list[bool]:
    """Which blocks trafilatura takes for the article.

    Args:
        blocks: The blocks of the tree, in page order.
        tree: The tree; trafilatura works on a copy of its own.
    """
    try:
        document = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    except (ValueError, TypeError, AttributeError, RecursionError):  # odd trees trip it
        document = None
    text = getattr(document, "text", None) or ""
    return [place >= 0 for place in _places([block.key for block in blocks], squash(text))]


def _places(keys: Sequence[str], text: str) -> list[int]:
    """Where each block stands in another reading of the page; -1 where it does not.

    Long blocks are found anywhere, each place once; short ones, which may stand in a menu too, only where they
    follow and precede the blocks that they do on the page.
    """
    places = [-1] * len(keys)
    taken: set[int] = set()
    at = 0
    for i, key in enumerate(keys):
        if len(key) < _LONG:
            continue
        place = text.find(key, at)
        if place < 0:
            place = text.find(key)
            while place in taken and place >= 0:
                place = text.find(key, place + 1)
        if place >= 0:
            places[i], at = place, place + len(key)
            taken.add(place)
    return _short_places(keys, text, places)


def _short_places(keys: Sequence[str], text: str, places: list[int]) -> list[int]:
    ends = [len(text)] * (len(keys) + 1)
    for i in range(len(keys) - 1, -1, -1):
        ends[i] = places[i] if places[i] >= 0 else ends[i + 1]
    at = 0
    for i, key in enumerate(keys):
        if places[i] < 0 and key and len(key) < _LONG and at <= ends[i + 1]:
            places[i] = text.find(key, at, ends[i + 1])
        if places[i] >= 0:
            at = places[i] + len(key)
    return places


def mend(blocks: Sequence[Block], kept: Sequence[bool], headlines: Sequence[str]) -> list[Block]:
    """The blocks of the article, from those that trafilatura took on a page without rules.

    Args:
        blocks: The blocks of the page, in page order.
        kept: Which of them trafilatura took.
        headlines: What the page's headline may be.

    Returns:
        The article's blocks in page order, captions among them, without the headline.
    """
    titles = {squash(title) for title in headlines if title}
    top = headline_at(blocks, titles)
    chosen = {i for i, taken in enumerate(kept) if taken}
    after = {i for i in chosen if i > top}
    if _plain([blocks[i] for i in after]) * 2 >= _plain([blocks[i] for i in chosen]):
        chosen = after
    chosen |= _left_out(blocks, chosen)
    chosen = {i for i in chosen if not _points_away(blocks[i]) and blocks[i].key not in titles}
    chosen |= _between(blocks, chosen, top)
    chosen = {i for i in chosen if not is_phrase(blocks[i].text)}
    return _trimmed(_without_boxes([blocks[i] for i in sorted(chosen)]))


def _between(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Subheads, captions and short lines among the chosen paragraphs, in the very elements that hold them.

    Captions belong to the article from its headline on, and to the end of the element that holds it.
    """
    prose = [i for i in sorted(chosen) if _is_prose(blocks[i])]
    if not prose:
        return set()
    holders = Counter(blocks[i].node.getparent() for i in prose)
    usual = {element for element, count in holders.items() if count >= _HOLDS}
    among = {i for i in range(prose[0], prose[-1]) if i not in chosen and _stands_among(blocks[i], usual)}
    opening = range(top + 1, prose[0]) if top >= 0 else ()
    return among | {
        i
        for i in (*opening, *range(prose[-1] + 1, len(blocks)))
        if blocks[i].role == "caption" and (i < prose[0] or _stands_among(blocks[i], usual))
    }


def _stands_among(block: Block, holders: set[_Element | None]) -> bool:
    """Whether a block that is no paragraph belongs to the elements that hold the article."""
    if block.role == "caption":
        return block.density < _SOME_LINKS and not holders.isdisjoint(block.node.iterancestors())
    if block.role == "heading" or (block.role in {"text", "quote"} and block.density < _SOME_LINKS):
        return block.node.getparent() in holders
    return False


def _without_boxes(article: Sequence[Block]) -> list[Block]:
    """The article less the boxes that are named as something else and hold little of it."""
    total = sum(len(block.text) for block in article)
    held: Counter[_Element] = Counter()
    for block in article:
        size = len(block.text)
        held[block.node] += size
        for element in block.node.iterancestors():
            held[element] += size
    boxes = {e for e, size in held.items() if size <= _BOX_HOLDS * total and is_box(e)}
    return (
        [b for b in article if b.node not in boxes and boxes.isdisjoint(b.node.iterancestors())]
        if boxes
        else list(article)
    )


def is_box(element: _Element) -> bool:
    """Whether an element is named as something that is not the article."""
    name = f"{element.get('class', '')} {element.get('id', '')}"
    return len(name) > 1 and _BOXES.search(name) is not None


def _points_away(block: Block) -> bool:
    """Whether a block is a link to another page rather than a sentence that happens to be one."""
    return block.density > _LINKED and not (block.role == "text" and block.text.endswith((".", "!", "?", "…", "。")))


def _trimmed(article: Sequence[Block]) -> list[Block]:
    """The article from its first paragraph to its last, less the scraps before and behind."""
    prose = [i for i, block in enumerate(article) if _is_prose(block)]
    if not prose:
        return list(article)
    head = [block for block in article[: prose[0]] if block.role == "caption"]
    tail = list(article[prose[-1] + 1 :])
    holders = Counter(article[i].node.getparent() for i in prose)
    usual = {element for element, count in holders.items() if count >= _HOLDS}
    while tail and not _ends_well(tail[-1], usual):
        tail.pop()
    return [*head, *article[prose[0] : prose[-1] + 1], *tail]


def _ends_well(block: Block, holders: set[_Element | None]) -> bool:
    """Whether a block behind the last paragraph belongs to the article."""
    if block.role == "caption":
        return _stands_among(block, holders)
    return block.role != "heading" and (_SENTENCE.search(block.text) is not None or block.node.getparent() in holders)


def _is_prose(block: Block) -> bool:
    return block.role in {"text", "quote"} and (len(block.key) >= _PROSE or _SENTENCE.search(block.text) is not None)


def headline_at(blocks: Sequence[Block], titles: set[str]) -> int:
    """The index of the block that is the headline; -1 where none is."""
    for i, block in enumerate(blocks):
        if block.node.tag == "h1" and any(_same_headline(block.key, title) for title in titles):
            return i
    return next((i for i, block in enumerate(blocks) if block.key in titles), -1)


def _same_headline(key: str, title: str) -> bool:
    return key == title or (len(key) > _LONG and key in title) or (len(title) > _LONG and title in key)


def _left_out(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Paragraphs that stand where the chosen ones do and were left out: bodies split over several containers."""
    weights: Counter[object] = Counter()
    for i in chosen:
        if blocks[i].role == "text" and blocks[i].density < _FEW_LINKS and len(blocks[i].key) >= _PROSE:
            weights[_standing(blocks[i].node)] += len(blocks[i].key)
    enough = 0.25 * sum(weights.values())
    usual = {standing for standing, weight in weights.items() if weight >= enough}
    start = min(chosen, default=len(blocks))
    return {
        i
        for i in range(start, len(blocks))
        if i not in chosen
        and blocks[i].role != "caption"
        and blocks[i].density < _FEW_LINKS
        and len(blocks[i].key) >= _LINE
        and _standing(blocks[i].node) in usual
    }


def _standing(node: _Element) -> tuple[object, ...]:
    """How an element stands on the page: its tag, and tag and class of the two it stands in."""
    parent = node.getparent()
    above = parent.getparent() if parent is not None else None
    return (node.tag, *((e.tag, e.get("class")) if e is not None else None for e in (parent, above)))


def split_standfirst(
    page: Sequence[Block], article: Sequence[Block], descriptions: Sequence[str], headlines: Sequence[str]
) -> tuple[str, list[Block]]:
    """Part the standfirst from the text of a page without rules.

    It stands between headline and text, in a place of its own, and is marked by its class or repeats the page's
    description of itself. What merely opens the text is no standfirst.

    Args:
        page: The blocks of the page.
        article: The blocks of the article.
        descriptions: The page's descriptions of itself.
        headlines: What the page's headline may be.
    """
    rest = list(article)
    prose = [block for block in rest if block.role == "text" and len(block.key) >= _PROSE]
    usual = Counter(_standing(block.node) for block in prose).most_common(1)
    top = headline_at(page, {squash(title) for title in headlines if title})
    opening = next(
        (i for i, block in enumerate(page) if prose and block is (prose[1] if len(prose) > 1 else prose[0])), -1
    )
    told = [squash(words) for words in descriptions]
    for block in page[top + 1 : opening] if top >= 0 else ():
        if not usual or _standing(block.node) == usual[0][0] or block.role == "caption" or block.density > _SOME_LINKS:
            continue
        if len(block.key) >= _LINE and (_is_lead(block.node) or any(_repeats(block.key, words) for words in told)):
            return block.text, [other for other in rest if other is not block and other.key != block.key]
    return "", rest


def _is_lead(node: _Element) -> bool:
    parent = node.getparent()
    return any(_LEADS.search(f"{e.get('class', '')} {e.get('itemprop', '')}") for e in (node, parent) if e is not None)


def _repeats(key: str, told: str) -> bool:
    """Whether a block says what the description says, either of them perhaps cut short."""
    shorter = min(len(key), len(told))
    return shorter >= _LONG and key[:shorter] == told[:shorter] and shorter * 3 >= len(key)
