"""Recognise the parts of a page that are not the article: boxes, comments, other articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import takewhile

from lxml.etree import _Element

from crawler.parsing.blocks import Block, is_long, squash, width
from crawler.reading.boilerplate_phrases import is_comments_heading, is_related_heading

LINKED = 0.8  # share of a block inside links; above it the block links to another page
SECTION_NAME = 25  # characters; a section name is at most this long, headlines are longer
_BOX_HOLDS = 0.25  # largest share of the text that a box may have
_COMMENTS_HOLD = 0.6  # largest share of the text that comments may have
_BOXES_HOLD = 0.5  # of the text; if boxes have more together, their names mean something else on this site
_BOXES = re.compile(
    r"(?:^|[\s_-])(?:newsletter|subscribe|subscription|signup|sign-up|cta|promo|share|sharing|related|recommend(?:ed|ation|ations)?|"
    r"most-?(?:read|popular)|trending|comments?|disqus|cookies?|consent|breadcrumbs?|(?:author|autor(?:en)?)-?(?:bio|box|card|info)|tags?|"
    r"post-?meta(?:data)?|entry-?(?:meta|utility|footer)|post-?footer|article-?meta|sharedaddy|addtoany|yarpp|"
    r"adsense|ad-?(?:box|container|wrapper|slot|unit|block)|about-?(?:the-?)?author|author-?(?:profile|description)|"
    r"tag-?list|advert(?:isement)?|sponsor(?:ed)?|outbrain|taboola|read-?more|see-?also|more-?(?:from|on)|(?:tin-?)?lien-?quan)"
    r"(?:$|[\s_-])|(?:^|\s)(?:ads?|anzeige|werbung)(?:$|\s)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|cmts?|binh-?luan|respond|replies|kommentare?)(?:$|[\s_-])", re.IGNORECASE
)
_CONTENTS = re.compile(r"(?:^|[\s_-])(?:toc|table-?of-?contents|inhaltsverzeichnis)(?:$|[\s_-])", re.IGNORECASE)
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:side-?bar|(?<!elementor-)widgets?|textwidget|footer|rail|menu|nav|navigation|pop-?up|modal|overlay|banner|cards?|teasers?|"
    r"right-?col(?:umn)?|ads?|alert|notice|gdpr|login|register|profile)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MENU = 6  # links; a list with so many links is a menu
_LATIN = re.compile("[a-z\u00e0-\u024f\u1e00-\u1eff]+")  # letters; without them, few characters of prose are left
_LISTS = frozenset(["ul", "ol", "div", "section", "table"])
_CARDS = 3  # similar elements side by side that form a list of other articles
_CARD_LINKS = 4
_CARD_BLOCKS = 6
_CARD_TEXT = 250  # largest number of characters outside links
_SECTION_AND_PHRASE = 40  # characters of a phrase before a link
_SENTENCE = 30  # letters and digits; a shorter line before a link is a section or a label
_LEAD_IN = 8  # letters and digits before a link that form a lead-in: `READ MORE HERE | …`
_REPEATED = 2  # equal lead-ins that mark all such blocks as links to other articles
_SHORT_HEADING = 80  # characters
_NEAR = 6  # blocks after a heading of other articles, among which two links to others must be


def drop_lists(blocks: Sequence[Block]) -> None:
    """Drop menus, and lists of other articles with their summaries."""
    links: Counter[_Element] = Counter()
    others: Counter[_Element] = Counter()
    plain: Counter[_Element] = Counter()  # characters outside links
    headed: set[_Element] = set()  # with a heading, or the linked headline of another article
    for block in blocks:
        around = [*block.node.iterancestors()]
        if block.role == "heading" or is_teaser(block):
            headed.update(around)
        if block.density > LINKED:
            links.update(around)
        else:
            others.update(around)
            size = len(block.text)
            for element in around:
                plain[element] += size
    _drop_all(
        element
        for element, count in links.items()
        if element not in others and count >= _MENU and element.tag in _LISTS and element.getparent() in others
    )
    cards: dict[_Element | None, list[_Element]] = {}
    for element, count in links.items():
        if element not in headed or element not in others:
            continue
        if count <= _CARD_LINKS and count + others[element] <= _CARD_BLOCKS and plain[element] <= _CARD_TEXT:
            cards.setdefault(element.getparent(), []).append(element)
    for parent, held in cards.items():
        if len(held) >= _CARDS and 2 * sum(plain[card] for card in held) > plain.get(parent, 0):
            _drop_all(held)


def _drop_all(elements: Iterable[_Element]) -> None:
    for element in elements:
        element.drop_tree()


def boxes_of_pointers(page: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return the indexes of the blocks in small boxes that a phrase such as `Read also` begins.

    Such a box contains the linked headline of another article, perhaps with its section and summary.

    Args:
        page: The blocks of the page.
        chosen: The indexes of the blocks of the article; the boxes are among or right before them.
    """
    found: set[int] = set()
    for i in range(max(0, min(chosen, default=0) - _CARD_BLOCKS), max(chosen, default=-1) + 1):
        block = page[i]
        pointer = bool(block.linked) and is_pointer(block)
        if pointer:
            found.add(i)
        if i + 1 < len(page) and (pointer or _is_label(block)):
            inside = _box_from(page, i)
            teased = pointer or any(map(is_teaser, inside))
            if teased and len(inside) <= _CARD_BLOCKS and _plain_text(inside) <= _CARD_TEXT:
                found.update(range(i, i + len(inside)))
    return found


