"""Building what a run needs from the settings."""

import asyncio

from archive.errors import Failure, Reason
from crawler.workers.process import MEGABYTE
from schedules.config import Settings
from schedules.pipeline.runtime import make_workers, max_page_bytes


def allocate(size: int) -> int:
    """Allocate some bytes of memory; runs in a worker process."""
    return len(bytearray(size))


def test_a_memory_limit_is_reported_as_it_is_set():
    """The failure of a worker that exceeds its memory limit names the megabytes of the setting."""
    settings = Settings.model_validate({"reading": {"workers": 1, "page_megabytes": 256}})

    async def run() -> int | Failure:
        async with make_workers(settings) as workers:
            return await workers.run(allocate, 2_000 * MEGABYTE)

    assert Failure(Reason.MEMORY, "more than 256 MB") == asyncio.run(run())


def test_a_megabyte_of_a_page_is_a_million_bytes():
    """The size limit of a page uses the same megabytes as every message."""
    settings = Settings.model_validate({"network": {"max_page_megabytes": 2.5}})

    assert 2_500_000 == max_page_bytes(settings)
