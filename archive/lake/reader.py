"""Read the articles and the words of a compacted lake: only the files of the months that are needed."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
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
_PERIOD = "greatest(date_trunc($unit, date)::DATE, $since::DATE)"  # a part of a period begins with its first day
_CELLS = f"""
SELECT {_PERIOD}, outlet, count(*) FROM {_ARTICLES}
WHERE date BETWEEN $since::DATE AND $until::DATE AND ($outlet = '' OR outlet = $outlet)"""  # noqa: S608 - our own words
_FOUND = f"""
SELECT id, outlet, date, title, text, url, section, standfirst, noarchive, published_at FROM {_ARTICLES}
WHERE date BETWEEN $since::DATE AND $until::DATE AND ($outlet = '' OR outlet = $outlet)
    AND ($section = '' OR section = $section) AND ($kind = '' OR kind = $kind)"""  # noqa: S608 - our own words
_NEWEST = " ORDER BY date DESC, published_at DESC NULLS LAST, id LIMIT $most"

Row = dict[str, Any]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """Numbers of articles by period and outlet.

    Attributes:
        cells: Number of articles of each outlet in each period, by the first day of the period in the range.
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
class _Range:
    """The days, the outlet (empty for all) and the unit of time by which articles are counted."""

    since: str
    until: str
    outlet: str
    unit: str = "day"

    def contains(self, months: Iterable[str]) -> bool:
        """Return whether all days of some months are wanted."""
        listed = sorted(months)
        last = monthrange(int(listed[-1][:4]), int(listed[-1][5:]))[1]
        return self.since <= f"{listed[0]}-01" and self.until >= f"{listed[-1]}-{last}"


