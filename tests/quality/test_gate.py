"""The quality of reading never falls."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import corpora
import gate
import scorer

GOLD = {
    "file": "a",
    "title": "Nhan đề",
    "date": "2026-02-04",
    "published_at": "2026-02-04T19:25:00+07:00",
    "paragraphs": ["một hai ba bốn năm sáu"],
    "byline": ["Thu Lan"],
    "standfirst": "một hai",
    "captions": ["ba bốn", "không có"],
    "must_not": ["quảng cáo"],
}


@pytest.mark.parametrize("name", gate.VIEWS)
@pytest.mark.timeout(600)
def test_floors_hold(name):
    """On the measured pages, no value is below its floor."""
    folder, view = corpora.folder(), gate.VIEWS[name]
    if folder is None or not (folder / view.corpus).is_dir():
        pytest.skip(f"{corpora.VARIABLE} names no folder with {view.corpus} in it")
    floors = gate.pinned()[name]

    assert floors["digest"] == corpora.digest(folder / view.corpus), "the pages have changed; measure and pin anew"
    measured = gate.measure(folder, view)
    assert [] == gate.below({k: v for k, v in floors.items() if isinstance(v, float)}, measured)


def test_every_corpus_has_floors():
    """Each corpus has floors, with the digest of its pages."""
    assert set(gate.VIEWS) == set(gate.pinned())
    assert all(str(floors["digest"]).startswith("sha256:") for floors in gate.pinned().values())


def test_floors_only_rise(tmp_path, monkeypatch):
    """Pinning raises floors; it lowers one only with `--lower`."""
    monkeypatch.setattr(gate, "FLOORS", tmp_path / "floors.toml")

    assert [] == gate.pin("x", "sha256:1", {"f1": 0.9, "leaks": 1.0}, lower=False)
    assert [] == gate.pin("x", "sha256:2", {"f1": 0.95, "leaks": 0.0}, lower=False)
    assert [] == gate.pin("x", "sha256:2", {"f1": 0.9497, "leaks": 0.0}, lower=False)
    assert ["f1 is 0.9000, its floor 0.9500"] == gate.pin("x", "sha256:3", {"f1": 0.9, "leaks": 0.0}, lower=False)
    assert ["leaks is 1.0000, its floor 0.0000"] == gate.pin("x", "sha256:3", {"f1": 0.95, "leaks": 1.0}, lower=False)
    assert {"x": {"digest": "sha256:2", "f1": 0.95, "leaks": 0.0}} == gate.pinned()
    assert [] == gate.pin("x", "sha256:3", {"f1": 0.9, "leaks": 1.0}, lower=True)
    assert 0.9 == gate.pinned()["x"]["f1"]


def test_a_perfect_reading_scores_one():
    """A correct result scores 1 in every field, and has no leaks."""
    read = {**GOLD, "text": "một hai\nba bốn\nkhông có", "captions": None}
    total = scorer.scores([{**GOLD, "paragraphs": ["một hai ba bốn không có"]}], {"a": read})

    assert {**dict.fromkeys(total, 1.0), "leaks": 0.0, "refused": 0.0, "misdated": 0.0} == total


def test_an_empty_reading_scores_nothing():
    """A page that was not read scores 0 in every field."""
    total = scorer.scores([GOLD], {})

    assert 1.0 == total.pop("refused")
    assert {0.0} == set(total.values())


def test_scores_what_is_half_right():
    """Shingles are counted with multiplicity, captions by their share, leaks by their number."""
    total = scorer.scores([GOLD], {"a": {"text": "một hai ba bốn năm sáu\n\nquảng cáo khác", "published_at": "x"}})

    assert (pytest.approx(3 / 6), 1.0, 0.5, 1.0, 0.0) == tuple(
        total[key] for key in ("precision", "recall", "captions", "leaks", "instant")
    )


def test_scope_says_what_is_compared():
    """Golds of the public sets contain only the body, or standfirst and body."""
    read = {"text": "x", "standfirst": "một hai", "body": "ba bốn năm sáu"}
    golds = [{**GOLD, "scope": "standfirst+body"}, {**GOLD, "scope": "body", "paragraphs": ["ba bốn năm sáu"]}]

    assert [1.0, 1.0] == [scorer.scores([gold], {"a": read})["f1"] for gold in golds]


@pytest.mark.parametrize(("right", "given", "expected"), [("", "", (1, 1)), ("a", "", (0, 0)), ("a b", "a b", (1, 1))])
def test_short_texts_are_one_shingle(right, given, expected):
    """A text with fewer words than a shingle is one shingle; two empty texts are equal."""
    assert expected == scorer.overlap(right, given)


def test_pages_of_one_site_are_in_one_half():
    """A rule that is chosen on one page of a site is not tested on another page of that site."""
    urls = ["https://www.bao.example.vn/a", "http://m.bao.example.vn/b", "https://example.vn/c"]

    assert 1 == len({corpora.half(url) for url in urls[:2]})
    assert {0, 1} == {corpora.half(f"https://site{i}.example/") for i in range(20)}


def test_the_first_words_alone_may_be_scored():
    """Golds that contain only the beginning of the text are compared by letters and digits."""
    gold = {
        "file": "a",
        "origin": "x",
        "scope": "begins",
        "begins": "Một — hai",
        "title": "Nhan Đề",
        "date": "2026-02-04",
    }
    read = {"body": "một, hai ba", "title": "nhan đề!", "date": "2026-02-05", "published_at": "2026-02-04T20:00:00Z"}

    assert {"leaks": 0.0, "refused": 0.0, "begins": 1.0, "title": 1.0, "date": 1.0, "misdated": 0.0} == scorer.scores(
        [gold], {"a": read}
    )
