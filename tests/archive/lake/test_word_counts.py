"""Words counted in batches: they are those that one plain query counts, whatever the texts contain."""

import random
from datetime import date, timedelta
from unicodedata import category

import pyarrow as pa
import pyarrow.parquet
import pytest

from archive.lake import word_counts
from archive.lake.sessions import lake_session
from archive.lake.word_counts import count_articles
from archive.lake.word_tables import sort_words

PLAIN = r"""
WITH texts AS (
    SELECT outlet, date, regexp_extract_all(lower(title || ' ' || text), '[\p{L}\p{M}\p{N}_]+') AS found
    FROM read_parquet(?)
), counted AS (
    SELECT outlet, date, unnest(map_entries(list_histogram(found))) AS entry FROM texts
)
SELECT entry.key AS word, outlet, date, count(*) AS articles, sum(entry.value) AS times FROM counted GROUP BY ALL
UNION ALL
SELECT '', outlet, date, count(*), sum(len(found)) FROM texts GROUP BY ALL
ORDER BY word, outlet, date"""
PIECES = (
    *(
        "bão",
        "BÃO",
        "Bão,",
        "“bão”",
        "ba\u0303o",
        "BA\u0303O",
        "đường",
        "ĐƯỜNG",
        "Đường-sắt",
        "x_y",
        "_",
        "–",
        "…",
        "«»",
    ),
    *("1.234,5", "٣٤", "½", "x²", "İstanbul", "ΟΔΟΣ", "ΟΔΟΣ.", "ß", "ẞ", "ﬁ", "中文,字", "한국어", "हिन्दी", "👍🏽"),
    *("", " ", "\n\n", "\t", "\u00a0", "\u2028", "\u3000", "\x0b", "\x1c", "\x85", "không\u00a0khí", "a\u200db"),
)


def counts(folder, rows):
    """The words of articles of an outlet, a day, a headline and a text: as counted in batches, and by one query."""
    path = folder / "articles.parquet"
    table = pa.Table.from_pylist([dict(zip(("outlet", "date", "title", "text"), row, strict=True)) for row in rows])
    pyarrow.parquet.write_table(table, path)
    with lake_session(folder) as session:
        counted = sort_words(count_articles(session, [path])).to_pylist()
        return [tuple(row.values()) for row in counted], session.execute(PLAIN, [[str(path)]]).fetchall()


@pytest.mark.parametrize("at_once", [1, 500, 8_000_000])
def test_words_are_those_of_one_plain_query(tmp_path, monkeypatch, at_once):
    """Cases, marks, scripts, blanks and signs of all kinds are counted alike, in batches of any size."""
    monkeypatch.setattr(word_counts, "_COUNTED", at_once)
    dice = random.Random(at_once)

    def text():
        return dice.choice([" ", ""]).join(dice.choices(PIECES, k=dice.randrange(12)))

    days = [date(1969, 12, 20) + timedelta(days=number) for number in range(25)]
    ours, plain = counts(tmp_path, [(f"o{n % 3}", dice.choice(days), text(), text()) for n in range(60)])

    assert plain == ours
    assert len(ours) > 100


def is_tried(code):
    """Whether a character is tried: of letters without case, and of codes without a character, one in fifty."""
    kind = category(chr(code))
    return kind != "Cs" and (kind not in {"Lo", "Co", "Cn"} or code % 50 == 0)


def test_every_character_is_lowered_and_parted_as_in_a_query(tmp_path):
    """Each character but most ideographs, alone and between two letters, gives the words of the plain query."""
    characters = [chr(code) for code in range(0x110000) if is_tried(code)]
    text = " ".join(f"{character} x{character}y" for character in characters)
    ours, plain = counts(tmp_path, [("o", date(2024, 1, 1), "", text), ("o", date(2024, 1, 1), "", "")])

    assert plain == ours
    assert (2, sum(row[4] for row in ours[1:])) == ours[0][3:]