def _is_label(block: Block) -> bool:
    return len(block.text) <= _SHORT_HEADING and block.density <= LINKED and is_related_heading(block.text)


def is_pointer(block: Block) -> bool:
    """Return whether a block is words such as `Read also`, and behind them a link to another article."""
    lead_in = block.text[: len(block.text) - block.linked]
    if len(lead_in) > _SECTION_AND_PHRASE or block.role in {"row", "caption"} or not is_related_heading(lead_in):
        return False
    links = block.node.findall(".//a")
    words = squash("".join(links[-1].itertext())) if links else ""
    return bool(words) and block.key.endswith(words)


def _is_text(block: Block) -> bool:
    return block.density <= LINKED and is_long(block.key, _SENTENCE)


def _box_from(page: Sequence[Block], start: int) -> list[Block]:
    """Return the blocks of a small box from one block on; none if text is before a link in it."""
    above = {page[start + 1].node, *page[start + 1].node.iterancestors()}
    box = next((e for e in (page[start].node, *page[start].node.iterancestors()) if e in above), None)

    def is_inside(block: Block) -> bool:
        return box is block.node or box in block.node.iterancestors()

    if start and page[start].linked and _is_text(page[start - 1]) and is_inside(page[start - 1]):
        return []
    return [*takewhile(is_inside, page[start : start + _CARD_BLOCKS + 1])]


def is_mostly_digits(block: Block) -> bool:
    """Return whether a third of a block is digits, as in a line with a day and a time."""
    return 3 * sum(map(str.isdigit, _LATIN.sub("", block.key))) > len(block.key)


def _plain_text(blocks: Iterable[Block]) -> int:
    return sum(len(block.text) for block in blocks if block.density <= LINKED)


def is_teaser(block: Block) -> bool:
    """Return whether a block is the linked headline of another article, not a section name."""
    return block.density > LINKED and (len(block.text) > SECTION_NAME or width(block.text) > SECTION_NAME)


def behind_teasers(page: Sequence[Block]) -> set[int]:
    """Return the `id()` of each block directly after the linked headline of another article."""
    behind: set[int] = set()
    after_teaser = False
    for block in page:
        if len(block.key) < SECTION_NAME:  # dates, section names and the like
            continue
        if after_teaser:
            behind.add(id(block))
        after_teaser = is_teaser(block)
    return behind


def without_boxes(article: Sequence[Block]) -> list[Block]:
    """Return the article without boxes: elements with a name for other content and little text.

    Comments may have more text than other boxes.
    """
    total = sum(len(block.text) for block in article)
    held: Counter[_Element] = Counter()
    for block in article:
        size = len(block.text)
        held[block.node] += size
        for element in block.node.iterancestors():
            held[element] += size
    boxes = {e for e, size in held.items() if size <= _share_of_box(e) * total}
    inside = [block for block in article if block.node in boxes or not boxes.isdisjoint(block.node.iterancestors())]
    if not inside or _letters(inside) > max(_BOXES_HOLD * _letters(article), _letters(_in_comments(inside))):
        return list(article)
    dropped = {id(block) for block in inside}
    return [block for block in article if id(block) not in dropped]


def without_side_columns(article: Sequence[Block]) -> list[Block]:
    """Return the article without the columns beside it, where a table lays out the page.

    The column of the article is the cell with most of its text. A column beside it has links, and less than half as
    much text.
    """
    held: Counter[_Element] = Counter()
    linked: set[_Element] = set()
    for block in article:
        cells = _cells(block)
        held.update(dict.fromkeys(cells, len(block.key)))
        if block.linked:
            linked.update(cells)
    most = _letters(article) / 2
    main = min((cell for cell, size in held.items() if size > most), key=held.__getitem__, default=None)
    if main is None:
        return list(article)
    rows, inside = set(main.iterancestors("tr")), {main, *main.iterancestors("td")}
    others = {cell for cell in linked - inside if cell.getparent() in rows and 2 * held[cell] < held[main]}
    return [block for block in article if others.isdisjoint(_cells(block))] if others else list(article)


