"""Serve a lake instead of an archive: open it once, and run each page on it within bounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

from archive.browse.local_time import LocalTimes
from archive.browse.page_request import NotFoundError, PageRequest
from archive.browse.served_archive import UnavailableError
from archive.errors import ArchiveError
from archive.lake.folder import LakeFolder
from archive.lake.manifest import read_manifest, require_folder
from archive.lake.reader import LakeReader
from archive.lake.sessions import QueryAborted, lake_session

if TYPE_CHECKING:  # Datasette loads plugins while it is being imported itself
    from datasette.app import Datasette

_SEARCH_SECONDS = 6.0  # after this time, a page searches no further texts, and shows what it found
_SECONDS = 10.0  # time limit of a page
_MEMORY = "700MB"  # of all pages together
_LAKE = "_khobao_lake"  # attribute of a Datasette


@dataclass(frozen=True, slots=True)
class LakeOutlets:
    """What a lake does not know of its outlets.

    Attributes:
        names: Their names, by outlet id.
        zones: Their timezones, by outlet id.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LakeView:
    """A lake as a page reads it.

    Attributes:
        reader: The reader of the lake.
        outlets: The names and timezones of outlets.
    """

    reader: LakeReader
    outlets: LakeOutlets

    def names(self) -> dict[str, str]:
        """Return the name of each outlet of the lake by outlet id, sorted by name; unknown names are ids."""
        named = {name: self.outlets.names.get(name, name) for name in self.reader.outlets()}
        return dict(sorted(named.items(), key=lambda item: item[1]))


LakePage = Callable[[LakeView, PageRequest], dict[str, Any]]


class ServedLake:
    """A lake whose pages are served; several threads may use it."""

    def __init__(self, folder: LakeFolder, outlets: LakeOutlets) -> None:
        """Open DuckDB for a lake; see `lake_session`.

        Args:
            folder: The lake.
            outlets: The names and timezones of outlets.
        """
        self.path = require_folder(folder)
        self._folder, self._outlets = folder, outlets
        self._resources = ExitStack()
        self._session = self._resources.enter_context(lake_session(self.path, _MEMORY))
        self._lock = Lock()

    def close(self) -> None:
        """Close DuckDB."""
        self._resources.close()

    def run(self, page: LakePage, request: PageRequest) -> tuple[dict[str, Any], LocalTimes]:
        """Run a page on the newest state of the lake.

        Raises:
            PageError: The page cannot be shown.
        """
        times = LocalTimes(self._outlets.zones)
        end = time.monotonic() + _SEARCH_SECONDS
        with self._lock:
            cursor = self._session.cursor()
        timer = Timer(_SECONDS, cursor.interrupt)
        timer.daemon = True
        try:
            timer.start()
            reader = LakeReader(cursor, self.path, read_manifest(self._folder), lambda: time.monotonic() < end)
            return page(LakeView(reader, self._outlets), replace(request, times=times)), times
        except QueryAborted:
            raise UnavailableError("this takes too long or too much memory; ask for fewer days") from None
        except (ArchiveError, OSError):
            raise UnavailableError("the lake cannot be read just now; `khobao lake check` finds out why") from None
        finally:
            timer.cancel()
            cursor.close()


def set_lake(datasette: Datasette, lake: ServedLake) -> None:
    """Let a Datasette serve a lake."""
    setattr(datasette, _LAKE, lake)


def lake_of(datasette: Datasette) -> ServedLake | None:
    """Return the lake that a Datasette serves; None if it serves databases."""
    lake: ServedLake | None = getattr(datasette, _LAKE, None)
    return lake


def missing_page(lake: LakeView, request: PageRequest) -> dict[str, Any]:
    """Say that a lake cannot answer a page of the archive.

    Raises:
        NotFoundError: Always.
    """
    del lake, request
    raise NotFoundError("a lake cannot answer this page; `khobao browse` shows it for an archive")
