"""Let XPaths test patterns only of attributes that an element has.

lxml runs `re:test` in Python, and trafilatura's XPaths ask it about `id` and `class` of every element, even of those
that have neither. A pattern that does not match an empty text cannot match there, so the question is left out.
"""

from __future__ import annotations

import re

from lxml.etree import XPath

_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}
_TEST = re.compile(r"re:test\((?P<attributes>@[\w|@-]+), '(?P<pattern>[^']*)'(?:, '[a-z]+')?\)")


def guard_expressions(group: list[XPath]) -> None:
    """Replace the XPaths of a list by guarded ones; a second call changes nothing."""
    group[:] = [
        expression if path == expression.path else XPath(path, namespaces=_NAMESPACES)
        for expression, path in ((expression, guard(expression.path)) for expression in group)
    ]


def guard(path: str) -> str:
    """Rewrite an XPath so that it runs regular expressions only on attributes that exist."""
    return _TEST.sub(_guarded, path)


def _guarded(test: re.Match[str]) -> str:
    known = " or ".join(test["attributes"].split("|"))
    before = test.string[: test.start()].rstrip()
    if re.search(test["pattern"], "") or before.endswith(f"({known}) and"):
        return test[0]
    return f"(({known}) and {test[0]})"
