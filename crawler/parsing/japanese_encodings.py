"""Decode EUC-JP as browsers do, with the characters that NEC and IBM added to JIS X 0208.

Python's `euc_jp` lacks them, and its `euc_jis_2004` has other characters in their rows: 髙橋 would become 郄橋.
Windows-31J (`cp932`) has them, and both encodings number the same 94 rows of 94 cells.
Source: https://encoding.spec.whatwg.org/#index-jis0208
"""

from __future__ import annotations

import codecs

_ERRORS = "khobao.euc_jp"
_FIRST = 0xA1  # the byte of the first row, and of the first cell
_ROWS = 94  # each with as many cells
_WIDTH = 2  # bytes of a character
_ROWS_BELOW = 62  # rows with lead bytes from 0x81 in Windows-31J; the others have lead bytes from 0xE0
_CELLS_BELOW = 63  # cells with trail bytes from 0x40; the byte 0x7F is left out


def decode_euc_jp(content: bytes) -> str:
    """Decode EUC-JP; undecodable bytes become U+FFFD."""
    return content.decode("euc_jp", _ERRORS)


def _decode_by_windows_31j(error: UnicodeError) -> tuple[str, int]:
    """Decode the two bytes that `euc_jp` does not know, and return the place behind them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    end = error.start + _WIDTH
    row, cell = (byte - _FIRST for byte in error.object[error.start : end].ljust(_WIDTH, b"\0"))
    if 0 <= row < _ROWS and 0 <= cell < _ROWS and (decoded := _in_windows_31j(row, cell).decode("cp932", "ignore")):
        return decoded, end
    return "\ufffd", error.end


def _in_windows_31j(row: int, cell: int) -> bytes:
    """Return the bytes of a character in Windows-31J, which puts two rows under one lead byte."""
    lead = row // 2 + (0x81 if row < _ROWS_BELOW else 0xC1)
    trail = cell + 0x9F if row % 2 else cell + (0x40 if cell < _CELLS_BELOW else 0x41)
    return bytes((lead, trail))


codecs.register_error(_ERRORS, _decode_by_windows_31j)
