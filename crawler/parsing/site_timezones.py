"""The timezone of a site that nobody declared: that of its country or its language, where these have but one."""

from __future__ import annotations

# Where one country has one timezone, or one that most of its press keeps.
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
_LANGUAGES = {"vi": "Asia/Ho_Chi_Minh", "th": "Asia/Bangkok", "ja": "Asia/Tokyo", "ko": "Asia/Seoul"}


def zone_of(host: str, language: str = "") -> str:
    """The timezone of a host by its country, or else by the language of its pages.

    Args:
        host: A host name, without port.
        language: BCP 47 tag; empty where it is not known.

    Returns:
        An IANA name; empty where neither tells.
    """
    return _ZONES.get(host.rsplit(".", 1)[-1].lower(), "") or _LANGUAGES.get(language[:2].lower(), "")
