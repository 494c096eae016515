"""Read one WARC file into a lake: download it, find its pages, read them, and write the results."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar

from archive.articles.validation import record_problem
from archive.errors import Failure, KhobaoError, Reason, UsageError, one_line
from archive.exchange.warc_locations import next_location, unpack_file
from archive.lake.folder import LakeFolder
from archive.lake.inputs import InputFile, fetched
from archive.lake.layout import Reading, ReadingFilters
from archive.lake.parts import finish_reading, part_writer
from archive.lake.schema import PageReading
from archive.lake.scratch import scratch_folder
from archive.record import Record
from crawler.outlets.article_urls import canonical
from crawler.outlets.model import Outlet
from crawler.workers.pool import WorkerPool
from schedules.lake.found_pages import FoundPages
from schedules.lake.page_reading import (
    FirstReading,
    FoundPage,
    find_pages,
    outlet_of,
    read_found_page,
    read_found_pages,
)
from schedules.offline.page_filter import PageFilter
from schedules.pipeline.multipage import read_all_pages
from schedules.timing.date_range import DateRange

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 8  # pages that one call of a worker process reads, because handing one over takes time
_SLICE = 500  # records that one call of a worker process locates, if it does not read them
_UNPACKING_SECONDS = 3600.0  # time limit for a file that was compressed as a whole
_MOST_TOLD = 20  # damaged places of a file that are reported one by one


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """The limits of a worker process.

    Attributes:
        seconds: Time limit for one page.
        memory: Bytes that it may use in addition to what it uses at its start.
        calls: Number of pages after which it is replaced.
        max_bytes: The largest size of a page after decompression.
        imports: Modules that it imports before its first page.
    """

    seconds: float
    memory: int
    calls: int
    max_bytes: int
    imports: tuple[str, ...] = ()

    def pool(self, count: int, seconds: float | None = None, pages: int = 1) -> WorkerPool:
        """Make a pool of worker processes.

        Args:
            count: Number of processes.
            seconds: Time limit for one call; None for the limit of a page.
            pages: Number of pages that one call reads.
        """
        limit = self.seconds if seconds is None else seconds
        calls = max(self.calls // pages, 1)
        return WorkerPool(count, seconds=limit, memory=self.memory, calls=calls, imports=self.imports)


@dataclass(frozen=True, slots=True)
class ReadJob:
    """The settings that all tasks share.

    Attributes:
        lake: The address of the lake.
        reader: The version of the code and the declarations; a new one causes every file to be read again.
        catalogue: All declared outlets, by id.
        filters: The filters that select pages.
        limits: The limits of a worker process.
    """

    lake: str
    reader: str
    catalogue: Mapping[str, Outlet]
    filters: ReadingFilters
    limits: WorkerLimits

    @property
    def dates(self) -> DateRange:
        """The wanted days."""
        return DateRange.parse(self.filters.since, self.filters.until)

    @property
    def page_filter(self) -> PageFilter:
        """The filter that selects pages by address and time."""
        if not self.filters.outlets:
            return PageFilter(None, self.dates)
        return PageFilter.of((self.catalogue[name] for name in self.filters.outlets), self.dates)

    def reading(self, file: InputFile) -> Reading:
        """Return the reading of a file, without its counts."""
        return Reading(file.path, file.size, file.etag, self.reader, self.filters)


@dataclass(frozen=True, slots=True)
class FileResult:
    """The result of a file.

    Attributes:
        path: The address of the file.
        reading: The finished reading; None if the file failed.
        problem: The reason why it failed, in one line; empty if it did not.
        damaged: Places that could not be read, one line each.
    """

    path: str
    reading: Reading | None = None
    problem: str = ""
    damaged: tuple[str, ...] = ()


async def read_file(job: ReadJob, file: InputFile, workers: WorkerPool, *, alone: bool) -> FileResult:
    """Read a file into the lake; if that fails, nothing is stored but the reason.

    Args:
        job: The settings that all tasks share.
        file: The file.
        workers: The processes that parse.
        alone: One process at a time reads the file. This decompresses each page only once.
    """
    folder = LakeFolder(job.lake)
    try:
        with fetched(file) as path, scratch_folder() as scratch:
            task = _FileReading(job, file, workers, alone)
            reading = await task.read(folder, path, scratch)
    except UsageError:
        raise
    except (KhobaoError, OSError) as error:
        problem = one_line(error)
        return FileResult(file.path, problem=problem.removeprefix(f"{file.path}: "))
    return FileResult(file.path, reading, damaged=tuple(task.damaged))


class UnreadableFileError(KhobaoError):
    """A file contains no readable record."""


@dataclass
class _FileReading:
    """Read one file."""

    job: ReadJob
    file: InputFile
    workers: WorkerPool
    alone: bool
    offsets: dict[str, int] = field(default_factory=dict)  # offsets of the pages, by canonical address
    damaged: list[str] = field(default_factory=list)

    async def read(self, folder: LakeFolder, path: Path, scratch: Path) -> Reading:
        """Read the file; return the finished reading.

        Raises:
            UnreadableFileError: The file is not a WARC file, or contains no complete record.
        """
        pages, path = await self._find(path, scratch)
        self.offsets = pages.offsets
        damaged = islice((page for page in pages if page.fetched_at is None), _MOST_TOLD)
        self.damaged = [f"{self.file.path}, offset {page.offset}: {page.failure}" for page in damaged]
        batches = _batches(self._select_wanted(pages))
        with part_writer(self.file.path) as writer:
            async for batch, results in self.workers.each(batches, partial(self._read_batch, path)):
                for page, result in zip(batch, results, strict=True):
                    writer.add(_page_reading(page, result))
            return finish_reading(folder, self.job.reading(self.file), writer)

    async def _find(self, path: Path, scratch: Path) -> tuple[FoundPages, Path]:
        """Find the pages of the file, slice by slice; return them with the path to which offsets refer."""
        pages, start, records = FoundPages(scratch / "pages"), 0, 0
        catalogue, page_filter = pickle.dumps(self.job.catalogue), self.job.page_filter
        usual = (BATCH, self.job.limits.max_bytes) if self.alone else (_SLICE, 0)
        most, max_bytes = usual
        while start >= 0:
            found = await self._run(find_pages, path, start, most, catalogue, page_filter, max_bytes)
            if isinstance(found, Failure):
                if not found.reason.traits.breaks_worker:
                    raise UnreadableFileError(found.detail)
                if max_bytes:
                    max_bytes = 0  # a page may have broken the worker; it is read later
                    continue
                if most > 1:
                    most = 1  # find the record that breaks the worker
                    continue
                pages.add([FoundPage(start, "", None, failure=found)])
                start = await self._next_start(path, start)
                most, max_bytes = usual
                continue
            if found.is_packed:
                return await self._find(await self._unpack(path, scratch), scratch)
            pages.add(found.pages)
            start, records = found.next_start, records + found.records
            most, max_bytes = usual
        if not records:
            raise UnreadableFileError("not a WARC or ARC file: no record can be read in it")
        return pages, path

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Failure:
        """Call a function in a worker process; once more where the process was killed.

        So a page is lost only if it kills its worker itself, and not because something else did.
        """
        result = await self.workers.run(function, *args, **kwargs)
        if isinstance(result, Failure) and result.reason is Reason.CRASHED:
            result = await self.workers.run(function, *args, **kwargs)
        return result

    async def _next_start(self, path: Path, start: int) -> int:
        """Return the offset of the next record after one that broke its worker; -1 if there is none."""
        found = await self._run(next_location, path, start)
        return -1 if isinstance(found, Failure) else found

    async def _unpack(self, path: Path, scratch: Path) -> Path:
        """Decompress a file that was compressed as a whole.

        Raises:
            UnreadableFileError: The decompressed file is too large.
        """
        target = scratch / "unpacked.warc"
        if target.exists():
            raise UnreadableFileError("the file is compressed more than once")
        async with self.job.limits.pool(1, _UNPACKING_SECONDS) as patient:
            failure = await patient.run(unpack_file, path, target)
        if failure:
            raise UnreadableFileError(f"the file cannot be decompressed: {failure}")
        return target

    def _select_wanted(self, pages: Iterable[FoundPage]) -> Iterator[FoundPage]:
        """Yield the pages of the wanted outlets, and all records that could not be identified."""
        wanted = self.job.filters.outlets
        return (page for page in pages if not wanted or page.failure or page.outlet in wanted)

    async def _read_batch(self, path: Path, batch: Sequence[FoundPage]) -> list[Record | Failure]:
        """Read the articles of some pages, those that are not read yet in one call of a worker process.

        If the call breaks the process, because a page is hostile or all of them take too long together, each page is
        read in a call of its own. So a hostile page costs only itself.
        """
        unread = [(page, outlet_of(self.job.catalogue, page)) for page in batch if not page.failure and not page.first]
        read = await self.workers.run(read_found_pages, path, unread, self.job.limits.max_bytes) if unread else []
        results = iter([None] * len(unread) if isinstance(read, Failure) else read)
        return [page.failure or await self._read_page(path, page, page.first or next(results)) for page in batch]

    async def _read_page(self, path: Path, page: FoundPage, first: FirstReading | None) -> Record | Failure:
        """Read the article of a page, with its further pages if they are in the same file.

        Args:
            path: The file.
            page: The page.
            first: What the page alone gave; None if it was not read.
        """
        outlet = outlet_of(self.job.catalogue, page)

        async def get_page(url: str) -> int | None:
            return self.offsets.get(canonical(url) or "")

        async def read(further: Sequence[int]) -> FirstReading:
            if first is not None and not further:
                return first
            return await self._run(read_found_page, path, page, outlet, self.job.limits.max_bytes, further)

        result = await read_all_pages(read, get_page)
        if isinstance(result, Failure):
            return result
        if problem := record_problem(result):
            return Failure(Reason.MALFORMED, problem)
        return self.job.dates.reject(result.document.date) or result


def _batches(pages: Iterator[FoundPage]) -> Iterator[list[FoundPage]]:
    """Yield the pages in batches."""
    while batch := list(islice(pages, BATCH)):
        yield batch


def _page_reading(page: FoundPage, result: Record | Failure) -> PageReading:
    return PageReading(page.offset, page.url, page.fetched_at, page.outlet, page.article, result)
