"""Tests of the guarded XPaths."""

import importlib.util

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from trafilatura import xpaths

from crawler.reading.trafilatura_mask import WHOLE_PAGE_XPATHS
from crawler.reading.xpath_guards import guard, guard_expressions

# A second copy of trafilatura's module, which nobody guards.
_SPEC = importlib.util.find_spec("trafilatura.xpaths")
PLAIN = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(PLAIN)
NAMES = [name for name, value in vars(xpaths).items() if any(value is group for group in WHOLE_PAGE_XPATHS)]
WORDS = st.sampled_from([*"post entry comment comment-list share nav teaser hidden story-body cookie xx".split(), ""])
TAGS = st.sampled_from("div section article p span ul aside main".split())
ELEMENT = st.tuples(
    TAGS, st.dictionaries(st.sampled_from(["id", "class", "style", "role", "itemprop"]), WORDS, max_size=3)
)


def test_every_pattern_is_guarded():
    """No pattern of the extraction is tested on an element without its attribute, and a second call changes nothing."""
    for group in WHOLE_PAGE_XPATHS:
        guard_expressions(group)
    paths = [expression.path for group in WHOLE_PAGE_XPATHS for expression in group]

    assert 7 == len(NAMES)
    assert sum(path.count("re:test(") for path in paths) > 15
    assert all(path.count("re:test(") == path.count(") and re:test(") for path in paths)
    assert paths == list(map(guard, paths))


def test_a_pattern_that_matches_nothing_at_all_is_left():
    """A pattern that matches an empty text also selects elements without the attribute, so it has no guard."""
    assert ".//*[re:test(@id, 'x?')]" == guard(".//*[re:test(@id, 'x?')]")
    assert ".//*[@class or @id][((@id or @class) and re:test(@id|@class, 'x', 'i'))]" == guard(
        ".//*[re:test(@id|@class, 'x', 'i')]"
    )


def test_only_elements_with_an_attribute_in_question_are_asked():
    """An XPath first drops elements without any attribute it asks about, unless something else may select them."""
    assert "(.//*[@class or @id][self::div][@id='x' or contains(@class, ' or ')])[1]" == guard(
        "(.//*[self::div][@id='x' or contains(@class, ' or ')])[1]"
    )
    for path in (".//*[@id='x' or not(@class)]", ".//*[@id='x' or p]", ".//*[contains(@id, '')]", ".//*[@id!='x']"):
        assert path == guard(path)


@given(st.lists(ELEMENT, max_size=12))
def test_the_guarded_xpaths_select_the_same_elements(elements):
    """On any tree, a guarded XPath selects the elements that the unguarded one selects, in their order."""
    markup = "".join(
        f"<{tag} {' '.join(f'{name}={value or chr(34) * 2}' for name, value in attributes.items())}>text"
        for tag, attributes in elements
    )
    tree = html.document_fromstring(f"<body>{markup}x</body>")
    for name in NAMES:
        for plain, guarded in zip(getattr(PLAIN, name), getattr(xpaths, name), strict=True):
            assert plain(tree) == guarded(tree)
