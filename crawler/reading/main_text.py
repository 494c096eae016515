"""Find the article's text among the blocks of a page: correct what trafilatura lost or added."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from lxml.etree import _Element
from trafilatura import bare_extraction

from crawler.parsing.blocks import Block, squash
from crawler.parsing.composition import compose
from crawler.reading.boilerplate_phrases import is_boilerplate_phrase, is_footer
from crawler.reading.page_furniture import (
    LINKED,
    counts_comments,
    drop_lists,
    heads_a_tail,
    is_box,
    pointers_with_a_lead_in,
    tail_at,
    without_boxes,
)

# trafilatura logs an error for each page without text; here that is a normal result.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_LONG = 25  # letters and digits; such a long text does not recur on a page by chance
_PROSE = 60  # letters and digits; a longer block counts as prose
_LEAD = 100  # letters and digits; a longer heading that is a sentence is a lead paragraph
_HOLDS = 2  # paragraphs; an element with so many contains the article
_LINE = 20  # letters and digits of a short line
_FEW_LINKS = 0.3  # share of a block inside links
_SOME_LINKS = 0.5
_SENTENCE = re.compile(r"[.!?…。！？:;”\"»’')\]]\s*$")
_STOP = re.compile(r"[.!?…。！？]\s*$")
_LIST_TAGS = frozenset(["li", "ul", "ol", "dl", "dt", "dd", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "p"])
_LEADS = re.compile(
    r"(?:^|[\s_-])(?:sapo|stand-?first|dek|deck|lead|lede|leadin|sub-?title|sub-?head(?:line|ing)?|excerpt|intro(?:duction)?|"
    r"perex|chapo|preamble|ingress|summary|vorspann|bajada|entradilla|abstract|teaser-?text|article__?description)(?:$|[\s_-])",
    re.IGNORECASE,
)


def drop_clutter(blocks: Sequence[Block], headlines: Sequence[str]) -> None:
    """Drop menus, lists and everything before the headline, so that trafilatura reads less."""
    drop_lists(blocks)
    top = headline_at(blocks, {squash(title) for title in headlines if title})
    if top > 0 and _plain(blocks[:top]) * 2 < _plain(blocks[top:]):
        for element in (blocks[top].node, *blocks[top].node.iterancestors()):
            for before in [*element.itersiblings(preceding=True)]:
                if before.tag != "head":
                    before.drop_tree()


def _plain(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks if block.density <= LINKED)


def trafilatura_mask(blocks: Sequence[Block], tree: _Element, *, thorough: bool = False) -> list[bool]:
    """Return which blocks trafilatura takes for the article.

    Args:
        blocks: The blocks of the tree, in page order.
        tree: The tree; trafilatura works on a copy.
        thorough: Let trafilatura try its other readers too, at twice the cost.
    """
    try:
        document = bare_extraction(tree, fast=not thorough, include_comments=False, with_metadata=False)
    except (ValueError, TypeError, AttributeError, RecursionError):  # trafilatura raises these on unusual trees
        document = None
    text = getattr(document, "text", None) or ""
    return [place >= 0 for place in _places([block.key for block in blocks], squash(compose(text)))]


def _places(keys: Sequence[str], text: str) -> list[int]:
    """Return the offset of each block in trafilatura's text; -1 if it is missing.

    Long blocks are found anywhere, each place once. Short blocks, which may also occur in a menu, are found only
    between the blocks that surround them on the page.
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


def correct_selection(blocks: Sequence[Block], kept: Sequence[bool], headlines: Sequence[str]) -> list[Block]:
    """Return the blocks of the article: trafilatura's choice, corrected.

    Args:
        blocks: The blocks of the page, in page order.
        kept: For each block, whether trafilatura took it.
        headlines: The possible headlines of the page.

    Returns:
        The article's blocks in page order, with captions, without the headline.
    """
    titles = {squash(title) for title in headlines if title}
    top = headline_at(blocks, titles)
    chosen = _below_headline(blocks, {i for i, taken in enumerate(kept) if taken}, top)
    chosen |= _blocks_to_leave_out(blocks, chosen)
    chosen = {i for i in chosen if blocks[i].key not in titles}
    chosen -= _pointers(blocks, chosen)
    chosen |= _between(blocks, chosen, top)
    chosen = _before_tail(blocks, chosen)
    chosen = {i for i in chosen if not is_boilerplate_phrase(blocks[i].text)}
    return _trim_ends(without_boxes([blocks[i] for i in sorted(chosen)]))


