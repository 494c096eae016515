"""Control characters are escaped, and other text is unchanged."""

import json

from hypothesis import given
from hypothesis import strategies as st

from archive.printable import printable, printable_json


def test_control_characters_are_shown_as_escapes():
    """Escape, C1 and bidirectional control characters are escaped; line breaks and tabs stay."""
    assert "\\x1b[31mđỏ\\x07\\x9b\\u202e" == printable("\x1b[31mđỏ\x07\x9b\u202e")
    assert "một\n\thai" == printable("một\n\thai")


@given(st.text())
def test_no_control_character_is_left(text):
    """Printed text contains no control characters except line breaks and tabs."""
    assert not [c for c in printable(text) if c not in "\n\t" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)]


@given(st.text())
def test_json_with_escapes_is_the_same_value(text):
    """JSON with escaped control characters parses to the same value."""
    assert text == json.loads(printable_json(json.dumps(text, ensure_ascii=False)))
