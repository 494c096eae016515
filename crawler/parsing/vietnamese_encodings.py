"""Recognise Vietnamese encodings from before Unicode: windows-1258, and TCVN3 with its .VnTime fonts.

Pages in either claim to be Latin-1 or claim nothing, because a byte is a letter in all three. The way those letters
form words reveals the encoding.
"""

from __future__ import annotations

import re
import unicodedata

# TCVN 5712:1993 (VN3): the letters from each of these bytes on. Capitals with a tone are from a capitals font.
_RUNS = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
_TCVN3 = {first + place: letter for first, letters in _RUNS.items() for place, letter in enumerate(letters)}
_WIDE = re.compile("[\x80-\U0010ffff]")
# TCVN3 has letters where Latin-1 has signs: ®iÖn, Hµ, tr­íc. Elsewhere signs, except soft hyphens, stand between words,
# and no sign begins a word as đ does.
_SIGN = r"[\xa8-\xae\xb5-\xb9\xbb-\xbe]"
_SIGN_IN_WORD = re.compile(rf"{_SIGN}(?=[a-zA-Z])|(?<=[a-zA-Z]){_SIGN}")
_TCVN3_D = re.compile(r"(?<![^\W\d_])[®§](?=[a-zA-Z\xa8-\xfe])")
# windows-1258 has tone marks, which follow a vowel, where Latin-1 has Ì Ò Þ ì ò; and đ, ơ, ư where it has ð, õ, ý.
_MARK_AFTER_VOWEL = re.compile("(?<=[aeiouyAEIOUYâêôÂÊÔãõýÃÕÝ])[ÌÒÞìò]")
_CP1258_LETTER = re.compile("[ðõýÐÕÝ]")


def as_vietnamese(text: str) -> str:
    """Decode windows-1258 or TCVN3 that was decoded as windows-1252; leave other pages unchanged."""
    if _abounds(text, _MARK_AFTER_VOWEL, 0.15) and _abounds(text, _CP1258_LETTER, 0.05):
        return unicodedata.normalize("NFC", text.translate(_CP1258))
    return in_unicode(text)


def in_unicode(text: str) -> str:
    """Convert TCVN3 letters, one character per byte, to Unicode; leave other texts unchanged."""
    told = _abounds(text, _SIGN_IN_WORD, 0.2) and _abounds(text, _TCVN3_D, 0.02)
    return text.translate(_TCVN3) if told else text


def _abounds(text: str, pattern: re.Pattern[str], share: float) -> bool:
    """Return whether a pattern makes up more than a share of the characters beyond ASCII."""
    return len(pattern.findall(text)) > share * len(_WIDE.findall(text))


def _differences() -> dict[int, str]:
    """Return the characters of windows-1252 that windows-1258 replaces."""
    pairs = (
        (bytes([byte]).decode("cp1252", "replace"), bytes([byte]).decode("cp1258", "replace")) for byte in range(256)
    )
    return {ord(ours): theirs for ours, theirs in pairs if ours != theirs and "\ufffd" not in ours + theirs}


_CP1258 = _differences()
