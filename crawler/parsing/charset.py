"""Decode bytes by the byte order mark, the header, the page's own declaration, or a guess.

httpx reads only the header, and lxml only about the first kilobyte; Tuổi Trẻ declares its charset at byte 18 000.
"""

from __future__ import annotations

import codecs
import re

import webencodings

from crawler.parsing.composition import compose
from crawler.parsing.japanese_encodings import decode_euc_jp
from crawler.parsing.vietnamese_encodings import as_vietnamese, in_unicode

_DECLARED = re.compile(
    rb"""<\?xml[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']?\s{0,9}(?P<xml>[\w.:-]{2,40})|"""
    rb"""<meta[^<>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}(?P<meta>[\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
# Markup without a byte order mark, two bytes per character (XML 1.0, F.1).
_TWO_BYTES = (
    (re.compile(rb"(?:[\t\n\r ]\x00)*<\x00"), "utf-16-le"),
    (re.compile(rb"(?:\x00[\t\n\r ])*\x00<"), "utf-16-be"),
)
# Codecs for text only: other codecs of Python decompress, rotate or execute their input.
_TEXT_CODEC = re.compile(
    r"utf-(?:8|16|32).*|iso8859-\d+|cp\d+|koi8-[rtu]|gb\w+|big5\w*|shift_ji\w+|euc_\w+|iso2022_jp|tis-620|mac-\w+|ascii"
)
# Python's supersets of the encodings that the WHATWG Encoding Standard describes under these names.
_SUPERSETS = {"gbk": "gb18030", "iso2022_jp": "iso2022_jp_ext"}
_ESCAPED = b"\x1b$"  # begins Japanese text in ISO-2022-JP, which any other decoder takes for ASCII
_DECLARED_WITHIN = 1_000_000  # bytes that are searched for a declaration
_GUESSED = 16_384  # bytes from which an undeclared encoding is guessed
# The encodings of other scripts that are guessed, by what charset_normalizer calls them.
_OTHER_SCRIPTS = {
    found: codec
    for codec, names in {
        "cp1251": "", "koi8_r": "", "koi8_u": "", "cp1253": "", "cp1255": "", "cp1256": "", "cp874": "tis_620",
        "cp932": "shift_jis shift_jis_2004", "euc_jp": "euc_jis_2004 euc_jisx0213", "big5": "big5hkscs cp950",
        "gb18030": "gb2312 gbk", "cp949": "euc_kr",
    }.items()
    for found in (codec, *names.split())
}  # fmt: skip
_OPENING = 2048  # bytes at the start in which a document declares its kind
_ASCII = re.compile("[\x00-\x7f]+")
_MOSTLY = 8  # valid characters beyond ASCII per broken one, in UTF-8 that was truncated somewhere


def decode(content: bytes, content_type: str = "") -> str:
    """Decode a page, a feed or a sitemap; no exception is raised.

    Args:
        content: The bytes, content-decoded.
        content_type: The `Content-Type` header field; empty if there is none.

    Returns:
        Text in NFC, without a byte order mark; undecodable bytes become U+FFFD.
    """
    return compose(as_written(content, content_type))


def as_written(content: bytes, content_type: str = "") -> str:
    """Decode like `decode`, but without composing letters (NFC).

    Composing a whole page takes half as long as parsing it; a caller that needs only a part composes that part.
    """
    text = _decode(content, content_type).removeprefix("\ufeff")
    # A TCVN3 page that a server or an editor converted letter by letter still names its font, in UTF-16 between zeros.
    names = content.replace(b"\0", b"")
    return in_unicode(text) if b".Vn" in names and (b".VnTime" in names or b".VnArial" in names) else text


def opening(content: bytes) -> bytes:
    """Return the beginning of a document in lower case, without byte order marks and blanks."""
    return content[:_OPENING].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()


def _decode(content: bytes, content_type: str) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace")
    for start, name in _TWO_BYTES:
        if start.match(content):
            return content.decode(name, "replace")
    if _ESCAPED in content and (_SUPERSETS["iso2022_jp"] in _declared_codecs(content, content_type)):
        return content.decode(_SUPERSETS["iso2022_jp"], "replace")
    # Content that is valid UTF-8 throughout is UTF-8, whatever its label: prose in other encodings is not valid UTF-8.
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if len(_ASCII.sub("", text)) - broken > broken * _MOSTLY:
        return text
    return _decode_as(content, next((name for name in _declared_codecs(content, content_type) if name != "utf-8"), ""))


def _decode_as(content: bytes, name: str) -> str:
    """Decode by a codec; text labelled as Western may be Vietnamese, and without a label it is guessed."""
    if name == "euc_jp":
        return decode_euc_jp(content)
    if name not in {"", "cp1252"}:
        return content.decode(name, "replace")
    western = content.decode("cp1252", "replace")
    text = as_vietnamese(western)
    guessed = "" if name or text != western else _guess(content)
    return _decode_as(content, guessed) if guessed else text


def _guess(content: bytes) -> str:
    """Return the codec of bytes that nothing declares; empty if they may be in Latin script."""
    import charset_normalizer  # only now, because few pages need it

    best = charset_normalizer.from_bytes(content[:_GUESSED]).best()
    return _OTHER_SCRIPTS.get(best.encoding, "") if best else ""


def _declared_codecs(content: bytes, content_type: str) -> list[str]:
    """Return the Python codecs that the header and the page name, the header's first.

    A label for two bytes per character is wrong if the beginning of the page has no null byte.
    """
    header = _HEADER.search(content_type)
    page = _DECLARED.search(content, 0, _DECLARED_WITHIN)
    labels = [header[1] if header else "", (page["xml"] or page["meta"]).decode("ascii") if page else ""]
    wide = b"\0" in content[:_OPENING]
    return [
        codec for codec in map(_python_codec, labels) if codec and (wide or not codec.startswith(("utf-16", "utf-32")))
    ]


def _python_codec(label: str) -> str:
    """Return the Python codec for a label; empty if the label is not an encoding of text.

    Labels are those of the WHATWG Encoding Standard (https://encoding.spec.whatwg.org/#names-and-labels), and Python's
    names for the same encodings, because pages and servers use both.
    """
    encoding = webencodings.lookup(label)
    if encoding is None:
        try:
            codec = codecs.lookup(label).name if label else ""
        except (LookupError, ValueError):
            return ""
        encoding = webencodings.lookup(codec)
    if encoding is not None:
        codec = "cp1252" if encoding.name == "x-user-defined" else encoding.codec_info.name
    return _SUPERSETS.get(codec, codec) if _TEXT_CODEC.fullmatch(codec) else ""
