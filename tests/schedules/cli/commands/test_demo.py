"""A new user's first minute: the demo, and the commands that it suggests."""

import json

import pytest

ARCHIVE = ("--archive", "khobao-demo/archive.db")


@pytest.fixture(scope="module")
def khobao(runner, tmp_path_factory):
    """Run the program, in one folder for all tests of this file."""
    return runner(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def demo(khobao):
    """The first run of the demo in that folder."""
    first = khobao("demo")

    assert 0 == first.code, first.err
    return first


def test_the_demo_shows_a_table_a_document_and_what_to_try_next(demo):
    """The demo archives the articles, says what it skipped and why, and shows one whole document."""
    for outlet in ("biendong", "cholon", "phuongnam", "songhong", "vntin"):
        assert f"\n{outlet}" in f"\n{demo.out}"
    for why in ("no date", "video", "listing", "gone", "robots", "foreign"):
        assert why in demo.out
    assert " date 2026-02-04 Ông Tập đề xuất 'kế hoạch lớn' với ông Putin để phát triển quan hệ\n" in demo.out
    assert "Ngọc Ánh (Theo SCMP, Xinhua, Reuters)\n" in demo.out
    assert "khobao search" in demo.out


def test_a_second_demo_finds_nothing_new_and_says_so(demo, khobao):
    """Archived articles are not fetched again."""
    again = khobao("demo")

    assert 0 == again.code
    assert "nothing new" in again.out


def test_the_archive_of_the_demo_answers(demo, khobao):
    """The suggested commands work, and `check` finds nothing wrong."""
    found = khobao("search", *ARCHIVE, "dien dam", "--json")
    hits = [json.loads(line) for line in found.out.splitlines()]
    url = hits[0]["url"]

    assert {"biendong", "phuongnam"} <= {hit["outlet"] for hit in hits}
    assert "state       archived" in khobao("why", *ARCHIVE, url).out
    assert hits[0]["title"] in khobao("show", *ARCHIVE, hits[0]["id"]).out.splitlines()[0]
    assert "phuongnam" in khobao("status", *ARCHIVE).out
    assert "0 errors found" in khobao("check", *ARCHIVE).out


def test_why_explains_a_rejection(demo, khobao):
    """For a rejected page, the ledger shows its source, its response, and the reason."""
    story = khobao("why", *ARCHIVE, "http://cholon.example/tin.asp?muc=7&id=2190").out

    assert "in http://cholon.example/tin-tuc.asp" in story
    assert "200  rejected: no_date" in story
    assert "read, and not archived: no_date" in story


def test_an_alias_leads_to_its_article(demo, khobao):
    """A second slug of an article is an alias, and is not fetched."""
    story = khobao("why", *ARCHIVE, "http://vntin.example/ban-dau-tau-dien-tren-cao-ch-5013700.html").out

    assert "another address of an article" in story
    assert (
        "also at     http://vntin.example/tau-dien-tren-cao-chay-thu-chuyen-dem-dau-tien-trong-mua-5013700.html"
        in story
    )


def test_the_seeds_import_and_export_unchanged(runner, seeds, tmp_path):
    """Imported documents are exported under their ids, and import to the same records."""
    khobao = runner(tmp_path)

    assert "5 new" in khobao("import", seeds, "--archive", "a.db").out
    assert "wrote 5" in khobao("export", "out", "--archive", "a.db").out
    assert "5 unchanged" in khobao("import", "out", "--archive", "a.db").out
    for seed in ("3bee8cdf7b4e091a", "a7e22577bc353553", "7356cc60dd6123e1"):
        (written,) = (tmp_path / "out").glob(f"???_{seed}.txt")
        (given,) = seeds.glob(f"???_{seed}.txt")
        assert given.read_bytes() == written.read_bytes()
