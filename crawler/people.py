"""Who wrote it and whom it credits: names out of bylines as pages print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# One name for each agency and outlet that others credit, and the other ways it is written.
_AGENCIES: dict[str, tuple[str, ...]] = {
    "Xinhua": ("Tân Hoa Xã", "Tân Hoa", "Xinhua News Agency", "Xinhuanet", "THX"),
    "Vietnam News Agency": ("TTXVN", "Thông tấn xã Việt Nam", "TTXVN/Vietnam+", "VNA", "Vietnam+", "VietnamPlus"),
    "Associated Press": ("AP", "The Associated Press", "AP News"),
    "Reuters": ("Thomson Reuters",),
    "AFP": ("Agence France-Presse", "Agence France Presse", "AFP/TTXVN"),
    "dpa": ("Deutsche Presse-Agentur", "dpa-AFX"),
    "TASS": ("ITAR-TASS", "TASS Russian News Agency"),
    "RIA Novosti": ("RIA", "RIA Novosti/Sputnik"),
    "Sputnik": ("Sputnik News", "GI/Sputnik"),
    "CCTV": ("China Central Television", "Đài truyền hình trung ương Trung Quốc"),
    "CGTN": (),
    "RT": ("Russia Today", "RT.com"),
    "SCMP": ("South China Morning Post", "The South China Morning Post"),
    "Global Times": ("Thời báo Hoàn cầu", "Hoàn cầu Thời báo"),
    "CNN": (),
    "BBC": ("BBC News",),
    "Yonhap": ("Yonhap News Agency", "Yonhap News"),
    "Kyodo": ("Kyodo News",),
    "Jiji Press": ("Jiji",),
    "NHK": (),
    "Bloomberg": ("Bloomberg News",),
    "Anadolu": ("Anadolu Agency", "AA"),
    "EFE": ("Agencia EFE",),
    "ANSA": (),
    "PTI": ("Press Trust of India",),
    "ANI": (),
    "UPI": ("United Press International",),
    "Interfax": (),
    "Ukrinform": (),
    "KCNA": (),
    "Al Jazeera": ("Aljazeera",),
    "The Guardian": ("Guardian",),
    "The New York Times": ("New York Times", "NYT"),
    "The Washington Post": ("Washington Post",),
    "The Wall Street Journal": ("Wall Street Journal", "WSJ"),
    "Financial Times": ("FT",),
    "CNBC": (),
    "Fox News": (),
    "Nikkei Asia": ("Nikkei", "Nikkei Asian Review"),
    "The Straits Times": ("Straits Times",),
    "Politico": (),
    "Axios": (),
    "DW": ("Deutsche Welle",),
    "GI": ("Getty Images",),
}


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


_CANONICAL = {_folded(name): main for main, others in _AGENCIES.items() for name in (main, *others)}
_GLUED = re.compile(r"(?<=[a-zà-ỹ])(TTXVN|AFP|AP|TTXVN/Vietnam\+|Reuters)$")
_CREDIT_LINE = re.compile(
    r"^\(?\s*(?:Tổng hợp\s+)?(?:Theo(?!\s+(?:dõi|đó|đuổi)\b)|Nguồn|Sources?|According to|Via|Quelle|Fuente|Fonte)"
    r"\b[\s:]*(.+?)\)?$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(\[]\s*([^()\[\]]{1,200})\s*[)\]]")
_LEAD = re.compile(
    r"^(?:(?:story|text|words|written|reported|reporting|posted|published)\s+)?(?:by|von|par|por|di|door|av|af|autor(?:in)?|"
    r"auteur|author|authors|redaktion|tác giả|thực hiện|bài và ảnh|bài, ảnh|"
    r"tin, ảnh|bài|phóng viên|PV|biên tập|tổng hợp)"
    r"(?:\s*[:.]\s*|\s+)",
    re.IGNORECASE,
)
_APART = re.compile(r"\s*[;|,•·]\s*|\s+[-–—/]\s+|\s+(?:và|and|und|et|y|e|og|och|en|with)\s+|\s*&\s*|\n+")
_ROLE = re.compile(
    r"^(?:.*\b(?:reporter|correspondent|editor|editors|writer|journalist|contributor|columnist|staff|bureau|redakteur(?:in)?|"
    r"korrespondent(?:in)?|chief|producer|photographer|biên tập viên|phóng viên|cộng tác viên|thực tập sinh)\b.*|"
    r"(?:PV|BTV|CTV|TS|ThS|LS|Updated|Published|bài|ảnh|video|thực hiện|tổng hợp|lược dịch|dịch)\.?)$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(r"@|https?:|www\.|^\W*$|\d{2,}|[.…:!?]$")
_MAX_NAME = 60
_MAX_NAMES = 20
_MAX_CREDITS = 120
_MAX_CREDIT_WORDS = 16


@dataclass(frozen=True, slots=True)
class People:
    """Who is named in a byline.

    Attributes:
        names: The authors.
        credits: Agencies and outlets, one name each.
    """

    names: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


def agency(name: str) -> str:
    """The one name of an agency or outlet that others credit; empty for any other name."""
    return _CANONICAL.get(_folded(name), "")


def credited(printed: str) -> tuple[str, ...]:
    """The agencies and outlets in a list of credits such as `Theo SCMP, Xinhua, Reuters`, one name each."""
    line = " ".join(printed.split()).strip("() .")
    if match := _CREDIT_LINE.match(line):
        line = match[1]
    parts = re.split(r"\s*[,;]\s*|\s+(?:và|and|-|–)\s+", line)
    names = [agency(part) or (_slashed(part)) for part in (p.strip(" .()") for p in parts) if part]
    return tuple(dict.fromkeys(name for name in names if name and len(name) <= _MAX_NAME))


def _slashed(part: str) -> str:
    """`Reuters/TTXVN` and the like: the first of them that is known, or the name as it stands."""
    return next((known for piece in part.split("/") if (known := agency(piece))), part)


def is_credit_line(text: str) -> bool:
    """Whether a whole paragraph is a list of credits: `Nguồn: CCTV, RT`, `(Theo Reuters)`, `Reuters, SCMP`."""
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
    return bool(names) and all(agency(name) for name in names)


def read_people(printed: Iterable[str], outlets: Sequence[str] = ()) -> People:
    """The authors and credits in bylines as printed.

    Args:
        printed: Bylines, one or several: `Ngọc Ánh (Theo SCMP, Reuters)`, `TUOI TRE ONLINE; NHẬT XUÂN`.
        outlets: How the outlet calls itself; such names are no authors.
    """
    own = {_folded(name) for name in outlets}
    names: list[str] = []
    credits_: list[str] = []
    for line in list(printed)[:_MAX_NAMES]:
        rest = " ".join(line.split()) if "\n" not in line else line
        for bracketed in _BRACKETED.findall(rest):
            if _CREDIT_LINE.match(bracketed) or is_credit_line(bracketed):
                credits_.extend(credited(bracketed))
        rest = _BRACKETED.sub(" ", rest)
        for piece in rest.split("\n"):
            _read_line(piece.strip(), own, names, credits_)
    return People(tuple(_distinct(names)[:_MAX_NAMES]), tuple(dict.fromkeys(credits_)))


def _read_line(line: str, own: set[str], names: list[str], credits_: list[str]) -> None:
    if match := _CREDIT_LINE.match(line):
        credits_.extend(name for name in credited(match[1]) if _folded(name) not in own)
        return
    if glued := _GLUED.search(line):
        credits_.append(agency(glued[1]))
        line = line[: glued.start()]
    for raw in _APART.split(_LEAD.sub("", line)):
        name = _LEAD.sub("", raw.strip(" .,:*\u200b")).strip(" -–—/")
        if not name or _folded(name) in own or _ROLE.match(name) or _NOT_A_NAME.search(name) or len(name) > _MAX_NAME:
            continue
        if known := agency(name):
            credits_.append(known)
        elif any(_folded(part) in own for part in name.split("/")):
            continue
        else:
            names.append(name)


def _distinct(names: Iterable[str]) -> list[str]:
    """Each name once, whatever its case."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(name.casefold(), name)
    return list(seen.values())
