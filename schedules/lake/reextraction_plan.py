"""Read captures again without the archive's writer, which stores the results later.

Reading takes nearly all of the time of a re-extraction and writes nothing to the archive. So several processes or
machines can share it. They only read the archive and its captures, while the archive's writer continues its work.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.atomic_files import atomic_text
from archive.errors import Failure, FormatError, Reason, UsageError
from archive.exchange.jsonl import from_json, to_json
from archive.record import Record
from archive.store.reextraction_queue import QueuedCapture, ReextractionScope
from schedules.lake.share import Share

_VERSION = 1


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """The folder of a plan: one file for each outlet and share; each file is complete or missing.

    Attributes:
        path: The folder.
    """

    path: Path

    def file(self, scope: ReextractionScope, share: Share) -> Path:
        """Return the path of the file of an outlet and a share."""
        return self.path / f"{scope.outlet}.{share.number}-of-{share.count}.jsonl"

    def is_finished(self, scope: ReextractionScope, share: Share) -> bool:
        """Return whether the file of an outlet and a share was written by today's rules."""
        path = self.file(scope, share)
        if not path.is_file():
            return False
        with path.open(encoding="utf-8") as lines:
            return _header(path, lines.readline()) == scope.reader

    async def save(
        self,
        scope: ReextractionScope,
        share: Share,
        readings: AsyncIterator[tuple[QueuedCapture, Record | Failure]],
    ) -> int:
        """Save the readings of an outlet and a share; return their number.

        A capture that could not be read is left out, so that it is read again later.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        count = 0
        with atomic_text(self.file(scope, share)) as file:
            file.write(json.dumps({"version": _VERSION, "outlet": scope.outlet, "reader": scope.reader}) + "\n")
            async for capture, result in readings:
                if isinstance(result, Failure) and result.reason.traits.reading_failed:
                    continue
                file.write(json.dumps(_line(capture, result), ensure_ascii=False) + "\n")
                count += 1
        return count

    def load(self, scope: ReextractionScope) -> PlannedReadings:
        """Return the readings of an outlet, from all shares.

        Raises:
            UsageError: Other rules made them, or a file is damaged.
        """
        places: dict[int, tuple[Path, int]] = {}
        for path in sorted(self.path.glob(f"{scope.outlet}.*-of-*.jsonl")):
            for capture, offset in _captures(path, scope):
                places[capture] = (path, offset)
        return PlannedReadings(places)


@dataclass(frozen=True, slots=True)
class PlannedReadings:
    """The readings of an outlet; each is loaded when needed.

    Attributes:
        places: The file and the offset of each reading, by the number of its capture.
    """

    places: dict[int, tuple[Path, int]]

    def __contains__(self, capture: QueuedCapture) -> bool:
        return capture.capture in self.places

    async def read(self, capture: QueuedCapture) -> Record | Failure:
        """Return the reading of a capture.

        Raises:
            UsageError: The file is damaged.
        """
        path, offset = self.places[capture.capture]
        with path.open("rb") as file:
            file.seek(offset)
            line = file.readline()
        try:
            facts = json.loads(line)
            if "record" in facts:
                return from_json(facts["record"])
            return Failure(Reason(facts["reason"]), facts["detail"])
        except (ValueError, KeyError, TypeError, FormatError) as error:
            raise UsageError(f"{path}, byte {offset}: not a reading of a capture: {error}; plan again") from None


def share_of(captures: Iterator[QueuedCapture], share: Share) -> Iterator[QueuedCapture]:
    """Yield the captures of a share; a capture's number determines its share."""
    return (capture for capture in captures if capture.capture % share.count == share.number - 1)


def _line(capture: QueuedCapture, result: Record | Failure) -> dict[str, object]:
    facts: dict[str, object] = {"capture": capture.capture, "url": capture.url}
    if isinstance(result, Failure):
        return facts | {"reason": result.reason.value, "detail": result.detail}
    return facts | {"record": to_json(result)}


def _header(path: Path, line: str) -> str:
    """Return the reader in the first line of a file.

    Raises:
        UsageError: The file is not a plan.
    """
    try:
        facts = json.loads(line)
        if facts["version"] == _VERSION:
            return str(facts["reader"])
    except (ValueError, KeyError, TypeError):
        pass
    raise UsageError(f"{path}: not a plan of this version; write it again with `khobao reextract --plan`")


def _captures(path: Path, scope: ReextractionScope) -> Iterator[tuple[int, int]]:
    """Yield the number of each capture of a file and the offset of its line.

    Raises:
        UsageError: Other rules made the file, or it is damaged.
    """
    with path.open("rb") as file:
        reader = _header(path, file.readline().decode("utf-8", "replace"))
        if reader != scope.reader:
            raise UsageError(
                f"{path}: read by {reader!r}, and today's rules are {scope.reader!r}; delete it and plan again"
            )
        offset = file.tell()
        while line := file.readline():
            try:
                yield int(json.loads(line)["capture"]), offset
            except (ValueError, KeyError, TypeError):
                raise UsageError(f"{path}, byte {offset}: not a reading of a capture; plan again") from None
            offset = file.tell()
