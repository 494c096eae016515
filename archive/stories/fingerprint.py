"""Compute the fingerprint of an article: the topics of its lead, and a MinHash of its text.

The MinHash is a bottom-k sketch (Broder, "On the Resemblance and Containment of Documents", 1997). Every shingle of a
text is hashed once and the smallest hashes are kept. Among the smallest hashes of two texts together, the share that
both have estimates the Jaccard similarity of their shingles. We use no library for this: datasketch needs numpy and
scipy, and rensa, which is compiled, is not faster (measured), because splitting into words takes most of the time.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise, permutations
from zlib import crc32

from archive.record import Document

KEPT = 48  # hashes of a text
KEYS = 16  # smallest hashes; similar texts share at least one of them (LSH)
_SHINGLE = 4  # words
_LEAD = 60  # words at the start of a text that show its topic
_MIX = 0x9E3779B1  # Knuth's multiplicative hashing: CRC-32 alone is linear
_MANY = 1 << 16  # words whose hash is cached: the syllables of Vietnamese, and names
# Separators of words in UTF-8, so that no word is encoded on its own.
_MARKS = tuple(mark.encode() for mark in "“”‘’«»…–—")
_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())
_BLANKS = bytes.maketrans(_ASCII_MARKS, b" " * len(_ASCII_MARKS))
_SENTENCE = re.compile(r"(?:[.!?:…][\s\"”'’)]+|\n|^)[\"“'‘(\s]*")
_TOKEN = re.compile(r"\d+(?:[.,/:-]\d+)*%?|[^\W\d_]+(?:-[^\W\d_]+)*")
# Syllables that do not identify an event: function words, and words of every report.
_IDLE = frozenset(
    "và của là có được bị trong cho các những một với không đã đang sẽ này kia đó để khi đến tới tại về theo từ ra vào"
    " trên dưới cũng sau trước phải làm nói mà thì nên vì do bởi nếu như cùng còn lại rất hơn nhất chỉ đều nhiều mỗi"
    " mọi vẫn hay hoặc nhưng song ở qua lên xuống giữa ngoài trong gần khoảng hiện nay hôm qua sáng trưa chiều tối đêm"
    " ngày tháng năm giờ phút ông bà anh chị cho_biết hay_biết người vừa mới tin ảnh báo tpo vov ttxvn thứ hai ba bốn"
    " the of and to in on for is at by".split()
)
# Syllables of names that are in the news every day: places, countries, offices, agencies.
_EVERYWHERE = (
    "việt nam hà nội tp hcm thành phố hồ chí minh sài gòn đà nẵng hải phòng cần thơ tỉnh huyện xã phường quận"
    " mỹ trung quốc nga nhật bản hàn ukraine anh pháp đức châu á âu eu asean liên hợp nhà trắng washington bắc kinh"
    " moskva đông tây bộ sở ủy ban ubnd hđnd tand đảng chính phủ quốc hội công an cảnh sát thủ tướng tổng thống chủ"
    " tịch bí thư đại sứ bộ trưởng giám đốc phó cục viện trung tâm công ty tập đoàn hiệp hội bệnh trường thương mại"
    " tài chính y tế giáo dục nông nghiệp xây dựng giao thông văn hóa ngoại nội vụ tư pháp quốc phòng khoa học môi"
    " v-league vn-index usd vnd theo reuters afp tân hoa"
)
_ROUNDING = 1e-9
_NAME = 1  # the bit that is set in the hash of a name or number, and cleared in that of a pair of words
_END = (0, False, False)
_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])(?:/\d{4})?")


@dataclass(frozen=True, slots=True)
class Sketch:
    """The parts of an article that are compared with others; in arrays, because thousands stay in memory.

    Attributes:
        lead: Names, numbers and pairs of words of the headline and the lead, hashed to 32 bits, ascending; the
            lowest bit is set for names and numbers, and clear for pairs.
        text: The smallest hashes of the text's shingles, 32 bits, ascending; all of them if there are few.
        shingles: Number of different shingles of the text.
    """

    lead: array[int]
    text: array[int]
    shingles: int

    @property
    def names(self) -> frozenset[int]:
        """Hashes of the syllables of names, and of numbers, in the lead."""
        return frozenset(topic for topic in self.lead if topic & _NAME)

    @property
    def keys(self) -> array[int]:
        """The smallest hashes; two similar texts share at least one (locality-sensitive hashing)."""
        return self.text[:KEYS]

    def lead_bytes(self) -> bytes:
        """Pack the lead as the archive stores it."""
        return self.lead.tobytes()

    def text_bytes(self) -> bytes:
        """Pack the text as the archive stores it."""
        return array("I", [self.shingles]).tobytes() + self.text.tobytes()

    @classmethod
    def from_bytes(cls, lead: bytes, text: bytes) -> Sketch:
        """Unpack what `lead_bytes` and `text_bytes` packed."""
        hashes = array("I", text)
        return cls(array("I", lead), hashes[1:], hashes[0])


def sketch(document: Document) -> Sketch:
    """Build the sketch of a document."""
    lead = {*_topics(document.title), *_topics(_beginning(document.text))}
    return Sketch(array("I", sorted(lead)), *_minhash(document.text))


def copied_share(one: Sketch, other: Sketch, least: float = 0.0) -> float:
    """Estimate the share of the shorter of two texts that is in the other: 0 to 1, within 0.1.

    Args:
        one: The sketch of a text.
        other: The sketch of another text.
        least: Return 0 at once if the hashes that both have show that the share is smaller than this.
    """
    both = len(set(one.text).intersection(other.text))  # at least as many as are among the smallest of both together
    smallest = min(KEPT, len(one.text) + len(other.text) - both)
    if not both or _share(both / smallest, one, other) < least - _ROUNDING:
        return 0.0
    texts = sorted({*one.text, *other.text})[:KEPT]
    shared = len(set(texts).intersection(one.text).intersection(other.text))
    return _share(shared / len(texts), one, other)


def _share(jaccard: float, one: Sketch, other: Sketch) -> float:
    """Return the share of the shorter text that is in the other, by the similarity of their shingles."""
    together = jaccard / (1 + jaccard) * (one.shingles + other.shingles)
    return min(1.0, together / min(one.shingles, other.shingles))


def _minhash(text: str) -> tuple[array[int], int]:
    said = text.lower().encode()
    for mark in _MARKS:
        said = said.replace(mark, b" ")
    words = said.translate(_BLANKS).split()
    shingles = set(map(crc32, map(b" ".join, zip(*(words[i:] for i in range(_SHINGLE)), strict=False))))
    return array("I", sorted(shingles)[:KEPT]), len(shingles)


def _hash(what: str) -> int:
    mixed = crc32(what.encode()) * _MIX & 0xFFFFFFFF
    return mixed ^ mixed >> 15


EVERYWHERE = frozenset(_hash(syllable) & ~_NAME for syllable in _EVERYWHERE.split())


def _beginning(text: str) -> str:
    last = next(islice(_TOKEN.finditer(text), _LEAD - 1, None), None)
    return text[: last.end()] if last else text


def count_names(shared: set[int]) -> int:
    """Count the names and numbers in topics that two leads share; adjacent syllables are one name."""
    syllables = [topic for topic in shared if topic & _NAME]
    return len(syllables) - sum(_pair(*pair) in shared for pair in permutations(syllables, 2))


def _pair(word: int, following: int) -> int:
    return ((word | _NAME) * _MIX + following) & 0xFFFFFFFF & ~_NAME


@lru_cache(_MANY)
def _word(word: str) -> tuple[int, bool, bool]:
    """Return a word's hash (0 for a stop word), whether it is a number, and whether it is a name."""
    lower = word.lower()
    told = 0 if lower in _IDLE or _DATE.fullmatch(word) else _hash(lower) | _NAME
    return told & ~_NAME if told & ~_NAME in EVERYWHERE else told, word[0].isdigit(), word[0].isupper()


def _topics(text: str) -> Iterator[int]:
    """Yield hashes of the topics of a text: syllables of names, numbers, and pairs of adjacent words.

    Names and numbers have odd hashes. Pairs, and names that are in the news every day, have even ones.
    """
    for sentence in _SENTENCE.split(text):
        within = False
        for (told, is_number, is_name), (following, _, named) in pairwise(
            [*map(_word, _TOKEN.findall(sentence)), _END]
        ):
            if told:
                if is_number or (is_name and (within or named)):
                    yield told
                if following:
                    yield _pair(told, following)
            within = True
