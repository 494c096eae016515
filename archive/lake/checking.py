"""Summarise what a lake contains and lacks, and check all its files against their checksums."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.atomic_files import sha256
from archive.errors import ArchiveError
from archive.lake.folder import LakeFolder
from archive.lake.layout import (
    DONE,
    FAILED,
    LEDGER,
    PARTS,
    PLANS,
    ReadingFilters,
    all_readings,
    current_readings,
    latest_readers,
    reader_order,
)
from archive.lake.manifest import read_manifest
from archive.lake.schema import article_schema, ledger_schema, pyarrow_module
from archive.lake.scratch import scratch_folder


@dataclass
class LakeStatus:
    """The contents of a lake, and its missing and failed files.

    Attributes:
        readings: Number of finished readings that are in use.
        superseded: Number of finished readings that a later reader replaced.
        captures: Number of articles in the parts, each counted as often as it was captured.
        pages: Number of pages in the ledgers.
        reasons: Number of pages without an article, by reason.
        articles: Number of articles after the last compaction.
        months: Number of months of these articles.
        words: Number of months whose words are counted.
        uncompacted: Number of readings that are not in the last compaction.
        missing: Addresses of planned files that are not read yet.
        failed: The reason why a file could not be read, by its address.
    """

    readings: int = 0
    superseded: int = 0
    captures: int = 0
    pages: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    articles: int = 0
    months: int = 0
    words: int = 0
    uncompacted: int = 0
    missing: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def lake_status(folder: LakeFolder) -> LakeStatus:
    """Summarise what a lake contains and lacks."""
    readings = all_readings(folder)
    current = current_readings(folder, readings)
    manifest = read_manifest(folder)
    status = LakeStatus(
        readings=len(current),
        superseded=len(readings) - len(current),
        captures=sum(reading.rows for reading in current),
        pages=sum(reading.pages for reading in current),
        articles=sum(month.rows for month in manifest.articles.values()),
        months=len(manifest.articles),
        words=len(manifest.counted),
        uncompacted=len({reading.name for reading in current} - {*manifest.readings}),
    )
    for reading in current:
        status.reasons.update(reading.reasons)
    order = reader_order(folder)
    latest = latest_readers(readings, order)
    by_file: dict[str, int] = {}
    for (path, _), reader in latest.items():
        by_file[path] = max(by_file.get(path, -1), reader)
    for facts in _read_json_files(folder, FAILED):
        if by_file.get(facts["path"], -1) <= order.get(facts["reader"], 0):
            status.failed[facts["path"]] = facts["problem"]
    status.missing = sorted(set(_find_unread(folder, latest, order)) - status.failed.keys())
    return status


def _find_unread(
    folder: LakeFolder, latest: Mapping[tuple[str, ReadingFilters], int], order: Mapping[str, int]
) -> Iterator[str]:
    """Yield the planned files that neither the planned reader nor a later one has read."""
    for plan in _read_json_files(folder, PLANS):
        planned = order.get(plan["reader"], 0)
        ways = (ReadingFilters.from_json(plan["filters"]), ReadingFilters())
        yield from (path for path in plan["paths"] if max(latest.get((path, way), -1) for way in ways) < planned)


def _read_json_files(folder: LakeFolder, kind: str) -> list[dict[str, Any]]:
    """Read all JSON files of a folder of the lake.

    Raises:
        ArchiveError: A file is damaged.
    """
    contents = folder.read_all(f"{kind}/{name}" for name in sorted(folder.sizes(kind)) if name.endswith(".json"))
    try:
        return [json.loads(content) for content in contents.values()]
    except ValueError:
        raise ArchiveError(f"{folder.address}/{kind}: a damaged file; delete the folder and read again") from None


def check_lake(folder: LakeFolder) -> Iterator[str]:
    """Read every file of a lake again; yield one line for each missing, damaged or unknown file."""
    readings = all_readings(folder)
    for reading in readings:
        if not folder.read(reading.marker):
            yield f"{folder.address}/{DONE}: the marker of {reading.path} does not have the name {reading.name}.json"
        for kind, name, rows in (("part", reading.part, reading.rows), ("ledger", reading.ledger, reading.pages)):
            yield from _check_file(folder, name, rows, reading.sha256.get(kind, ""), kind)
    names = {reading.name for reading in readings}
    for kind in (PARTS, LEDGER):
        for name in sorted(folder.sizes(kind)):
            if name.removesuffix(".parquet") not in names:
                yield f"{folder.address}/{kind}/{name}: its reading was not finished; read the WARC file again"
    for file in read_manifest(folder).files:
        yield from _check_file(folder, file.path, file.rows, file.sha256, "table")


def _check_file(folder: LakeFolder, name: str, rows: int, digest: str, kind: str) -> Iterator[str]:
    """Read a whole Parquet file; yield one line if it is missing or damaged."""
    place = f"{folder.address}/{name}"
    with scratch_folder() as scratch:
        path = _local_copy(folder, name, scratch)
        if path is None:
            yield f"{place}: missing"
            return
        try:
            if sha256(path) != digest:
                yield f"{place}: damaged: its checksum is wrong"
                return
        except OSError as error:
            yield f"{place}: cannot be read: {error.strerror}"
            return
        arrow = pyarrow_module()
        schema = {"part": article_schema, "ledger": ledger_schema}.get(kind)
        try:
            with arrow.parquet.ParquetFile(path) as file:
                counted = sum(batch.num_rows for batch in file.iter_batches())
                is_ours = schema is None or file.schema_arrow.equals(schema())
        except (arrow.ArrowException, OSError) as error:
            yield f"{place}: cannot be read: {str(error).splitlines()[0]}"
            return
    if counted != rows:
        yield f"{place}: {counted} rows, but its marker says {rows}"
    if not is_ours:
        yield f"{place}: its columns are not those of this version of khobao"


def _local_copy(folder: LakeFolder, name: str, scratch: Path) -> Path | None:
    if not folder.is_remote:
        path = folder.path / name
        return path if path.is_file() else None
    content = folder.read(name)
    if content is None:
        return None
    copy = scratch / "file.parquet"
    copy.write_bytes(content)
    return copy
