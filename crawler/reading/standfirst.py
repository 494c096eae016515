"""Separate the standfirst from the text of a page without rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lxml.etree import _Element

from crawler.parsing.blocks import Block, is_long, squash
from crawler.reading.block_places import headline_at, repeats_headline, standing
from crawler.reading.boilerplate_phrases import is_boilerplate_phrase

_LONG = 25  # letters and digits; such a long text does not recur on a page by chance
_PROSE = 60  # letters and digits; a longer block counts as prose
_LINE = 20  # letters and digits of a short line
_DATELINE = 25  # letters and digits of a place, day or agency that may come before the description
_FULL_STOPS = (".", "。")
_SOME_LINKS = 0.5  # share of a block inside links
_LEADS = re.compile(
    r"(?:^|[\s_-])(?:sapo|stand-?first|dek|deck|lead|lede|leadin|sub-?title|sub-?head(?:line|ing)?|excerpt|intro(?:duction)?|"
    r"perex|chapo|chapeau|preamble|ingress|manchet|summary|vorspann|bajada|copete|entradilla|entrada|sommario|gravata|linha-?fina|"
    r"zajawka|spot|(?:haber-?)?ozet|anons|announce|tom-?tat|mo-?ta|abstract|teaser-?text|article__?description)(?:$|[\s_-])",
    re.IGNORECASE,
)


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
    usual = Counter(standing(block.node) for block in prose).most_common(1)
    titles = {squash(title) for title in headlines if title}
    top = headline_at(page, titles)
    if top < 0 or not usual:
        return "", rest
    opening = next((i for i, block in enumerate(page) if block is (prose[1] if len(prose) > 1 else prose[0])), -1)
    names = {_first_class(block.node) for block in prose if standing(block.node) == usual[0][0]} - {""}
    told = [squash(words) for words in descriptions]
    around = {prose[0].node, prose[0].node.getparent()} - {page[top].node.getparent()}
    subtitled = True  # up to the first paragraph, a heading outside its element may be the subtitle
    subtitle = None
    for block in page[top + 1 : opening]:
        subtitled = subtitled and block is not prose[0] and block.node.getparent() not in around
        if block.role == "caption" or block.density > _SOME_LINKS or len(block.key) < _LINE:
            continue
        if standing(block.node) == usual[0][0] or repeats_headline(block, titles):
            continue
        dateline = 0 if _first_class(block.node) in names else _DATELINE
        repeated = [words for words in told if _repeats(block.key, words, dateline)]
        is_text = any(other is block for other in rest) and all(_is_excerpt(words, block.key) for words in repeated)
        if _is_lead(block.node) or (repeated and not is_text):
            return block.text, _without(block, rest)
        if subtitled and subtitle is None and _is_subtitle(block, titles):
            subtitle = block
    return (subtitle.text, _without(subtitle, rest)) if subtitle else ("", rest)


def _without(block: Block, article: Sequence[Block]) -> list[Block]:
    return [other for other in article if other is not block and other.key != block.key]


def _first_class(node: _Element) -> str:
    return next(iter((node.get("class") or "").split()), "")


def _is_lead(node: _Element) -> bool:
    parent = node.getparent()
    return any(_LEADS.search(f"{e.get('class', '')} {e.get('itemprop', '')}") for e in (node, parent) if e is not None)


def _is_subtitle(block: Block, titles: set[str]) -> bool:
    """Return whether a block is a heading as long as a sentence, or one that ends as a sentence."""
    if block.role != "heading" or is_boilerplate_phrase(block.text) or any(title in block.key for title in titles):
        return False
    return is_long(block.key, _PROSE) or (len(block.key) >= _LONG and block.text.endswith(_FULL_STOPS))


def _is_excerpt(words: str, key: str) -> bool:
    """Return whether a description was cut out of a paragraph, as systems do that have no standfirst."""
    return words in key and not key.endswith(words)


def _repeats(key: str, told: str, dateline: int) -> bool:
    """Return whether a block repeats the description, after a dateline at most; either may be truncated."""
    start = key.find(told[:_LONG])
    key = key[start:] if 0 < start <= dateline else key
    shorter = min(len(key), len(told))
    return shorter >= _LONG and key[:shorter] == told[:shorter] and shorter * 3 >= len(key)
