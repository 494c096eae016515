"""Find the outlets, articles and filters that a person names, and suggest names for mistyped ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive.errors import KhobaoError, UsageError
from archive.store.names import has_outlet, is_empty, outlet_ids
from schedules.cli.session import Session

if TYPE_CHECKING:
    from archive.articles.model import Article
    from archive.store.reader import ArchiveReader
    from crawler.outlets.model import Outlet


def find_article(archive: ArchiveReader, name: str) -> Article:
    """Return the article with an id or an address.

    Raises:
        KhobaoError: There is none; the line suggests similar ids.
    """
    if article := archive.article(canonical_or_name(name)):
        return article
    if "://" in name:
        raise KhobaoError(f"{name}: not archived; `khobao why` explains why")
    raise KhobaoError(f"no article {name!r}; {_article_hint(archive, name)}")


def _article_hint(archive: ArchiveReader, name: str) -> str:
    if near := archive.similar_ids(name):
        return f"similar ids are {', '.join(near)}"
    if is_empty(archive):
        return "the archive is empty; `khobao crawl` fills it"
    return "`khobao search` finds ids; an id has 16 hexadecimal digits"


def canonical_or_name(name: str) -> str:
    """Return the canonical form of an address; return an id unchanged."""
    if "://" not in name:
        return name
    from crawler.outlets.article_urls import canonical

    return canonical(name) or name


def check_outlet(session: Session, archive: ArchiveReader, name: str | None) -> None:
    """Refuse a filter on an outlet that neither the archive nor the catalogue knows.

    Raises:
        UsageError: It is unknown; the line suggests a similar id.
    """
    if name is None or has_outlet(archive, name):
        return
    if name in session.catalogue:
        session.note(f"{name}: nothing of this outlet is archived yet; `khobao crawl {name}` fetches its news")
        return
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), [*outlet_ids(archive), *session.catalogue], n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`khobao outlets` lists them"
    raise UsageError(f"--outlet {name}: no such outlet; {hint}")


def check_story(archive: ArchiveReader, number: int | None) -> None:
    """Refuse a filter on a story that does not exist.

    Raises:
        UsageError: There is no such story.
    """
    if number is not None and not archive.stories(number=number):
        raise UsageError(f"--story {number}: no such story; `khobao stories` lists them")


def enabled_outlets(session: Session, names: Sequence[str] = ()) -> tuple[Outlet, ...]:
    """Return the named outlets; without names, those that the settings enable, or else all.

    Raises:
        UsageError: There is no such outlet.
    """
    from crawler.outlets.catalogue import find_outlet

    wanted = names or session.settings.outlets.enabled or session.catalogue
    return tuple(find_outlet(session.catalogue, name) for name in dict.fromkeys(wanted))


def archived_outlets(
    session: Session, archive: ArchiveReader, names: Sequence[str] = ()
) -> tuple[list[Outlet], list[str]]:
    """Return the outlets with these ids, or all outlets in the archive, with undeclared sites.

    Returns:
        The outlets, and the ids of outlets that are no longer declared. These are left out: the generic reader would
        read them worse than their old rules.

    Raises:
        UsageError: A named outlet does not exist.
    """
    from crawler.outlets.catalogue import bare_outlet, find_outlet

    known = {facts.id: facts for facts in archive.outlets()}
    outlets, undeclared = [], []
    for name in dict.fromkeys(names or known):
        facts = known.get(name)
        bare = bare_outlet(facts.home, facts.language, facts.timezone) if facts and facts.home else None
        if name not in session.catalogue and bare and bare.id == name:
            outlets.append(bare)
        elif names or name in session.catalogue:
            outlets.append(find_outlet(session.catalogue, name))
        elif bare:
            undeclared.append(name)
    return outlets, undeclared
