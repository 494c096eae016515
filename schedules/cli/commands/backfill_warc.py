"""Run `khobao backfill --warc`: import the pages of WARC files, local or remote, by outlet and day."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from archive.errors import Failure, UsageError
from archive.store.writer import ArchiveWriter
from crawler.fetching.fetcher import Fetcher
from crawler.outlets.model import Outlet
from schedules.cli.lookups import enabled_outlets
from schedules.cli.session import Session
from schedules.offline.page_filter import PageFilter
from schedules.offline.warc_import import WarcImport, WarcImportResult, import_warc
from schedules.pipeline.context import utc_now
from schedules.pipeline.recorded_run import RecordedRun, ending_run
from schedules.pipeline.runtime import make_workers, max_page_bytes, open_fetcher
from schedules.timing.date_range import DateRange

_TRIES = 4  # attempts at a download that breaks off


def import_and_report(
    session: Session, names: Sequence[str], dates: DateRange, files: Sequence[str], *, as_json: bool
) -> int:
    """Import the pages of WARC files and print the results; return the exit code.

    The same command does not read finished files again.
    """
    check_files(files)
    chosen, counts, problems = enabled_outlets(session, names), Counter[str](), list[str]()
    arguments = {
        "outlets": [outlet.id for outlet in chosen],
        "since": dates.since,
        "until": dates.until,
        "warc": list(files),
    }
    with session.writer() as archive:
        known = archive.reader.resumable_run("backfill", arguments)
        run = known.run if known else archive.runs.begin_run("backfill", arguments, utc_now())
        archive.runs.set_run_state(run, "running")
        done = list(archive.reader.load_plan(run).get("done", []))
        with ending_run(archive.runs, RecordedRun(run, state="stopped")) as recorded:
            for name in files:
                if name in done:
                    continue
                session.note(f"reading {name}")
                result = asyncio.run(_import(session, archive, chosen, dates, name, problems.append))
                if isinstance(result, Failure):
                    problems.append(f"{name}: {result}")
                    continue
                _count(counts, result)
                problems += [result.problem] if result.problem else []
                done.append(name)
                archive.runs.save_plan(run, {"done": done})
            recorded.state = "done" if len(done) == len(set(files)) else "stopped"
    for problem in problems:
        session.warn(problem)
    if as_json:
        session.print_json(dict(counts))
    else:
        session.print(
            ", ".join(f"{count} {name}" for name, count in counts.items()) or "no page of these outlets and days"
        )
    return 1 if problems else 0


def check_files(files: Sequence[str]) -> None:
    """Refuse files that cannot be read, before any work begins.

    Raises:
        UsageError: A file is missing, a folder, or unreadable.
    """
    for name in files:
        if not _is_remote(name):
            try:
                with Path(name).open("rb"):
                    pass
            except OSError as error:
                raise UsageError(f"{name}: cannot be read: {error.strerror}") from None


def _is_remote(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _count(counts: Counter[str], result: WarcImportResult) -> None:
    if result.merged:
        counts["new"] += result.merged.articles
        counts["revised"] += result.merged.revised
    counts["known"] += result.known
    for reason, count in result.refused.items():
        counts[f"no article: {reason.value}"] += count


async def _import(
    session: Session,
    archive: ArchiveWriter,
    outlets: Sequence[Outlet],
    dates: DateRange,
    name: str,
    report: Callable[[str], None],
) -> WarcImportResult | Failure:
    settings = session.settings
    chosen = {outlet.id: outlet for outlet in outlets}
    async with make_workers(settings) as workers, open_fetcher(settings) as fetcher:
        path = Path(name)
        if remote := _is_remote(name):
            suffix = ".warc.gz" if name.endswith(".gz") else ".warc"
            path = settings.archive.path.parent / f".{sha256(name.encode()).hexdigest()[:12]}{suffix}"
            if failure := await _load(fetcher, name, path):
                return failure
        context = WarcImport(
            archive,
            settings.captures_folder,
            chosen,
            workers,
            max_page_bytes(settings),
            PageFilter.of(outlets, dates),
            dates,
            report,
        )
        result = await import_warc(context, path, utc_now())
        if remote:
            path.unlink()
        return result


async def _load(fetcher: Fetcher, url: str, path: Path) -> Failure | None:
    """Download a file, resuming a broken download; return why it is incomplete, or None."""
    failure = None
    for wait in range(_TRIES):
        await asyncio.sleep(wait)
        failure = await fetcher.save(url, path)
        if failure is None or failure.reason.traits.severity != "soft":
            break
    return failure
