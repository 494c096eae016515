"""Define the layout of a lake: folders, file names, and the markers of finished readings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from archive.errors import ArchiveError, ArchiveTooNew, UsageError
from archive.lake.folder import LakeFolder
from archive.lake.inputs import InputFile

VERSION = 1
LAKE, MANIFEST = "lake.json", "manifest.json"
PARTS, LEDGER, DONE, FAILED, PLANS = "parts", "ledger", "done", "failed", "plans"
_FORMAT = "khobao-lake"
_REMEDY = "restore it from a copy, or read the files into a new lake"


@dataclass(frozen=True, slots=True)
class ReadingFilters:
    """Filters that select pages of a file.

    Attributes:
        outlets: Ids of the wanted outlets, sorted; empty for all.
        since: The first wanted day, ISO 8601; empty for no limit.
        until: The last wanted day, ISO 8601; empty for no limit.
    """

    outlets: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the filters select every page."""
        return self == ReadingFilters()

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> ReadingFilters:
        """Read the filters of a marker or a plan."""
        return cls(tuple(facts["outlets"]), facts["since"], facts["until"])


@dataclass(frozen=True, slots=True)
class Reading:
    """A finished reading of a file, as described by its marker in `done/`.

    Attributes:
        path: The address of the file.
        size: Size of the file in bytes.
        etag: As in `InputFile`.
        reader: The version of the code and the declarations that read it; see `khobao lake read`.
        filters: The filters that selected its pages.
        rows: Number of articles in the part.
        pages: Number of pages and damaged records in the ledger.
        reasons: Number of pages without an article, by reason.
        sha256: SHA-256 of `part` and of `ledger`, in hex digits.
    """

    path: str
    size: int
    etag: str
    reader: str
    filters: ReadingFilters = ReadingFilters()
    rows: int = 0
    pages: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its files, without their suffix."""
        return reading_name(InputFile(self.path, self.size), self.reader, self.filters)

    @property
    def part(self) -> str:
        """The name of the file with its articles."""
        return f"{PARTS}/{self.name}.parquet"

    @property
    def ledger(self) -> str:
        """The name of the file with its pages."""
        return f"{LEDGER}/{self.name}.parquet"

    @property
    def marker(self) -> str:
        """The name of the marker; it is written last, when the reading is finished."""
        return f"{DONE}/{self.name}.json"

    def to_json(self) -> dict[str, Any]:
        """Return the content of the marker."""
        return asdict(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Reading:
        """Read a marker.

        Raises:
            TypeError: The marker has unknown fields.
        """
        return cls(**{**facts, "filters": ReadingFilters.from_json(facts["filters"])})


def reading_name(file: InputFile, reader: str, filters: ReadingFilters) -> str:
    """Name a reading by a hash of the file's address and size, the reader and the filters."""
    told = [file.path, file.size, reader] + ([] if filters.is_open else [asdict(filters)])
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]


def open_lake(address: str, *, create: bool = False, dry_run: bool = False) -> LakeFolder:
    """Open a lake, or create it in an empty or missing folder.

    Args:
        address: A path, or an address that fsspec can open.
        create: Create the lake if it does not exist.
        dry_run: With `create`: check whether it can be created, and write nothing.

    Raises:
        UsageError: The folder contains something else, or nothing.
        ArchiveTooNew: A newer khobao wrote it.
    """
    if not address:
        raise UsageError("the address of the lake is empty; write a folder, for example lake")
    folder = LakeFolder(address)
    facts = lake_facts(folder)
    if facts is None:
        if not create:
            raise UsageError(f"{address}: no lake there; `khobao lake read FILE… --to {address}` creates one")
        if not folder.is_remote and folder.path.exists() and (not folder.path.is_dir() or any(folder.path.iterdir())):
            raise UsageError(f"{address}: not a lake and not an empty folder; choose an empty or a new folder")
        if not dry_run:
            folder.write_json(LAKE, {"format": _FORMAT, "version": VERSION, "readers": []})
    return folder


