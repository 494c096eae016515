"""Guess timezone, order of dates and language of an undeclared site from its country."""

from __future__ import annotations

import re
from typing import Literal

# Countries with one timezone, or with one that most of their press uses.
_ZONES = dict(
    pair.split("=")
    for pair in (
        "vn=Asia/Ho_Chi_Minh th=Asia/Bangkok id=Asia/Jakarta my=Asia/Kuala_Lumpur sg=Asia/Singapore ph=Asia/Manila "
        "jp=Asia/Tokyo kr=Asia/Seoul cn=Asia/Shanghai tw=Asia/Taipei hk=Asia/Hong_Kong in=Asia/Kolkata "
        "mo=Asia/Macau bn=Asia/Brunei la=Asia/Vientiane kh=Asia/Phnom_Penh mm=Asia/Yangon bd=Asia/Dhaka "
        "lk=Asia/Colombo np=Asia/Kathmandu bt=Asia/Thimphu mv=Indian/Maldives pk=Asia/Karachi af=Asia/Kabul "
        "ir=Asia/Tehran iq=Asia/Baghdad sa=Asia/Riyadh kw=Asia/Kuwait qa=Asia/Qatar bh=Asia/Bahrain ae=Asia/Dubai "
        "om=Asia/Muscat ye=Asia/Aden jo=Asia/Amman lb=Asia/Beirut sy=Asia/Damascus ps=Asia/Hebron il=Asia/Jerusalem "
        "tr=Europe/Istanbul cy=Asia/Nicosia ge=Asia/Tbilisi az=Asia/Baku uz=Asia/Tashkent tm=Asia/Ashgabat "
        "kg=Asia/Bishkek tj=Asia/Dushanbe kz=Asia/Almaty mn=Asia/Ulaanbaatar "
        "uk=Europe/London ie=Europe/Dublin pt=Europe/Lisbon is=Atlantic/Reykjavik de=Europe/Berlin at=Europe/Vienna "
        "ch=Europe/Zurich lu=Europe/Luxembourg fr=Europe/Paris be=Europe/Brussels nl=Europe/Amsterdam es=Europe/Madrid "
        "cat=Europe/Madrid eus=Europe/Madrid gal=Europe/Madrid ad=Europe/Andorra it=Europe/Rome mt=Europe/Malta "
        "pl=Europe/Warsaw cz=Europe/Prague sk=Europe/Bratislava hu=Europe/Budapest si=Europe/Ljubljana "
        "hr=Europe/Zagreb ba=Europe/Sarajevo rs=Europe/Belgrade mk=Europe/Skopje al=Europe/Tirane "
        "se=Europe/Stockholm no=Europe/Oslo dk=Europe/Copenhagen fi=Europe/Helsinki ee=Europe/Tallinn lv=Europe/Riga "
        "lt=Europe/Vilnius ua=Europe/Kyiv md=Europe/Chisinau by=Europe/Minsk ro=Europe/Bucharest bg=Europe/Sofia "
        "gr=Europe/Athens "
        "eg=Africa/Cairo ma=Africa/Casablanca dz=Africa/Algiers tn=Africa/Tunis ng=Africa/Lagos gh=Africa/Accra "
        "ci=Africa/Abidjan sn=Africa/Dakar cm=Africa/Douala ke=Africa/Nairobi tz=Africa/Dar_es_Salaam "
        "ug=Africa/Kampala et=Africa/Addis_Ababa rw=Africa/Kigali za=Africa/Johannesburg zw=Africa/Harare "
        "zm=Africa/Lusaka mz=Africa/Maputo ao=Africa/Luanda na=Africa/Windhoek bw=Africa/Gaborone "
        "ar=America/Argentina/Buenos_Aires br=America/Sao_Paulo cl=America/Santiago uy=America/Montevideo "
        "py=America/Asuncion bo=America/La_Paz pe=America/Lima ec=America/Guayaquil ve=America/Caracas "
        "pa=America/Panama cr=America/Costa_Rica ni=America/Managua hn=America/Tegucigalpa gt=America/Guatemala "
        "sv=America/El_Salvador cu=America/Havana do=America/Santo_Domingo pr=America/Puerto_Rico jm=America/Jamaica "
        "mx=America/Mexico_City nz=Pacific/Auckland fj=Pacific/Fiji"
    ).split()
)
_COUNTRY = 2  # letters of a country's top-level domain
_NO_COUNTRY = frozenset("ai ca cc co fm io is la me nu ph tk to tv us ws ly gg sh st su eu".split())
_ORDERS: dict[str, Literal["ymd"]] = dict.fromkeys(("cn", "hk", "hu", "ir", "jp", "kr", "lt", "mn", "mo", "tw"), "ymd")
# Languages whose press has one civil time, and the country of each.
_LANGUAGES = dict(
    pair.split("=")
    for pair in (
        "vi=vn th=th ja=jp ko=kr zh=cn km=kh lo=la my=mm ne=np si=lk ka=ge az=az mn=mn he=il tr=tr ta=in te=in hi=in "
        "ml=in kn=in mr=in gu=in uk=ua be=by ro=ro bg=bg el=gr pl=pl cs=cz sk=sk hu=hu sl=si hr=hr bs=ba sr=rs mk=mk "
        "sq=al sv=se nb=no nn=no no=no da=dk fi=fi et=ee lv=lv lt=lt is=is de=de it=it nl=nl ca=es eu=es gl=es mt=mt"
    ).split()
)
# The language of a country's press. Left out: countries with several, and codes that are sold to other sites.
_OF_COUNTRY = {
    country: language for language, country in _LANGUAGES.items() if country not in {"cn", "in", "es", "no", "la", "is"}
} | dict(pair.split("=") for pair in "no=nb ir=fa bd=bn cn=zh-CN tw=zh-TW id=id af=fa kz=kk kg=ky au=en-AU".split())


def guess_timezone(host: str, language: str = "") -> str:
    """Guess a host's timezone from its country, or else from the language of its pages.

    Args:
        host: A host name, without a port.
        language: BCP 47 tag; empty if unknown.

    Returns:
        An IANA name; empty if neither is known.
    """
    country = _country(host)
    if country in _ZONES:
        return _ZONES[country]
    parts = re.split(r"[-_]", language.lower())
    spoken = _LANGUAGES.get(parts[0], "")
    region = parts[-1] if spoken and len(parts) > 1 else ""
    return _ZONES.get(region) or _ZONES.get(spoken, "")


def date_order_of_host(host: str) -> Literal["dmy", "mdy", "ymd", ""]:
    """Return the order of day and month in a country, by top-level domain; '' if unknown.

    Source: the date formats of CLDR 46. Canada and the Philippines use both orders and are left out.
    """
    country = _country(host)
    if len(country) != _COUNTRY or country in _NO_COUNTRY:
        return ""
    return _ORDERS.get(country, "dmy")


def language_of_host(host: str) -> str:
    """Return the language of a country's press, by top-level domain, as a BCP 47 tag; '' if unknown."""
    return _OF_COUNTRY.get(_country(host), "")


def _country(host: str) -> str:
    return host.rsplit(".", 1)[-1].lower()
