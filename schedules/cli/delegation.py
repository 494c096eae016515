"""Delegate work to the service that holds the archive, and watch its progress."""

from __future__ import annotations

import time
from collections.abc import Callable

from archive.errors import ArchiveLocked
from archive.ledger.backfill_model import BackfillRun
from archive.store.runs import RunStore
from schedules.cli.session import Session

_UNFINISHED = frozenset({"running", "waiting"})
_INTERVAL = 1.0  # seconds between two checks of the run


def delegate(session: Session, enter: Callable[[RunStore], int]) -> int:
    """Enter work into the ledger for the service that holds the archive; return the run's id.

    Args:
        session: The session of this command.
        enter: Enters the run and returns its id.

    Raises:
        ArchiveLocked: The process that holds the archive is not a service.
    """
    path = session.archive_path
    with RunStore.beside(path) as runs:
        if not runs.is_service_running():
            raise ArchiveLocked(f"{path}: another khobao command is writing to it; try again when it has finished")
        run = enter(runs)
    session.note(
        f"delegated to the service as run {run}; Ctrl-C stops watching, `khobao backfill --cancel {run}` ends it"
    )
    return run


def follow(session: Session, run: int, show: Callable[[BackfillRun], None] = lambda _: None) -> BackfillRun:
    """Watch a delegated run until it ends; return its final state."""
    with session.reader() as archive:
        while True:
            state = archive.backfill(run)
            assert state
            show(state)
            if state.state not in _UNFINISHED:
                return state
            time.sleep(_INTERVAL)