@dataclass(frozen=True, slots=True)
class LakeReader:
    """Read a compacted lake; nothing is changed.

    Attributes:
        session: A session from `lake_session`, or a cursor of one.
        lake: The folder of the lake.
        manifest: The files of the articles by month, and of the words by period.
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
        sql = f"SELECT DISTINCT outlet FROM {_ARTICLES}"  # noqa: S608 - our own words
        months = self._months("", _LAST_DAY)
        rows = self._rows(f"{sql} WHERE word = ''", "words", [month for month in months if month in self._counted])
        rows += self._rows(sql, "articles", [month for month in months if month not in self._counted])
        return sorted({row["outlet"] for row in rows})

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

    def count_articles(self, since: str, until: str, outlet: str = "", unit: str = "day") -> ArticleCounts:
        """Count all articles by the first day of their period in the range, and outlet.

        Args:
            since: The first day, ISO 8601.
            until: The last day.
            outlet: The id of the only outlet; empty for all.
            unit: `day`, `week` (from Monday), `month` or `year`.
        """
        asked = _Range(since, until, outlet, unit)
        months = self._months(since, until)
        cells = self._word_cells([""], [month for month in months if month in self._counted], asked)
        uncounted = [month for month in months if month not in self._counted]
        rows = self._fetch(f"{_CELLS} GROUP BY ALL", "articles", uncounted, asdict(asked))[1]
        cells.update(_cells(rows))
        return ArticleCounts(cells)

    def count_matches(self, query: Query, since: str, until: str, outlet: str = "", unit: str = "day") -> ArticleCounts:
        """Count the matching articles as `count_articles` does.

        A single word is counted in the table of words; for anything else, the texts are searched, newest first.
        """
        asked = _Range(since, until, outlet, unit)
        months, cells = self._months(since, until), Counter[Cell]()
        word = single_word(query)
        counted = [month for month in months if word and month in self._counted]
        if word:
            cells = self._word_cells([word], counted, asked)
        condition, values = text_condition(query)
        sql = f"{_CELLS} AND {condition} GROUP BY ALL"
        for some in _doubling([month for month in reversed(months) if month not in counted]):
            if not self.has_time():
                return ArticleCounts(cells, complete=False)
            candidates = self._candidates(query, some, asked)
            cells.update(_cells(self._fetch(sql, "articles", candidates, values | asdict(asked))[1]))
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
            months = self._candidates(query, some, _Range(since, until, outlet))
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

    @property
    def _counted(self) -> Mapping[str, str]:
        """The period of each month whose words are counted."""
        return self.manifest.counted

    def _candidates(self, query: Query, months: Sequence[str], asked: _Range) -> list[str]:
        """Leave out the months in which no outlet has all words of a query on the same day."""
        words = needed_words(query)
        counted = [month for month in months if words and month in self._counted]
        if not counted:
            return list(months)
        found = {cell.day[:7] for cell in self._word_cells(words, counted, replace(asked, unit="month"))}
        return [month for month in months if month not in counted or month in found]

    def _word_cells(self, words: Sequence[str], months: Sequence[str], asked: _Range) -> Counter[Cell]:
        """Count the articles of the rarest of some words, on days on which an outlet has all of them."""
        if not months:
            return Counter()
        values: dict[str, Any] = {f"word{number}": word for number, word in enumerate(words)}
        conditions = ""
        if self.manifest.stale:
            conditions += " AND NOT list_contains($stale, strftime(date, '%Y-%m'))"
            values["stale"] = self.manifest.stale
        if asked.outlet:
            conditions += " AND outlet = $outlet"
            values["outlet"] = asked.outlet
        if not asked.contains(
            month for period in self._periods(months) for month in self.manifest.words[period].months
        ):
            # As text: DuckDB compares a date with the bounds of every row group, which takes longer than the lookup.
            conditions += " AND strftime(date, '%Y-%m-%d') BETWEEN $first AND $last"
            values |= {"first": asked.since, "last": asked.until}
        found = f"SELECT outlet, date, articles FROM {_ARTICLES} WHERE word = "  # noqa: S608 - our own words
        days = " UNION ALL ".join(f"{found}$word{number}{conditions}" for number in range(len(words)))
        if len(words) > 1:
            several = f"GROUP BY outlet, date HAVING count(*) = {len(words)}"
            days = f"SELECT outlet, date, min(articles) AS articles FROM ({days}) {several}"  # noqa: S608 - our own words
        sql = f"SELECT {_PERIOD}, outlet, sum(articles)::BIGINT FROM ({days}) GROUP BY ALL"  # noqa: S608 - our own words
        values |= {"since": asked.since, "unit": asked.unit}
        return _cells(self._fetch(sql, "words", months, values)[1])

    def _periods(self, months: Iterable[str]) -> list[str]:
        """Return the periods whose files have the words of some months."""
        return sorted({self._counted[month] for month in months})

    def _months(self, since: str, until: str) -> list[str]:
        """Return the months of a range of days that have articles, oldest first."""
        return sorted(month for month in self.manifest.articles if since[:7] <= month <= until[:7])

    def _rows(self, sql: str, table: str, months: Sequence[str], values: Mapping[str, Any] | None = None) -> list[Row]:
        """Run a query as `_fetch`; days and instants become text."""
        names, rows = self._fetch(sql, table, months, values)
        return [dict(zip(names, map(_plain, row), strict=True)) for row in rows]

    def _fetch(
        self, sql: str, table: str, months: Sequence[str], values: Mapping[str, Any] | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a query on the files of some months; return the names of the columns, and the rows.

        Raises:
            ArchiveError: A file of the lake is missing or damaged, or the query was interrupted.
        """
        if table == "words":
            listed = [file for period in self._periods(months) for file in self.manifest.words[period].files]
        else:
            listed = [file for month in months for file in self.manifest.articles[month].files]
        if not listed:
            return [], []
        with query_errors(self.lake):
            files = [str(self.lake / file.path) for file in listed]
            cursor = self.session.execute(sql, {"files": files, **(values or {})})
            return [column[0] for column in cursor.description], cursor.fetchall()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    return value.isoformat() if isinstance(value, date) else value


def _cells(rows: Collection[tuple[date, str, int]]) -> Counter[Cell]:
    days = {day: day.isoformat() for day in {row[0] for row in rows}}
    return Counter({Cell(days[day], outlet): articles for day, outlet, articles in rows})


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
