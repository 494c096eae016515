"""Decoding bytes by byte order mark, header, the page's declaration, or a guess."""

from __future__ import annotations

import time
import unicodedata

import pytest
import webencodings
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from crawler.parsing.charset import as_written, decode
from crawler.parsing.vietnamese_encodings import as_vietnamese

WORDS = "Độc lập, tự do, hạnh phúc: Hà Nội điện đàm với Đà Nẵng trước năm mới, người dân đường phố phấn khởi"
TCVN3 = "§éc lËp, tù do, h¹nh phóc: Hµ Néi ®iÖn ®µm víi §µ N½ng tr­íc n¨m míi, ng­êi d©n ®­êng phè phÊn khëi"
FRENCH = "L’été dernier, où naît la forêt : ça va très bien, à l’hôtel"
PAGE = "<html><head>{}</head><body><p>{}</p></body></html>"


def cp1258(text: str) -> bytes:
    """Encode a text in windows-1258: letters composed with hats and horns, tone marks after them."""
    spelt = unicodedata.normalize("NFD", text)
    for letters, whole in {"a\u0306": "ă", "a\u0302": "â", "e\u0302": "ê", "o\u0302": "ô", "o\u031b": "ơ"}.items():
        spelt = spelt.replace(letters, whole).replace(letters.upper(), whole.upper())
    spelt = spelt.replace("u\u031b", "ư").replace("U\u031b", "Ư")
    # In decomposed text, a tone mark below comes before a hat: ệ is e, dot, hat.
    for vowel, whole in (("a", "ậ"), ("e", "ệ"), ("o", "ộ")):
        spelt = spelt.replace(f"{vowel}\u0323\u0302", f"{unicodedata.normalize('NFD', whole)[0]}\u0302\u0323")
        spelt = spelt.replace(f"{vowel}\u0302\u0323", {"a": "â", "e": "ê", "o": "ô"}[vowel] + "\u0323")
    spelt = spelt.replace("a\u0323\u0306", "ă\u0323")
    return spelt.encode("cp1258")


def page(words: str = WORDS, head: str = "") -> str:
    """A small page."""
    return PAGE.format(head, words)


META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'
CASES = {
    "UTF-8, undeclared": (page().encode(), "text/html", WORDS),
    "a mark before a header that lies": (b"\xef\xbb\xbf" + page().encode(), "text/html; charset=iso-8859-1", WORDS),
    "UTF-8 called Latin-1": (page().encode(), "text/html; charset=iso-8859-1", WORDS),
    "UTF-8 called windows-1252 in a meta": (page(head=META.format("windows-1252")).encode(), "", WORDS),
    "UTF-16 with a mark": (page().encode("utf-16"), "text/html", WORDS),
    "UTF-16, little end, no mark": (f" {page()}".encode("utf-16-le"), "text/html; charset=utf-16", WORDS),
    "UTF-16, big end, no mark": (f"\n{page()}".encode("utf-16-be"), "", WORDS),
    "UTF-32 with a mark": (page().encode("utf-32"), "", WORDS),
    "windows-1258 by header": (cp1258(page()), "text/html; charset=windows-1258", WORDS),
    "windows-1258 by meta": (cp1258(page(head='<meta charset="windows-1258">')), "text/html", WORDS),
    "windows-1258 by a late meta": (cp1258(page(head="x" * 300_000 + META.format("windows-1258"))), "", WORDS),
    "windows-1258 called Latin-1": (cp1258(page(head=META.format("iso-8859-1"))), "", WORDS),
    "windows-1258 called nothing": (cp1258(page()), "", WORDS),
    "TCVN3 called Latin-1": (page(TCVN3, META.format("iso-8859-1")).encode("latin-1"), "", WORDS),
    "TCVN3 called user-defined": (page(TCVN3, META.format("x-user-defined")).encode("latin-1"), "", WORDS),
    "TCVN3 called nothing": (page(TCVN3).encode("latin-1"), "text/html", WORDS),
    "TCVN3 made UTF-8 of": (page(f'<font face=".VnTime">{TCVN3}</font>').encode(), "text/html; charset=utf-8", WORDS),
    "TCVN3 made UTF-16": (page(f'<font face=".VnTime">{TCVN3}</font>').encode("utf-16"), "", WORDS),
    "Unicode that names a font of TCVN3": (page(f'<font face=".VnTime">{WORDS}</font>').encode(), "", WORDS),
    "the header before the meta": (
        page("привет мир", META.format("cp1252")).encode("cp1251"),
        "a; charset=cp1251",
        "привет",
    ),
    "French": (page(FRENCH).encode("cp1252"), "", FRENCH),
    "German": (page("Größe über alles, schöne Füße").encode("cp1252"), "", "Größe über alles, schöne Füße"),
    "Portuguese": (page("São Paulo não tem irmão, ação").encode("cp1252"), "", "São Paulo não tem irmão, ação"),
    "Italian": (page("Può darsi, ciò è così: la città, perché").encode("cp1252"), "", "Può darsi, ciò è così"),
    "signs between words": (page("Nokia® 5 µm, ±1°, «oui» ¾, café").encode("cp1252"), "", "Nokia® 5 µm, ±1°, «oui» ¾"),
    "soft hyphens": (page("Wör\xadter\xadbuch, Kin\xadder").encode("cp1252"), "", "Wör\xadter\xadbuch"),
    "EUC-JP with characters of IBM": (b"<p>\xfc\xe2\xb6\xb6", "text/html; charset=euc-jp", "髙橋"),
    "Chinese": (page("越南新闻").encode("gbk"), "text/html; charset=gb2312", "越南新闻"),
    "XML's own declaration": ("<?xml version='1.0' encoding='windows-1251'?><a>мир</a>".encode("cp1251"), "", "мир"),
    "UTF-8 cut within a letter": (page().encode() + "ệ".encode()[:2], "text/html; charset=utf-8", WORDS),
    "UTF-8 cut, and called Latin-1 in a meta": (page(head=META.format("iso-8859-1")).encode() + b"\xe1", "", WORDS),
    "UTF-8 with a lone surrogate": (page().encode() + b"\xed\xa0\x80", "", WORDS),
    "null bytes": (page().encode().replace(b"<p>", b"<p>\x00"), "", WORDS),
    "a name of nothing": (page().encode("utf-8"), "text/html; charset=klingon", WORDS),
    "decomposed": (page(unicodedata.normalize("NFD", WORDS)).encode(), "", WORDS),
}


