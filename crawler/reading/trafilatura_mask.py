"""Ask trafilatura which blocks of a page are its article."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from copy import copy

from lxml.etree import _Element
from trafilatura import bare_extraction, core, xpaths
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

from crawler.parsing.blocks import Block, squash
from crawler.parsing.composition import compose
from crawler.reading.idle_names import IdleNames
from crawler.reading.xpath_guards import guard_expressions

# trafilatura logs an error for each page without text; here that is a normal result.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
# The XPaths that it evaluates on whole pages. Its modules share these lists, so their items are replaced.
WHOLE_PAGE_XPATHS = (
    xpaths.BODY_XPATH,
    xpaths.OVERALL_DISCARD_XPATH,
    xpaths.RAW_TREE_PRUNE_XPATH,
    xpaths.REMOVE_COMMENTS_XPATH,
    xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
    xpaths.TEASER_DISCARD_XPATH,
    xpaths.DISCARD_IMAGE_ELEMENTS,
)
for _group in WHOLE_PAGE_XPATHS:
    guard_expressions(_group)
_baseline = sys.modules["trafilatura.baseline"]  # the package has a function of this name
_CLEANING = [_baseline.BASIC_CLEAN_XPATH]
guard_expressions(_CLEANING)
_baseline.BASIC_CLEAN_XPATH = _CLEANING[0]  # type: ignore[attr-defined]
# All XPaths of the fast extraction that ask about classes and ids.
FAST_XPATHS = (*WHOLE_PAGE_XPATHS, _CLEANING)
# Names that trafilatura's code compares by itself, beside its XPaths.
_COMPARED = ("schema-faq-question", "w3-code", "hljs", "highlight", "data-preloaded")
_IDLE_NAMES = IdleNames([expression.path for group in FAST_XPATHS for expression in group], _COMPARED)
_FAST = Extractor(output_format="python", fast=True, comments=False)

_LONG = 25  # letters and digits; such a long text does not recur on a page by chance


def trafilatura_mask(blocks: Sequence[Block], tree: _Element, *, thorough: bool = False) -> list[bool]:
    """Return which blocks trafilatura takes for the article.

    Args:
        blocks: The blocks of the tree, in page order.
        tree: The tree; trafilatura works on a copy.
        thorough: Let trafilatura try its other readers too, at twice the cost.
    """
    try:
        text = thorough_text(tree) if thorough else fast_text(tree)
    except (ValueError, TypeError, AttributeError, RecursionError):  # trafilatura raises these on unusual trees
        text = ""
    return [place >= 0 for place in _places([block.key for block in blocks], squash(compose(text)))]


def thorough_text(tree: _Element) -> str:
    """Return the text that trafilatura finds with all its readers."""
    document = bare_extraction(tree, include_comments=False, with_metadata=False)
    return getattr(document, "text", None) or ""


def fast_text(tree: _Element) -> str:
    """Return the text that trafilatura finds in its fast mode.

    It does the same as `bare_extraction` without metadata and comments, with fewer copies of the tree.
    """
    tree = copy(tree)
    _IDLE_NAMES.remove_from(tree)  # the other readers of the thorough mode compare all names
    body, text, *_ = core.trafilatura_sequence(tree, _FAST)
    return xmltotxt(body, _FAST.formatting) if len(text) >= _FAST.min_output_size else ""


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
