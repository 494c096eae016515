"""Name outlets without a declaration as their own pages name them, instead of by their host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from archive.errors import Failure
from archive.record import CaptureRef
from archive.store.writer import ArchiveWriter
from crawler.drafting.rule_trials import site_name
from crawler.outlets.model import Outlet
from crawler.workers.pool import WorkerPool
from schedules.offline.warc_pages import StoredPage
from schedules.pipeline.captured_page import captured_page

_PAGES = 5  # pages of an outlet that are read for its name
_AGREEING = 2  # of them must give the same name: some pages give their headline as the name of their site
_LONGEST = 60  # characters; a longer text is a slogan


async def read_site_names(
    workers: WorkerPool, folder: Path, pages: Sequence[StoredPage], declared: Collection[str], max_bytes: int
) -> list[tuple[Outlet, str]]:
    """Return the undeclared outlets whose pages agree on a name, and that name.

    Args:
        workers: The worker processes.
        folder: The folder of the captures.
        pages: The stored pages.
        declared: The ids of the declared outlets.
        max_bytes: The largest decompressed size of a page, in bytes.
    """
    by_outlet: dict[str, list[StoredPage]] = {}
    for page in pages:
        if page.outlet.id not in declared:
            by_outlet.setdefault(page.outlet.id, []).append(page)
    names = []
    for own in by_outlet.values():
        told = [await workers.run(read_site_name, folder, page.capture.ref, max_bytes) for page in own[:_PAGES]]
        agreed = Counter(name for name in told if isinstance(name, str) and name)
        names += [(own[0].outlet, name) for name, times in agreed.most_common(1) if times >= _AGREEING]
    return names


def read_site_name(folder: Path, ref: CaptureRef, max_bytes: int) -> str:
    """Return the name that a captured page gives its site; empty for none. Runs in a worker."""
    page = captured_page(folder, ref, max_bytes)
    name = "" if isinstance(page, Failure) else site_name(page[0])
    return name if len(name) <= _LONGEST else ""


def name_outlet(archive: ArchiveWriter, outlet: Outlet, name: str) -> None:
    """Give an outlet that is called by its host a better name."""
    if name and name != outlet.name:
        archive.runs.rename_outlet(outlet.id, outlet.name, name)
