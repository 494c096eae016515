"""What keeps the service from its work: told once when it comes and once when it goes, and kept for `khobao status`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Awaitable
from pathlib import Path
from typing import Literal

from archive.errors import ArchiveError, first_of
from schedules.logs import log
from schedules.service.systemd import Notifier

Came = Literal["done", "later", "failed"]  # what a work came to: all of it, some, or it met a bug


class Troubles:
    """The troubles of one service, by what is troubled: its work, its settings, its port.

    Attributes:
        notifier: The service manager, who is told, too.
    """

    def __init__(self, notifier: Notifier) -> None:
        """There is none yet.

        Args:
            notifier: The service manager.
        """
        self.notifier = notifier
        self._known: dict[str, str] = {}

    def tell(self, what: str, detail: str = "") -> None:
        """Take in how something stands.

        Args:
            what: What is troubled.
            detail: By what, in one line; empty where all is well. Numbers in it may change without being told again.
        """
        before = self._known.pop(what, "")
        if detail:
            self._known[what] = detail
            if _words(detail) != _words(before):
                log().error("trouble", what=what, detail=detail)
                self.notifier.send(f"STATUS={detail}")
        elif before:
            log().info("recovered", what=what, detail=before)

    def has(self, what: str) -> bool:
        """Whether something is troubled."""
        return what in self._known

    async def contain(self, work: Awaitable[bool | None], **whose: object) -> Came:
        """Do one of many works, so that what goes wrong with it takes nothing from the others.

        Args:
            work: Comes to False where some of it is left.
            whose: What to log with a bug.

        Returns:
            later also where the archive could not be written to, which is everybody's trouble and told as that.
        """
        came: Came = "later"
        try:
            came = "later" if await work is False else "done"
        except* ArchiveError as group:
            self.tell("archive", str(first_of(group)))
        except* Exception:  # noqa: BLE001 - a bug that one work meets must not take the others' news away
            log().exception("bug", **whose)
            came = "failed"
        return came

    @property
    def lines(self) -> list[str]:
        """Each trouble in one line."""
        return list(self._known.values())


def trouble_of(archive: Path, number: int, least: int) -> str:
    """Why an archive should not be written to, in one line; empty where it may be.

    Args:
        archive: Its file.
        number: Of that file's inode, when it was opened.
        least: Megabytes that are to be left on its disk.
    """
    try:
        free = shutil.disk_usage(archive.parent).free // 1_000_000
        if not archive.exists():
            return f"{archive}: it was taken away; put it back"
        if archive.stat().st_ino != number:
            return f"{archive}: another file is in its place; put the right one back, or start khobao again"
    except OSError as error:
        return f"{archive}: {error.strerror}; put it back"
    return f"{free} MB left on the disk; work goes on from {least} MB" if free < least else ""


def _words(detail: str) -> str:
    return re.sub(r"\d+", "", detail)
