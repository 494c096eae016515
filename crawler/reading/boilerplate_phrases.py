"""Recognise the phrases that many outlets put between and after their paragraphs."""

from __future__ import annotations

import re

_LONGEST = 160  # characters; a longer paragraph has content of its own
_LINES = r"""
(?:mời )?(?:quý )?(?:bạn đọc |độc giả |quý vị )?(?:hãy )?theo dõi\b.*\b(?:google|zalo|facebook|youtube|tiktok).*
(?:kính )?mời (?:quý )?(?:bạn đọc|độc giả|quý vị) (?:xem|đón đọc|đón xem|theo dõi|tải|gửi)\b.*
tải (?:ngay )?(?:ứng dụng|app)\b.*
(?:xem|đọc|tin) (?:thêm|tiếp|liên quan)\b\s*(?::.*)?
>{2,}.*
(?:từ khóa|chủ đề|tags?|bình luận|chia sẻ|quảng cáo|copy link|in bài)\s*:?
advertise?ment|advertising|anzeige|werbung|publicité|publicidad|pubblicità|reklama?|reklame|annonse?|annons|annonce
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
share this(?: \w+)?|leave a (?:comment|reply)|comments?\s*\(\d+\)?
(?:read(?:ing)? time|thời gian đọc|lesezeit|leestijd)\b\D{0,6}\d+.{0,10}
(?:tempo d[ie] (?:lettura|leitura)|temps de lecture|tiempo de lectura)\b\D{0,6}\d+.{0,10}
\d+\W?(?:min(?:ut(?:en?|es))?\.?|phút) (?:read(?:ing time)?|đọc|lesezeit|leestijd|lesetid)
\d+ min(?:ut(?:es|i|os))?\.? (?:d[ei] )?(?:lectura|lecture|leitura|lettura)
this is a (?:breaking|developing) .{0,20}story\b.*
(?:この|続きの)記事は.{0,20}(?:会員|有料).*
有料会員になると.*
残り\s?[\d,]+\s?文字.*
"""
_COMMENTS_HEADINGS = r"""
(?:\d+ )?(?:all |user |reader )?comments?
(?:leave|post|write|add) a (?:comment|reply)
join the (?:conversation|discussion)
bình luận|ý kiến(?: của)?(?: bạn đọc| độc giả)?|phản hồi
kommentare?|commentaires?|comentarios?|comentários?|commenti|komentarze|reacties|kommentarer
コメント|评论|評論|댓글
"""
_RELATED_HEADINGS = r"""
(?:tin|bài|bài viết) (?:liên quan|khác|cùng chuyên mục|mới nhất|đọc nhiều)|có thể bạn quan tâm|đọc (?:thêm|nhiều)
xem thêm
(?:related|more|top|latest|recent|other|popular|recommended|our latest|partner) (?:stories|articles?|posts?)
(?:related|more|top|latest|recent|other|popular|partner) (?:news|coverage|headlines)
related|most (?:read|popular|viewed)|trending(?: now)?|recommended for you|(?:read|see) (?:also|more|next)
you (?:may|might) (?:also )?(?:like|be interested in)
mehr zum thema|das könnte (?:sie|dich) auch interessieren|weitere (?:artikel|meldungen|nachrichten|themen)
à lire aussi|sur le même sujet|articles liés
(?:noticias|artículos|temas|notas|notícias|matérias) relacionad[ao]s|leia (?:também|mais)
(?:articoli|notizie) correlat[ie]|leggi anche|czytaj (?:też|także|również|więcej)
関連(?:記事|ニュース|エントリ)|相关(?:阅读|新闻|文章)|相關(?:新聞|文章)|관련\s?(?:기사|뉴스)
"""
_FOOTERS = r"""
(?:©|\(c\)|copyright\b|all rights reserved|bản quyền (?:thuộc|của)|giấy phép (?:số|hoạt động)).*
.*\ball rights reserved\W*
.*(?:\btel|\bphone|\bfax|\bfone|hotline|điện thoại|đường dây nóng|\bđt)\s*[.:]\s*[+(]?\d.*
"""


def _pattern(lines: str, *, closing: str = "") -> re.Pattern[str]:
    """Compile patterns, one or more per line, in which a space matches any blanks."""
    alternatives = "|".join(line for line in lines.replace(" ", r"\s+").split("\n") if line)
    return re.compile(f"(?:{alternatives}){closing}", re.IGNORECASE)


_PHRASE = _pattern(_LINES)
_COMMENTS_HEADING = _pattern(_COMMENTS_HEADINGS, closing=r"\s*(?:\(?\d+\)?|\W)*")
_RELATED_HEADING = _pattern(_RELATED_HEADINGS)
_FOOTER = _pattern(_FOOTERS)


def is_boilerplate_phrase(text: str) -> bool:
    """Return whether a whole paragraph is boilerplate: `Theo dõi Báo …`, `Xem thêm: …`, `Advertisement`."""
    return len(text) <= _LONGEST and _PHRASE.fullmatch(" ".join(text.split()).strip(" .-–|[]()!")) is not None


def is_comments_heading(text: str) -> bool:
    """Return whether a line is the heading of readers' comments: `Bình luận (3)`, `12 Comments`."""
    return _COMMENTS_HEADING.fullmatch(_without_ornaments(text)) is not None


def is_related_heading(text: str) -> bool:
    """Return whether a line is the heading of other articles: `Tin liên quan`, `Top stories`."""
    return _RELATED_HEADING.fullmatch(_without_ornaments(text)) is not None


def is_footer(text: str) -> bool:
    """Return whether a line is typical of a page footer: copyright, licence, telephone."""
    return len(text) <= _LONGEST and _FOOTER.fullmatch(" ".join(text.split())) is not None


def _without_ornaments(text: str) -> str:
    return " ".join(text.split()).strip(" .-–|[]!:>»")
