"""Escape control characters: text of a site must not move the cursor or colour the terminal.

ECMA-48 terminals take commands from the C0 and C1 control characters, ESC above all. Unicode's bidirectional controls
reorder a line so that it reads as something else.
"""

from __future__ import annotations

_C0, _C1 = (*range(0x20), 0x7F), (*range(0x80, 0xA0),)
_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
_KEPT = {ord("\n"), ord("\t")}
_UNICODE_ESCAPES = {code: f"\\u{code:04x}" for code in (0x7F, *_C1, *_BIDI)}
_ESCAPES = _UNICODE_ESCAPES | {code: f"\\x{code:02x}" for code in (*_C0, *_C1) if code not in _KEPT}


def printable(text: str) -> str:
    r"""Replace control characters by their escapes, such as `\x1b`; line breaks and tabs stay."""
    return text if text.isprintable() else text.translate(_ESCAPES)


def printable_json(text: str) -> str:
    r"""Escape control characters that a JSON encoder leaves; a parser reads the same value."""
    return text if text.isprintable() else text.translate(_UNICODE_ESCAPES)
