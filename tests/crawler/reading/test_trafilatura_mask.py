"""Tests of asking trafilatura for the article."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from lxml.etree import tostring
from trafilatura import bare_extraction

from crawler.reading.trafilatura_mask import fast_text

SENTENCE = "The ferry to the island was late again this morning, and nobody on the pier knew why it was. "
NAMES = st.sampled_from(["", "post", "article-body", "comment-list", "teaser", "share", "row", "caption", "cookie"])
TAGS = st.sampled_from("div p section article ul li h2 span a table tr td blockquote form figure br b".split())
ELEMENT = st.tuples(TAGS, NAMES, st.integers(0, 6), st.integers(0, 2))


def page_of(elements):
    """Build a page of elements with so many sentences each, after which so many elements are closed."""
    markup, opened = [], []
    for tag, name, sentences, closed in elements:
        link = " href='/a'" if tag == "a" else ""
        markup.append(f"<{tag} class='{name}' id='{name}-x'{link}>{SENTENCE * sentences}")
        if tag != "br":
            opened.append(tag)
        markup += [f"</{opened.pop()}> tail " for _ in range(min(closed, len(opened)))]
    return html.document_fromstring(f"<html><body><article>{''.join(markup)}x</article></body></html>")


@given(st.lists(ELEMENT, max_size=25))
def test_the_fast_text_is_that_of_trafilatura(elements):
    """On any page, leaving out copies, metadata and idle names changes no letter of the text, nor the tree."""
    tree = page_of(elements)
    before = tostring(tree)
    document = bare_extraction(deepcopy(tree), fast=True, include_comments=False, with_metadata=False)

    assert (document.text if document else "") == fast_text(tree)
    assert before == tostring(tree)
