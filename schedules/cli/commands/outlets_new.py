"""Run `khobao outlets --new`: draft a declaration from a live site, with a report."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from archive.atomic_files import atomic_text, require_writable
from archive.errors import Failure, UsageError
from crawler.outlets.catalogue import outlet_for
from crawler.outlets.declaration import build_outlet, read_declaration, toml_string
from schedules.cli.session import Session
from schedules.drafting.draft import Draft, DraftTools, draft
from schedules.drafting.draft_report import render_report
from schedules.pipeline.context import utc_now
from schedules.pipeline.runtime import make_workers, open_fetcher

SAMPLES = 6


def draft_outlet(session: Session, address: str, write: Path | None, report: Path | None, samples: int) -> int:
    """Draft a declaration of a site; print it or write it to a file, and write its report.

    Raises:
        UsageError: The file exists already or cannot be written, or the address is not valid.
    """
    for file in filter(None, (write, report)):
        require_writable(file)
    if write and write.exists():
        raise UsageError(f"{write}: exists already and was not changed; name a new file")
    if known := outlet_for(session.catalogue, address):
        session.note(f"{known.id} is already declared; this draft ignores the declaration")
    drafted = asyncio.run(_draft(session, address, samples))
    if isinstance(drafted, Failure):
        session.warn(f"{address}: {drafted}")
        return 1
    stem = write.stem if write else drafted.outlet.id
    text = declaration(drafted, stem)
    build_outlet(
        declared := read_declaration(stem, f"{stem}.toml", text.encode()), declared.values
    )  # if this fails, it is a bug
    if write:
        _write(write, text)
    else:
        session.print(text)
    if report:
        _write(report, render_report(drafted))
    for line in _scores(drafted):
        session.note(line)
    return 0 if any(trial.by_rule for trial in drafted.trials) else 1


def _write(path: Path, text: str) -> None:
    with atomic_text(path) as file:
        file.write(text)


async def _draft(session: Session, address: str, samples: int) -> Draft | Failure:
    async with open_fetcher(session.settings) as fetcher, make_workers(session.settings) as workers:
        return await draft(DraftTools(fetcher, workers, samples, session.note), address)


def declaration(drafted: Draft, stem: str) -> str:
    """Return a draft as the TOML file that a person edits.

    Args:
        drafted: The draft.
        stem: The file name without `.toml`.
    """
    return "\n".join(_describe_declaration(drafted, stem)) + "\n"


def _describe_declaration(drafted: Draft, stem: str) -> Iterator[str]:
    outlet, learned = drafted.outlet, drafted.learned
    yield f"# Drafted from {outlet.home} on {utc_now():%Y-%m-%d}: check it and its report, then remove `unproven`."
    yield f"# Save it as {stem}.toml in the folder of the setting `outlets.folder`."
    yield ""
    yield f"name = {toml_string(outlet.name)}"
    yield f"home = {toml_string(outlet.home)}"
    if learned.pattern:
        yield f"# matches {learned.matched} of {learned.articles} addresses of articles, and {learned.mistaken} others"
        yield f"article = {toml_string(learned.pattern)}"
    for key, unknown in (("language", ""), ("timezone", "UTC")):
        if (value := getattr(outlet, key)) != unknown:
            yield f"{key} = {toml_string(value)}"
    yield "unproven = true"
    if outlet.sources:
        yield from _sources(drafted)
    if drafted.fits:
        yield "\n[reading]"
        for key, selectors in drafted.fits.items():
            yield f"# on {', '.join(map(str, selectors.values()))} of {drafted.pages} sample pages"
            yield f"{key} = [{', '.join(map(toml_string, selectors))}]"


def _sources(drafted: Draft) -> Iterator[str]:
    yield "\n[sources]"
    kinds = dict.fromkeys(source.kind for source in drafted.outlet.sources)
    for kind in kinds:
        yield f"{kind} = ["
        for one in drafted.probed:
            if one.source.kind == kind and one.links:
                url = one.source.url.removeprefix(drafted.outlet.home.rstrip("/"))
                yield f"  {toml_string(url)},  # {len(one.links)} links"
        yield "]"


def _scores(drafted: Draft) -> Iterator[str]:
    """Yield one line for each sample page: how it was read."""
    for trial in drafted.trials:
        by = "by rule" if trial.by_rule else "by no rule"
        yield f"{trial.url}: {trial.failure or f'read {by}, {trial.agreement:.0%} the words of the generic reader'}"
