"""Exported documents and records import unchanged; bad files are reported with their place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from factories import NOW, make_document, make_record
from hypothesis import given
from hypothesis import strategies as st

from archive.atomic_files import atomic_text
from archive.errors import UsageError
from archive.exchange.exporters import export_records
from archive.exchange.importers import read_files
from archive.exchange.jsonl import from_json, to_json
from archive.exchange.model import ImportedItem
from archive.record import Document, Record, dumps
from archive.store.writer import ArchiveWriter

write_texts, write_lines = partial(export_records, "txt"), partial(export_records, "jsonl")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
instants = st.none() | st.datetimes(timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
lists = st.lists(texts, max_size=3).map(tuple)
records = st.builds(
    Record,
    id=st.from_regex("[0-9a-f]{16}", fullmatch=True),
    outlet=texts,
    url=st.none() | texts,
    document=st.builds(lambda day, text: make_document(text=text, day=day), st.dates(), texts),
    published_at=instants,
    modified_at=instants,
    noarchive=st.booleans(),
    **dict.fromkeys(("captions", "byline", "credits", "tags", "doubts"), lists),
    **dict.fromkeys(("standfirst", "signature", "section", "date_source", "date_raw", "language", "kind"), texts),
    **dict.fromkeys(("reader", "rules"), texts),
)


def read(*paths: Path) -> list[Record]:
    """Return the records of files without errors."""
    found = list(read_files(paths))

    assert [] == [told.problem for told in found if told.problem]
    return [told.item for told in found if told.item]


@given(records)
def test_a_record_goes_through_json(record: Record) -> None:
    """`from_json(to_json(r)) == r` for any record, through JSON text."""
    assert record == from_json(json.loads(json.dumps(to_json(record))))


@pytest.mark.parametrize("rules", ["generic", "until 2026-02-28"])
def test_an_export_of_the_first_release_tells_the_rules(rules: str) -> None:
    """Where one field holds the reader and its rules, both are told apart."""
    old = json.loads(json.dumps(to_json(make_record(rules=rules))))
    old["reader"] = f"{old['reader']} {old.pop('rules')}"

    assert make_record(rules=rules) == from_json(old)


def test_json_has_every_field() -> None:
    """JSON has a record's fields; the document's three fields replace it."""
    names = {field.name for field in fields(Record)} - {"document"}

    assert names | {"date", "title", "text"} == to_json(make_record()).keys()


def test_texts_import_unchanged(tmp_path: Path) -> None:
    """Exported documents are numbered, named by id, and import to the same documents and ids."""
    out = tmp_path / "out"
    kept = [make_record(str(i), title=f"Bài {i}") for i in range(3)]

    assert 3 == write_texts(kept, out)
    assert [f"{i:03}_{record.id}.txt" for i, record in enumerate(kept)] == sorted(p.name for p in out.glob("*.txt"))
    assert [(r.id, r.document) for r in kept] == [(r.id, r.document) for r in read(out)]
    assert {(None, "imported", "document", "2026-02-04")} == {
        (r.url, r.outlet, r.date_source, r.date_raw) for r in read(out)
    }


def test_json_lines_import_unchanged(tmp_path: Path) -> None:
    """JSONL has every field, so the records are equal."""
    kept = [make_record("1"), make_record("2", url=None, published_at=None, modified_at=None)]

    assert 2 == write_lines(kept, tmp_path / "out")
    assert kept == read(tmp_path / "out")
    assert 0 == write_lines([], tmp_path / "nothing")
    assert [] == read(tmp_path / "nothing")


@pytest.mark.parametrize("write", [write_texts, write_lines], ids=["txt", "jsonl"])
def test_the_manifest_has_the_digests(tmp_path: Path, write) -> None:
    """The manifest has the number and SHA-256 of the files, and every export gives the same bytes."""
    for name in ("a", "b"):
        write([make_record()], tmp_path / name)
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    digests = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "a").iterdir()
        if path.name != "manifest.json"
    }

    assert (1, digests) == (manifest["records"], manifest["sha256"])
    assert [path.read_bytes() for path in sorted((tmp_path / "a").iterdir())] == [
        path.read_bytes() for path in sorted((tmp_path / "b").iterdir())
    ]


def test_the_seeds_can_be_imported(archive: ArchiveWriter, seeds: Path, tmp_path: Path) -> None:
    """All five seeds import under the ids in their names, and export to the same documents."""
    taken = [archive.save_document(record, NOW) for record in read(seeds)]
    again = [archive.save_document(record, NOW) for record in read(seeds)]
    write_texts(archive.reader.records(), tmp_path / "out")
    out = {path.name[4:]: path.read_bytes() for path in (tmp_path / "out").glob("*.txt")}

    assert (["new"] * 5, ["unchanged"] * 5) == (taken, again)
    assert {path.name[4:] for path in seeds.glob("*.txt")} == out.keys()
    assert all((seeds / f"00{i}_{name}").read_bytes() == out[name] for i, name in _strict(seeds))


def _strict(seeds: Path) -> list[tuple[int, str]]:
    return [(i, next(seeds.glob(f"00{i}_*")).name[4:]) for i in (1, 2, 3)]


def test_a_document_that_differs_is_a_clash(archive: ArchiveWriter) -> None:
    """A different text does not replace an archived document."""
    archive.save_document(make_record(), NOW)

    assert "clash" == archive.save_document(make_record(title="Khác"), NOW)
    assert [make_record()] == list(archive.reader.records())


def test_a_document_without_an_id_is_named_by_its_text(tmp_path: Path) -> None:
    """Equal texts of one outlet get the same id, whatever the file name; another outlet's get another id."""
    for name in ("một", "hai"):
        (tmp_path / f"{name}.txt").write_text(dumps(make_document()), encoding="utf-8")
    (tmp_path / "ba.TXT").write_text("not looked at")
    ids = [record.id for record in read(tmp_path)]

    assert ids[0] == ids[1]
    assert ids[0] != next(read_files([tmp_path / "hai.txt"], "vntin")).item.id


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"", "the text is empty; it should begin with ` date YYYY-MM-DD Headline`"),
        ("a.txt", b"Headline", "no date: the first line is 'Headline'"),
        ("a.txt", b" date 2026-02-04 A \xff", "byte 19 is not UTF-8, which a document is written in"),
        ("a.jsonl", b"{", "not JSON: Expecting property name"),
        ("a.jsonl", b'{"a": "\xff"}\n', "byte 7 of the line is not UTF-8, which JSON is written in"),
        (
            "a.jsonl",
            b'{"date_publish": "", "maintext": ""}\n',
            "an article of news-please that cannot be read: it has no date_publish",
        ),
        ("a.jsonl", b"[1]", "not a record: TypeError: a line must hold one JSON object"),
        ("a.jsonl", b"{}", "not a record: KeyError: 'date'"),
        ("a.jsonl", b"[" * 100_000, "not a record: RecursionError"),
    ],
)
def test_a_bad_document_is_reported(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    """A bad document is reported with its place and the remedy in one line; nothing is raised."""
    (tmp_path / name).write_bytes(content)
    (found,) = read_files([tmp_path])

    assert found.item is None
    assert found.place.startswith(str(tmp_path / name))
    assert told in found.problem


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"id": "x"}, "ValueError: the id is 'x'; it should be 16 hex digits"),
        ({"id": 1}, "ValueError: the id is 1; it should be 16 hex digits"),
        ({"title": ""}, "FormatError: a document needs a headline"),
        ({"title": 5}, "TypeError: title is '5'; it should be a text"),
        ({"text": None}, "TypeError: text is 'None'; it should be a text"),
        ({"outlet": {}}, "TypeError: outlet is '{}'; it should be a text"),
        ({"url": 1}, "TypeError: url is '1'; it should be a text"),
        ({"date": "4/2/2026"}, "ValueError: Invalid isoformat string: '4/2/2026'"),
        ({"tags": "abc"}, "TypeError: tags is 'abc'; it should be a list of texts"),
        ({"tags": [1]}, "TypeError: tags is '1'; it should be a text"),
        ({"noarchive": "no"}, "TypeError: noarchive is 'no'; it should be true or false"),
        ({"published_at": "2026-02-04T12:00"}, "published_at is '2026-02-04T12:00'; it should have an offset or Z"),
        ({"modified_at": 5}, "TypeError: modified_at is '5'; it should be a text"),
    ],
)
def test_a_field_of_another_type_is_reported(tmp_path: Path, wrong: dict, told: str) -> None:
    """A bad line of JSONL is reported by its number, and the others are read."""
    lines = [json.dumps(to_json(make_record()) | change) for change in ({}, wrong, {})]
    (tmp_path / "a.jsonl").write_text("\n\n".join(lines), encoding="utf-8")
    found = list(read_files([tmp_path]))

    assert [True, False, True] == [told.item is not None for told in found]
    assert f"{tmp_path / 'a.jsonl'}, line 3" == found[1].place
    assert told in found[1].problem


