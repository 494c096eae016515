"""Define the values of a backfill: its request, and the options of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from archive.ledger.backfill_model import BackfillRun
from schedules.timing.date_range import DateRange

MAX_ATTEMPTS = 3  # attempts at one list or page, in one run


@dataclass(frozen=True, slots=True)
class BackfillRequest:
    """A person's request for a backfill.

    Attributes:
        outlets: Ids of the outlets.
        dates: The dates to archive.
        kind: `backfill`; or `audit`, which reads the lists first and fetches pages only to fill gaps.
        pages: Fetch pages; otherwise only read the lists.
        wayback: Look up pages that their site has deleted in a web archive.
        urls: The file of addresses that replaces the lists; empty for none.
    """

    outlets: tuple[str, ...]
    dates: DateRange
    kind: Literal["backfill", "audit"] = "backfill"
    pages: bool = True
    wayback: bool = False
    urls: str = ""

    def arguments(self) -> dict[str, Any]:
        """Return the request as the ledger stores it; equal requests have equal arguments."""
        return {
            "outlets": list(self.outlets),
            "since": self.dates.since and self.dates.since.isoformat(),
            "until": self.dates.until and self.dates.until.isoformat(),
            **({"fill": self.pages} if self.kind == "audit" else {}),
            **({"wayback": True} if self.wayback else {}),
            **({"urls": self.urls} if self.urls else {}),
        }

    @classmethod
    def from_run(cls, run: BackfillRun) -> BackfillRequest:
        """Read the request of a run in the ledger."""
        arguments = run.arguments
        return cls(
            outlets=tuple(arguments["outlets"]),
            dates=DateRange.parse(arguments["since"], arguments["until"]),
            kind="audit" if run.kind == "audit" else "backfill",
            pages=arguments.get("fill", True),
            wayback=arguments.get("wayback", False),
            urls=arguments.get("urls", ""),
        )


@dataclass(frozen=True, slots=True)
class WaybackServers:
    """The servers of a web archive.

    Attributes:
        cdx: The address of its index of captures, a CDX server.
        replay: The address under which it serves captures.
    """

    cdx: str
    replay: str


@dataclass(frozen=True, slots=True)
class BackfillOptions:
    """The options of one run of a backfill.

    Attributes:
        run: The id of the run in the ledger.
        dates: The dates to archive.
        pages: Fetch pages; otherwise only read the lists.
        patient: Wait for hosts that must be left alone; the service does other work meanwhile.
        wayback: The web archive in which to look up deleted pages; None for none.
    """

    run: int
    dates: DateRange
    pages: bool = True
    patient: bool = True
    wayback: WaybackServers | None = None
