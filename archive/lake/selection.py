"""Select one row for each article: of its captures, the earliest one with the newest wording.

The ledgers contain everything that this needs, so no text is read. All captures of an id belong to one outlet, so
captures are sorted outlet by outlet, in groups that fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from archive.articles.churn import MEMORY as CHURN_MEMORY
from archive.articles.churn import PATIENCE, describe_churn
from archive.lake.layout import Reading
from archive.record import Document

_BUCKET = 2_000_000  # captures that are sorted at a time

_CAPTURED = """
CREATE TABLE captured AS
SELECT l.id, l.outlet, l.date, l.wording, l.fetched_at, l.url, l.warc, l."offset" AS position, l.row, r.number
FROM read_parquet(?, filename = true) AS l JOIN readings AS r ON r.ledger = l.filename WHERE l.row IS NOT NULL"""
_SELECTED = """
INSERT INTO selected
WITH captures AS (
    SELECT * FROM captured WHERE hash(outlet) % $buckets = $bucket
), several AS (
    SELECT id FROM captures GROUP BY id HAVING count(*) > 1
), ordered AS (
    SELECT *, lag(wording) OVER sorted IS DISTINCT FROM wording AS begins, row_number() OVER sorted AS place
    FROM captures SEMI JOIN several USING (id)
    WINDOW sorted AS (PARTITION BY id ORDER BY fetched_at, url, warc, position, number)
)
SELECT id, outlet, arg_max(date, place), arg_max(number, place), arg_max(row, place), count(*)
FROM ordered WHERE begins GROUP BY id, outlet
UNION ALL
SELECT id, outlet, date, number, row, 1 FROM captures ANTI JOIN several USING (id)"""
_VERSIONS = """
SELECT c.id, c.date, c.number, c.row, p.title, p.text, c.wording
FROM captured AS c JOIN readings AS r ON r.number = c.number
    JOIN read_parquet(?, filename = true, file_row_number = true) AS p
        ON p.filename = r.part AND p.file_row_number = c.row
WHERE c.id IN (SELECT id FROM selected WHERE versions > ?)
ORDER BY c.id, c.fetched_at, c.url, c.warc, c.position, c.number"""


class MonthState(NamedTuple):
    """The selected rows of a month.

    Attributes:
        month: `YYYY-MM`.
        rows: Number of rows.
        signature: Changes if any row changes.
    """

    month: str
    rows: int
    signature: str


def select_rows(session: Any, lake: Path, readings: Sequence[Reading]) -> list[MonthState]:
    """Fill the table `selected` of a session with the row of each article; return the months.

    The columns are `id`, `outlet`, `date`, `number` (of the reading) and `row` (in its part). The table `readings`
    contains the files of each reading, by its number.

    Args:
        session: A session from `lake_session`.
        lake: The folder of the lake.
        readings: The readings in use, those of earlier readers first.
    """
    session.execute("CREATE TABLE readings (number INTEGER, name TEXT, ledger TEXT, part TEXT)")
    session.execute(
        "CREATE TABLE selected (id TEXT, outlet TEXT, date DATE, number INTEGER, row BIGINT, versions INTEGER)"
    )
    if not readings:
        return []
    facts = [
        (number, reading.name, str(lake / reading.ledger), str(lake / reading.part))
        for number, reading in enumerate(readings)
    ]
    session.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", facts)
    session.execute(_CAPTURED, [[ledger for _, _, ledger, _ in facts]])
    (captures,) = session.execute("SELECT count(*) FROM captured").fetchone()
    buckets = captures // _BUCKET + 1
    for bucket in range(buckets):
        session.execute(_SELECTED, {"buckets": buckets, "bucket": bucket})
    _leave_out_churn(session, [part for *_, part in facts])
    session.execute("DROP TABLE captured")
    months = session.execute(
        "SELECT strftime(date, '%Y-%m') AS month, count(*),"
        " sum(md5_number_lower(id || r.name || row::TEXT))::TEXT"
        " FROM selected JOIN readings AS r USING (number) GROUP BY month ORDER BY month"
    )
    return [MonthState(*row) for row in months.fetchall()]


def _leave_out_churn(session: Any, parts: Sequence[str]) -> None:
    """Select an earlier row if a page alternates between versions, as an archive does."""
    (many,) = session.execute("SELECT count(*) FROM selected WHERE versions > ?", [PATIENCE]).fetchone()
    if not many:
        return
    cursor = session.cursor()
    cursor.execute(_VERSIONS, [list(parts), PATIENCE])
    chosen = [_kept_version(versions) for versions in _by_article(cursor)]
    cursor.close()
    for article, day, number, row, *_ in chosen:
        session.execute("UPDATE selected SET date = ?, number = ?, row = ? WHERE id = ?", [day, number, row, article])


_Version = tuple[str, date, int, int, str, str, str]


def _by_article(cursor: Any) -> Iterator[list[_Version]]:
    """Yield the captures of each article, in order."""
    versions: list[_Version] = []
    while rows := cursor.fetchmany(1000):
        for row in rows:
            if versions and versions[0][0] != row[0]:
                yield versions
                versions = []
            versions.append(row)
    if versions:
        yield versions


def _kept_version(versions: Sequence[_Version]) -> _Version:
    """Return the capture that an archive would store as the newest version."""
    kept, recent = versions[0], [_document(versions[0])]
    for version in versions[1:]:
        document = _document(version)
        if document != recent[-1] and not describe_churn(recent[-CHURN_MEMORY:], document):
            kept = version
            recent.append(document)
    return kept


def _document(version: _Version) -> Document:
    return Document(version[1], version[4], version[5])
