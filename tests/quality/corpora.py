"""The real pages on which quality is measured; they cannot be shipped, so KHOBAO_CORPORA names their folder."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.errors import Failure
from crawler.outlets.catalogue import bare_outlet, load_catalogue, outlet_for
from crawler.outlets.model import Outlet
from crawler.page import Page
from crawler.reading.extract import read_page

VARIABLE = "KHOBAO_CORPORA"
NAMES = ("corpus", "bench/aeb", "bench/fundus", "bench/openweb")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """A saved page with its correct values; `gold` is None for a page that is not an article."""

    file: str
    page: Page
    gold: dict[str, Any] | None


def half(url: str) -> int:
    """Return the half of the sites, 0 or 1, that an address belongs to, by a hash of its site.

    Rules are chosen on half 0 and judged on half 1, whose sites nobody looked at.
    """
    labels = (urlsplit(url).hostname or "").lower().split(".")
    second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    site = ".".join(labels[-3:] if second_level else labels[-2:])
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % 2


def folder() -> Path | None:
    """Return the folder of the corpora; None if it is not named or does not exist."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named and Path(named).is_dir() else None


def samples(corpus: Path) -> Iterator[Sample]:
    """Return the pages of a corpus, in the order of its index."""
    golds = {gold["file"]: gold for gold in map(_json, sorted((corpus / "gold").glob("*.json")))}
    with (corpus / "index.tsv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            content = gzip.decompress((corpus / row["file"]).read_bytes())
            yield Sample(row["file"], Page(row["url"], content, row["type"]), golds.get(row["file"]))


def _json(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def digest(corpus: Path) -> str:
    """Compute one digest of all pages and golds of a corpus."""
    whole = hashlib.sha256()
    for path in sorted((*(corpus / "gold").glob("*.json"), *(corpus / "pages").glob("*"), corpus / "index.tsv")):
        whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{whole.hexdigest()}"


@cache
def _catalogue() -> dict[str, Outlet]:
    return load_catalogue()


def outlet_of(page: Page) -> Outlet:
    """Return the declared outlet of a page, or one without rules."""
    return outlet_for(_catalogue(), page.url) or bare_outlet(page.url)


def read(page: Page, outlet: Outlet | None = None) -> dict[str, Any]:
    """Read a page, and return the fields that the scorer knows; empty if it is not an article."""
    found = read_page(page, outlet or outlet_of(page), NOW)
    if isinstance(found, Failure):
        return {}
    return found.as_json()