@pytest.mark.parametrize(("content", "content_type", "words"), CASES.values(), ids=CASES)
def test_the_intended_text_is_decoded(content: bytes, content_type: str, words: str) -> None:
    """Whatever label a page uses, its words are decoded, composed, and can be encoded again."""
    text = decode(content, content_type)

    assert words in text
    assert not text.startswith("\ufeff")
    assert text.encode()


@pytest.mark.parametrize("label", sorted(LABELS))
def test_knows_every_label_of_the_encoding_standard(label: str) -> None:
    """Each label of the WHATWG Encoding Standard gives its encoding; labels of no encoding give windows-1252."""
    encoding = webencodings.lookup(label)
    assert encoding is not None
    name = {"replacement": "cp1252", "x-user-defined": "cp1252"}.get(encoding.name, encoding.codec_info.name)
    words = next(
        w
        for w in ("ไทย", "日本語", "한국어", "中文", "אבג", "العربية", "мир", "ŵŷ", "ņģ", "ħġ", "Ελλάδα", "é")
        if _fits(w, name)
    )

    assert words in decode(f"<p>{words}".encode(name), f"text/html; charset={label}")


def _fits(words: str, codec: str) -> bool:
    try:
        return words.encode(codec).decode(codec) == words
    except UnicodeError:
        return False


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Больница откроет в январе ночное отделение, потому что зимой ждать приходится долго. ", "cp1251"),
        ("県立病院は一月に夜間病棟を開設する。冬の間、患者が廊下で待たされていた。", "cp932"),
        ("県立病院は一月に夜間病棟を開設する。冬の間、患者が廊下で待たされていた。", "euc_jp"),
        ("县医院将于一月开设夜间病房。此前医生们警告说，冬季病人在走廊里等候的时间最长达十一个小时。", "gbk"),
        ("도립병원이 1월에 야간 병동을 연다. 겨울철 환자들이 복도에서 오래 기다린다고 한다.", "cp949"),
        (FRENCH, "cp1252"),
    ],
)
def test_an_undeclared_encoding_of_another_script_is_guessed(text: str, codec: str) -> None:
    """Bytes that nothing declares are read in the script that they are surely written in, else as Western text."""
    assert text in decode(PAGE.format("", text * 2).encode(codec))


def test_iso_2022_jp_is_recognised() -> None:
    """ISO-2022-JP looks like ASCII; it is recognised by its escapes if it is declared."""
    page = "<meta charset=iso-2022-jp><p>港湾協議会</p>"

    assert "港湾協議会" in decode(page.encode("iso2022_jp"))


def test_a_wrong_utf_16_label_is_ignored() -> None:
    """A page of single bytes that claims to be UTF-16 is not decoded as UTF-16."""
    assert "café" in decode("<meta charset=utf-16><p>café".encode("cp1252"), "text/html; charset=unicode")


@pytest.mark.parametrize(
    "name", ["zlib", "bz2", "hex", "rot13", "idna", "undefined", "unicode_escape", "utf-7", "mbcs"]
)
def test_only_codecs_of_text_are_used(name: str) -> None:
    """A page cannot name a codec that makes Python decompress, rotate or execute its content."""
    assert "caf\xe9" in decode(b"<p>caf\xe9 ok</p>", f"text/html; charset={name}")


def test_letters_may_be_left_as_they_are() -> None:
    """The page reader composes letters later, in the parts that it keeps."""
    assert "e\u0302" in as_written("e\u0302".encode())


@pytest.mark.parametrize("text", ["", "plain", "nghĩa"])
def test_other_text_stays(text: str) -> None:
    """Text that is not in an old Vietnamese encoding is unchanged."""
    assert text == as_vietnamese(text)


@given(
    st.binary(max_size=200), st.sampled_from(["", "utf-8", "utf-16", "windows-1258", "big5", "shift_jis", "gbk", "é"])
)
def test_no_bytes_raise(content: bytes, name: str) -> None:
    """Any bytes with any label become text that can be encoded."""
    assert decode(content, f"text/html; charset={name}").encode() is not None


@pytest.mark.parametrize(
    "piece", [b"<meta ", b"<?xml ", b"<meta charset = ", b"charset=", b"\x00\n", b"<meta charset='"]
)
def test_looking_for_a_declaration_takes_no_time(piece: bytes) -> None:
    """A page made to slow the search for a declaration is searched quickly."""
    started = time.process_time()
    decode(piece * 300_000 + b"\xff")

    assert time.process_time() - started < 5
