"""Read the parts of an article: headline, standfirst, text with captions, and signature."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from lxml.html import HtmlElement
from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.errors import Failure
from crawler.outlets.model import Reading
from crawler.parsing.blocks import Block, as_text, blocks_of, squash, visible_blocks
from crawler.parsing.html_tree import NEVER, drop, end_at, flatten, lxml_tree, mark_captions
from crawler.reading.captions import mark_credited_captions, mark_likely_captions
from crawler.reading.completeness import is_fuller, misses_most, prose_mask
from crawler.reading.confidence import MISSES_PROSE, TITLE_BY_NO_RULE
from crawler.reading.headline import Headlines
from crawler.reading.live_blog import Entry
from crawler.reading.main_text import correct_selection, drop_clutter
from crawler.reading.metadata import PageMetadata
from crawler.reading.printed_bylines import is_signed
from crawler.reading.rule_fields import extract_rule_fields
from crawler.reading.signature import find_closing_lines, split_signature
from crawler.reading.standfirst import split_standfirst
from crawler.reading.trafilatura_mask import trafilatura_mask

GENERIC = "generic"
_Mask = Callable[[Sequence[Block], HtmlElement, Sequence[str]], list[bool]]
_SHOWN_ENTRIES = 3  # entries of a live blog; if a page has so many, it shows them itself
_SENTENCE_END = re.compile(r"[.!?…。！？]\W*$")
_OPENING = 2  # blocks, standfirst and text, before which the line of the author may be
_DOUBTFUL = 0.5  # share of a block inside links; above it trafilatura decides


@dataclass(frozen=True, slots=True)
class Article:
    """The parts of an article; a part that the page does not show is empty.

    Attributes:
        title: The headline.
        standfirst: The sapo.
        blocks: Text and captions in page order, without headline, standfirst and signature.
        page: All blocks of the page, for judging the page.
        byline: The authors, as printed.
        signature: Byline and agency credits, as printed at the end of the text.
        credit: The outlet or agencies that the article was taken from, as printed.
        published: The time of publication, as the outlet's rules find it.
        tags: The tags.
        section: The section.
        rules: The rules that read it.
        doubts: Why the reading may be wrong, a short phrase each; empty if nothing is doubtful.
    """

    title: str
    standfirst: str
    blocks: Sequence[Block]
    page: Sequence[Block] = field(repr=False)
    byline: str = ""
    signature: str = ""
    credit: str = ""
    published: str = ""
    tags: tuple[str, ...] = ()
    section: str = ""
    rules: str = GENERIC
    doubts: tuple[str, ...] = ()

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Return text and captions as the dated text writes them."""
        return tuple(map(as_text, self.blocks))

    @property
    def captions(self) -> tuple[str, ...]:
        """Return only the captions."""
        return tuple(as_text(block) for block in self.blocks if block.role == "caption")

    @property
    def body(self) -> tuple[str, ...]:
        """Return the text without its captions."""
        return tuple(as_text(block) for block in self.blocks if block.role != "caption")


def read_declared(tree: LexborHTMLParser, facts: PageMetadata, rules: Reading) -> Article | Failure | None:
    """Read a page by the rules of its outlet.

    The rules isolate the text; trafilatura decides about blocks in it that are mostly links.

    Args:
        tree: The page; it is modified.
        facts: The metadata of the page.
        rules: The outlet's rules for the day.

    Returns:
        The article; None if the rules find no text; a failure if the text is too large.
    """
    body = _body_of(tree, rules)
    if body is None:
        return None
    if rules.drop:
        drop(tree, ",".join(rules.drop))
    mark_captions(tree, rules.caption)
    printed = extract_rule_fields(tree, rules)
    body = _body_of(tree, rules)
    if body is None:
        return None
    drop(body, NEVER)
    end_at(body, rules.end)
    inner = lxml_tree(body.html or "")
    if isinstance(inner, Failure):
        return inner
    page = visible_blocks(blocks_of(inner.body))
    title = printed.title or next(iter(facts.titles), "")
    known = {squash(text) for text in (title, printed.standfirst, printed.byline) if text}
    kept = [
        block
        for block in _without_doubtful_blocks(page, inner)
        if block.key not in known and not _is_stripped(block.text, rules)
    ]
    blocks, signature = split_signature(kept, printed.byline, printed.credit)
    return Article(
        title=title,
        standfirst=printed.standfirst,
        blocks=blocks,
        page=page,
        byline=printed.byline or signature,
        signature=signature,
        credit=printed.credit,
        published=printed.published,
        tags=printed.tags,
        section=printed.section,
        rules=f"until {rules.until}" if rules.until else "today",
        doubts=(TITLE_BY_NO_RULE,) if rules.title and not printed.title else (),
    )


