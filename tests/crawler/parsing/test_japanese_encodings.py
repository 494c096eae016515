"""EUC-JP is decoded as browsers decode it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.japanese_encodings import decode_euc_jp


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xad\xa1\xad\xb7\xad\xea", "①Ⅲ㈱"),  # row 13, of NEC
        (b"\xfc\xe2\xb6\xb6\xa1\xa2\xf9\xf5\xcc\xee", "髙橋、﨑野"),  # rows 89 to 92, of IBM
        (b"\x8e\xb1\x8f\xb0\xa1", "ｱ丂"),  # kana of half width, and JIS X 0212
        (b"\xa4\xa2\xff\xa4\xa4", "あ\ufffdい"),
        (b"\xa4\xa2\xfc", "あ\ufffd"),
    ],
)
def test_every_row_is_decoded(content: bytes, text: str) -> None:
    """Characters of NEC and IBM are decoded as their own, and a broken byte costs only itself."""
    assert decode_euc_jp(content) == text


@given(st.text(st.characters(codec="euc_jp", exclude_characters="¥‾")))
def test_what_python_encodes_is_decoded(text: str) -> None:
    """Everything that Python writes in EUC-JP is read again."""
    assert decode_euc_jp(text.encode("euc_jp")) == text


@given(st.binary(max_size=60))
def test_no_bytes_raise(content: bytes) -> None:
    """Any bytes give text."""
    assert isinstance(decode_euc_jp(content), str)
