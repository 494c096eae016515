"""Read the exports of news-please (one JSON file an article) and fundus (a JSON list of articles).

news-please writes the fields of `NewsArticle.get_serializable_dict` (fhamborg/news-please, newsplease/NewsArticle.py).
Its dates have lost their offset, so only the day is used. fundus writes a list of objects with the fields of
`Article.to_json` (flairNLP/fundus, src/fundus/scraping/article.py); its dates have an offset. A single object, and
a `.jsonl` file with one object per line, are accepted too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.exchange.model import LARGEST, ForeignArticle, ImportedItem, digest_of

_OF_NEWS_PLEASE = frozenset({"maintext", "date_publish"})
_OF_FUNDUS = frozenset({"publishing_date"})


def read_other_tool(path: Path) -> Iterator[ImportedItem]:
    """Read a JSON file of either tool."""
    with path.open("rb") as file:
        content = file.read(LARGEST)
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        yield ImportedItem(str(path), problem=f"not JSON: {error}; the file may have been cut short")
        return
    if not isinstance(told, list):
        yield read_article(str(path), told)
        return
    for number, item in enumerate(told, start=1):
        yield read_article(f"{path}, item {number}", item)


def tool_of(facts: object) -> str:
    """Return which tool wrote an object, by its fields; empty if neither did."""
    if not isinstance(facts, Mapping):
        return ""
    if facts.keys() >= _OF_NEWS_PLEASE:
        return "news-please"
    return "fundus" if facts.keys() >= _OF_FUNDUS else ""


def read_article(place: str, facts: Any) -> ImportedItem:
    """Read one article of either tool."""
    tool = tool_of(facts)
    if not tool:
        return ImportedItem(
            place, problem="not an article of news-please or fundus: it has neither maintext nor publishing_date"
        )
    digest = digest_of(json.dumps(facts, ensure_ascii=False, sort_keys=True))
    try:
        return ImportedItem(place, tool, _READERS[tool](facts), digest=digest, facts=_provenance(facts))
    except (KeyError, TypeError, ValueError) as error:
        return ImportedItem(place, tool, problem=f"an article of {tool} that cannot be read: {error}")


def _news_please(facts: Mapping[str, Any]) -> ForeignArticle:
    """Read an article of news-please; its `maintext` has one paragraph per line."""
    raw = _text(facts, "date_publish")
    if raw in {"", "None"}:
        raise ValueError("it has no date_publish")
    return ForeignArticle(
        url=_text(facts, "url"),
        title=_require_text(facts, "title"),
        text="\n\n".join(_require_text(facts, "maintext").splitlines()),
        day=datetime.fromisoformat(raw).date(),
        raw=raw,
        byline=_texts(facts, "authors"),
        language=_text(facts, "language"),
        outlet=_text(facts, "source_domain"),
    )


def _fundus(facts: Mapping[str, Any]) -> ForeignArticle:
    """Read an article of fundus; `body` has a summary and sections, otherwise `plaintext` has everything."""
    raw = _require_text(facts, "publishing_date")
    moment = datetime.fromisoformat(raw)
    body = facts.get("body")
    summary: tuple[str, ...] = ()
    if isinstance(body, Mapping):
        summary = _texts(body, "summary")
        sections = [section for section in body.get("sections") or () if isinstance(section, Mapping)]
        parts = [text for section in sections for name in ("headline", "paragraphs") for text in _texts(section, name)]
        text = "\n\n".join((*summary, *parts))
    else:
        text = _text(facts, "plaintext")
    if not text:
        raise ValueError("it has neither body nor plaintext")
    html: Any = facts.get("html")
    html = html if isinstance(html, Mapping) else {}
    source: Any = html.get("source_info")
    return ForeignArticle(
        url=_text(html, "responded_url") or _text(html, "requested_url") or _text(facts, "url"),
        title=_require_text(facts, "title"),
        text=text,
        day=moment.date(),
        published_at=moment.astimezone(UTC) if moment.tzinfo else None,
        raw=raw,
        standfirst="\n\n".join(summary),
        byline=_texts(facts, "authors"),
        tags=_texts(facts, "topics"),
        language=_text(facts, "lang"),
        outlet=_text(source, "publisher") if isinstance(source, Mapping) else _text(facts, "publisher"),
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], ForeignArticle]] = {"news-please": _news_please, "fundus": _fundus}


def _require_text(facts: Mapping[str, Any], name: str) -> str:
    if text := _text(facts, name):
        return text
    raise ValueError(f"it has no {name}")


def _text(facts: Mapping[str, Any], name: str) -> str:
    told = facts.get(name)
    if told is not None and not isinstance(told, str):
        raise TypeError(f"{name} is {told!r}; it should be a text")
    return (told or "").strip()


def _texts(facts: Mapping[str, Any], name: str) -> tuple[str, ...]:
    told = facts.get(name) or []
    return tuple(item.strip() for item in told if isinstance(item, str) and item.strip())


def _provenance(facts: Mapping[str, Any]) -> dict[str, str]:
    """Collect a tool's facts about the origin of an article."""
    html = facts.get("html")
    told = {**(html if isinstance(html, Mapping) else {}), **facts}
    names = ("date_download", "date_modify", "filename", "localpath", "source_domain", "crawl_date", "requested_url")
    return {name: str(told[name]) for name in names if told.get(name) not in {None, "", "None"}}
