"""`khobao words` lists what is typical, and counts what it needs."""

import json
from datetime import date, timedelta

import pytest
from factories import NOW, make_plain_record

from archive.store.writer import ArchiveWriter


@pytest.fixture
def khobao(runner, tmp_path):
    """The program, beside an archive of five weeks; in the newest one a dyke broke."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive, archive.batch():
        for number in range(150):
            text = "giá vàng tăng" + (" rồi vỡ đê" if number < 30 else "")
            day = date(2026, 2, 2) - timedelta(weeks=number // 30)
            archive.save_document(make_plain_record(f"{number}", title="Tin", text=text, day=day), NOW)
    program = runner(tmp_path)
    return lambda *typed: program("--archive", str(tmp_path / "archive.db"), *typed)


def test_words_are_counted_on_request_and_listed(khobao):
    """Before words are counted the command says how to; afterwards it lists what rises and what is typical."""
    assert "`khobao words --update` counts them" in khobao("words").err

    rising = khobao("words", "--update")
    typical = khobao("words", "vỡ đê", "--json")

    assert rising.out.startswith("likelihood      ratio  word\n")
    assert "only here  vỡ đê" in rising.out
    assert "giá vàng" not in rising.out
    terms = [json.loads(line) for line in typical.out.splitlines()]
    assert "rồi" in [term["term"] for term in terms]
    assert {"term", "occurrences", "articles", "background", "likelihood", "ratio"} == set(terms[0])


def test_a_wrong_outlet_is_refused(khobao):
    """An outlet that the archive does not have is a mistake, not an empty list."""
    assert 2 == khobao("words", "--outlet", "nobody").code
