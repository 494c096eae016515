"""Read the fields that an outlet's rules select, such as headline and byline."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.outlets.model import Reading
from crawler.parsing.blocks import squash
from crawler.parsing.html_tree import first, words_of

_MAX_AUTHORS = 12
_ADDRESS = re.compile(r"\S+@\S+")  # mail addresses appear beside names


@dataclass(frozen=True, slots=True)
class RuleFields:
    """The fields that an outlet's rules find on a page; empty if they find nothing.

    Attributes:
        title: The headline.
        standfirst: The sapo.
        byline: The authors, as printed.
        credit: Agencies, or the outlet that the article was taken from, as printed.
        published: The time of publication, as printed.
        tags: The tags.
        section: The section's name.
    """

    title: str = ""
    standfirst: str = ""
    byline: str = ""
    credit: str = ""
    published: str = ""
    tags: tuple[str, ...] = ()
    section: str = ""


def extract_rule_fields(tree: LexborHTMLParser, rules: Reading) -> RuleFields:
    """Read the fields that the rules select, and remove them from the tree.

    Removed elements are not read again as text.

    Args:
        tree: The page, without the elements that the rules drop.
        rules: The outlet's rules.
    """
    tags = _texts_of_all(tree, rules.tags)
    section, _ = first(tree, rules.section)
    published, _ = first(tree, rules.published)
    title = _extract_text(tree, rules.title)
    standfirst = _extract_text(tree, rules.standfirst)
    credit = _extract_text(tree, rules.credit)
    byline = _extract_byline(tree, rules.byline)
    return RuleFields(title, standfirst, byline, credit, published, tags, section)


def _extract_text(tree: LexborHTMLParser, selectors: Iterable[str]) -> str:
    text, node = first(tree, selectors)
    if node is not None and not _is_page_or_head(node):
        node.decompose()
    return text


def _extract_byline(tree: LexborHTMLParser, selectors: Iterable[str]) -> str:
    """Read all authors that the first matching rule finds, as one line without repetitions."""
    for rule in selectors:
        selector, _, attribute = rule.partition("@")
        nodes = tree.css(selector)[:_MAX_AUTHORS]
        lines = [_ADDRESS.sub("", words_of(node, attribute)).strip(" -–|,") for node in nodes]
        if found := {squash(line): line for line in reversed(lines) if line}:
            for node in nodes:
                if not _is_page_or_head(node):
                    node.decompose()
            return " - ".join(
                line for key, line in reversed(found.items()) if not any(key != k and key in k for k in found)
            )
    return ""


def _is_page_or_head(node: LexborNode) -> bool:
    """Return whether a node is the whole page or is in its head."""
    return node.tag in {"html", "head", "body", "meta", "title"}


def _texts_of_all(tree: LexborHTMLParser, selectors: Iterable[str]) -> tuple[str, ...]:
    for rule in selectors:
        selector, _, attribute = rule.partition("@")
        texts = [words_of(node, attribute) for node in tree.css(selector)]
        words = [word for text in texts for word in (text.split(",") if attribute else [text])]
        if found := tuple(dict.fromkeys(filter(None, (word.strip(" #,;") for word in words)))):
            return found
    return ()
