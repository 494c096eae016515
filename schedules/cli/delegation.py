"""Work left to the service that holds the archive, and watched from here."""

from __future__ import annotations

import time
from collections.abc import Callable

from archive.errors import ArchiveLocked
from archive.ledger.backfill_model import BackfillRun
from archive.store.runs import RunStore
from schedules.cli.session import Session

_GOES_ON = frozenset({"running", "waiting"})
_LOOK = 1.0  # seconds between two looks at what the service does


def hand_over(session: Session, enter: Callable[[RunStore], int]) -> int:
    """Enter work into the ledger for the service that holds the archive; the run's id.

    Raises:
        ArchiveLocked: It is no service that holds it.
    """
    path = session.settings.archive.path
    with RunStore.beside(path) as runs:
        if not runs.is_service_running():
            raise ArchiveLocked(f"{path}: another khobao writes to it, and is no service; try again when it is done")
        run = enter(runs)
    session.note(f"left to the service as run {run}; this only watches, `khobao backfill --cancel {run}` ends it")
    return run


def follow(session: Session, run: int, look: Callable[[BackfillRun], None] = lambda _: None) -> BackfillRun:
    """Watch what the service does until it is done."""
    with session.reader() as archive:
        while True:
            kept = archive.backfill(run)
            assert kept
            look(kept)
            if kept.state not in _GOES_ON:
                return kept
            time.sleep(_LOOK)
