"""Learn which lines recur in an outlet's articles, and propose them as rules.

Counting every line of every article would take as much space as the articles. So a line is counted only from when it
recurs within one bucket of articles. A line in more than `_RECURS / BUCKET` of all articles is soon counted, and few
other lines are stored (lossy counting: Manku and Motwani, VLDB 2002).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from archive.articles.rows import row_record
from archive.database.connection import Connection
from archive.record import Record

BUCKET = 250  # articles
_RECURS = 3  # articles of one bucket that must contain a line before it is counted
_LONGEST = 400  # characters; a longer line is rarely boilerplate
_SIGNED = 7  # words; a longer line of a signature is neither a person's name nor an agency
_TOLD = 12  # characters; a shorter headline may occur in a line by chance
_HEADLINE = "\ufffc"
_NUMBER = re.compile(r"\d+")
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]()|]")
_SHARE, _FEWEST = 0.005, 5  # share and number of articles above which a line is shown to a person


@dataclass(frozen=True, slots=True)
class Line:
    """Describe a line that recurs in an outlet's articles.

    Attributes:
        text: The line, with its numbers and the article's headline replaced, see `generalize_line`.
        articles: The number of articles that contain it.
        first_on: The date of the oldest such article, ISO 8601.
        last_on: The date of the newest such article, ISO 8601.
        example: The id of one such article.
    """

    text: str
    articles: int
    first_on: str
    last_on: str
    example: str

    def with_more(self, more: Line) -> Line:
        """Add the counts of the same line from two sources."""
        first_on, last_on = min(self.first_on, more.first_on), max(self.last_on, more.last_on)
        return replace(self, articles=self.articles + more.articles, first_on=first_on, last_on=last_on)

    @property
    def rule(self) -> str:
        """Build a `strip` pattern that matches every form of the line, and nothing longer."""
        escaped = _SPECIAL.sub(r"\\\g<0>", self.text)
        for mark, form in (("\n", r"\n"), ("0", r"\d+"), (_HEADLINE, ".+")):
            escaped = escaped.replace(mark, form)
        return f"^{escaped}$"


def generalize_line(paragraph: str, title: str) -> str:
    """Normalise a paragraph for counting: digits become 0, the headline U+FFFC, a leading dash goes."""
    line = paragraph.removeprefix("- ")
    if len(title) >= _TOLD:
        line = line.replace(title, _HEADLINE)
    return _NUMBER.sub("0", line)


def lines_of(record: Record) -> set[str]:
    """Return the lines of an article that may be boilerplate: no captions, names, agencies or long lines."""
    signed = {line for line in record.signature.split("\n\n") if len(line.split()) < _SIGNED}
    apart = signed | set(record.captions)
    paragraphs = (p for p in record.document.paragraphs if len(p) <= _LONGEST and p not in apart)
    return {generalize_line(paragraph, record.document.title) for paragraph in paragraphs}


def count_lines(records: Iterable[Record]) -> dict[str, Line]:
    """Count the articles that contain each line."""
    counted: dict[str, Line] = {}
    for record in records:
        day = record.document.date.isoformat()
        for text in lines_of(record):
            line = Line(text, 1, day, day, record.id)
            counted[text] = counted[text].with_more(line) if text in counted else line
    return counted


def learn_next_bucket(db: Connection, outlet: str) -> bool:
    """Count the lines of an outlet's next full bucket of articles, in one transaction.

    Returns:
        True if there was a full bucket.
    """
    numbers = list(islice(_numbers_to_learn(db, outlet), BUCKET))
    if len(numbers) < BUCKET:
        return False
    known = {text for (text,) in db.execute("SELECT line FROM lines WHERE outlet = ?", (outlet,))}
    for line in count_lines(_records(db, numbers)).values():
        if line.text in known or line.articles >= _RECURS:
            db.execute(
                "INSERT INTO lines (outlet, line, articles, first_on, last_on, example) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (outlet, line) DO UPDATE SET articles = articles + excluded.articles,"
                " first_on = min(first_on, excluded.first_on), last_on = max(last_on, excluded.last_on)",
                (outlet, line.text, line.articles, line.first_on, line.last_on, line.example),
            )
    db.execute("INSERT OR REPLACE INTO lines_learned (outlet, number) VALUES (?, ?)", (outlet, numbers[-1]))
    return True


def forget_lines(db: Connection, outlet: str) -> None:
    """Delete an outlet's line counts in one transaction, because its articles were read again."""
    db.execute("DELETE FROM lines WHERE outlet = ?", (outlet,))
    db.execute("DELETE FROM lines_learned WHERE outlet = ?", (outlet,))


def recurring_lines(db: Connection, outlet: str) -> tuple[list[Line], int]:
    """Return an outlet's recurring lines, most frequent first, and its number of articles.

    Articles that do not fill a bucket yet are counted too.
    """
    lines = {
        row[0]: Line(*row)
        for row in db.execute(
            "SELECT line, articles, first_on, last_on, example FROM lines WHERE outlet = ?", (outlet,)
        )
    }
    for line in count_lines(_records(db, islice(_numbers_to_learn(db, outlet), BUCKET))).values():
        lines[line.text] = lines[line.text].with_more(line) if line.text in lines else line
    (total,) = db.execute("SELECT count(*) FROM articles WHERE outlet = ?", (outlet,)).fetchone()
    often = [line for line in lines.values() if line.articles >= max(_FEWEST, _SHARE * total)]
    return sorted(often, key=lambda line: (-line.articles, line.text)), total


def _numbers_to_learn(db: Connection, outlet: str) -> Iterator[int]:
    """Return the row numbers of articles that are in no bucket yet; only the index is read."""
    rows = db.execute(
        "SELECT number FROM articles INDEXED BY articles_by_outlet WHERE outlet = :outlet"
        " AND number > coalesce((SELECT number FROM lines_learned WHERE outlet = :outlet), 0) ORDER BY number",
        {"outlet": outlet},
    )
    return (number for (number,) in rows)


def _records(db: Connection, numbers: Iterable[int]) -> Iterator[Record]:
    for number in numbers:
        cursor = db.execute("SELECT * FROM articles WHERE number = ?", (number,))
        names = [column[0] for column in cursor.description]
        row: Mapping[str, object] = dict(zip(names, cursor.fetchone(), strict=True))
        yield row_record(row)
