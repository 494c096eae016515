"""Find the outlets and articles that a person names."""

from __future__ import annotations

from collections.abc import Sequence

from archive.articles.model import Article
from archive.errors import KhobaoError
from archive.store.writer import Archive
from crawler.outlets.article_urls import canonical
from crawler.outlets.catalogue import find_outlet
from crawler.outlets.model import Outlet
from schedules.cli.session import Session


def find_article(archive: Archive, name: str) -> Article:
    """The article of an id or an address.

    Raises:
        KhobaoError: There is none; the line names ids that are like it.
    """
    if article := archive.article(canonical(name) or name):
        return article
    if "://" in name:
        raise KhobaoError(f"{name}: not archived; `khobao why` tells what is known of it")
    near = archive.near_ids(name)
    raise KhobaoError(f"no article {name!r}" + (f"; near are {', '.join(near)}" if near else "; the archive is empty"))


def enabled(session: Session, names: Sequence[str]) -> tuple[Outlet, ...]:
    """The outlets of these ids; without any, those the settings enable; without any of these, all.

    Raises:
        UsageError: There is no such outlet.
    """
    wanted = names or session.settings.outlets.enabled or session.catalogue
    return tuple(find_outlet(session.catalogue, name) for name in dict.fromkeys(wanted))