def read_generic(
    tree: LexborHTMLParser, facts: PageMetadata, rules: Reading, byline: str, headlines: Headlines
) -> Article | Failure:
    """Read a page without rules: trafilatura finds the text, and its result is corrected.

    Args:
        tree: The page; it is modified.
        facts: The metadata of the page.
        rules: The outlet's rules, if any; those for the text matched nothing.
        byline: The authors as printed; empty if they are not.
        headlines: The headline of the page and its headings.
    """
    drop(tree, ",".join((NEVER, *rules.drop)))
    mark_likely_captions(tree)
    flatten(tree)
    titles = [headlines.chosen, *facts.titles, *(head for head in facts.heads if head in headlines.shown)]
    reading = _fullest_reading(tree.html or "", titles)
    if isinstance(reading, Failure):
        return reading
    article = [block for block in reading.article if not _is_stripped(block.text, rules)]
    article = [block for i, block in enumerate(article) if i >= _OPENING or not _is_byline(block)]
    standfirst, blocks = split_standfirst(reading.page, article, facts.descriptions, titles)
    closing, credit = find_closing_lines(reading.page, article)
    blocks, signature = split_signature(blocks, "", credit, closing)
    return Article(
        headlines.chosen,
        standfirst,
        blocks,
        reading.page,
        byline=byline,
        signature=signature,
        credit=credit,
        doubts=reading.doubts,
    )


def _is_byline(block: Block) -> bool:
    return block.role == "text" and is_signed(block.text) and not _SENTENCE_END.search(block.text)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The blocks of a page, those that belong to the article, and doubts about them."""

    page: Sequence[Block]
    article: Sequence[Block]
    doubts: tuple[str, ...] = ()


def _fullest_reading(markup: str, headlines: Sequence[str]) -> _Reading | Failure:
    """Read a page quickly; read it again thoroughly if that misses most of its prose."""
    first = _read_fully(markup, headlines, _quick_mask)
    if isinstance(first, Failure) or not misses_most(first.page, first.article, headlines):
        return first
    best = first
    for mask in (_thorough_mask, _own_mask):
        other = _read_fully(markup, headlines, mask)
        if not isinstance(other, Failure) and is_fuller(other.article, best.article):
            best = other
    return replace(best, doubts=(MISSES_PROSE,))


def _read_fully(markup: str, headlines: Sequence[str], mask: _Mask) -> _Reading | Failure:
    whole = lxml_tree(markup)
    if isinstance(whole, Failure):
        return whole
    page = visible_blocks(mark_credited_captions(blocks_of(whole.body)))
    return _Reading(page, correct_selection(page, mask(page, whole, headlines), headlines))


def _quick_mask(page: Sequence[Block], whole: HtmlElement, headlines: Sequence[str]) -> list[bool]:
    drop_clutter(page, headlines)
    return trafilatura_mask(page, whole)


def _thorough_mask(page: Sequence[Block], whole: HtmlElement, headlines: Sequence[str]) -> list[bool]:  # noqa: ARG001 - one form for all masks
    return trafilatura_mask(page, whole, thorough=True)


def _own_mask(page: Sequence[Block], whole: HtmlElement, headlines: Sequence[str]) -> list[bool]:  # noqa: ARG001 - one form for all masks
    return prose_mask(page, headlines)


def with_entry_times(article: Article, entries: Sequence[Entry]) -> Article:
    """Return a live blog with the time of each entry.

    Args:
        article: The article as read. If it shows the entries, each headline gets its time; if it leaves the entries
            to scripts, they are appended.
        entries: The entries in the page's data.
    """
    times = {squash(entry.headline): entry.time for entry in entries if entry.headline and entry.time}
    if sum(block.key in times for block in article.blocks) >= _SHOWN_ENTRIES:
        return replace(article, blocks=[_add_time(block, times.get(block.key, "")) for block in article.blocks])
    tree = lxml_tree("".join(entry.markup for entry in entries))
    told = [] if isinstance(tree, Failure) else blocks_of(tree.body)
    text = "".join(block.key for block in told)
    if 2 * len(text) < sum(len(block.key) for block in article.blocks):
        return article
    opening = takewhile(lambda block: block.key not in text, article.blocks)
    return replace(article, blocks=[*opening, *told])


def _add_time(block: Block, time: str) -> Block:
    return replace(block, text=f"{time} {block.text}") if time else block


def _body_of(tree: LexborHTMLParser, rules: Reading) -> LexborNode | None:
    for selector in rules.body:
        if (node := tree.css_first(selector)) is not None and node.text(deep=True, strip=True):
            return node
    return None


def _without_doubtful_blocks(page: Sequence[Block], inner: HtmlElement) -> Sequence[Block]:
    """Return the blocks of a body without the link-heavy ones that trafilatura rejects.

    A block with more link than text may be a list of related articles or a sentence of the article. All other blocks
    in the body belong to the article because the outlet's rules say so.
    """
    doubtful = [block.density >= _DOUBTFUL and block.role != "caption" for block in page]
    if not any(doubtful):
        return page
    taken = trafilatura_mask(page, inner)
    return [block for block, kept, doubt in zip(page, taken, doubtful, strict=True) if kept or not doubt]


def _is_stripped(text: str, rules: Reading) -> bool:
    return any(re.fullmatch(pattern, text) for pattern in rules.strip)
