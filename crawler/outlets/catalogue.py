"""Load the declared outlets, find the outlet of an address, and describe undeclared sites."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.errors import UsageError
from crawler.outlets.declaration import Declaration, build_outlet, merge_values, read_declaration, suggest_name
from crawler.outlets.model import Outlet, Source

Shelf = Mapping[str, Declaration]


def load_catalogue(user_folder: Path | None = None, healed_folder: Path | None = None) -> dict[str, Outlet]:
    """Load all declared outlets.

    Args:
        user_folder: The user's own declarations, which replace shipped ones of the same id; None for none.
        healed_folder: Declarations that were drafted after a redesign and put in force. Each extends and replaces the
            declaration of its id, the user's or the shipped one. None, or a missing folder, for none.

    Returns:
        The outlets by id, in alphabetical order.

    Raises:
        UsageError: A declaration is wrong; one line names the file, the key and the remedy.
    """
    shipped = files("crawler.outlets") / "declarations"
    user = _shelf(user_folder, f"{user_folder}/") if user_folder else {}
    own = _shelf(shipped)
    healed = _shelf(healed_folder, f"{healed_folder}/") if healed_folder and healed_folder.is_dir() else {}
    known = {*user, *own}
    shelves = (
        {id_: declared for id_, declared in healed.items() if id_ in known},
        user,
        own,
        _shelf(shipped / "families"),
    )
    return {id_: _outlet(id_, shelves) for id_ in sorted(known)}


def find_outlet(catalogue: Mapping[str, Outlet], name: str) -> Outlet:
    """Return the outlet with an id.

    Raises:
        UsageError: There is none; the line names an id with a similar spelling.
    """
    if name not in catalogue:
        raise UsageError(f"no outlet {name!r}; {suggest_name(name, catalogue)}")
    return catalogue[name]


def outlet_for(catalogue: Mapping[str, Outlet], url: str) -> Outlet | None:
    """Return the outlet that an address belongs to, the closest of several; None if there is none."""
    closest = max(catalogue.values(), key=lambda outlet: outlet.claim(url), default=None)
    return closest if closest and closest.claim(url) else None


def bare_outlet(url: str, language: str = "", timezone: str = "", sources: Sequence[Source] = ()) -> Outlet:
    """Build an outlet with default rules for a site that is not declared.

    Args:
        url: Any address of the site.
        language: BCP 47 tag; empty if unknown.
        timezone: The timezone of its dates; empty if unknown; then its pages may state it.
        sources: The sources that autodiscovery found.

    Raises:
        UsageError: The address is not valid.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), f":{parts.port}" if parts.port else ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"}:
        raise UsageError(f"not an address: {url!r}; write one like 'https://example.org/'")
    plain = host.removeprefix("www.")
    facts = {
        "id": re.sub(r"[^a-z0-9_.-]", "-", plain).lstrip("_.-") or "site",
        "name": plain,
        "home": f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}/",
        "language": language,
        "sources": tuple(sources),
    }
    return Outlet.model_validate({**facts, "timezone": timezone} if timezone else facts)


def _shelf(folder: Traversable, prefix: str = "") -> Shelf:
    try:
        found = {file.name.removesuffix(".toml"): file for file in folder.iterdir() if file.name.endswith(".toml")}
        texts = {stem: file.read_bytes() for stem, file in found.items()}
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}; name a folder of outlet declarations") from None
    return {stem: read_declaration(stem, f"{prefix}{stem}.toml", texts[stem]) for stem in sorted(texts)}


def _outlet(id_: str, shelves: Sequence[Shelf]) -> Outlet:
    lineage = _lineage(id_, shelves)
    values: dict[str, Any] = {}
    for declared in reversed(lineage):
        values = merge_values(values, declared.values)
    return build_outlet(lineage[0], values)


def _lineage(id_: str, shelves: Sequence[Shelf]) -> list[Declaration]:
    """List a declaration and all that it extends, itself first."""
    level, declared = next((i, shelf[id_]) for i, shelf in enumerate(shelves) if id_ in shelf)
    lineage = [declared]
    while base := lineage[-1].extends:
        first = level + 1 if base == lineage[-1].id else 0
        places = [i for i in range(first, len(shelves)) if base in shelves[i]]
        if not places:
            known = {name for shelf in shelves[first:] for name in shelf}
            raise UsageError(f"{lineage[-1].file}: extends: no outlet or family {base!r}; {suggest_name(base, known)}")
        level = places[0]
        if any(shelves[level][base] is earlier for earlier in lineage):
            way = " -> ".join([*(earlier.id for earlier in lineage), base])
            raise UsageError(f"{lineage[0].file}: extends: is a circle, {way}; remove one `extends` of it")
        lineage.append(shelves[level][base])
    return lineage
