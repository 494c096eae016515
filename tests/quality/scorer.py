"""Score records against gold values, by the measure of the public article-extraction benchmark.

Texts are compared by their 4-word shingles, counted with multiplicity. Precision and recall are averaged over the
pages, and F1 is computed from the two averages. For every other field, the score is the share of exact values.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import mean
from typing import Any

Fields = Mapping[str, Any]
_WIDTH = 4
_SECONDS = 60


def scores(golds: Sequence[Fields], readings: Mapping[str, Fields]) -> dict[str, float]:
    """Score readings against golds.

    Args:
        golds: The correct values, one mapping for each page, with `file` and any of the scored fields.
        readings: The results, by `file`; a page without a result counts as empty.

    Returns:
        leaks, refused pages, f1, precision and recall, and the share of correct values of each field with a gold.
    """
    pages = [_page(gold, readings.get(gold["file"], {})) for gold in golds]
    total = {"leaks": float(sum(page.pop("leaks") for page in pages))}
    total["refused"] = float(sum(not readings.get(gold["file"]) for gold in golds))
    if whole := [page for page in pages if "precision" in page]:
        precision, recall = mean(p["precision"] for p in whole), mean(p["recall"] for p in whole)
        total |= {"f1": _harmonic(precision, recall), "precision": precision, "recall": recall}
    for field in ("begins", "title", "date", "misdated", "instant", "byline", "standfirst", "captions"):
        if having := [page[field] for page in pages if field in page]:
            total[field] = mean(having)
    return total


def _page(gold: Fields, read: Fields) -> dict[str, float]:
    text = read.get("text") or ""
    scope = gold.get("scope", "text")
    body = text
    if scope != "text":
        parts = [read.get("standfirst") if "standfirst" in scope else "", read.get("body")]
        body = "\n\n".join(part for part in parts if part)
    page: dict[str, float] = {}
    if gold.get("paragraphs"):
        right, given = overlap("\n\n".join(gold["paragraphs"]), body)
        page |= {"precision": right, "recall": given}
    if gold.get("begins"):
        page["begins"] = float(_folded(gold["begins"]) in _folded(body))
    flat = _line(text)
    page["leaks"] = float(sum(_line(leak).casefold() in flat.casefold() for leak in gold.get("must_not") or ()))
    if gold.get("title"):
        same = _folded if "origin" in gold else _line
        page["title"] = float(same(gold["title"]) == same(read.get("title")))
    if gold.get("date"):
        # Some golds of other tools are days in UTC.
        days = {read.get("date")} | ({(read.get("published_at") or "")[:10]} if "origin" in gold else set())
        page["date"] = float(gold["date"] in days)
        page["misdated"] = float(bool(read.get("date")) and gold["date"] not in days)
    if (right := _instant(gold.get("published_at"))) is not None:
        given = _instant(read.get("published_at"))
        page["instant"] = float(given is not None and abs((given - right).total_seconds()) <= _SECONDS)
    if gold.get("byline"):
        page["byline"] = float(_names(gold["byline"]) == _names(read.get("byline")))
    if scope == "text" and gold.get("standfirst"):
        page["standfirst"] = float(flat.count(_line(gold["standfirst"])) == 1)
    if scope == "text" and gold.get("captions"):
        lines = [_line(line) for line in text.splitlines()]
        page["captions"] = mean(float(any(_line(c) in line for line in lines)) for c in gold["captions"])
    return page


def overlap(right: str, given: str) -> tuple[float, float]:
    """Return precision and recall of a text, by its shingles."""
    wanted, found = _shingles(right), _shingles(given)
    if not wanted and not found:
        return 1.0, 1.0
    shared = (wanted & found).total()
    return shared / max(1, found.total()), shared / max(1, wanted.total())


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text))
    return Counter(tuple(words[i : i + _WIDTH]) for i in range(max(bool(words), len(words) - _WIDTH + 1)))


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def _line(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def _folded(text: str | None) -> str:
    """Return only letters and digits, with case and width folded, as for golds of other tools."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text or "").casefold()).strip()


def _names(names: Sequence[str] | None) -> set[str]:
    return {_line(name).casefold() for name in names or ()}


def _instant(text: str | None) -> datetime | None:
    try:
        when = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return when if when.tzinfo else None
