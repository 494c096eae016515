"""Report the problems of the service: once when they begin, and once when they end."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archive.errors import ArchiveError, first_of
from schedules.logs import log
from schedules.service.systemd import Notifier

TaskOutcome = Literal["done", "later", "failed"]  # all work is done, some is left, or a bug ended it


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of one part of the service.

    Attributes:
        detail: The problem in one line.
        kind: The name of a problem whose detail varies, such as the free space of a disk; empty if it does not vary.
    """

    detail: str
    kind: str = ""

    def is_same(self, other: Problem) -> bool:
        """Return whether two values describe one problem, which needs no second line in the log."""
        return (self.kind or self.detail) == (other.kind or other.detail)


class ServiceProblems:
    """The problems of a service, by the affected part: its work, its settings, its port.

    Attributes:
        notifier: The service manager, which is notified too.
    """

    def __init__(self, notifier: Notifier) -> None:
        """Start without problems.

        Args:
            notifier: The service manager.
        """
        self.notifier = notifier
        self._current: dict[str, Problem] = {}

    def set(self, affected: str, problem: Problem | None = None) -> None:
        """Record or clear the problem of one part.

        Args:
            affected: The affected part.
            problem: The problem; None for none. The same problem with another detail is not logged again.
        """
        before = self._current.pop(affected, None)
        if problem:
            self._current[affected] = problem
            if before is None or not problem.is_same(before):
                log().error("problem", affected=affected, detail=problem.detail)
                self.notifier.send(f"STATUS={problem.detail}")
        elif before:
            log().info("recovered", affected=affected, detail=before.detail)

    def has(self, affected: str) -> bool:
        """Return whether a part has a problem."""
        return affected in self._current

    async def contain(self, work: Awaitable[bool | None], **context: object) -> TaskOutcome:
        """Run one of several tasks, so that its failure does not stop the others.

        Args:
            work: The task; it returns False if some of its work is left.
            context: Facts to log with a bug.

        Returns:
            The outcome; "later" also if the archive could not be written to, which is recorded as a problem.
        """
        outcome: TaskOutcome = "later"
        try:
            outcome = "later" if await work is False else "done"
        except* ArchiveError as group:
            self.set("archive", Problem(str(first_of(group))))
        except* Exception:  # noqa: BLE001 - a bug in one task must not stop the others
            log().exception("bug", **context)
            outcome = "failed"
        return outcome

    @property
    def lines(self) -> list[str]:
        """All problems, one line each."""
        return [problem.detail for problem in self._current.values()]


def archive_problem(archive: Path, inode: int, min_free: int) -> Problem | None:
    """Return why an archive must not be written to; None if it may be.

    Args:
        archive: The archive's file.
        inode: The inode of the file when it was opened.
        min_free: Megabytes that must be free on its disk.
    """
    try:
        free = shutil.disk_usage(archive.parent).free // 1_000_000
        if not archive.exists():
            return Problem(f"{archive}: the file no longer exists; put it back")
        if archive.stat().st_ino != inode:
            return Problem(f"{archive}: another file is in its place; put the right one back, or restart khobao")
    except OSError as error:
        return Problem(f"{archive}: {error.strerror}; put it back")
    if free < min_free:
        return Problem(f"only {free} MB free on the disk; work resumes at {min_free} MB", kind="low disk")
    return None
