"""Read headline, time and authors of an object in a page's scripts, by any of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.reading import jsonld

TITLE_KEYS = ("title", "headline", "headlines", "name")
# Keys in lower case without marks, most certain first: `firstPublishedAt` and `first_published_at` are one key.
_DATE_KEYS = tuple(
    """
firstpublishedat firstpublished firstpublisheddate firstpublishdate firstpublicationdate originalpublishdate
publishedat publishedon publisheddate publishedtime publisheddatetime published publishdate publishtime
publishdatetime publishat publishon publicationdate publicationtime datepublished datepublication displaydate
displaytime pubdate pubtime posteddate postedat postedon postdate posttime releasedate dateline issued dates date
datetime createdat createdate createddate createtime datecreated created
""".split()
)
_INNER_DATES = ("$date", "iso", "utc", "seconds", "_seconds", "datetime", "value", "timestamp", "date", "rendered")
_AUTHOR_KEYS = (
    "authors", "author", "byline", "bylines", "writers", "writer", "contributors", "creators", "credits", "authorname",
    "authornames", "bylinetext",
)  # fmt: skip
_WRAPPERS = ("nodes", "edges", "node", "data", "attributes", "items", "by", "person", "author", "profile")
_NAME_KEYS = ("name", "displayname", "fullname", "byline", "title", "nickname", "text")
_OTHER_WORK = re.compile(r"photo|video|illustrat|graphic|produc|edit(?!orial)|camera|design", re.IGNORECASE)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_DEEPEST = 5  # wrappers around a person
_MOST = 20  # authors


def text_under(value: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first text under any of these keys: plain, or as WordPress's `rendered` or Arc's `basic`."""
    for key in keys:
        item = value.get(key)
        text = item.get("rendered") or item.get("basic") if isinstance(item, Mapping) else item
        if isinstance(text, str) and text.strip():
            return text.strip()
    return ""


def time_in(owner: Mapping[str, Any]) -> str:
    """Return the time of publication of an object as written; an epoch as its digits; '' if it has none."""
    plain = _plain_keys(owner)
    return next((words for key in _DATE_KEYS if (words := _time(plain.get(key), 0))), "")


def _time(value: Any, depth: int) -> str:
    if isinstance(value, Mapping) and depth < _DEEPEST:
        plain = {str(key).lower(): item for key, item in value.items()}
        inner = next((words for key in _INNER_DATES if (words := _time(plain.get(key), depth + 1))), "")
        return inner or time_in(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    words = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    words = words.removeprefix("$D")  # a date in React's flight rows
    return words if isinstance(value, str) or _EPOCH.fullmatch(words) else ""


def authors_in(owner: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the authors of an object, without its photographers and editors; empty if it names none."""
    plain = _plain_keys(owner)
    for key in _AUTHOR_KEYS:
        if names := list(_people(plain.get(key), 0)):
            return tuple(dict.fromkeys(names))[:_MOST]
    return ()


def _people(value: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        if name := jsonld.clean_text(value).removeprefix("$undefined"):
            yield name
    elif isinstance(value, list):
        for item in value[:_MOST]:
            yield from _people(item, depth + 1)
    elif isinstance(value, Mapping):
        plain = _plain_keys(value)
        if _OTHER_WORK.search(f"{plain.get('role')} {plain.get('type')}"):
            return
        parts = [plain.get(key) for key in ("firstname", "lastname")]
        given = " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
        name = next((text for key in _NAME_KEYS if (text := jsonld.to_text(plain.get(key)))), "") or given
        if name:
            yield name
        else:
            inner = next((plain[key] for key in _WRAPPERS if plain.get(key)), None)
            yield from _people(inner, depth + 1)


def _plain_keys(owner: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with its keys in lower case, without `_` and `-`; the first of equal keys wins."""
    plain: dict[str, Any] = {}
    for key, value in owner.items():
        plain.setdefault(str(key).lower().replace("_", "").replace("-", ""), value)
    return plain
