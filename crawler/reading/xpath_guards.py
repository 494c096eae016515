"""Let XPaths test patterns only of attributes that an element has.

lxml runs `re:test` in Python, and trafilatura's XPaths test `id` and `class` of every element, even of elements that
have neither. A pattern that does not match an empty text cannot match there, so the test is left out. If an XPath
tests only attributes, elements without these attributes are left out before any test.
"""

from __future__ import annotations

import re

from lxml.etree import XPath

_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}
_STEP = re.compile(r"(?P<any>\s*\(?\.//\*)(?:\[@[\w@ -]+\])?(?:\[self::[\w:\s]+\])?\[")
_TEXT = re.compile(r"'[^']*'")
_OR = re.compile(r"\sor\s")
_ATTRIBUTE = re.compile(r"@[\w-]+")
# A condition that no element without its attributes meets: the texts and patterns are not empty.
_ALTERNATIVE = re.compile(
    r"""@[\w-]+(?:\s?=\s?'[^']+')?|"""
    r"""(?:contains|starts-with)\((?:translate\(@[\w-]+,\s*'\w+',\s*'\w+'\)|@[\w|@-]+),\s*'[^']+'\)|"""
    r"""\(\(@[\w@ -]+\) and re:test\(@[\w|@-]+, '[^']*'(?:, '[a-z]+')?\)\)"""
)
_TEST = re.compile(r"re:test\((?P<attributes>@[\w|@-]+), '(?P<pattern>[^']*)'(?:, '[a-z]+')?\)")


def guard_expressions(group: list[XPath]) -> None:
    """Replace the XPaths of a list by guarded ones; a second call changes nothing."""
    group[:] = [
        expression if path == expression.path else XPath(path, namespaces=_NAMESPACES)
        for expression, path in ((expression, guard(expression.path)) for expression in group)
    ]


def guard(path: str) -> str:
    """Rewrite an XPath so that it tests only attributes that exist, and only elements that have any."""
    return _with_named_elements(_TEST.sub(_guarded, path))


def _with_named_elements(path: str) -> str:
    """Let an XPath first select the elements with an attribute that its first test asks about."""
    step = _STEP.match(path)
    masked = _TEXT.sub(lambda text: "'" + "_" * (len(text[0]) - 2) + "'", path)
    if not step or (end := _end_of_test(masked, step.end())) < 0:
        return path
    alternatives = _alternatives(path[step.end() : end], masked[step.end() : end])
    if not all(map(_ALTERNATIVE.fullmatch, alternatives)):
        return path
    known = " or ".join(sorted({name for part in alternatives for name in _ATTRIBUTE.findall(_TEXT.sub("", part))}))
    rest = path[step.end("any") :]
    return path if rest.startswith(f"[{known}]") else f"{step['any']}[{known}]{rest}"


def _end_of_test(masked: str, start: int) -> int:
    """Return where a predicate ends, in a path whose quoted texts are masked; -1 if it does not."""
    depth = 1
    for at in range(start, len(masked)):
        depth += (masked[at] == "[") - (masked[at] == "]")
        if depth == 0:
            return at
    return -1


def _alternatives(test: str, masked: str) -> list[str]:
    """Split a test at each `or` outside parentheses."""
    parts, start = [], 0
    for found in _OR.finditer(masked):
        if masked.count("(", 0, found.start()) == masked.count(")", 0, found.start()):
            parts.append(test[start : found.start()].strip())
            start = found.end()
    return [*parts, test[start:].strip()]


def _guarded(test: re.Match[str]) -> str:
    known = " or ".join(test["attributes"].split("|"))
    before = test.string[: test.start()].rstrip()
    if re.search(test["pattern"], "") or before.endswith(f"({known}) and"):
        return test[0]
    return f"(({known}) and {test[0]})"
