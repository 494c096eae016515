"""Count the good revisions that would be taken for pages served instead of the article; all should pass.

    python tests/bench/stand_ins.py [REVISIONS]

A publisher like the soak test's writes, edits and copies articles (100,000 revisions unless told): new headlines, texts
that are replaced, shortened or extended, pages without a date of their own, sources without headlines, and one text in
several sections. Each revision is judged as a crawl judges it, with the texts of all addresses before it. With the
folder of corpora in KHOBAO_CORPORA, the pages of real articles are read and judged, too: against their own headline,
as a source without a headline lists them, and against earlier revisions that are made from the real text by the edits
of newspapers, because the corpora contain no article twice. Every fifth is judged as if its page had no date.
"""

from __future__ import annotations

import random
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))

import corpora
from longpress import life

from archive.record import Document, Record
from crawler.reading.pagination import read_first_page
from crawler.reading.stand_in import Expectation, suspect, text_digest

HOST = "bao.example"
PUBLISHED = datetime(2026, 2, 4, 12, tzinfo=UTC)
SYLLABLES = (
    "cầu đường chợ phà bến tàu lúa mưa nắng trường lớp thầy trò làng phố núi biển thuyền lưới hội đồng thành "
    "phố ngân sách bệnh viện dự án khởi công mở rộng kiểm tra xử phạt tăng giảm giá xăng dầu vé xe khách du lịch lễ "
    "hội mùa vụ thu hoạch xuất khẩu gạo cà phê tôm cá điện nước sạch môi trường rác thải quy hoạch tái định cư"
).split()
DATED, UNDATED = ("json-ld", "meta", "page"), ("feed", "sitemap", "url")


def words(chance: random.Random, number: int) -> str:
    """Write a number of words."""
    return " ".join(chance.choices(SYLLABLES, k=number))


def slug(headline: str) -> str:
    """Write a headline as an address does, without accents."""
    plain = headline.casefold().replace("đ", "d")
    return "".join(char for char in unicodedata.normalize("NFD", plain) if char.isascii()).replace(" ", "-")


def revisions(chance: random.Random, number: int) -> Iterator[tuple[Record, Expectation]]:
    """Publish an article and its edits, as the soak test's publisher paces them, with what a crawl expects of each."""
    headline = words(chance, chance.randint(5, 14)).capitalize()
    text = f"{headline}. {words(chance, chance.choice((15, 60, 300, 900)))}."
    undated, announced = chance.random() < 0.2, "" if chance.random() < 0.3 else headline
    url = f"https://{HOST}/{slug(headline)}-{number}.html"
    earlier: Document | None = None
    for _ in life(number, PUBLISHED, chance).versions:
        document = Document(date(2026, 2, 4), headline, text)
        source = chance.choice(UNDATED if undated else DATED)
        record = Record(
            id=f"{number:016x}", outlet="bao", url=url, document=document, published_at=PUBLISHED, date_source=source
        )
        yield record, Expectation(announced, earlier, url)
        earlier = document
        headline, text = edited(chance, headline, text)


def edited(chance: random.Random, headline: str, text: str) -> tuple[str, str]:
    """Edit an article: its headline, its text, or both."""
    kept = headline.split()
    new = " ".join([*kept[: len(kept) * 2 // 3], *words(chance, 4).split()])
    match chance.randrange(6):
        case 0:
            return new, text
        case 1:
            return headline, f"{text} {words(chance, 80)}."
        case 2:
            return headline, text[: len(text) // 3]
        case 3:  # everything but the headline is new
            return headline, f"{words(chance, 200)}."
        case 4:  # a headline that says the same in other words, over a text that grew
            return f"{words(chance, 6)}".capitalize(), f"{text} {words(chance, 60)}."
        case _:
            return new, f"{new}. {text}"


def invented(least: int) -> Iterator[tuple[Record, Expectation]]:
    """Yield at least so many revisions; one article in fifty stands in up to six sections with one text."""
    chance, count, number = random.Random(1), 0, 0
    while count < least:
        number += 1
        pieces = list(revisions(chance, number))
        count += len(pieces)
        yield from pieces
        for _ in range(chance.randint(2, 5) if chance.random() < 0.02 else 0):
            number += 1
            record, expected = pieces[0]
            if record.date_source in DATED:
                count += 1
                yield replace(record, id=f"{number:016x}", url=f"{record.url}?muc={number}"), expected


def real(folder: Path) -> Iterator[tuple[Record, Expectation]]:
    """Yield the articles of the corpora, each as it is announced, not announced, and as an edit."""
    for sample in (sample for name in corpora.NAMES for sample in corpora.samples(folder / name)):
        page = sample.page
        record = read_first_page(page, corpora.outlet_of(page), corpora.NOW)
        if sample.gold and isinstance(record, Record):
            document = record.document
            yield record, Expectation(document.title, None, page.url)
            yield record, Expectation("", None, page.url)
            for number, (later, earlier) in enumerate(real_edits(document)):
                source = "feed" if number % 5 == 0 else record.date_source
                edited_record = replace(record, document=later, date_source=source)
                yield edited_record, Expectation(earlier.title, earlier, page.url)


def real_edits(document: Document) -> Iterator[tuple[Document, Document]]:
    """Yield pairs of a later and an earlier revision of a real article, one or more for each kind of edit."""
    chance = random.Random(document.title)
    paragraphs = document.text.split("\n\n")
    other_words = " ".join(document.text.split()[:12])

    def like(text: Sequence[str], headline: str = document.title) -> Document:
        return replace(document, title=headline, text="\n\n".join(text) or document.text)

    for share in (0.01, 0.03, 0.1):  # typing errors
        typed = document.text.split(" ")
        for place in chance.sample(range(len(typed)), max(1, int(len(typed) * share))):
            typed[place] = typed[place][::-1]
        yield document, replace(document, text=" ".join(typed))
    for part in (2 / 3, 1 / 2, 1 / 4):
        size = max(1, int(len(paragraphs) * part))
        yield document, like(paragraphs[:size])  # paragraphs were added
        yield like(paragraphs[:size]), document  # the text was shortened
        yield document, like(paragraphs[-size:], other_words)  # a live blog: new entries on top, and another headline
        yield document, like(paragraphs[:size], other_words)  # the first lines of breaking news
    yield document, like(paragraphs, other_words)  # another headline
    yield document, like(chance.sample(paragraphs, len(paragraphs)))  # another order


def judge(name: str, judged: Iterator[tuple[Record, Expectation]]) -> Sequence[str]:
    """Judge revisions in order, print the result, and return the reasons against those that were refused."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    count, refused = 0, []
    for record, expected in judged:
        digest = text_digest(HOST, record.document)
        seen[digest].add(record.id)
        failure = suspect(record, replace(expected, addresses=len(seen[digest])))
        count += 1
        if failure:
            refused.append(failure.detail.rpartition(": ")[2].partition(" '")[0])
            if len(refused) <= 20:
                print(f"  {record.url}: {failure.detail}")
    print(f"{name}: {len(refused)} of {count} revisions refused {dict(Counter(refused)) if refused else ''}")
    return refused


def main() -> int:
    """Judge everything; 1 if a good revision was refused."""
    least = int(sys.argv[1]) if sys.argv[1:] else 100_000
    refused = [*judge("invented", invented(least))]
    if folder := corpora.folder():
        refused += judge("real", real(folder))
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
