"""Read the articles and the words of a compacted lake: only the files of the months that are needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from archive.database.values import format_instant
from archive.lake.manifest import Manifest
from archive.lake.sessions import query_errors
from archive.lake.text_conditions import needed_words, single_word, text_condition
from archive.search.day_outlet_index import Cell
from archive.search.model import Filters
from archive.search.query import Query

_LAST_DAY = date.max.isoformat()
_ARTICLES = "read_parquet($files, hive_partitioning = false)"
_ID_LENGTH = 16
_HEADLINES = f"""
SELECT id, outlet, title, standfirst, section, kind, published_at, noarchive FROM {_ARTICLES}
WHERE date = $day::DATE AND ($outlet = '' OR outlet = $outlet)
QUALIFY row_number() OVER (PARTITION BY outlet ORDER BY published_at DESC NULLS LAST, id) <= $most
ORDER BY outlet, published_at DESC NULLS LAST, id"""  # noqa: S608 - our own words
_CELLS = f"""
SELECT outlet, date, count(*) AS articles FROM {_ARTICLES}
WHERE date BETWEEN $since::DATE AND $until::DATE AND ($outlet = '' OR outlet = $outlet)"""  # noqa: S608 - our own words
_WORD_CELLS = f"""
SELECT outlet, date, min(articles) AS articles FROM {_ARTICLES}
WHERE word IN (SELECT unnest($words)) AND date BETWEEN $since::DATE AND $until::DATE
    AND ($outlet = '' OR outlet = $outlet)