def lake_facts(folder: LakeFolder) -> dict[str, Any] | None:
    """Return the content of `lake.json`; None if it does not exist.

    Raises:
        UsageError: The file belongs to something else.
        ArchiveTooNew: A newer khobao wrote it.
    """
    facts = read_json(folder, LAKE, _REMEDY)
    if facts is None:
        return None
    if facts.get("format") != _FORMAT or not isinstance(facts.get("version"), int):
        raise UsageError(f"{folder.address}: {LAKE} was not written by khobao")
    readers = facts.get("readers")
    if facts["version"] == VERSION and not (
        isinstance(readers, list) and all(isinstance(reader, str) for reader in readers)
    ):
        raise ArchiveError(f"{folder.address}/{LAKE}: damaged: it has no list of readers; {_REMEDY}")
    if facts["version"] != VERSION:
        newer = facts["version"] > VERSION
        remedy = "upgrade khobao" if newer else "read the files into a new lake"
        told = f"a lake of version {facts['version']}; this khobao reads version {VERSION}"
        raise (ArchiveTooNew if newer else ArchiveError)(f"{folder.address}: {told}; {remedy}")
    return facts


def read_json(folder: LakeFolder, name: str, remedy: str) -> dict[str, Any] | None:
    """Return the JSON object in a file of the lake; None if the file does not exist.

    Args:
        folder: The lake.
        name: The name of the file.
        remedy: What to do if the file is damaged.

    Raises:
        ArchiveError: The file is damaged.
    """
    content = folder.read(name)
    if content is None:
        return None
    try:
        facts = json.loads(content)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise ArchiveError(f"{folder.address}/{name}: damaged; {remedy}")
    return facts


def add_reader(folder: LakeFolder, reader: str) -> None:
    """Add a reader to `lake.json`; its readings replace those of earlier readers."""
    facts = lake_facts(folder)
    assert facts is not None
    if reader not in facts["readers"]:
        folder.write_json(LAKE, facts | {"readers": [*facts["readers"], reader]})


def all_readings(folder: LakeFolder) -> list[Reading]:
    """Return every finished reading, sorted by the names of the markers.

    Raises:
        ArchiveError: A marker is damaged.
    """
    names = sorted(name for name in folder.sizes(DONE) if name.endswith(".json"))
    contents = folder.read_all(f"{DONE}/{name}" for name in names)
    readings = []
    for name in names:
        try:
            readings.append(Reading.from_json(json.loads(contents[f"{DONE}/{name}"])))
        except (ValueError, TypeError, KeyError):
            raise ArchiveError(
                f"{folder.address}/{DONE}/{name}: a damaged marker; delete it, and read its file again"
            ) from None
    return readings


def reader_order(folder: LakeFolder) -> dict[str, int]:
    """Return the number of each reader of a lake, in the order in which they came."""
    facts = lake_facts(folder)
    return {reader: number for number, reader in enumerate(facts["readers"] if facts else [])}


def latest_readers(readings: Iterable[Reading], order: Mapping[str, int]) -> dict[tuple[str, ReadingFilters], int]:
    """Return the number of the latest reader that read each file with each filters.

    Args:
        readings: The readings of a lake.
        order: The number of each reader.
    """
    latest: dict[tuple[str, ReadingFilters], int] = {}
    for reading in readings:
        key = (reading.path, reading.filters)
        latest[key] = max(latest.get(key, -1), order.get(reading.reader, -1))
    return latest


def current_readings(folder: LakeFolder, readings: Iterable[Reading]) -> list[Reading]:
    """Return the readings in use: for each file, the reading by the latest reader.

    A reading with filters replaces only readings with the same filters; a reading without filters replaces all.
    """
    order = reader_order(folder)
    every = list(readings)
    latest = latest_readers(every, order)
    unfiltered = ReadingFilters()
    return [
        reading
        for reading in every
        if order.get(reading.reader, -1)
        >= max(latest[reading.path, reading.filters], latest.get((reading.path, unfiltered), -1))
    ]
