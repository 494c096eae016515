"""Tests of the classes and ids that no XPath asks about."""

import sys

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from trafilatura import settings

from crawler.reading.idle_names import IdleNames, unknown_questions
from crawler.reading.trafilatura_mask import FAST_XPATHS

PATHS = [expression.path for group in FAST_XPATHS for expression in group]
IDLE = IdleNames(PATHS, ["compared"])
NAMES = """
post posts entry article-body story-body comment comment-list commentary share nav Teaser x-hidden cookie cookie-banner
reply-1 main-content Main-Content mainly footer caption elementor-share-buttons mvp-post-add-box onetrust fulltext
FULLTEXT text texts col row wrapper clearfix a1 compared
"""
WORDS = st.lists(st.sampled_from(NAMES.split()), max_size=2).map(" ".join)
TAGS = st.sampled_from("div section article p span ul aside main a".split())
ELEMENT = st.tuples(TAGS, st.dictionaries(st.sampled_from(["id", "class", "style", "role"]), WORDS, max_size=3))


def tree_of(elements):
    """Parse a page of nested elements with these attributes."""
    tags = (
        " ".join([tag, *(f'{name}="{value}"' for name, value in attributes.items())]) for tag, attributes in elements
    )
    return html.document_fromstring(f"<body>{''.join(f'<{tag}>text' for tag in tags)}x</body>")


def test_every_question_is_understood():
    """Of every XPath of the fast extraction, each text that it compares with an attribute is known."""
    assert 12 < len(PATHS)
    assert not [path for path in PATHS if "'" in unknown_questions(path) or "re:test" in unknown_questions(path)]


@given(st.lists(ELEMENT, max_size=12))
def test_all_xpaths_select_the_same_elements_without_idle_names(elements):
    """On any tree, each XPath selects the same elements before and after idle names are removed."""
    tree = tree_of(elements)
    expressions = [expression for group in FAST_XPATHS for expression in group]
    before = [expression(tree) for expression in expressions]
    IDLE.remove_from(tree)

    assert before == [expression(tree) for expression in expressions]


def test_only_idle_names_go():
    """A name that no XPath asks about is removed; an element of which one name matters keeps both, and its order."""
    tree = html.fromstring(
        "<div><p class='clearfix' id=a1 lang=vi></p><p id=a1 class=cookie></p><p class=compared></p>"
        "<p id=a1 style='visibility: hidden'></p></div>"
    )
    IDLE.remove_from(tree)

    assert [{"lang": "vi"}, {"id": "a1", "class": "cookie"}, {"class": "compared"}] == [dict(e.attrib) for e in tree][
        :3
    ]
    assert "a1" == tree[3].get("id")  # `@id|@style` is the id as long as there is one


@given(st.lists(ELEMENT, max_size=8))
def test_the_cleaning_of_a_page_is_guarded_and_the_same(elements):
    """The XPath that cleans a page for its length is guarded, and selects what trafilatura's own one selects."""
    guarded = sys.modules["trafilatura.baseline"].BASIC_CLEAN_XPATH
    tree = tree_of(elements)

    assert guarded.path != settings.BASIC_CLEAN_XPATH.path
    assert settings.BASIC_CLEAN_XPATH(tree) == guarded(tree)