GROUP BY outlet, date HAVING count(*) = $many"""  # noqa: S608 - our own words
_FOUND = f"""
SELECT id, outlet, date, title, text, url, section, standfirst, noarchive, published_at FROM {_ARTICLES}
WHERE date BETWEEN $since::DATE AND $until::DATE AND ($outlet = '' OR outlet = $outlet)
    AND ($section = '' OR section = $section) AND ($kind = '' OR kind = $kind)"""  # noqa: S608 - our own words
_NEWEST = " ORDER BY date DESC, published_at DESC NULLS LAST, id LIMIT $most"

Row = dict[str, Any]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """Numbers of articles by day and outlet.

    Attributes:
        cells: Number of articles of each day of each outlet.
        complete: All wanted days were counted; otherwise there was no time for the oldest.
    """

    cells: Mapping[Cell, int]
    complete: bool = True

    def by(self, key: Callable[[Cell], Key | None]) -> Counter[Key]:
        """Sum the counts of cells by a key; cells with the key None are left out."""
        sums: Counter[Key] = Counter()
        for cell, number in self.cells.items():
            if (group := key(cell)) is not None:
                sums[group] += number
        return sums


@dataclass(frozen=True, slots=True)
class MatchingArticles:
    """The articles that match a query.

    Attributes:
        rows: The newest articles.
        back_to: The month back to which texts were searched; None if all were, or enough was found.
    """

    rows: list[Row]
    back_to: str | None = None


@dataclass(frozen=True, slots=True)
class LakeReader:
    """Read a compacted lake; nothing is changed.

    Attributes:
        session: A session from `lake_session`, or a cursor of one.
        lake: The folder of the lake.
        manifest: The files of the lake by month.
        has_time: Returns False when no further texts may be searched.
    """

    session: Any
    lake: Path
    manifest: Manifest
    has_time: Callable[[], bool] = lambda: True

    def extent(self) -> tuple[str, str] | None:
        """Return the first and the last day that have articles; None for an empty lake."""
        months = self._months("", _LAST_DAY)
        if not months:
            return None
        sql = f"SELECT min(date) AS first, max(date) AS last FROM {_ARTICLES}"  # noqa: S608 - our own words
        (row,) = self._rows(sql, "articles", list(dict.fromkeys((months[0], months[-1]))))
        return row["first"], row["last"]

    def outlets(self) -> list[str]:
        """Return the ids of all outlets, sorted."""
        sql = f"SELECT DISTINCT outlet FROM {_ARTICLES} ORDER BY outlet"  # noqa: S608 - our own words
        return [row["outlet"] for row in self._rows(sql, "articles", self._months("", _LAST_DAY))]

    def nearest_days(self, day: str) -> tuple[str | None, str | None]:
        """Return the nearest earlier and the nearest later day that have articles."""
        months = self._months("", _LAST_DAY)
        before = [month for month in months if month <= day[:7]][-2:]
        after = [month for month in months if month >= day[:7]][:2]
        sql = f"SELECT {{}}(date) AS day FROM {_ARTICLES} WHERE date {{}} $day::DATE"  # noqa: S608 - our own words
        earlier = self._rows(sql.format("max", "<"), "articles", before, {"day": day})
        later = self._rows(sql.format("min", ">"), "articles", after, {"day": day})
        return (earlier[0]["day"] if earlier else None), (later[0]["day"] if later else None)

    def headlines(self, day: str, outlet: str, most: int) -> list[Row]:
        """Return the newest articles of a day by outlet.

        Args:
            day: ISO 8601.
            outlet: The id of the only outlet; empty for all.
            most: The largest number of articles of an outlet.
        """
        values = {"day": day, "outlet": outlet, "most": most}
        return self._rows(_HEADLINES, "articles", self._months(day, day), values)

    def article(self, name: str) -> Row | None:
        """Return all columns of an article by its id, or by its address."""
        column = "url" if "://" in name else "id"
        if column == "id" and len(name) != _ID_LENGTH:
            return None
        sql = f"SELECT * FROM {_ARTICLES} WHERE {column} = $name LIMIT 1"  # noqa: S608 - our own words
        return next(iter(self._rows(sql, "articles", self._months("", _LAST_DAY), {"name": name})), None)

    def count_articles(self, since: str, until: str, outlet: str = "") -> ArticleCounts:
        """Count all articles by day and outlet."""
        values = {"since": since, "until": until, "outlet": outlet}
        rows = self._rows(f"{_CELLS} GROUP BY outlet, date", "articles", self._months(since, until), values)
        return ArticleCounts(_cells(rows))

    def count_matches(self, query: Query, since: str, until: str, outlet: str = "") -> ArticleCounts:
        """Count the matching articles by day and outlet.

        A single word is counted in the table of words; for anything else, the texts are searched, newest first.
        """
        months, cells = self._months(since, until), dict[Cell, int]()
        word = single_word(query)
        counted = [month for month in months if word and month in self.manifest.words]
        if word and counted:
            cells |= self._word_cells([word], counted, since, until, outlet)
        condition, values = text_condition(query)
        sql = f"{_CELLS} AND {condition} GROUP BY outlet, date"
        for some in _doubling([month for month in reversed(months) if month not in counted]):
            if not self.has_time():
                return ArticleCounts(cells, complete=False)
            given = values | {"since": since, "until": until, "outlet": outlet}
            cells |= _cells(self._rows(sql, "articles", self._candidates(query, some, since, until, outlet), given))
        return ArticleCounts(cells)

    def search(self, query: Query, filters: Filters, most: int) -> MatchingArticles:
        """Return the newest articles that match a query; at most `most`."""
        since, until = str(filters.since or date.min), str(filters.until or date.max)
        outlet = filters.outlet or ""
        condition, values = text_condition(query)
        values |= {"since": since, "until": until, "outlet": outlet}
        values |= {"section": filters.section or "", "kind": filters.kind or ""}
        rows: list[Row] = []
        for some in _doubling(self._months(since, until)[::-1]):
            if not self.has_time():
                return MatchingArticles(rows, _following(some[0]))
            months = self._candidates(query, some, since, until, outlet)
            sql = f"{_FOUND} AND {condition}{_NEWEST}"
            rows += self._rows(sql, "articles", months, values | {"most": most - len(rows)})
            if len(rows) >= most:
                break
        return MatchingArticles(rows)

    def newest(self, outlet: str, most: int) -> list[Row]:
        """Return the newest articles of an outlet."""
        rows: list[Row] = []
        values = {"since": date.min.isoformat(), "until": _LAST_DAY, "outlet": outlet, "section": "", "kind": ""}
        for some in _doubling(self._months("", _LAST_DAY)[::-1]):
            given = values | {"most": most - len(rows)}
            rows += self._rows(_FOUND.replace(" text,", "") + _NEWEST, "articles", some, given)
            if len(rows) >= most:
                break
        return rows

    def _candidates(self, query: Query, months: Sequence[str], since: str, until: str, outlet: str) -> list[str]:
        """Leave out the months in which no outlet has all words of a query on the same day."""
        words = needed_words(query)
        counted = [month for month in months if words and month in self.manifest.words]
        if not counted:
            return list(months)
        found = {cell.day[:7] for cell in self._word_cells(words, counted, since, until, outlet)}
        return [month for month in months if month not in counted or month in found]

    def _word_cells(
        self, words: Sequence[str], months: Sequence[str], since: str, until: str, outlet: str
    ) -> dict[Cell, int]:
        """Return the days of outlets that have all of some words, with the number of articles of the rarest."""
        values = {"words": list(words), "many": len(words), "since": since, "until": until, "outlet": outlet}
        return _cells(self._rows(_WORD_CELLS, "words", months, values))

    def _months(self, since: str, until: str) -> list[str]:
        """Return the months of a range of days that have articles, oldest first."""
        return sorted(month for month in self.manifest.articles if since[:7] <= month <= until[:7])

    def _rows(self, sql: str, table: str, months: Sequence[str], values: Mapping[str, Any] | None = None) -> list[Row]:
        """Run a query on the files of some months; days and instants become text.

        Raises:
            ArchiveError: A file of the lake is missing or damaged, or the query was interrupted.
        """
        files = [str(self.lake / file.path) for month in months for file in getattr(self.manifest, table)[month].files]
        if not files:
            return []
        with query_errors(self.lake):
            cursor = self.session.execute(sql, {"files": files, **(values or {})})
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    return value.isoformat() if isinstance(value, date) else value


def _cells(rows: Sequence[Row]) -> dict[Cell, int]:
    return {Cell(row["date"], row["outlet"]): row["articles"] for row in rows}


def _doubling(months: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield months in groups; each group is as long as all groups before it together."""
    at = 0
    while at < len(months):
        yield months[at : 2 * at or 1]
        at = 2 * at or 1


def _following(month: str) -> str:
    """Return the month after a month."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"
