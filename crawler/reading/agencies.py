"""Normalize the names of news agencies and of outlets that others credit."""

from __future__ import annotations

# For each agency and outlet that others credit: its standard name, and other spellings.
_AGENCIES: dict[str, tuple[str, ...]] = {
    "Xinhua": ("Tân Hoa Xã", "Tân Hoa", "Xinhua News Agency", "Xinhuanet", "THX"),
    "Vietnam News Agency": ("TTXVN", "Thông tấn xã Việt Nam", "TTXVN/Vietnam+", "VNA", "Vietnam+", "VietnamPlus"),
    "VOV": ("Đài Tiếng nói Việt Nam",),
    "VTV": ("Đài Truyền hình Việt Nam",),
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


def fold_name(name: str) -> str:
    """Reduce a name to its lower-cased letters and digits, for comparison."""
    return "".join(filter(str.isalnum, name)).casefold()


_CANONICAL = {fold_name(name): main for main, others in _AGENCIES.items() for name in (main, *others)}


def canonical_agency(name: str) -> str:
    """Return the standard name of an agency or outlet; empty for any other name."""
    return _CANONICAL.get(fold_name(name), "")
