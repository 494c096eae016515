"""What every step of a run shares."""

import asyncio

import pytest
from factories import make_outlet

from archive.ledger.model import OutletFacts
from crawler.page import Listing
from schedules.pipeline.context import join_notes, outlet_facts, releasing_if_cancelled


def test_a_claim_is_released_only_when_the_task_is_cancelled():
    """A cancelled task releases its claim and stays cancelled; one that ends or fails keeps it."""
    released = []

    async def claim(name, *, wait=False, fail=False):
        with releasing_if_cancelled(lambda: released.append(name)):
            if wait:
                await asyncio.Event().wait()
            if fail:
                raise KeyError(name)

    async def scenario():
        await claim("ended")
        with pytest.raises(KeyError):
            await claim("failed", fail=True)
        task = asyncio.create_task(claim("cancelled", wait=True))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())

    assert ["cancelled"] == released


def test_notes_of_several_results_become_one_line():
    """Notes stand in the order of the results; a result without notes adds nothing."""
    assert "a; b; c" == join_notes(Listing(notes=("a", "b")), None, Listing(), Listing(notes=("c",)))
    assert "" == join_notes(Listing(), None)


def test_an_outlet_is_stored_with_what_the_archive_needs():
    """Id, name, home, language, timezone and whether its declaration is a guess."""
    outlet = make_outlet("bao", "Báo", "https://bao.example", language="vi", unproven=True)

    assert OutletFacts("bao", "Báo", "https://bao.example", "vi", "Asia/Ho_Chi_Minh", unproven=True) == outlet_facts(
        outlet
    )
