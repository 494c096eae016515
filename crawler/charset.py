"""From bytes to text: the byte order mark, then the header, then the page's own word for it, then a guess.

httpx looks at the header alone and lxml at the first kilobyte or so; Tuổi Trẻ declares its charset at byte 18 000.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

_HEAD = 1 << 17  # bytes in which a page is looked through for its own declaration
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']?\s*(?P<xml>[\w.:-]{2,40})|"""
    rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*(?P<meta>[\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
# WHATWG Encoding, 4.2: what calls itself Latin-1 or ASCII is windows-1252.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252"}
_VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ\u0300\u0301\u0303\u0309\u0323]")


def decode(content: bytes, content_type: str = "") -> str:
    """Decode a page, a feed or a sitemap; never raises.

    Args:
        content: The bytes, with the content-encoding undone.
        content_type: The `Content-Type` header field; empty where there was none.

    Returns:
        Text in NFC, without a byte order mark; what cannot be decoded is U+FFFD.
    """
    return unicodedata.normalize("NFC", as_written(content, content_type))


def as_written(content: bytes, content_type: str = "") -> str:
    """Decode as `decode` does, but leave letters composed or decomposed as they are.

    Composing a whole page takes as long as parsing it; who needs a twentieth of it composes that.
    """
    return _decoded(content, content_type).removeprefix("\ufeff")


def _decoded(content: bytes, content_type: str) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace")
    # What is UTF-8 throughout is UTF-8, whatever it is called: no other encoding of prose happens to look like it.
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for name in _declared(content, content_type):
        if name != "utf-8":
            return _by_name(content, name)
    # Declared as UTF-8 and broken in places, or not declared at all.
    as_utf8 = content.decode("utf-8", "replace")
    return as_utf8 if as_utf8.count("\ufffd") * 100 < len(as_utf8) else _by_name(content, "cp1258")


def _by_name(content: bytes, name: str) -> str:
    text = content.decode(name, "replace")
    if name == "cp1252" and not _VIETNAMESE.search(text):
        # windows-1258 is windows-1252 with the letters and marks that Vietnamese needs, and often goes by its name.
        vietnamese = unicodedata.normalize("NFC", content.decode("cp1258", "replace"))
        return vietnamese if len(_VIETNAMESE.findall(vietnamese)) * 50 > len(vietnamese) else text
    return text


def _declared(content: bytes, content_type: str) -> list[str]:
    """The encodings that header and page name, as Python knows them."""
    header = _HEADER.search(content_type)
    page = _DECLARED.search(content[:_HEAD].replace(b"\x00", b""))
    named = [header[1] if header else "", (page["xml"] or page["meta"]).decode("ascii") if page else ""]
    return [name for name in map(_known, named) if name]


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return ""
    return _MEANT.get(found, found)