def _below_headline(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the chosen blocks below the headline if they are the majority; otherwise all of them."""
    after = {i for i in chosen if i > top}
    most = _plain([blocks[i] for i in after]) * 2 >= _plain([blocks[i] for i in chosen])
    return after if most else chosen


def _pointers(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return the chosen blocks that only link to other pages, unless the article consists of links."""
    pointers = {i for i in chosen if _points_away(blocks[i])}
    holders = {blocks[i].node.getparent() for i in chosen - pointers if _is_prose(blocks[i])}
    beside = {i for i in pointers if blocks[i].role == "text" and blocks[i].node.getparent() in holders}
    if _letters(blocks, beside) > _letters(blocks, chosen - pointers):
        pointers -= beside
    ordered = sorted(chosen - pointers)
    return pointers | {ordered[i] for i in pointers_with_a_lead_in([blocks[i] for i in ordered])}


def _letters(blocks: Sequence[Block], chosen: set[int]) -> int:
    return sum(len(blocks[i].key) for i in chosen)


def _between(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the subheads, captions, lists and short lines between the chosen paragraphs.

    Captions belong to the article from its headline to the end of the element that contains it.
    """
    prose = [i for i in sorted(chosen) if _is_prose(blocks[i])]
    if not prose:
        return set()
    usual = _holders([blocks[i] for i in prose])
    among = {i for i in range(prose[0], prose[-1]) if i not in chosen and _stands_among(blocks[i], usual)}
    among |= {i + 1 for i, after in pairwise(prose) if after == i + 2 and _is_statement(blocks[i + 1])}
    opening = range(top + 1, prose[0]) if top >= 0 else ()
    captions = {
        i
        for i in (*opening, *range(prose[-1] + 1, len(blocks)))
        if blocks[i].role == "caption" and (i < prose[0] or _stands_among(blocks[i], usual))
    }
    return among | captions | _gallery(blocks, prose, top)


def _gallery(blocks: Sequence[Block], prose: Sequence[int], top: int) -> set[int]:
    """Return the captions of a gallery: a page with more words in captions than in paragraphs."""
    if top < 0:
        return set()
    above = {*blocks[top].node.iterancestors()}
    root = next((e for e in blocks[prose[0]].node.iterancestors() if e in above), None)
    if root is None or root.tag in {"body", "html"}:
        return set()
    captions = {
        i
        for i in range(top + 1, len(blocks))
        if blocks[i].role == "caption"
        and blocks[i].density <= _SOME_LINKS
        and root in (around := [*blocks[i].node.iterancestors()])
        and not any(map(is_box, around[: around.index(root)]))
    }
    return captions if _letters(blocks, captions) > _letters(blocks, set(prose)) else set()


def _holders(prose: Sequence[Block]) -> set[_Element | None]:
    """Return the elements with at least two paragraphs, or else that of the longest paragraph."""
    holders = Counter(block.node.getparent() for block in prose)
    usual = {element for element, count in holders.items() if count >= _HOLDS}
    return usual or {max(prose, key=lambda block: len(block.key)).node.getparent()} if prose else set()


def _stands_among(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block that trafilatura left out is in an element that contains the article."""
    parent = block.node.getparent()
    if block.role == "caption":
        return block.density < _SOME_LINKS and not holders.isdisjoint(block.node.iterancestors())
    if block.role in {"item", "row"}:
        return block.density < _SOME_LINKS and _outside_list(block.node) in holders
    if block.role == "heading":
        return parent in holders
    if parent in holders:
        return block.density < _SOME_LINKS
    return _is_linked_sentence(block) and _grandparent(block.node) in holders


def _is_linked_sentence(block: Block) -> bool:
    """Return whether a block is a whole sentence of the text that is one link."""
    return block.density > LINKED and len(block.key) >= _PROSE and _STOP.search(block.text) is not None


def _is_statement(block: Block) -> bool:
    """Return whether a linked sentence ends in a full stop; headlines often ask or exclaim."""
    return _is_linked_sentence(block) and block.text.rstrip().endswith((".", "。"))


def _grandparent(node: _Element) -> _Element | None:
    parent = node.getparent()
    return None if parent is None else parent.getparent()


def _outside_list(node: _Element) -> _Element | None:
    """Return the element that contains the list or table around a node."""
    return next((e for e in node.iterancestors() if e.tag not in _LIST_TAGS), None)


def _before_tail(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return the chosen blocks before the heading of comments or other articles.

    Blocks after that heading in the element of the text itself are kept: there the text goes on. Nothing is kept after
    a heading that counts comments.
    """
    prose = [i for i in sorted(chosen) if _is_prose(blocks[i])]
    total, so_far, start = _letters(blocks, set(prose)), 0, len(blocks)
    for i in prose:
        so_far += len(blocks[i].key)
        if so_far * 2 >= total:
            start = i + 1
            break
    tail = tail_at(blocks, start)
    before = [blocks[i] for i in prose if i < tail]
    usual = _holders(before), {_standing(block.node) for block in before}, {_looks(block.node) for block in before}
    end = next((i for i in range(tail, len(blocks)) if counts_comments(blocks[i])), len(blocks))
    behind = {i for i in chosen if tail < i < end and not heads_a_tail(blocks[i]) and _goes_on(blocks[i], *usual)}
    return {i for i in chosen if i < tail} | behind


def _goes_on(block: Block, holders: set[_Element | None], standings: set[tuple[object, ...]], looks: set[str]) -> bool:
    """Return whether a block after a heading of other articles continues the text."""
    return (
        _outside_list(block.node) in holders
        or _standing(block.node) in standings
        or (block.node.get("class") is not None and _looks(block.node) in looks)
    )


def _looks(node: _Element) -> str:
    return f"{node.tag} {node.get('class')}"


def _points_away(block: Block) -> bool:
    """Return whether a block is a link to another page, not a sentence that is one link."""
    return block.density > LINKED and not (block.role == "text" and _STOP.search(block.text))


def _trim_ends(article: Sequence[Block]) -> list[Block]:
    """Return the article from its first to its last paragraph, without short lines around it."""
    prose = [i for i, block in enumerate(article) if _is_prose(block)]
    if not prose:
        return list(article)
    head = [block for block in article[: prose[0]] if block.role == "caption"]
    tail = list(article[prose[-1] + 1 :])
    usual = _holders([article[i] for i in prose])
    while tail and not _ends_well(tail[-1], usual):
        tail.pop()
    whole = [*head, *article[prose[0] : prose[-1] + 1], *tail]
    while len(whole) > 1 and is_footer(whole[-1].text) and whole[-1].node.getparent() not in usual:
        whole.pop()
    return whole


def _ends_well(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block after the last paragraph belongs to the article."""
    if block.role == "caption":
        return _stands_among(block, holders)
    if block.role in {"item", "row"} and _outside_list(block.node) in holders:
        return True
    return block.role != "heading" and (_SENTENCE.search(block.text) is not None or block.node.getparent() in holders)


def _is_prose(block: Block) -> bool:
    if block.role == "heading":
        return len(block.key) >= _LEAD and _STOP.search(block.text) is not None
    return block.role in {"text", "quote"} and (len(block.key) >= _PROSE or _SENTENCE.search(block.text) is not None)


def headline_at(blocks: Sequence[Block], titles: set[str]) -> int:
    """Return the index of the block that is the headline; -1 if there is none."""
    for i, block in enumerate(blocks):
        if block.node.tag == "h1" and any(_same_headline(block.key, title) for title in titles):
            return i
    return next((i for i, block in enumerate(blocks) if block.key in titles), -1)


def _same_headline(key: str, title: str) -> bool:
    return key == title or (len(key) > _LONG and key in title) or (len(title) > _LONG and title in key)


def _blocks_to_leave_out(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return paragraphs that were left out although they are marked up like the chosen ones."""
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
    """Describe the position of an element: its tag, and tag and class of its two nearest ancestors."""
    parent = node.getparent()
    above = parent.getparent() if parent is not None else None
    return (node.tag, *((e.tag, e.get("class")) if e is not None else None for e in (parent, above)))


def split_standfirst(
    page: Sequence[Block], article: Sequence[Block], descriptions: Sequence[str], headlines: Sequence[str]
) -> tuple[str, list[Block]]:
    """Separate the standfirst from the text of a page without rules.

    It is between headline and text, in an element of its own, and is marked by its class or repeats the page's
    description. A paragraph that merely opens the text is not a standfirst.

    Args:
        page: The blocks of the page.
        article: The blocks of the article.
        descriptions: The descriptions in the page's metadata.
        headlines: The possible headlines of the page.
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
    """Return whether a block repeats the description; either may be truncated."""
    shorter = min(len(key), len(told))
    return shorter >= _LONG and key[:shorter] == told[:shorter] and shorter * 3 >= len(key)
