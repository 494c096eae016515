"""Generate Vietnamese-like news for benchmarks, the same at every call.

Syllables follow Vietnamese spelling; words are one or two syllables with frequencies by Zipf's law, and a few hundred
real words are among the most common. Some articles report the same event, and some of those are copies of one agency's
text. An article has 3.4 kB on average.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive.record import Document, Record, article_id

OUTLETS = tuple(f"bao{number:02}" for number in range(34))
A_DAY = 550  # articles of all outlets
_FIRST_DAY = datetime(2021, 1, 1, tzinfo=UTC)
_ONSETS = "b c ch d đ g h k l m n ng nh ph qu r s t th tr v x".split()
_FINALS = (
    "a ac ach ai am an ang anh ao at au ay em en eo êt iên iêu im in o oa oan oi om on ong ôi ông ôn ơ ơi u ua uân"
    " ui un ung uôi uôn uông uy ưa ưng ươi ươn ương y"
).split()
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_COMMON = (
    "và của là có được trong cho các những một với không đã này để khi người năm đến tại về theo từ ông nhiều hai ra"
    " trên vào cũng sau phải làm nói tổng_thống chủ_tịch thành_phố việt_nam hà_nội đà_nẵng điện_đàm vấn_đề hoà_bình"
    " hòa_thuận kinh_tế giáo_dục công_an quốc_hội xe_máy học_sinh bệnh_viện dự_án giá_vàng bóng_đá mưa_lớn biển_đông"
).replace("_", "\u00a0").split()  # fmt: skip
_POOL = 500_000  # words to draw from
_EVENTS = 0.3  # share of the articles that report an event of others
_COPIES = 0.3  # share of those that are copies
_TELLERS = 4  # articles on one event


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of the generated language by frequency, and names."""

    words: tuple[str, ...]
    names: tuple[str, ...]

    def draw(self, dice: random.Random, count: int) -> list[str]:
        """Return words for a text."""
        return dice.choices(self.words, k=count)


def lexicon() -> Lexicon:
    """Return the lexicon, the same at every call."""
    dice = random.Random("lexicon")
    syllables = [_syllable(onset, final, tone) for onset in _ONSETS for final in _FINALS for tone in _TONES]
    dice.shuffle(syllables)
    pairs = [f"{dice.choice(syllables[:2500])} {dice.choice(syllables[:2500])}" for _ in range(30_000)]
    made = [word for group in zip(syllables, pairs[: len(syllables)], strict=False) for word in group]
    words = [*(word.replace("\u00a0", " ") for word in _COMMON), *made, *pairs[len(syllables) :]]
    names = [" ".join(dice.choice(syllables[:2500]).capitalize() for _ in range(3)) for _ in range(20_000)]
    weights = [1 / (rank + 4) for rank in range(len(words))]
    return Lexicon(tuple(dice.choices(words, weights, k=_POOL)), tuple(names))


def _syllable(onset: str, final: str, tone: str) -> str:
    """Return a syllable with its tone on the vowel that has a mark already, or else on the last vowel but one."""
    vowels = [i for i, letter in enumerate(final) if unicodedata.normalize("NFD", letter)[0] in "aeiouy"]
    at = vowels[1] if len(vowels) > 1 and len(final) > vowels[1] + 1 else vowels[0]
    return unicodedata.normalize("NFC", onset + final[: at + 1] + tone + final[at + 1 :])


def records(count: int, first: int = 0) -> Iterator[Record]:
    """Yield records in the order of their days, the same at every call.

    Args:
        count: The number of records.
        first: The number of the first record.
    """
    spoken = lexicon()
    for number in range(first, first + count):
        yield _record(spoken, number)


def _record(spoken: Lexicon, number: int) -> Record:
    dice = random.Random(number)
    published = _FIRST_DAY + timedelta(days=number / A_DAY)
    outlet = dice.choice(OUTLETS)
    title, paragraphs = _article(spoken, dice, number)
    author = dice.choice(spoken.names)
    url = f"https://{outlet}.example/thoi-su/{number % 97}/bai-viet-so-{number}-{dice.randrange(10**9)}.html"
    return Record(
        id=article_id(outlet, str(number)),
        outlet=outlet,
        url=url,
        document=Document((published + timedelta(hours=7)).date(), title, "\n\n".join([*paragraphs, author])),
        standfirst=paragraphs[0],
        signature=author,
        byline=(author,),
        tags=tuple(spoken.draw(dice, 3)),
        section=dice.choice(("Thời sự", "Thế giới", "Kinh tế", "Giáo dục", "Thể thao")),
        published_at=published,
        date_source="json-ld",
        language="vi",
        reader="bench",
    )


def _article(spoken: Lexicon, dice: random.Random, number: int) -> tuple[str, list[str]]:
    """Return headline and paragraphs, of an own event or of one that neighbouring articles report too."""
    if dice.random() >= _EVENTS:
        return _told(spoken, dice, [*dice.sample(spoken.names, 2), *spoken.draw(dice, 6)])
    event = random.Random(f"event {number // (2 * _TELLERS * 3)}")
    subject = [*event.sample(spoken.names, 2), *(word for word in spoken.draw(event, 30) if word not in _COMMON)][:8]
    agency = _told(spoken, event, subject)
    return agency if dice.random() < _COPIES else _told(spoken, dice, subject)


def _told(spoken: Lexicon, dice: random.Random, subject: list[str]) -> tuple[str, list[str]]:
    title = " ".join([*dice.sample(subject, len(subject) // 2 + 1), *spoken.draw(dice, 3)])
    lead = [*subject, *spoken.draw(dice, 16)]
    dice.shuffle(lead)
    length = max(60, round(dice.gauss(330, 140)))
    words = spoken.draw(dice, length)
    paragraphs = [lead]
    while words:
        size = dice.randrange(25, 60)
        paragraphs.append([*words[:size], dice.choice(subject)])
        words = words[size:]
    return _sentence(title.split()), [_sentence(paragraph) + "." for paragraph in paragraphs]


def _sentence(words: list[str]) -> str:
    text = " ".join(words)
    return text[0].upper() + text[1:]
