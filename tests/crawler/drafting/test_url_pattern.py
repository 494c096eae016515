"""Learning the pattern of article addresses from examples."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.drafting.url_pattern import learn_pattern
from crawler.outlets.article_urls import article_key
from crawler.outlets.catalogue import load_catalogue

FORMS = tomllib.loads((Path(__file__).parents[1] / "outlets" / "addresses.toml").read_text(encoding="utf-8"))
# Outlets whose keys are not numbers, or whose addresses have neither words nor days.
BEYOND = {"antv", "bbc_vi"}
CATALOGUE = load_catalogue()


@pytest.mark.parametrize("name", sorted(FORMS.keys() - BEYOND))
def test_finds_the_numbers_that_people_found(name):
    """Learned from a dozen addresses, a pattern gives the same keys as the hand-written declaration."""
    form, key = next(iter(FORMS[name]["articles"].items()))
    numbers = [str(int(key) + 37 * i) if key.isdigit() else key for i in range(12)]
    addresses = [
        form.replace(key, number).replace("SLUG", f"mot-hai-ba-bon-nam-{'abcdefghijkl'[i]}")
        for i, number in enumerate(numbers)
    ]

    learned = learn_pattern(addresses, FORMS[name].get("others", ()))

    drafted = CATALOGUE[name].model_copy(update={"article": (learned.pattern,)})
    assert (12, 12) == (learned.matched, learned.articles)
    assert [article_key(CATALOGUE[name], url) for url in addresses] == [article_key(drafted, url) for url in addresses]


@pytest.mark.parametrize(
    ("addresses", "pattern"),
    [
        ([f"https://b.example/tin.asp?muc={i % 2}&id={2300 + i}" for i in range(9)], r"[?&]id=(?P<key>\d{3,5})(?:&|$)"),
        ([f"https://b.example/news/{70011 + i}/mot-bai" for i in range(9)], r"^[^?]*/(?P<key>\d{4,6})/[^/?]+"),
        (
            [f"https://b.example/a/x-{i}00001{'.htm' if i % 2 else '.html'}" for i in range(1, 9)],
            r"^[^?]*-(?P<key>\d{5,7})(?:\.html|\.htm)(?:\?|$)",
        ),
        ([f"https://b.example/2026/02/04/bai-{w}" for w in "abcdef"], r"^/\d{4}/\d{1,2}/\d{1,2}/[^/?]+/?$"),
        ([f"https://b.example/{w}-{w}-ba-bon-nam-sau/" for w in "abcdef"], r"^/[^/?]*(?:[-_+][^-_+/?]+){3,}/?$"),
        ([f"https://b.example/x-{day}" for day in (20260204, 20260205, 20260206)], ""),  # days are not article numbers
        ([f"https://b.example/{w}" for w in "abcdef"], ""),
        ([], ""),
    ],
)
def test_learns_a_pattern(addresses, pattern):
    """Patterns use numbers in the path, before a slug or in the query; else days and slugs; else there is none."""
    assert pattern == learn_pattern(addresses).pattern


def test_counts_what_it_mistakes():
    """The pattern also counts matching section addresses, which `exclude` should name."""
    articles = [f"https://b.example/bai-{i}00007.htm" for i in range(1, 9)]

    learned = learn_pattern(articles, [*articles[:2], "https://b.example/muc-100009.htm", "https://b.example/muc"])

    assert (8, 8, 1) == (learned.matched, learned.articles, learned.mistaken)


@pytest.mark.slow
@given(st.lists(st.from_regex(r"\Ahttps://b\.example/[a-c\d./?=&_+()-]{0,20}\Z"), max_size=12))
def test_a_pattern_matches_most_of_what_it_is_learned_from(addresses):
    """With any addresses, the learned pattern is valid and matches most of them, or is empty."""
    learned = learn_pattern(addresses)

    assert re.compile(learned.pattern)
    assert not learned.pattern or learned.matched >= 0.6 * learned.articles
