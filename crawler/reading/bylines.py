"""Parse printed bylines into authors and credited agencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.parsing.date_labels import CHANGED, PUBLISHED
from crawler.reading.agencies import canonical_agency, fold_name
from crawler.reading.byline_words import BEFORE, CASELESS_BEFORE, CASELESS_LABELS, LABELS, OTHER_WORK, VIETNAMESE

_GLUED = re.compile(r"(?<=[a-zà-ỹ])\s?(TTXVN(?:/Vietnam\+)?|VNA|AFP|AP|Reuters)$")
_CREDIT_LINE = re.compile(
    r"^\(?\s*(?:Tổng hợp\s+)?(?:Theo(?!\s+(?:dõi|đó|đuổi)\b)|Nguồn|Sources?|According to|Via|Quelle|Fuente|Fonte)"
    r"\b[\s:]*(.+?)\)?$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(\[]\s*([^()\[\]]{1,200})\s*[)\]]")
_WITH = re.compile(r"^(?:avec|with|mit|con|com)\s", re.IGNORECASE)  # `(avec AFP)`
_LEAD = re.compile(
    rf"^(?:{BEFORE}|{LABELS}|redaktion|{VIETNAMESE}|{CASELESS_LABELS}|{CASELESS_BEFORE})(?:\s*[:.]\s*|\s+)|"
    r"^(?:取材・文|執筆|文|作者|(?:本报|本网|本台|新华社|见习)?记者|記者|撰文|글)\s?[・:：/／|｜\s]?\s?(?=[\u3040-\u9fff\uac00-\ud7a3])",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+(?:tổng hợp|lược dịch|biên dịch|dịch|thực hiện|ghi)$|\s?(?:기자|특파원|記者|记者)$", re.IGNORECASE
)
_MIDDLE = re.compile(r"^(.{3,60}?)\s+(Theo\s+.{2,100})$")  # `Thu Lan Theo Reuters`
_OTHER_WORK = re.compile(rf"^(?:{OTHER_WORK})\s*(?:[:：・]|by\s|von\s|par\s|por\s)", re.IGNORECASE)
_OTHER_WORK_BEHIND = re.compile(rf"(?<=\w)[\s,;–-]{{1,5}}(?:{OTHER_WORK})\s?:.*$", re.IGNORECASE)  # `Text: A Foto: B`
# Behind a whole name: where its owner reports from, and what the owner is.
_PLACE_OF_NAME = re.compile(
    r"^(\S+\s\S.*?),?\s(?:in|from|aus|à|en|tại|từ|(?:special )?(?:to|for)(?:\sthe)?)\s"
    r"[A-ZÀ-ỸĐ][^,]*$"
)
_ONLY_PLACE = re.compile(r"^(?:in|from|aus|à|a|en|tại|từ)\s[A-ZÀ-ỸĐ]")
_WORD = re.compile(r"[^\W\d]{3,20}")
_FIELDS = (
    "opinion|political|senior|chief|staff|education|business|health|science|sports?|foreign|home|world|economics?|technology|"
    "environment|diplomatic|crime|court|religion|royal|special|investigations?|data|features?|associate|assistant|"
    "deputy|managing|executive|news|digital|contributing|guest|arts|culture|travel|food|climate|security|defen[cs]e|"
    "legal|transport|media|money|city|local|national|international|freelance|general|breaking|video|industry"
)
_ROLE_OF_NAME = re.compile(
    rf"^(\S+\s(?:\w\.\s|(?:van|von|de|der|del|di|la|bin)\s){{0,2}}\S+?),?\s(?:(?:{_FIELDS})\s)*(?:reporter|correspondent|editor|writer|journalist|contributor|columnist|"
    r"producer)\b.*$",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\s+(?:tại|từ|in|on|at|am|em|à|aus)\s+.*$")  # `phóng viên TTXVN tại Tokyo`
_APART = re.compile(
    r"\s*[;|,•·]\s*(?:(?:và|and|und|et|y|og|och|en)\s+)?|\s+[-–—/]\s+|\s+(?:và|and|und|et|y|e|og|och|en|with|avec|mit|con|com)\s+|\s*&\s*|\n+|\s+(?=[\u3400-\u9fff]{2,4}[：:])|"
    r"\s?、\s?|(?<=[\u3400-\u9fff])・(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]{4})\s(?=[\u3400-\u9fff]{4})"
)
# A day behind a name, with the words before it: `Kathy Wise Published in Sports December 14, 2016`.
_WHEN = re.compile(
    r"\s(?:[-–|·•]\s)?(?:(?:published|posted|updated|veröffentlicht|publié|publicado|am|on|le|el)\s.{0,40}?)?"
    r"\b(?:\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}|\d{1,2}\.?\s[^\W\d]{3,10}\.?,?\s\d{4}|[^\W\d]{3,10}\.?\s\d{1,2},?\s\d{4})\b",
    re.IGNORECASE,
)
# The same without a year, a time of day, or how long ago: `Anna Lind Updated 5 March`, `at 10:23 AM`, `3 hours ago`.
_WHEN_ELSE = re.compile(
    rf"\s(?:first\s)?(?:{PUBLISHED}|{CHANGED})\b[^\n,;|•·]{{0,40}}?\d[^\n,;|•·]*|"
    r"\s(?:at|um|à|às|a las|alle|lúc)\s\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\b\.?|\sUhr)?|"
    r"\b(?:\d{1,2}|an?|one)\s(?:minute|hour|day|week|month)s?\sago\b|"
    r"\b(?:vor|il y a|hace|há)\s\d{1,2}\s[^\W\d]{1,9}|\b\d{1,2}\s(?:phút|giờ|ngày)\strước",
    re.IGNORECASE,
)
_MAIL_AND_NAME = re.compile(r"\S{1,80}@\S{1,80}\s\(([^()]{3,60})\)")  # as in RSS: `a.lind@example.com (Anna Lind)`
_ADDRESS = re.compile(r"[^\s@]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|(?<!\w)@\w{2,30}")
# `Von Anna Meier und Paul Kunz, Berlin`: one word behind whole names is their place.
_PLACE_BEHIND = re.compile(
    r"^((?:by|von|par|por|di)\s(?:\S+\s){1,8}(?:and|und|et|y|e)\s\S+\s[^\s,]+),\s?[^\s,]+$", re.IGNORECASE
)
_READING_TIME = re.compile(
    r"\s*\b(?:(?:temps de )?lecture|lesezeit|leestijd|(?:tiempo|tempo) d[ei] \w{5,7}|reading time)?[\s:]*"
    r"\b\d{1,2}[\s-]?(?:min(?:ute)?s?\b\.?(?:\sread)?|phút đọc|min\.? lesezeit)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"^(?:.*\b(?:reporter|correspondent|editor|editors|writer|journalist|contributor|columnist|staff|bureau|redakteur(?:in)?|"
    r"korrespondent(?:in)?|special (?:to|for)|chief|"
    r"producer|photographer|biên tập viên|phóng viên|cộng tác viên|thực tập sinh)\b.*|"
    r"(?:nhóm PV|PV|BTV|CTV|TS|ThS|LS|Updated|PublicationDate|bài|ảnh|video|thực hiện|tổng hợp|lược dịch|dịch)\.?)$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"@|https?:|www\.|^\W*$|\d{2,}|\s[^\s\d]{0,20}\d|\d[^\s\d]{0,20}\s|"
    rf"(?<!\bJr)(?<!\bSr)[.…:!?]$|^(?:{BEFORE}|{LABELS}|{VIETNAMESE}|and|und|author|autor)$|"
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|GMT|UTC)$|"
    r"\b(?:archives?|rss|feed|profile|follow|view|more from|see all|all posts|e-?mail|about|"
    r"twitter|facebook|subscribe|comments?|min(?:ute)?s? read|read time|lesezeit|share)\b|"
    rf"^(?:{PUBLISHED}|{CHANGED}|update|last|stand|đăng)\b",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"(?:(?:die|la|a|the|our|online|web|news|digital|editorial|da|de|della)[\s-]*)?(?:team|desk|redaktion|rédaction|redacción|redação|redazione|redactie|redakcja|redakce|"
    r"редакция|editors?|editorial (?:team|board|staff)|newsroom|staff|admin(?:istrator)?|webmaster|ban biên tập|"
    r"tòa soạn|toà soạn|編集部|编辑部|편집부)",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"\s(?:Inc|Ltd|LLC|GmbH|AG|Corp|PLC|Pty)\.?$|株式会社|^Công ty\s", re.IGNORECASE)  # a publisher
_PAPER = re.compile(r"^(?:Báo|Tạp chí|Đài)\s+(?:điện tử\s+)?", re.IGNORECASE)  # `Báo Tuổi Trẻ` is Tuổi Trẻ
_INITIALS = re.compile(r"[A-Z]{2,5}")  # after a name: the initials of an agency
_MAX_LINE = 3_000  # characters of a byline; a longer one is cut, because patterns may take the square of its length
_MAX_NAME = 60
_MAX_WORDS = 7
_MAX_NAMES = 20
_MAX_CREDITS = 120
_MAX_CREDIT_WORDS = 16


@dataclass(frozen=True, slots=True)
class Byline:
    """The authors and credits of an article.

    Attributes:
        authors: The authors' names.
        credits: Agencies and outlets, one name each.
    """

    authors: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


def read_credits(printed: str) -> tuple[str, ...]:
    """Parse a list of credits, such as `Theo SCMP, Xinhua`, into agencies and outlets."""
    line = " ".join(printed.split()).strip("() .")
    if match := _CREDIT_LINE.match(line):
        line = match[1]
    parts = re.split(r"\s*[,;]\s*|\s+(?:và|and|-|–)\s+", line)
    names = [canonical_agency(part) or (_first_known_agency(part)) for part in (p.strip(" .()") for p in parts) if part]
    return tuple(dict.fromkeys(name for name in names if name and len(name) <= _MAX_NAME))


def _first_known_agency(part: str) -> str:
    """Return the first known agency of `Reuters/TTXVN`, or the text itself."""
    return next((known for piece in part.split("/") if (known := canonical_agency(piece))), part)


def is_desk(name: str) -> bool:
    """Return whether a name is that of an office, such as `Redaktion`, and not that of a person."""
    return _DESK.fullmatch(name.strip()) is not None


def is_credit_line(text: str) -> bool:
    """Return whether a paragraph only lists credits, such as `(Theo Reuters)`."""
    line = " ".join(text.split())
    if len(line) > _MAX_CREDITS:
        return False
    if match := _CREDIT_LINE.match(line):
        return (
            not line.rstrip(")").endswith((".", "!", "?"))
            and len(match[1].split()) <= _MAX_CREDIT_WORDS
            and "," not in match[1][60:]
        )
    names = [name for name in re.split(r"\s*[,;/]\s*|\s+[-–]\s+", line.strip("() ")) if name]
    return bool(names) and all(canonical_agency(name) for name in names)


def read_byline(printed: Iterable[str], outlets: Sequence[str] = ()) -> Byline:
    """Parse bylines into authors and credits.

    Args:
        printed: One or several bylines: `Ngọc Ánh (Theo SCMP, Reuters)`, `TUOI TRE ONLINE; NHẬT XUÂN`.
        outlets: The outlet's own names, which are not authors.
    """
    own = {fold_name(name) for name in outlets}
    names: list[str] = []
    credits_: list[str] = []
    for line in list(printed)[:_MAX_NAMES]:
        rest = " ".join(line.split()) if "\n" not in line else line
        if named := _MAIL_AND_NAME.fullmatch(rest):
            rest = named[1]
        for bracketed in _BRACKETED.findall(rest):
            source = _WITH.sub("", bracketed)
            if _CREDIT_LINE.match(source) or is_credit_line(source):
                credits_.extend(read_credits(source))
        rest = _BRACKETED.sub(" ", rest)
        for piece in rest.split("\n"):
            _read_line(piece.strip()[:_MAX_LINE], own, names, credits_)
    people = [name for name in names if not _COMPANY.search(name)] or names
    return Byline(tuple(_without_repetitions(people)[:_MAX_NAMES]), tuple(dict.fromkeys(credits_)))


def _read_line(line: str, own: set[str], names: list[str], credits_: list[str]) -> None:
    if inner := _MIDDLE.match(line):
        line = inner[1]
        credits_.extend(read_credits(inner[2]))
    if match := _CREDIT_LINE.match(line):
        credits_.extend(name for name in read_credits(match[1]) if fold_name(name) not in own)
        return
    for pattern in (_WHEN_ELSE, _WHEN, _READING_TIME, _ADDRESS):
        line = pattern.sub(",", line)
    line = _OTHER_WORK_BEHIND.sub("", _LEAD.sub("", _PLACE_BEHIND.sub(r"\1", line.rstrip(" ,"))))
    rest, bar, last = line.rpartition(" | ")
    if bar and " " in rest and _WORD.fullmatch(last) and not canonical_agency(last):
        line = rest  # the place behind a whole name: `Ana Ruiz | Madrid`
    for raw in _APART.split(line):
        _read_piece(raw.strip(" ,:=*\u200b"), own, names, credits_)


def _read_piece(raw: str, own: set[str], names: list[str], credits_: list[str]) -> None:
    piece = raw if raw.endswith(("Jr.", "Sr.")) else raw.strip(".")
    piece = _TAIL.sub("", _LEAD.sub("", piece)).strip(" -–—/")
    if match := _CREDIT_LINE.match(piece):
        credits_.extend(read_credits(match[1]))
        return
    if glued := _GLUED.search(piece):
        credits_.append(canonical_agency(glued[1]))
        piece = piece[: glued.start()]
    if whole := _ROLE_OF_NAME.match(piece):
        piece = whole[1]
    if not any(p.match(piece) for p in (_ROLE, _OTHER_WORK, _ONLY_PLACE)) and not _NOT_A_NAME.search(piece):
        for name in piece.split("/"):
            _read_name(name.strip(), own, names, credits_)


def _read_name(name: str, own: set[str], names: list[str], credits_: list[str]) -> None:
    """Add a name to the authors or credits, unless it is a role, an address or the outlet."""
    if len(name) > _MAX_NAME:
        return
    name, agency = _split_agency(_PLACE_OF_NAME.sub(r"\1", name))
    if agency and fold_name(agency) not in own:
        credits_.append(agency)
    if not name or len(name.split()) > _MAX_WORDS or _ROLE.match(name) or _NOT_A_NAME.search(name):
        return
    if known := canonical_agency(_PLACE.sub("", name)):
        credits_.append(known)
    elif names and is_desk(name):
        return
    elif names and _INITIALS.fullmatch(name):
        credits_.append(name)
    elif fold_name(_PAPER.sub("", name)) not in own and fold_name(re.split(r"[\s-]", name)[0]) not in own:
        names.append(name)


def _split_agency(name: str) -> tuple[str, str]:
    """Split `ANNA LIND Associated Press` into name and agency, `VOV-Miền Trung` into '' and the agency."""
    words = name.split()
    for place in range(2, len(words) - 1):
        if known := canonical_agency(" ".join(words[place:])):
            return " ".join(words[:place]), known
    first = re.split(r"[\s-]", name)[0]
    known = canonical_agency(first) if "-" in name and first.isupper() and first != name else ""
    return ("", known) if known else (name, "")


def _without_repetitions(names: Iterable[str]) -> list[str]:
    """Remove repeated names, ignoring case."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(name.casefold(), name)
    return list(seen.values())