def test_a_lone_surrogate_is_replaced(archive: ArchiveWriter, tmp_path: Path) -> None:
    """JSON can contain a lone surrogate, which UTF-8 cannot; it is imported as the replacement character."""
    facts = to_json(make_record()) | {"outlet": "v\ud800", "tags": ["\udfff"], "section": "\ud800"}
    (tmp_path / "a.jsonl").write_text(json.dumps(facts))
    (record,) = read(tmp_path)

    assert "new" == archive.save_document(record, NOW)
    assert ("v?", ("?",), "?") == (record.outlet, record.tags, record.section)
    assert [record] == list(archive.reader.records())


def test_unknown_fields_are_ignored_and_missing_ones_are_empty() -> None:
    """Unknown fields are ignored, and missing ones are empty."""
    facts = {"id": "0" * 16, "outlet": "vntin", "date": "2026-02-04", "title": "A", "text": "", "new": 1, "tags": None}

    assert Record(id="0" * 16, outlet="vntin", url=None, document=Document(date(2026, 2, 4), "A", "")) == from_json(
        facts
    )


def test_a_missing_path_is_reported(tmp_path: Path) -> None:
    """A path that does not exist, and an unreadable file, are reported."""
    (tmp_path / "b.jsonl").mkdir()
    (tmp_path / "c.txt").symlink_to(tmp_path / "nowhere")
    gone = tmp_path / "nowhere"

    assert [ImportedItem(str(gone), problem="no such file or folder")] == list(read_files([gone]))
    assert [] == list(read_files([tmp_path]))


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_an_unreadable_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The system's error is reported."""

    def refuse(path: Path, *arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / name).touch()
    monkeypatch.setattr(Path, "open", refuse)
    (found,) = read_files([tmp_path / name])

    assert "Permission denied" in found.problem


@pytest.mark.parametrize("write", [write_texts, write_lines], ids=["txt", "jsonl"])
def test_a_folder_that_holds_something_is_refused(tmp_path: Path, write) -> None:
    """An export never mixes with existing files."""
    (tmp_path / "x").touch()
    for place in (tmp_path, tmp_path / "x"):
        with pytest.raises(UsageError, match="not an empty folder; name one that is empty or not there yet"):
            write([make_record()], place)


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """A failed export leaves the old file, and no draft beside it."""
    place = tmp_path / "a.txt"
    place.write_text("before")
    with pytest.raises(ZeroDivisionError), atomic_text(place) as file:
        file.write(f"half{1 / 0}")

    assert ("before", [place]) == (place.read_text(), list(tmp_path.iterdir()))


def test_instants_are_kept_to_the_millisecond() -> None:
    """JSONL has instants with the precision of the archive."""
    record = replace(make_record(), published_at=datetime(2026, 2, 4, 1, 2, 3, 4567, tzinfo=UTC))

    assert "2026-02-04T01:02:03.004Z" == to_json(record)["published_at"]
