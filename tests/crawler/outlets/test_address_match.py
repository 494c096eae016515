"""Classifying an address as a crawl does, and naming the rule that decided."""

from __future__ import annotations

import pytest

from archive.record import article_id
from crawler.outlets.address_match import match_address
from crawler.outlets.model import Outlet

PAPER = Outlet(
    id="paper",
    name="Paper",
    home="https://paper.example/",
    article=(r"-(?P<key>\d{5})\.html$", r"(?i)^/gl/(?P<key>[^/]+)/?$"),
    exclude=("^/print/",),
)
BARE = Outlet(id="bare", name="Bare", home="https://bare.example/")
CATALOGUE = {"paper": PAPER, "bare": BARE}


@pytest.mark.parametrize(
    ("url", "article", "key", "rule"),
    [
        ("https://paper.example/a-12345.html", True, "12345", r"article -(?P<key>\d{5})\.html$"),
        ("https://m.paper.example//a-12345.html?utm_source=x", True, "12345", r"article -(?P<key>\d{5})\.html$"),
        ("https://www.paper.example/GL/3BA2", True, "3ba2", r"article (?i)^/gl/(?P<key>[^/]+)/?$"),
        ("https://paper.example/print/a-12345.html", False, "12345", "exclude ^/print/"),
        ("https://paper.example/section", False, "", "no pattern of `article` matches"),
        ("https://bare.example/section", False, "", "guess: does not look like an article"),
        (
            "https://bare.example/a-long-slug-of-words",
            True,
            "bare.example/a-long-slug-of-words",
            "guess: looks like an article",
        ),
    ],
)
def test_the_first_matching_rule_decides(url: str, article: bool, key: str, rule: str) -> None:
    """An excluded page keeps the key of the article that it repeats."""
    match = match_address(CATALOGUE, url)

    assert (article, key, rule) == (match.article, match.key, match.rule)
    assert (article_id(match.outlet, key) if key else "") == match.id


@pytest.mark.parametrize(
    ("url", "canonical", "rule"),
    [
        ("https://other.example/a-12345.html", "https://other.example/a-12345.html", "no outlet's host"),
        ("not an address", "", "not an address"),
    ],
)
def test_a_foreign_address_has_no_outlet(url: str, canonical: str, rule: str) -> None:
    """An address on no declared host differs from a text that is not an address."""
    match = match_address(CATALOGUE, url)

    assert ("", False, "", "", canonical, rule) == (
        match.outlet,
        match.article,
        match.key,
        match.id,
        match.canonical,
        match.rule,
    )
