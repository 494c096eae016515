"""Check what an outlet's rules took of a page against what the generic reader takes of the same page."""

from __future__ import annotations

from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from archive.errors import Failure
from crawler.outlets.model import Reading
from crawler.parsing.blocks import squash
from crawler.reading.article import Article, read_generic
from crawler.reading.completeness import is_fuller
from crawler.reading.metadata import Facts

RULES_MISS_TEXT = "the outlet's rules missed most of the text"
_SHORT = 600  # letters and digits of an article, about a hundred words, below which any page is worth a second look
_SHARE = 3  # times as much text as was taken, from which a page is worth a second look


def is_short_for_its_page(article: Article, tree: LexborHTMLParser) -> bool:
    """Whether rules took so little of a page's text that they may no longer fit.

    Args:
        article: What the rules took.
        tree: The page, less what the rules took out of it.
    """
    taken = sum(len(block.key) for block in article.blocks) + len(squash(article.standfirst))
    shown = sum(len(node.text(deep=True)) for node in tree.css("p"))
    if shown > _SHARE * taken:
        return True
    return taken < _SHORT and tree.body is not None and len(squash(tree.body.text(deep=True))) > _SHARE * taken


def fuller_article(article: Article, page: LexborHTMLParser, facts: Facts, rules: Reading) -> Article:
    """Return the generic reading of a page where it holds far more than what the outlet's rules took, else the latter.

    Args:
        article: What the rules took.
        page: The page as it was parsed, anew; it is changed.
        facts: What the page says of itself.
        rules: The outlet's rules of the day.
    """
    other = read_generic(page, facts, rules)
    if isinstance(other, Failure) or not is_fuller(other.blocks, article.blocks):
        return article
    return replace(
        other,
        byline=article.byline or other.byline,
        published=article.published,
        tags=article.tags,
        section=article.section,
        doubts=(*other.doubts, RULES_MISS_TEXT),
    )
