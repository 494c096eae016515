"""Read and replace the manifest of a lake, which names the files of its articles and words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from archive.atomic_files import atomic_path
from archive.errors import ArchiveError, ArchiveTooNew, UsageError
from archive.lake.folder import LakeFolder
from archive.lake.layout import MANIFEST, read_json

_REMEDY = "delete it and run `khobao lake compact`"
VERSION = 2  # version 1 had the words by month


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file of a table.

    Attributes:
        path: Path relative to the lake.
        rows: Number of rows.
        size: Size in bytes.
        sha256: SHA-256 of the content, in hex digits.
    """

    path: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MonthFiles:
    """The files of a month.

    Attributes:
        signature: Changes if any row of the month changes.
        rows: Number of rows.
        files: The files, in the order of their rows.
    """

    signature: str
    rows: int
    files: tuple[TableFile, ...]


@dataclass(frozen=True, slots=True)
class WordFiles:
    """The files of the words of a period: a year, a quarter or a month.

    Attributes:
        months: The months that were counted, each with the signature that its articles had then.
        rows: Number of rows.
        files: The files, in the order of their rows.
    """

    months: Mapping[str, str]
    rows: int
    files: tuple[TableFile, ...]


@dataclass(frozen=True)
class Manifest:
    """The content of `manifest.json`.

    Attributes:
        readings: The names of the readings that were compacted.
        articles: The files of the articles, by month.
        words: The files of the words, by period.
    """

    readings: tuple[str, ...] = ()
    articles: Mapping[str, MonthFiles] = field(default_factory=dict)
    words: Mapping[str, WordFiles] = field(default_factory=dict)

    @property
    def files(self) -> list[TableFile]:
        """All files: those of the articles by month, then those of the words by period."""
        articles = [file for _, month in sorted(self.articles.items()) for file in month.files]
        return articles + [file for _, period in sorted(self.words.items()) for file in period.files]

    @cached_property
    def counted(self) -> dict[str, str]:
        """The period of each month whose words are counted, and whose articles have not changed since."""
        return {
            month: period
            for period, words in self.words.items()
            for month, signature in words.months.items()
            if month in self.articles and self.articles[month].signature == signature
        }

    @cached_property
    def stale(self) -> list[str]:
        """The months whose articles have changed since their words were counted; their rows are invalid."""
        return sorted({month for words in self.words.values() for month in words.months} - self.counted.keys())

    def to_json(self) -> str:
        """Return the content of the file; equal manifests give equal bytes."""
        return json.dumps({"version": VERSION} | asdict(self), indent=1, sort_keys=True) + "\n"


def read_manifest(folder: LakeFolder) -> Manifest:
    """Return the manifest of a lake; it is empty before the first compaction.

    Raises:
        ArchiveTooNew: A newer khobao wrote the manifest.
        ArchiveError: The manifest is damaged.
    """
    facts = read_json(folder, MANIFEST, _REMEDY)
    if facts is None:
        return Manifest()
    try:
        version = int(facts["version"])
        if version > VERSION:
            told = f"a manifest of version {version}; this khobao reads up to version {VERSION}; upgrade khobao"
            raise ArchiveTooNew(f"{folder.address}: {told}")
        words = _words_of_months if version == 1 else _words
        return Manifest(tuple(facts["readings"]), _months(facts["articles"]), words(facts["words"]))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ArchiveError(f"{folder.address}/{MANIFEST}: damaged; {_REMEDY}") from None


def _months(facts: Mapping[str, Any]) -> dict[str, MonthFiles]:
    return {
        month: MonthFiles(given["signature"], given["rows"], tuple(TableFile(**file) for file in given["files"]))
        for month, given in facts.items()
    }


def _words(facts: Mapping[str, Any]) -> dict[str, WordFiles]:
    return {
        period: WordFiles(dict(given["months"]), given["rows"], tuple(TableFile(**file) for file in given["files"]))
        for period, given in facts.items()
    }


def _words_of_months(facts: Mapping[str, Any]) -> dict[str, WordFiles]:
    """Read the words of a manifest of version 1, in which every month had its own files."""
    return {
        month: WordFiles({month: files.signature}, files.rows, files.files) for month, files in _months(facts).items()
    }


def require_folder(folder: LakeFolder) -> Path:
    """Return the path of a lake on this machine's file system.

    Raises:
        UsageError: The lake is not on this file system.
    """
    if folder.is_remote:
        raise UsageError(f"{folder.address}: this needs a lake in a folder; copy it, or mount it")
    return folder.path


@contextmanager
def replacing_manifest(folder: LakeFolder) -> Iterator[list[Manifest]]:
    """Yield a list with the current manifest; save the last manifest of the list at the end.

    No other process can replace it meanwhile. Afterwards, files that neither the old nor the new manifest names are
    deleted. Files of the old manifest stay until the next time, for readers that have just opened it.

    Raises:
        ArchiveLocked: Another process is replacing it.
    """
    path = folder.path / MANIFEST
    with atomic_path(path) as draft:
        manifests = [read_manifest(folder)]
        yield manifests
        draft.write_text(manifests[-1].to_json(), encoding="utf-8")
    named = {file.path for manifest in (manifests[0], manifests[-1]) for file in manifest.files}
    for table in ("articles", "words"):
        for file in (folder.path / table).rglob("*"):
            if file.is_file() and file.relative_to(folder.path).as_posix() not in named:
                file.unlink()
