"""Tests of leaving out searches for lists of links."""

import importlib.util
from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from lxml.etree import tostring
from trafilatura import htmlprocessing, main_extractor
from trafilatura.settings import Extractor

import crawler.reading.trafilatura_mask  # noqa: F401 - it changes trafilatura
from crawler.reading.repeated_passes import skip_repeated_passes


def copy_of(module):
    """Return a second copy of a module of trafilatura, which nobody changed."""
    spec = importlib.util.find_spec(module.__name__)
    copied = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copied)
    return copied


PLAIN_PROCESSING = copy_of(htmlprocessing)
PLAIN = copy_of(main_extractor)
PLAIN.delete_by_link_density = PLAIN_PROCESSING.delete_by_link_density
PLAIN.prune_unwanted_nodes = PLAIN_PROCESSING.prune_unwanted_nodes
OPTIONS = Extractor(output_format="python", fast=True, comments=False)
WORDS = st.sampled_from(["", "Short. ", "The ferry to the island was late again this morning. " * 3])
PIECES = st.tuples(st.sampled_from("div p list item quote span ref ref ref table".split()), WORDS, st.integers(0, 3))


def tree_of(pieces):
    """Build a converted tree: nested elements with these texts, after which so many are closed."""
    markup, opened = [], []
    for tag, words, closed in pieces:
        markup.append(f"<{tag}>{words}")
        opened.append(tag)
        markup += [f"</{opened.pop()}> tail " for _ in range(min(closed, len(opened)))]
    return html.fragment_fromstring(f"<div>{''.join(markup)}</div>")


@given(st.lists(PIECES, max_size=30))
def test_the_same_elements_are_removed(pieces):
    """On any tree, pruning leaves what it leaves where no search is left out, also the second time."""
    plain, quick = tree_of(pieces), tree_of(pieces)
    for _ in range(2):
        plain = PLAIN.prune_unwanted_sections(plain, {"p"}, OPTIONS)
        quick = main_extractor.prune_unwanted_sections(quick, {"p"}, OPTIONS)

        assert tostring(plain) == tostring(quick)


def test_a_second_search_is_left_out_only_if_nothing_was_removed():
    """Without removals each name is searched once; after a removal every name is searched again."""
    extractor, processing, searched = copy_of(main_extractor), copy_of(htmlprocessing), []

    def search(tree, name, *args, **options):
        searched.append(name)
        return processing.delete_by_link_density(tree, name, *args, **options)

    extractor.delete_by_link_density = search
    skip_repeated_passes(extractor, processing)
    text = html.fragment_fromstring("<div><p>The ferry was late.</p></div>")
    extractor.prune_unwanted_sections(deepcopy(text), {"p"}, OPTIONS)
    assert ["div", "list", "p"] == searched

    searched.clear()
    links = html.fragment_fromstring("<div><p><ref>Home</ref> <ref>News</ref></p><p>The ferry was late.</p></div>")
    extractor.prune_unwanted_sections(links, {"p"}, OPTIONS)
    assert ["div", "list", "p", "div", "list", "p"] == searched
