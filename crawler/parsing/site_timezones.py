"""Guess the timezone of an undeclared site from its country or language."""

from __future__ import annotations

from typing import Literal

# Countries with one timezone, or with one that most of their press uses.
_ZONES = dict(
    pair.split("=")
    for pair in (
        "vn=Asia/Ho_Chi_Minh th=Asia/Bangkok id=Asia/Jakarta my=Asia/Kuala_Lumpur sg=Asia/Singapore ph=Asia/Manila "
        "jp=Asia/Tokyo kr=Asia/Seoul cn=Asia/Shanghai tw=Asia/Taipei hk=Asia/Hong_Kong in=Asia/Kolkata "
        "la=Asia/Vientiane kh=Asia/Phnom_Penh uk=Europe/London ie=Europe/Dublin de=Europe/Berlin at=Europe/Vienna "
        "ch=Europe/Zurich fr=Europe/Paris be=Europe/Brussels nl=Europe/Amsterdam es=Europe/Madrid it=Europe/Rome "
        "pl=Europe/Warsaw cz=Europe/Prague se=Europe/Stockholm no=Europe/Oslo dk=Europe/Copenhagen fi=Europe/Helsinki "
        "tr=Europe/Istanbul nz=Pacific/Auckland"
    ).split()
)
_COUNTRY = 2  # letters of a country's top-level domain
_NO_COUNTRY = frozenset("ai ca cc co fm io is la me nu ph tk to tv us ws ly gg sh st su eu".split())
_ORDERS: dict[str, Literal["ymd"]] = dict.fromkeys(("cn", "hk", "hu", "ir", "jp", "kr", "lt", "mn", "mo", "tw"), "ymd")
_LANGUAGES = {"vi": "Asia/Ho_Chi_Minh", "th": "Asia/Bangkok", "ja": "Asia/Tokyo", "ko": "Asia/Seoul"}


def guess_timezone(host: str, language: str = "") -> str:
    """Guess a host's timezone from its country, or else from the language of its pages.

    Args:
        host: A host name, without a port.
        language: BCP 47 tag; empty if unknown.

    Returns:
        An IANA name; empty if neither is known.
    """
    return _ZONES.get(host.rsplit(".", 1)[-1].lower(), "") or _LANGUAGES.get(language[:2].lower(), "")


def date_order_of_host(host: str) -> Literal["dmy", "mdy", "ymd", ""]:
    """Return the order of day and month in a country, by top-level domain; '' if unknown.

    Source: the date formats of CLDR 46. Canada and the Philippines use both orders and are left out.
    """
    country = host.rsplit(".", 1)[-1].lower()
    if len(country) != _COUNTRY or country in _NO_COUNTRY:
        return ""
    return _ORDERS.get(country, "dmy")
