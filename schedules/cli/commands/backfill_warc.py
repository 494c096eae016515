"""`khobao backfill --warc`: the pages of WARC files, by outlet and day, local or not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from archive.errors import Failure
from archive.store.writer import Archive
from crawler.fetching.allowed_addresses import host_of
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.model import Outlet
from crawler.parsing.dates import day_bound, day_in_path
from schedules.cli.lookups import enabled
from schedules.cli.session import Session
from schedules.offline.warc_import import Salvage, Salvaged, salvage
from schedules.pipeline.context import utc_now
from schedules.pipeline.runtime import MEGABYTE, network_of, workers_of
from schedules.timing.date_range import Days

_TRIES = 4  # of a file that breaks off on its way


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are asked for; None is open."""

    since: date | None
    until: date | None

    @property
    def days(self) -> Days:
        """These days."""
        return Days(self.since or date(1970, 1, 1), self.until or date(2999, 12, 31))


def harvest_and_tell(session: Session, names: Sequence[str], span: Span, files: Sequence[str], *, as_json: bool) -> int:
    """Take in the pages of WARC files and tell what they came to; the exit code.

    Files that are done are not read again by the same command.
    """
    chosen, counts, problems = enabled(session, names), Counter[str](), list[str]()
    asked = {"outlets": [outlet.id for outlet in chosen], "since": span.since, "until": span.until, "warc": list(files)}
    with session.writer() as archive:
        known = archive.open_run("backfill", asked)
        run = known.run if known else archive.begin_run("backfill", asked, utc_now())
        archive.set_run(run, "running")
        done, state = list(archive.plan_of(run).get("done", [])), "stopped"
        try:
            for name in files:
                if name in done:
                    continue
                session.note(f"reading {name}")
                result = asyncio.run(_harvest(session, archive, chosen, span, name, problems.append))
                if isinstance(result, Failure):
                    problems.append(f"{name}: {result}")
                    continue
                _count(counts, result)
                problems += [result.problem] if result.problem else []
                done.append(name)
                archive.plan_run(run, {"done": done})
            state = "done" if len(done) == len(set(files)) else "stopped"
        finally:
            archive.end_run(run, "done" if state == "done" else "stopped", {}, utc_now())
    for problem in problems:
        session.note(problem)
    if as_json:
        session.answer(dict(counts))
    else:
        session.tell(", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing that was asked for")
    return 1 if problems else 0


def _count(counts: Counter[str], result: Salvaged) -> None:
    if result.merged:
        counts["new"] += result.merged.articles
        counts["revised"] += result.merged.revised
    counts["known"] += result.known
    for reason, count in result.refused.items():
        counts[f"no article: {reason.value}"] += count


async def _harvest(
    session: Session,
    archive: Archive,
    outlets: Sequence[Outlet],
    span: Span,
    name: str,
    told: Callable[[str], None],
) -> Salvaged | Failure:
    settings = session.settings
    chosen = {outlet.id: outlet for outlet in outlets}
    async with workers_of(settings) as workers, network_of(settings) as fetcher:
        path = Path(name)
        if remote := name.startswith(("http://", "https://")):
            suffix = ".warc.gz" if name.endswith(".gz") else ".warc"
            path = settings.archive.path.parent / f".{sha256(name.encode()).hexdigest()[:12]}{suffix}"
            if failure := await _load(fetcher, name, path):
                return failure
        limit = int(settings.network.max_page_megabytes * MEGABYTE)
        wants, days = _filter(outlets, span), span.days if span.since or span.until else None
        tools = Salvage(archive, settings.captures_folder, chosen, workers, limit, wants, days, told)
        result = await salvage(tools, path, utc_now())
        if remote:
            path.unlink()
        return result


async def _load(fetcher: Fetcher, url: str, path: Path) -> Failure | None:
    """Load a file, and go on where it broke off; why it is not whole, if it is not, and then what came of it stays."""
    failure = None
    for wait in range(_TRIES):
        await asyncio.sleep(wait)
        failure = await fetcher.save(url, path)
        if failure is None or failure.reason.traits.severity != "soft":
            break
    return failure


def _filter(outlets: Sequence[Outlet], span: Span) -> Callable[[str, datetime], bool]:
    """Whether a page may be an article of these outlets and days, by what is known before it is unpacked."""
    hosts, days = frozenset[str]().union(*(outlet.all_hosts for outlet in outlets)), span.days

    def wants(url: str, fetched_at: datetime) -> bool:
        if _host(url) not in hosts or fetched_at.date() < days.since - timedelta(days=1):
            return False
        day, begun = day_in_path(url), day_bound(url)
        return day in days if day else begun is None or begun <= days.until

    return wants


def _host(url: str) -> str:
    try:
        return host_of(url)
    except ValueError:
        return ""
