"""What of an article is compared with others: what its beginning speaks of, and a MinHash of its text.

MinHash by one permutation (Li, Owen and Zhang, "One Permutation Hashing", 2012): every shingle of a text is hashed
once and falls into one of the bins, each of which keeps its least; the part of bins that two texts share estimates the
Jaccard likeness of their shingles. The libraries made for it (datasketch) bring numpy and scipy along, and keep their
index in memory or in a server; this takes 0.2 ms an article and its sketch is a row.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from zlib import crc32

from archive.record import Document

BINS = 64
EMPTY = 0xFFFF  # a bin that nothing fell into
_SHINGLE = 4  # words
_LEAD = 60  # words of a text that tell what it speaks of
_MIX = 0x9E3779B1  # Knuth's multiplicative hashing: CRC-32 alone is linear
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?:[.!?:…][\s\"”'’)]+|\n|^)[\"“'‘(\s]*")
_TOKEN = re.compile(r"\d+(?:[.,/:-]\d+)*%?|[^\W\d_]+(?:-[^\W\d_]+)*")
# Syllables that tell nothing of an event: function words, and what every report says.
_IDLE = frozenset(
    "và của là có được bị trong cho các những một với không đã đang sẽ này kia đó để khi đến tới tại về theo từ ra vào"
    " trên dưới cũng sau trước phải làm nói mà thì nên vì do bởi nếu như cùng còn lại rất hơn nhất chỉ đều nhiều mỗi"
    " mọi vẫn hay hoặc nhưng song ở qua lên xuống giữa ngoài trong gần khoảng hiện nay hôm qua sáng trưa chiều tối đêm"
    " ngày tháng năm giờ phút ông bà anh chị cho_biết hay_biết người vừa mới tin ảnh báo tpo vov ttxvn thứ hai ba bốn"
    " the of and to in on for is at by".split()
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What of an article is compared.

    Attributes:
        lead: Names, numbers and pairs of words of the headline and the lead, hashed to 32 bits and sorted.
        text: The least of what fell into each bin, 16 bits; `EMPTY` for none. Empty itself for a text too short.
        shingles: How many different ones the text has.
    """

    lead: frozenset[int]
    text: tuple[int, ...]
    shingles: int

    def lead_bytes(self) -> bytes:
        """The lead as the archive keeps it."""
        return array("I", sorted(self.lead)).tobytes()

    def text_bytes(self) -> bytes:
        """The text as the archive keeps it."""
        return array("H", [min(self.shingles, 0xFFFF), *self.text]).tobytes()

    @classmethod
    def from_bytes(cls, lead: bytes, text: bytes) -> Sketch:
        """What `lead_bytes` and `text_bytes` made, read again."""
        shingles, *bins = array("H", text)
        return cls(frozenset(array("I", lead)), tuple(bins), shingles)


def sketch(document: Document) -> Sketch:
    """The sketch of a document."""
    lead = frozenset((*_topics(document.title), *_topics(_beginning(document.text))))
    return Sketch(lead, *_minhash(document.text))


def copied(one: Sketch, other: Sketch) -> float:
    """How much of the shorter of two texts is in the other, from 0 to 1, give or take 0.1."""
    filled = shared = 0
    for here, there in zip(one.text, other.text, strict=False):
        filled += here != EMPTY or there != EMPTY
        shared += here == there != EMPTY
    if not shared:
        return 0.0
    jaccard = shared / filled
    together = jaccard / (1 + jaccard) * (one.shingles + other.shingles)
    return min(1.0, together / min(one.shingles, other.shingles))


def bands(text: Iterable[int], width: int = 2) -> Iterator[int]:
    """Numbers of which texts that are alike share at least one: neighbouring bins, put together (LSH)."""
    bins = list(text)
    for at in range(0, len(bins), width):
        if EMPTY not in (band := bins[at : at + width]):
            yield reduce(lambda number, bin_: number << 16 | bin_, band, at)


def _minhash(text: str) -> tuple[tuple[int, ...], int]:
    words = [word.encode() for word in _WORD.findall(text.lower())]
    shingles = set(zip(*(words[i:] for i in range(_SHINGLE)), strict=False))
    bins = [EMPTY] * BINS if shingles else []
    for shingle in shingles:
        mixed = crc32(b" ".join(shingle)) * _MIX
        at, value = mixed >> 26 & BINS - 1, mixed >> 10 & 0xFFFF  # the upper bits are mixed best
        if value < bins[at]:  # noqa: PLR1730 - `min` takes twice as long, and this is done hundreds of times an article
            bins[at] = value
    return tuple(bins), len(shingles)


def _hash(what: str) -> int:
    mixed = crc32(what.encode()) * _MIX & 0xFFFFFFFF
    return mixed ^ mixed >> 15


def _beginning(text: str) -> str:
    words = iter(_TOKEN.finditer(text))
    end = 0
    for _, word in zip(range(_LEAD), words, strict=False):
        end = word.end()
    return text[:end]


def shared_names(one: Sketch, other: Sketch) -> int:
    """How many names, by their syllables, and numbers two leads have in common."""
    return sum(topic & 1 for topic in one.lead & other.lead)


def _topics(text: str) -> Iterator[int]:
    """What a text speaks of: names by their syllables, numbers, and pairs of words that stand side by side.

    Each is hashed; names and numbers are odd, pairs are even.
    """
    for sentence in _SENTENCE.split(text):
        words = _TOKEN.findall(sentence)
        named = [word[0].isupper() for word in words]
        for i, (word, is_name) in enumerate(zip(words, named, strict=True)):
            lower, following = word.lower(), words[i + 1].lower() if i + 1 < len(words) else ""
            if lower in _IDLE:
                continue
            if word[0].isdigit() or (is_name and (i or named[1:2] == [True])):
                yield _hash(lower) | 1
            if following and following not in _IDLE:
                yield _hash(f"{lower} {following}") & ~1
