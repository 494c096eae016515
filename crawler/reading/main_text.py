"""Find the article's text among the blocks of a page: correct what trafilatura lost or added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from lxml.etree import _Element

from crawler.parsing.blocks import Block, is_long, squash
from crawler.reading.block_places import headline_at, repeats_headline, standing, wrapper
from crawler.reading.boilerplate_phrases import (
    is_boilerplate_phrase,
    is_comments_heading,
    is_entry_line,
    is_footer,
    is_related_heading,
    reserves_rights,
)
from crawler.reading.other_articles import behind_lists, second_article_at
from crawler.reading.page_furniture import (
    LINKED,
    boxes_of_pointers,
    drop_lists,
    heads_a_tail,
    heads_comments,
    is_box,
    is_mostly_digits,
    pointers_with_a_lead_in,
    tail_at,
    without_boxes,
    without_side_columns,
)
from crawler.reading.printed_bylines import is_signed

_PROSE = 60  # letters and digits; a longer block counts as prose
_LEAD = 100  # letters and digits; a longer heading that is a sentence is a lead paragraph, also a question
_HOLDS = 2  # paragraphs; an element with so many contains the article
_TOP = 3  # blocks at the beginning of an article, which may repeat the headline
_LONGEST_LINE = 450  # characters of a line behind an article that is not part of it
_SHORT = 80  # characters of a heading
_LINE = 20  # letters and digits of a short line
_FEW_LINKS = 0.3  # share of a block inside links
_SOME_LINKS = 0.5
_FULL_STOPS = (".", "。")
_DATELINE = re.compile(r"[^\W\d_][^\d:!?]{1,40}:")
_STOPS = tuple(".!?…。！？")
_ENDINGS = (*_STOPS, *":;”\"»’')]")
_LIST_TAGS = frozenset(["li", "ul", "ol", "dl", "dt", "dd", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "p"])


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
    chosen |= _missed_paragraphs(blocks, chosen) | _missed_opening(blocks, chosen, top)
    chosen = {i for i in chosen if blocks[i].key not in titles}
    chosen -= {i for i in sorted(chosen)[:_TOP] if repeats_headline(blocks[i], titles)}
    chosen -= _pointers(blocks, chosen)
    boxed = boxes_of_pointers(blocks, chosen)
    chosen |= _between(blocks, chosen, top)
    chosen -= boxed
    chosen = _before_tail(blocks, chosen, top)
    chosen = {i for i in chosen if not is_boilerplate_phrase(blocks[i].text)}
    return _trim_ends(without_boxes(without_side_columns([blocks[i] for i in sorted(chosen)])))


def _below_headline(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the chosen blocks below the headline, or all of them if there is more prose above it.

    Short lines above a headline, such as the weather of many places, are no prose, however many they are.
    """
    after = {i for i in chosen if i > top}
    prose = [blocks[i] for i in chosen - after if _is_prose(blocks[i])]
    return after if after and _plain([blocks[i] for i in after]) >= _plain(prose) else chosen


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
    first = next((i for i in prose if blocks[i].node.getparent() in usual), prose[0])  # behind a standfirst
    opening = range(top + 1, first) if top >= 0 else ()
    captions = {
        i
        for i in (*opening, *range(prose[-1] + 1, len(blocks)))
        if blocks[i].role == "caption" and (i < first or _stands_among(blocks[i], usual))
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
    """Return the elements with at least two paragraphs, or else that of the longest paragraph.

    If each paragraph is in a wrapper of its own, these wrappers and the element around them are returned.
    """
    holders = Counter(block.node.getparent() for block in prose)
    usual = {element for element, count in holders.items() if count >= _HOLDS}
    if len(usual) * _HOLDS < len(holders):
        usual |= _wrappers(holders)
    return usual or {max(prose, key=lambda block: len(block.key)).node.getparent()} if prose else set()


def _wrappers(holders: Iterable[_Element | None]) -> set[_Element | None]:
    """Return the wrappers of single paragraphs that look alike and are side by side, with their parent."""
    around: dict[_Element, list[_Element]] = {}
    for element in holders:
        if element is not None and (outer := element.getparent()) is not None:
            around.setdefault(outer, []).append(element)
    found: set[_Element | None] = set()
    for outer, wrappers in around.items():
        if len(wrappers) > _HOLDS and len(looks := {_looks(wrapper) for wrapper in wrappers}) == 1:
            found |= {outer, *(child for child in outer if isinstance(child.tag, str) and _looks(child) in looks)}
    return found


def _stands_among(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block that trafilatura left out is in an element that contains the article."""
    parent = block.node.getparent()
    if block.role == "caption":
        return block.density < _SOME_LINKS and not holders.isdisjoint(block.node.iterancestors())
    if block.role in {"item", "row"}:
        return block.density < _SOME_LINKS and _outside_list(block.node) in holders
    if block.role == "heading":
        if parent in holders or any(e is not None and e.getparent() is parent for e in holders):
            return True
        return block.density < _SOME_LINKS and parent is not None and _outside_list(block.node) in holders
    if parent in holders:
        return block.density < _SOME_LINKS
    return _is_linked_sentence(block) and _grandparent(block.node) in holders


def _is_linked_sentence(block: Block) -> bool:
    """Return whether a block is a whole sentence of the text that is one link."""
    return block.density > LINKED and len(block.key) >= _PROSE and _stops(block.text)


def _is_statement(block: Block) -> bool:
    """Return whether a linked sentence ends in a full stop; headlines often ask or exclaim."""
    return _is_linked_sentence(block) and block.text.rstrip().endswith(_FULL_STOPS)


def _grandparent(node: _Element) -> _Element | None:
    parent = node.getparent()
    return None if parent is None else parent.getparent()


def _outside_list(node: _Element) -> _Element | None:
    """Return the element that contains the list or table around a node."""
    return next((e for e in node.iterancestors() if e.tag not in _LIST_TAGS), None)


def _before_tail(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the chosen blocks before a second article, comments or a list of other articles.

    Blocks after the heading of such a list in the element of the text itself are kept: there the text goes on. Nothing
    is kept after a sure heading of comments.
    """
    prose = [i for i in sorted(chosen) if _is_prose(blocks[i])]
    total, so_far, start = _letters(blocks, set(prose)), 0, len(blocks)
    for i in prose:
        so_far += len(blocks[i].key)
        if so_far * 2 >= total:
            start = i + 1
            break
    second = second_article_at(blocks, chosen, top, start)
    chosen = {i for i in chosen if i < second}
    prose = [i for i in prose if i < second]
    tail = tail_at(blocks, start)
    usual = _places_of([blocks[i] for i in prose if i < tail])
    end = next((i for i in range(tail, len(blocks)) if heads_comments(blocks[i])), len(blocks))
    behind = {i for i in chosen if tail < i < end and not heads_a_tail(blocks[i]) and _goes_on(blocks[i], *usual)}
    first_half = _places_of([blocks[i] for i in prose if i < start])
    own = {i for i in prose if i < start or _goes_on(blocks[i], *first_half)}
    return ({i for i in chosen if i < tail} | behind) - behind_lists(blocks, prose, own)


def _places_of(prose: Sequence[Block]) -> tuple[set[_Element | None], set[tuple[object, ...]], set[str]]:
    """Return the elements that contain paragraphs, and how the paragraphs are marked up."""
    return _holders(prose), {wrapper(block.node) for block in prose}, {_looks(block.node) for block in prose}


def _goes_on(block: Block, holders: set[_Element | None], standings: set[tuple[object, ...]], looks: set[str]) -> bool:
    """Return whether a block after a heading of other articles continues the text."""
    return (
        _outside_list(block.node) in holders
        or wrapper(block.node) in standings
        or (block.node.get("class") is not None and _looks(block.node) in looks)
    )


def _looks(node: _Element) -> str:
    return f"{node.tag} {node.get('class')}"


def _points_away(block: Block) -> bool:
    """Return whether a block is a link to another page, not a sentence that is one link."""
    return block.density > LINKED and not (block.role == "text" and _stops(block.text))


def _trim_ends(article: Sequence[Block]) -> list[Block]:
    """Return the article from its first to its last paragraph, without short lines around it."""
    prose = [i for i, block in enumerate(article) if _is_prose(block)]
    while len(prose) > 1 and is_entry_line(article[prose[0]].text):
        del prose[0]
    if not prose:
        return list(article)
    usual = _holders([article[i] for i in prose])
    subheads = {standing(block.node) for block in article[prose[0] :] if block.role == "heading"}
    head = [block for block in article[: prose[0]] if _opens_well(block, usual, subheads)]
    tail = list(article[prose[-1] + 1 :])
    pictures = [block for block in tail if block.role == "caption"]
    if sum(len(block.key) for block in pictures) > sum(len(article[i].key) for i in prose):
        tail = pictures  # a gallery
    else:
        while tail and not _ends_well(tail[-1], usual):
            tail.pop()
    whole = [*head, *article[prose[0] : prose[-1] + 1], *tail]
    while len(whole) > 1 and _is_behind(whole[-1], usual):
        whole.pop()
    return whole


def _is_behind(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether the last block is a footer, a line of the site's system, or the heading of a list."""
    text = block.text
    if block.role == "caption" or len(text) > _LONGEST_LINE:
        return False
    if is_entry_line(text) or reserves_rights(text) or (is_footer(text) and block.node.getparent() not in holders):
        return True
    return len(text) <= _SHORT and (is_related_heading(text) or is_comments_heading(text))


def _opens_well(block: Block, holders: set[_Element | None], subheads: set[tuple[object, ...]]) -> bool:
    """Return whether a block before the first paragraph belongs to the article.

    It is a caption, a point of a summary, a heading like those of later parts, or a short line of the text, such as a
    place. Lines with digits are days and counts.
    """
    if block.role == "caption":
        return True
    if block.density >= _FEW_LINKS:
        return False
    if block.role == "item":
        return len(block.key) >= _PROSE and _outside_list(block.node) in holders
    if block.role == "heading":
        return standing(block.node) in subheads and block.node.getparent() in holders
    if block.role != "text" or block.node.getparent() not in holders:
        return False
    return not (any(map(str.isdigit, block.text)) or is_signed(block.text) or is_entry_line(block.text))


def _ends_well(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block after the last paragraph belongs to the article."""
    if block.role == "caption":
        return _stands_among(block, holders)
    if block.role in {"item", "row"} and _outside_list(block.node) in holders:
        return True
    return block.role != "heading" and (_ends(block.text) or block.node.getparent() in holders)


def _stops(text: str) -> bool:
    """Return whether a text ends as a sentence does."""
    return text.rstrip().endswith(_STOPS)


def _ends(text: str) -> bool:
    """Return whether a text ends as a sentence, a quotation or the line before a list does."""
    return text.rstrip().endswith(_ENDINGS)


def _is_prose(block: Block) -> bool:
    if block.role == "heading":
        ends = block.text.rstrip()
        return len(block.key) >= (_PROSE if ends.endswith(_FULL_STOPS) else _LEAD) and ends.endswith(_STOPS)
    if block.role not in {"text", "quote"}:
        return False
    if _ends(block.text) and not is_mostly_digits(block):
        return True
    return is_long(block.key, _PROSE) and block.density < _SOME_LINKS


def _missed_opening(blocks: Sequence[Block], chosen: set[int], top: int) -> set[int]:
    """Return the sentences between the headline and the text that are in the element of the text.

    trafilatura may lose the first paragraph, or write it in another way than the page does.
    """
    prose = [i for i in sorted(chosen) if _is_prose(blocks[i])]
    usual = _holders([blocks[i] for i in prose])
    first = next((i for i in prose if blocks[i].node.getparent() in usual), 0)
    opening = range(top + 1, first) if top >= 0 else ()
    places = {i for i in (first - 1,) if i in opening and _is_dateline(blocks[i], usual)}
    return places | {i for i in opening if _is_opening(blocks[i], usual)}


def _is_opening(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block is a whole sentence of the text, or in the element around its paragraphs."""
    return (
        _is_prose(block)
        and (block.density < _FEW_LINKS or (_is_statement(block) and block.node.getparent() in holders))
        and is_long(block.key, _PROSE)
        and _ends(block.text)
        and (block.node in holders or block.node.getparent() in holders)
    )


def _is_dateline(block: Block, holders: set[_Element | None]) -> bool:
    """Return whether a block above the text is the place of the report: `Washington/New Delhi:`."""
    return block.node.getparent() in holders and _DATELINE.fullmatch(block.text) is not None


def _missed_paragraphs(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return paragraphs that were left out although they are marked up like the chosen ones."""
    weights: Counter[object] = Counter()
    for i in chosen:
        if blocks[i].role == "text" and blocks[i].density < _FEW_LINKS and len(blocks[i].key) >= _PROSE:
            weights[standing(blocks[i].node)] += len(blocks[i].key)
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
        and standing(blocks[i].node) in usual
    }
