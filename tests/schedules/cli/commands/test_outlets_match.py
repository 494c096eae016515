"""`khobao outlets --match` classifies addresses, for people who write patterns."""

import json

import pytest

LIST = """# Addresses from a browser's history
https://vnexpress.net/mot-bai-4954454.html

https://baodautu.vn/print/mot-bai-d538952.html
https://nobody.example/a
not an address
"""


@pytest.fixture
def listed(tmp_path):
    """A file of addresses."""
    file = tmp_path / "addresses.txt"
    file.write_text(LIST, encoding="utf-8")
    return str(file)


def test_each_address_is_one_json_object(khobao, listed):
    """Each line has the outlet of the address, its key, its id and its canonical form."""
    ran = khobao("outlets", "--match", listed, "--json")
    article, excluded, foreign, wrong = map(json.loads, ran.out.splitlines())

    assert {
        "url": "https://vnexpress.net/mot-bai-4954454.html",
        "outlet": "vnexpress",
        "article": True,
        "key": "4954454",
        "id": article["id"],
        "canonical": "https://vnexpress.net/mot-bai-4954454.html",
    } == article
    assert 16 == len(article["id"])
    assert ("baodautu", False, "538952") == (excluded["outlet"], excluded["article"], excluded["key"])
    assert (None, False, None, None) == tuple(foreign[name] for name in ("outlet", "article", "key", "id"))
    assert None is wrong["canonical"]
    assert "1 articles, 1 other pages, 2 on no outlet's host" == ran.err.strip()


def test_the_deciding_rule_is_named(khobao, listed):
    """Without --json, a line has the columns outlet, result, key, id, rule and canonical form."""
    lines = [line.split("\t") for line in khobao("outlets", "--match", listed).out.splitlines()]

    assert ["vnexpress", "article", "4954454"] == lines[0][:3]
    assert lines[0][4].startswith("article ^[^?]*-(?P<key>")
    assert ["baodautu", "other", "538952", "exclude ^/print/"] == [*lines[1][:3], lines[1][4]]
    assert ["-", "other", "-", "-", "no outlet's host", "https://nobody.example/a"] == lines[2]


def test_a_missing_file_is_one_line(khobao):
    """An unreadable file is reported in one line, with exit code 2."""
    ran = khobao("outlets", "--match", "nowhere.txt")

    assert 2 == ran.code
    assert "nowhere.txt" in ran.err
