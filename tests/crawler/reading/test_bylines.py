"""Parsing people and agencies from bylines, without the words around them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading.agencies import canonical_agency
from crawler.reading.bylines import is_credit_line, is_desk, read_byline, read_credits

OWN = ("Tuổi Trẻ", "TUOI TRE ONLINE", "VOV.VN", "vov")


@pytest.mark.parametrize(
    ("printed", "names", "credits_"),
    [
        ("Ngọc Ánh (Theo SCMP, Xinhua, Reuters)", ("Ngọc Ánh",), ("SCMP", "Xinhua", "Reuters")),
        ("Hoài Phương (Tân Hoa Xã, CCTV, TASS)", ("Hoài Phương",), ("Xinhua", "CCTV", "TASS")),
        ("Vân Bình\nNguồn: CCTV, RT", ("Vân Bình",), ("CCTV", "RT")),
        ("Tâm HằngTTXVN", ("Tâm Hằng",), ("Vietnam News Agency",)),
        ("TUOI TRE ONLINE; NHẬT XUÂN", ("NHẬT XUÂN",), ()),
        ("NHẬT XUÂN - NGHI VŨ", ("NHẬT XUÂN", "NGHI VŨ"), ()),
        ("By JOHN SMITH, Associated Press", ("JOHN SMITH",), ("Associated Press",)),
        ("Von Anna Meier und Paul Kunz", ("Anna Meier", "Paul Kunz"), ()),
        ("PV/VOV.VN", (), ()),
        ("Bài và ảnh: Minh Chiến", ("Minh Chiến",), ()),
        ("PV Thu Lan", ("Thu Lan",), ()),
        ("Thu Lan/Báo Tuổi Trẻ - Minh Anh/Tuổi Trẻ", ("Thu Lan", "Minh Anh"), ()),
        ("Nguyễn Văn A/TTXVN (tổng hợp)", ("Nguyễn Văn A",), ("Vietnam News Agency",)),
        ("Thùy Dương/VOV-Paris", ("Thùy Dương",), ()),
        ("Phóng viên TTXVN tại Tokyo", (), ("Vietnam News Agency",)),
        ("Nhóm PV", (), ()),
        ("Bài: Thu Lan - Ảnh: Minh Anh", ("Thu Lan",), ()),
        ("Người viết: Thu Lan", ("Thu Lan",), ()),
        ("Thu Lan TTXVN", ("Thu Lan",), ("Vietnam News Agency",)),
        ("Thu Lan Theo Reuters", ("Thu Lan",), ("Reuters",)),
        ("Đức Hoàng - Nguồn: SCMP", ("Đức Hoàng",), ("SCMP",)),
        ("Thu Lan tổng hợp", ("Thu Lan",), ()),
        ("Theo dõi Báo Tuổi Trẻ trên Google News", (), ()),
        ("Thu Lan, Staff Writer", ("Thu Lan",), ()),
        ("Thu Lan; thu lan", ("Thu Lan",), ()),
        ("Theo Reuters", (), ("Reuters",)),
        ("lan@bao.vn | https://bao.vn/lan", (), ()),
        ("By Anna Lind, Sam Levin, and Tom Watkins", ("Anna Lind", "Sam Levin", "Tom Watkins"), ()),
        ("By Kathy Lind Published in Sports December 14, 2016 2:24 pm", ("Kathy Lind",), ()),
        ("谢若含 2017-03-01 14:27:02", ("谢若含",), ()),
        ("Veröffentlicht am 27.04.24 um 07:39 Uhr", (), ()),
        ("Anna Lind 5 min read", ("Anna Lind",), ()),
        ("Nguyễn Văn A (Hà Nội)", ("Nguyễn Văn A",), ()),
        ("Par Jean Duval avec AFP", ("Jean Duval",), ("AFP",)),
        ("Von Uta Meier mit dpa", ("Uta Meier",), ("dpa",)),
        ("Anna Lind | 3 hours ago", ("Anna Lind",), ()),
        ("Anna Lind | vor 3 Stunden", ("Anna Lind",), ()),
        ("By Anna Lind at 10:23 AM", ("Anna Lind",), ()),
        ("By Anna Lind Updated 5 March", ("Anna Lind",), ()),
        ("Por Ana Ruiz Actualizado: 7/3/2026 10:11", ("Ana Ruiz",), ()),
        ("By Anna Lind alind@paper.example @annalind", ("Anna Lind",), ()),
        ("Von Anna Meier und Paul Kunz, Berlin", ("Anna Meier", "Paul Kunz"), ()),
        ("Tin và ảnh: Thu Lan", ("Thu Lan",), ()),
        ("Tin, bài, ảnh: Thu Lan", ("Thu Lan",), ()),
        ("Nhóm PV: Thu Lan - Minh Anh", ("Thu Lan", "Minh Anh"), ()),
        ("文・山田太郎", ("山田太郎",), ()),
        ("作者：王小明 编辑：李华", ("王小明",), ()),
        ("김민수 기자 kms@paper.example", ("김민수",), ()),
        ("Text: Uta Meier, Fotos: Ina Kunz", ("Uta Meier",), ()),
        ("Text: Uta Meier Foto: Ina Kunz", ("Uta Meier",), ()),
        ("Words by Anna Lind, photographs by Otto Pike", ("Anna Lind",), ()),
        ("Anna Lind Political correspondent", ("Anna Lind",), ()),
        ("Anna E. Lind, Science Editor", ("Anna E. Lind",), ()),
        ("Anna Lind is Opinion Editor", (), ()),
        ("By Anna Lind in Paris and Otto Pike in Berlin", ("Anna Lind", "Otto Pike"), ()),
        ("Par Jean Duval et Anne Roy, à Paris (avec AFP)", ("Jean Duval", "Anne Roy"), ("AFP",)),
        ("Ana Ruiz y Juan Gil | Madrid", ("Ana Ruiz", "Juan Gil"), ()),
        ("Ana Ruiz | Reuters", ("Ana Ruiz",), ("Reuters",)),
        ("By ANNA LIND Associated Press", ("ANNA LIND",), ("Associated Press",)),
        ("Thu Lan/VTV-Miền Trung", ("Thu Lan",), ("VTV",)),
        ("By Anna J. Lind Jr.", ("Anna J. Lind Jr.",), ()),
        ("About the author", (), ()),
        ("Tin/ảnh: Thu Lan", ("Thu Lan",), ()),
        ("Bài & ảnh: Thu Lan - Minh Anh", ("Thu Lan", "Minh Anh"), ()),
        ("Oleh Rina Sari", ("Rina Sari",), ()),
        ("Penulis: Rina Sari | Editor: Budi Jaya", ("Rina Sari",), ()),
        ("Автор: Анна Линд", ("Анна Линд",), ()),
        ("بقلم آنا ليند", ("آنا ليند",), ()),
        ("โดย สมชาย ใจดี", ("สมชาย ใจดี",), ()),
        ("Ein Gastbeitrag von Uta Meier", ("Uta Meier",), ()),
        ("a.lind@paper.example (Anna Lind)", ("Anna Lind",), ()),
        ("Anna Lind, g1 Serra", ("Anna Lind",), ()),
        ("Phóng viên Thu Lan - CTV Minh Anh", ("Thu Lan", "Minh Anh"), ()),
    ],
)
def test_reads_bylines(printed, names, credits_):
    """Roles, outlets and addresses are not authors; agencies are credits with their standard name."""
    people = read_byline([printed], OWN)

    assert (names, credits_) == (people.authors, people.credits)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Theo SCMP, Xinhua, Reuters", ("SCMP", "Xinhua", "Reuters")),
        ("Nguồn: CCTV, RT", ("CCTV", "RT")),
        ("(Tân Hoa Xã, CCTV, TASS)", ("Xinhua", "CCTV", "TASS")),
        ("Theo Nhịp sống thị trường", ("Nhịp sống thị trường",)),
        ("Reuters/TTXVN", ("Reuters",)),
        ("Tân Hoa Xã và Xinhua", ("Xinhua",)),
        ("", ()),
    ],
)
def test_lists_credits(printed, expected):
    """A list of credits gives each once: agencies by their standard name, outlets as printed."""
    assert expected == read_credits(printed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nguồn: CCTV, RT", True),
        ("(Theo Reuters)", True),
        ("Reuters, SCMP", True),
        ("Theo ông Nam, giá vàng sẽ còn tăng trong thời gian tới.", False),
        (
            "Theo CCTV, ông Tập khẳng định điều đó trước những thay đổi sâu rộng, và nói thêm nhiều điều khác nữa" * 2,
            False,
        ),
        ("Thu Lan", False),
        ("", False),
    ],
)
def test_tells_credit_lines_from_sentences(text, expected):
    """A paragraph that begins like a credit is one only if it is short and not a sentence."""
    assert expected is is_credit_line(text)


def test_knows_one_name_of_each_agency():
    """All spellings of an agency have one standard name; other names have none."""
    assert ["Xinhua", "Vietnam News Agency", ""] == [
        canonical_agency(name) for name in ("tân hoa xã", "TTXVN", "Thu Lan")
    ]


NAMES = st.sampled_from(["Thu Lan", "NHẬT XUÂN", "Nguyễn Thị Bích Ngọc", "Ý Nhi", "Hồ Ánh", "Đình Huy", "John Smith"])
CREDITS = {
    "TTXVN": "Vietnam News Agency",
    "Tân Hoa Xã": "Xinhua",
    "AFP": "AFP",
    "SCMP": "SCMP",
    "AP": "Associated Press",
}


@given(
    st.lists(NAMES, min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(list(CREDITS)), max_size=3, unique=True),
    st.sampled_from([" - ", ", ", "; ", " và ", " | ", "\n"]),
    st.sampled_from(["", "PV ", "Bài và ảnh: ", "Tác giả: ", "By "]),
)
def test_every_author_is_found(names, agencies, between, lead):
    """In any byline, each name is found, and each credit by its standard name."""
    printed = lead + between.join(names) + (f" (Theo {', '.join(agencies)})" if agencies else "")

    people = read_byline([printed], OWN)

    assert (tuple(names), tuple(CREDITS[name] for name in agencies)) == (people.authors, people.credits)


@given(NAMES, st.sampled_from(list(CREDITS)))
def test_parsing_is_idempotent(name, credit):
    """Parsing an already parsed name or credit gives the same name or credit."""
    assert (name,) == read_byline([name]).authors
    assert read_credits(credit) == read_credits(", ".join(read_credits(credit)))


@given(st.lists(st.text(max_size=80), max_size=5))
def test_never_raises(printed):
    """Any text in place of a byline gives names or none."""
    assert len(read_byline(printed).authors) <= 20


@pytest.mark.parametrize(
    ("printed", "names", "credits_"),
    [
        ("Thu Lan | TNN | Updated: Feb 4, 2026, 11:05 IST", ("Thu Lan",), ("TNN",)),
        ("Thu Lan\nView author archive\nGet author RSS feed\nDecember 19, 2016 | 7:08pm", ("Thu Lan",), ()),
        ("By\nThu Lan", ("Thu Lan",), ()),
        ("Thu Lan · 5 min read · 12 Comments", ("Thu Lan",), ()),
        ("ssi, dan", ("ssi", "dan"), ()),
        ("Người đăng: Thu Lan", ("Thu Lan",), ()),
        ("Bến Đò Inc.\nThu Lan", ("Thu Lan",), ()),
        ("Bến Đò Media GmbH", ("Bến Đò Media GmbH",), ()),
    ],
)
def test_other_words_are_not_names(printed, names, credits_):
    """Changes, reading times, links and a company beside a person are not names."""
    people = read_byline([printed])

    assert (names, credits_) == (people.authors, people.credits)


@pytest.mark.parametrize("text", ["A " * 50_000, "(" * 50_000, "A-" * 50_000, "Theo " * 50_000, "a@" * 50_000])
def test_takes_linear_time(text):
    """A byline of a hundred thousand characters is parsed quickly, and so is each of its beginnings."""
    began = time.process_time()

    assert len(read_byline([text]).authors) <= 20
    assert len(read_byline([text[:3000]] * 20).authors) <= 20
    assert is_credit_line(text) is False
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("name", "expected"), [("Redaktion", True), ("La rédaction", True), ("编辑部", True), ("Uta Redaktion", False)]
)
def test_an_office_is_no_person(name, expected):
    """The name of an office tells nothing of the author, so a printed person is preferred to it."""
    assert expected == is_desk(name)
