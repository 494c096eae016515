"""Write the result of healing: the declaration, its report as HTML, and the evidence as JSON lines."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from html import escape
from pathlib import Path

from archive.atomic_files import atomic_text
from crawler.drafting.rule_check import RuleCheck
from crawler.outlets.declaration import toml_string
from schedules.drafting.draft_report import page_with
from schedules.drafting.healing import Healing

PROPOSED = "proposed"
IN_FORCE = "in-force"


def healed_declaration(healing: Healing, day: date, earlier: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """Return the new rules as a declaration that extends the outlet.

    Args:
        healing: The new rules.
        day: Today, for its first line.
        earlier: Dated rules of earlier healings, by their last day.
    """
    lines = [
        f"# Drafted by khobao on {day} after a redesign: {healing.redesign}.",
        f"# {str(healing).capitalize()}.",
        f"extends = {toml_string(healing.outlet.id)}",
    ]
    tables = []
    for key, value in healing.changes.items():
        if isinstance(value, Mapping):
            tables += ["", f"[{key}]", *_rules(healing, key, value)]
        elif isinstance(value, tuple):
            lines.append(f"{key} = {_list(value)}")
    for last_day, rules in earlier.items():
        if f"reading_until.{last_day}" not in healing.changes:
            tables += ["", f"[reading_until.{last_day}]", *(f"{key} = {_list(rules[key])}" for key in rules)]
    return "\n".join([*lines, *tables]) + "\n"


def _rules(healing: Healing, table: str, rules: Mapping[str, object]) -> Iterator[str]:
    for key, selectors in rules.items():
        if table == "reading" and key in healing.fits:
            counts = ", ".join(f"{name} {count}" for name, count in healing.fits[key].items())
            yield f"# pages that each fits: {counts}"
        if isinstance(selectors, tuple):
            yield f"{key} = {_list(selectors)}"


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(toml_string, values))}]"


def healing_report(healing: Healing) -> str:
    """Render the evidence of new rules as one HTML page without scripts."""
    return page_with(f"{healing.outlet.name}: new rules", "\n".join(_report(healing)))


def _report(healing: Healing) -> Iterator[str]:
    yield f"<h1>{escape(healing.outlet.name)}: new rules after a redesign</h1>"
    yield f"<p>{escape(str(healing.redesign))}; {escape(str(healing))}.</p>"
    yield "<h2>Rules</h2>\n<table>"
    for key, selectors in healing.fits.items():
        for selector, pages in selectors.items():
            rule = f"<th>{escape(key)}</th><td><code>{escape(selector)}</code></td>"
            yield f"<tr>{rule}<td class=n>{pages} pages</td></tr>"
    yield "</table>\n<h2>Pages in the new design</h2>\n<table>"
    yield "<tr><th>page</th><th>text</th><th>headline</th><th>day</th><th>by rule</th></tr>"
    yield from map(_row, healing.checks)
    yield "</table>"


def _row(check: RuleCheck) -> str:
    url = escape(check.url)
    marks = "".join(
        f"<td>{'yes' if part else '<b class=bad>no</b>'}</td>" for part in (check.title, check.day, check.by_rule)
    )
    text = escape(check.problem) if check.problem else f"{check.text:.0%}"
    return f'<tr><td><a href="{url}" rel="noreferrer">{url}</a></td><td class="n">{text}</td>{marks}</tr>'


def write_healing(healing: Healing, folder: Path, day: date, *, apply: bool) -> Path:
    """Write declaration, report and evidence; rules in force get a folder of their own.

    Args:
        healing: The new rules.
        folder: The folder of the archive's healed outlets.
        day: Today.
        apply: Put the rules in force.

    Returns:
        The file of the declaration.
    """
    proposed, in_force, name = folder / PROPOSED, folder / IN_FORCE, healing.outlet.id
    declaration = healed_declaration(healing, day, _earlier_rules(in_force / f"{name}.toml"))
    for place in (proposed, in_force):
        place.mkdir(parents=True, exist_ok=True)
    _write(proposed / f"{name}.html", healing_report(healing))
    _write(proposed / f"{name}.jsonl", "".join(_evidence(healing)))
    file = (in_force if apply else proposed) / f"{name}.toml"
    _write(file, declaration)
    if apply:
        (proposed / file.name).unlink(missing_ok=True)
    return file


def _write(path: Path, text: str) -> None:
    with atomic_text(path) as file:
        file.write(text)


def _earlier_rules(file: Path) -> dict[str, dict[str, list[str]]]:
    """Read the dated rules of an earlier healing that is in force."""
    if not file.is_file():
        return {}
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(file.read_text(encoding="utf-8")).get("reading_until", {})
    return tables


def _evidence(healing: Healing) -> Iterator[str]:
    for check in healing.checks:
        yield json.dumps(asdict(check) | {"agrees": check.agrees}, ensure_ascii=False) + "\n"


def undo_healing(folder: Path, outlet: str) -> Path | None:
    """Take applied rules out of force; keep their file among the proposals.

    Args:
        folder: The folder of the archive's healed outlets.
        outlet: The outlet's id.

    Returns:
        Where the file is now; None if no applied rules are in force.
    """
    applied = folder / IN_FORCE / f"{outlet}.toml"
    if not applied.is_file():
        return None
    (folder / PROPOSED).mkdir(exist_ok=True)
    return applied.replace(folder / PROPOSED / applied.name)