def _cells(block: Block) -> list[_Element]:
    """Return the cells of tables that contain a block."""
    return [*block.node.iterancestors("td"), *([block.node] if block.node.tag == "td" else [])]


def _letters(blocks: Iterable[Block]) -> int:
    """Count the letters and digits of blocks, each distinct text once: notices are repeated."""
    return sum(map(len, {block.key for block in blocks}))


def _in_comments(blocks: Iterable[Block]) -> list[Block]:
    return [b for b in blocks if any(_COMMENTS.search(_names(e)) for e in (b.node, *b.node.iterancestors()))]


def _share_of_box(element: _Element) -> float:
    """Return the largest share of the text that a box of this name may have; -1 for other names."""
    names = _names(element)
    if names == " " or element.tag in {"body", "html"}:
        return -1
    is_comments, is_box_name, is_contents = _meanings(names)
    if is_comments:
        return _COMMENTS_HOLD
    return _BOX_HOLDS if is_box_name or (is_contents and _leads_within(element)) else -1


@lru_cache(maxsize=1024)  # the elements of a page, and the pages of a site, share few names
def _meanings(names: str) -> tuple[bool, bool, bool]:
    """Return whether class and id name comments, another box, and a table of contents."""
    comments, box, contents = (pattern.search(names) is not None for pattern in (_COMMENTS, _BOXES, _CONTENTS))
    return comments, box, contents


def _leads_within(element: _Element) -> bool:
    """Return whether an element links to places of its own page, as a table of contents does."""
    return any(link.get("href", "").startswith("#") for link in element.iterfind(".//a"))


def is_box(element: _Element) -> bool:
    """Return whether an element is named as something other than the article."""
    return _share_of_box(element) > 0


def is_beside(element: _Element) -> bool:
    """Return whether an element is named as a sidebar, menu, footer, dialogue or advert."""
    return element.tag not in {"body", "html"} and _BESIDE.search(_names(element)) is not None


def names_other_content(names: str) -> bool:
    """Return whether class and id of an element name something other than the article."""
    return any(pattern.search(names) for pattern in (_COMMENTS, _BOXES, _BESIDE))


def _names(element: _Element) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"


def pointers_with_a_lead_in(blocks: Sequence[Block]) -> set[int]:
    """Return the indexes of blocks that share the words before their only link: `READ MORE | …`."""
    led: dict[str, list[int]] = {}
    for i, block in enumerate(blocks):
        if 0 < block.linked < len(block.text) and (words := _lead_in(block)):
            led.setdefault(words, []).append(i)
    return {i for alike in led.values() if len(alike) >= _REPEATED for i in alike}


def _lead_in(block: Block) -> str:
    """Return the letters before the only link that ends a block; empty for other blocks."""
    links = block.node.findall(".//a")
    if len(links) != 1 or block.role not in {"text", "heading"}:
        return ""
    linked = squash("".join(links[0].itertext()))
    words = block.key.removesuffix(linked)
    return words if words != block.key and len(words) >= _LEAD_IN else ""


def tail_at(blocks: Sequence[Block], start: int) -> int:
    """Return the index of the heading of comments or other articles after an article.

    Args:
        blocks: The blocks of the page.
        start: The index from which to search.

    Returns:
        The index; the number of blocks if there is no such heading.
    """
    for i in range(start, len(blocks)):
        if heads_a_tail(blocks[i]) and (
            is_comments_heading(blocks[i].text) or _begins_a_list(blocks[i + 1 : i + 1 + _NEAR])
        ):
            return i
    return len(blocks)


def heads_a_tail(block: Block) -> bool:
    """Return whether a block may be the heading of comments or other articles, not a button."""
    if len(block.text) > _SHORT_HEADING or block.role in {"caption", "row"} or block.density > LINKED:
        return False
    return is_comments_heading(block.text) or is_related_heading(block.text)


def heads_comments(block: Block) -> bool:
    """Return whether a block surely heads comments: it is a heading, or has their number, `Bình luận (2)`."""
    if not (heads_a_tail(block) and is_comments_heading(block.text)):
        return False
    return block.role == "heading" or any(map(str.isdigit, block.text))


def _begins_a_list(behind: Sequence[Block]) -> bool:
    return sum(block.density > LINKED for block in behind) > 1
