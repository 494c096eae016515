"""What pages say between and behind the paragraphs of their articles, in the words of many outlets."""

from __future__ import annotations

import re

_LONGEST = 160  # characters; what is longer says more than these phrases
_LINES = r"""
(?:mời )?(?:quý )?(?:bạn đọc |độc giả |quý vị )?(?:hãy )?theo dõi\b.*\b(?:google|zalo|facebook|youtube|tiktok).*
(?:kính )?mời (?:quý )?(?:bạn đọc|độc giả|quý vị) (?:xem|đón đọc|đón xem|theo dõi|tải|gửi)\b.*
tải (?:ngay )?(?:ứng dụng|app)\b.*
(?:xem|đọc|tin) (?:thêm|tiếp|liên quan)\b\s*(?::.*)?
>{2,}.*
(?:từ khóa|chủ đề|tags?|bình luận|chia sẻ|quảng cáo|copy link|in bài)\s*:?
advertise?ment|advertising|anzeige|werbung|publicité|publicidad|pubblicità|reklama?|reklame|annonse?|annons
(?:read|see|watch|listen) (?:more|also|next|now)\b\s*(?::.*)?
(?:also read|related(?: (?:stories|articles?|news|topics|coverage))?|more on this(?: story)?)\s*(?::.*)?
(?:you may (?:also )?like|recommended(?: stories)?)\s*(?::.*)?
(?:lesen sie auch|mehr zum thema|lees ook|les også|läs (?:också|mer|även)|læs også|lue myös)\s*(?::.*)?
(?:(?:à )?lire aussi|lea también|leer también|le(?:e|er) más|leia (?:também|mais)|leggi anche)\s*(?::.*)?
(?:czytaj|zobacz) (?:też|także|również)\s*(?::.*)?
(?:sign|subscribe) (?:up )?(?:to|for) (?:our|the)\b.*\bnewsletters?\b.*
(?:click|tap) here to (?:subscribe|sign up|join|read)\b.*
(?:follow|like) us on\b.*
(?:this )?(?:article|story) continues (?:below|after)\b.*
share this(?: \w+)?|leave a (?:comment|reply)|comments?\s*\(\d+
"""
_PHRASES = re.compile(
    "|".join(f"(?:{line})" for line in _LINES.replace(" ", r"\s+").split("\n") if line), re.IGNORECASE
)


def is_phrase(text: str) -> bool:
    """Whether a whole paragraph is such a phrase: `Theo dõi Báo … trên Google News`, `Xem thêm: …`, `Advertisement`."""
    return len(text) <= _LONGEST and _PHRASES.fullmatch(" ".join(text.split()).strip(" .-–|[]()!")) is not None
