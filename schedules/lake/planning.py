"""Plan a reading: choose the files, and find out which of them are finished."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

from archive.lake.folder import LakeFolder
from archive.lake.inputs import InputFile, InputProblem
from archive.lake.layout import LEDGER, PARTS, PLANS, Reading, ReadingFilters, all_readings, reading_name
from crawler.outlets.model import Outlet
from crawler.reading.extract import READER


def reader_of_catalogue(catalogue: Mapping[str, Outlet]) -> str:
    """Name the version that reads the pages: our reader, trafilatura, and all declarations.

    The name changes if anything changes that may affect the result. Then every file is read again.
    """
    declared = {name: outlet.model_dump_json(exclude={"sources", "note"}) for name, outlet in catalogue.items()}
    digest = hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:8]
    return f"{READER} trafilatura-{version('trafilatura')} outlets-{digest}"


@dataclass(frozen=True)
class ReadingPlan:
    """The files of a reading: to read, finished, or not readable.

    Attributes:
        waiting: Files to read, in order.
        finished: Files that were read before.
        problems: Files that cannot be read.
    """

    waiting: list[InputFile] = field(default_factory=list)
    finished: list[InputFile] = field(default_factory=list)
    problems: list[InputProblem] = field(default_factory=list)


def plan_reading(
    folder: LakeFolder, inputs: Iterable[InputFile | InputProblem], reader: str, filters: ReadingFilters
) -> ReadingPlan:
    """Decide which files are to be read; a file that changed after its reading is read again."""
    done = {reading.name: reading for reading in all_readings(folder)}
    kept = {kind: folder.sizes(kind) for kind in (PARTS, LEDGER)}
    plan = ReadingPlan()
    for item in inputs:
        if isinstance(item, InputProblem):
            plan.problems.append(item)
            continue
        name = reading_name(item, reader, filters)
        reading = done.get(name)
        is_kept = all(f"{name}.parquet" in files for files in kept.values())
        is_same = reading and not (item.etag and reading.etag and item.etag != reading.etag)
        (plan.finished if is_kept and is_same else plan.waiting).append(item)
    return plan


def save_plan(folder: LakeFolder, paths: Sequence[str], reader: str, filters: ReadingFilters) -> None:
    """Save the list of files to read, so that `khobao lake status` can show which are missing."""
    facts = {"paths": list(paths), "reader": reader, "filters": asdict(filters)}
    name = hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:32]
    folder.write_json(f"{PLANS}/{name}.json", facts)


def outdated_readings(folder: LakeFolder, finished: Iterable[Reading]) -> list[Reading]:
    """Return the readings, by the same reader, of files whose size has changed since."""
    fresh = {(reading.path, reading.reader, reading.filters): reading.name for reading in finished}
    return [
        reading
        for reading in all_readings(folder)
        if fresh.get((reading.path, reading.reader, reading.filters), reading.name) != reading.name
    ]


def remove_reading(folder: LakeFolder, reading: Reading) -> None:
    """Delete the files of a reading, its marker first, so that no marker refers to missing files."""
    for name in (reading.marker, reading.part, reading.ledger):
        folder.remove(name)
