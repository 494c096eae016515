"""Define events, which report what a run did, and the tally that counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.errors import Failure, Reason

OUTCOMES = ("archived", "revised", "unchanged", "churned")


@dataclass(frozen=True, slots=True)
class PollEvent:
    """A source was polled.

    Attributes:
        outlet: The outlet's id.
        url: The source's address.
        kind: The source's kind.
        candidates: How many of its links are the outlet's articles.
        new: How many of these were unknown.
        dropped: For each reason, how many links are not the outlet's articles.
        failure: Why the poll failed; None if it succeeded.
        unchanged: The server answered that nothing has changed.
        overran: All links were unknown, so links may have come and gone since the previous poll.
        notes: What was unusual about the response.
    """

    outlet: str
    url: str
    kind: str
    candidates: int = 0
    new: int = 0
    dropped: Mapping[Reason, int] = field(default_factory=dict)
    failure: Failure | None = None
    unchanged: bool = False
    overran: bool = False
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """A page was fetched.

    Attributes:
        outlet: The outlet's id.
        url: The page's address.
        outcome: archived, revised, unchanged or churned; empty for a failure.
        title: The headline; empty if the page was not read.
        failure: Why it was not archived; None if it was.
        notes: What was unusual about the response.
    """

    outlet: str
    url: str
    outcome: str = ""
    title: str = ""
    failure: Failure | None = None
    notes: str = ""


Event = PollEvent | PageEvent


def is_rejection(event: Event) -> bool:
    """Return whether an event is a page that is not an article, which is not a fault."""
    return isinstance(event, PageEvent) and event.failure is not None and not event.failure.reason.traits.is_fault


@dataclass
class Tally:
    """Count the events of one outlet in one run."""

    sources: int = 0
    candidates: int = 0
    new: int = 0
    asked: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    skipped: Counter[Reason] = field(default_factory=Counter)
    failed: Counter[Reason] = field(default_factory=Counter)

    @classmethod
    def of(cls, counts: Mapping[str, Any]) -> Tally:
        """Build a tally from a ledger row."""
        skipped, failed = (Counter({Reason(r): n for r, n in counts[name].items()}) for name in ("skipped", "failed"))
        outcomes = Counter({outcome: counts[outcome] for outcome in OUTCOMES})
        told = {name: counts[name] for name in ("sources", "candidates", "new", "asked")}
        return cls(**told, outcomes=outcomes, skipped=skipped, failed=failed)

    def add(self, event: Event) -> None:
        """Count one event."""
        if isinstance(event, PollEvent):
            self.sources += 1
            self.candidates += event.candidates
            self.new += event.new
            self.skipped.update(event.dropped)
            if event.failure:
                self.failed[event.failure.reason] += 1
            return
        self.asked += 1
        if event.failure:
            (self.skipped if is_rejection(event) else self.failed)[event.failure.reason] += 1
        else:
            self.outcomes[event.outcome] += 1

    def counts(self) -> dict[str, int | dict[str, int]]:
        """Convert the tally for a ledger row."""
        return {
            "sources": self.sources,
            "candidates": self.candidates,
            "new": self.new,
            "asked": self.asked,
            **{outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "skipped": {reason.value: count for reason, count in sorted(self.skipped.items())},
            "failed": {reason.value: count for reason, count in sorted(self.failed.items())},
        }
