"""Lists of files, and files that cannot be read."""

import functools
import gzip
import threading
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from archive.errors import UsageError
from archive.lake.inputs import InputFile, InputProblem, expand_inputs, find_inputs


def test_lists_are_taken_apart_and_each_file_is_named_once(tmp_path, monkeypatch):
    """Lists stand for their lines, comments and empty lines left out; paths of this machine become absolute."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "files.txt").write_text("# January\na.warc.gz\n\ns3://press/b.warc.gz\na.warc.gz\n")
    (tmp_path / "more.txt.gz").write_bytes(gzip.compress(b"https://press.example/c.warc.gz\n"))

    found = expand_inputs(["@files.txt", "d.warc", "@more.txt.gz"])

    assert [
        str(tmp_path / "a.warc.gz"),
        "s3://press/b.warc.gz",
        str(tmp_path / "d.warc"),
        "https://press.example/c.warc.gz",
    ] == found


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "the list cannot be read: No such file or directory"),
        (b"", "the list is empty"),
        (b"# nothing\n", "the list is empty"),
        (b"\xff\xfe\x00", "not a list of files"),
        (gzip.compress(b"a.warc\n" * 100)[:-9], "the list cannot be read"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff", "the list cannot be read"),
        (gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\n\r\n"), "a WARC file and not a list; write it without @"),
        (b"<!doctype html>\n<p>a.warc\n", "not a list of files"),
        (b'["a.warc"]\n', "not a list of files"),
        (b"a.warc\n" + b"b" * 5000, "not a list of files"),
        (b"a.warc\nb\x00.warc\n", "not a list of files"),
    ],
    ids=[
        *("missing", "empty", "comments", "binary", "truncated"),
        *("damaged", "a WARC file", "HTML", "JSON", "long lines", "NUL"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_line(tmp_path, content, problem):
    """A missing, empty, foreign or truncated list ends the command before anything is read."""
    file = tmp_path / "files.txt"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(UsageError) as refused:
        expand_inputs([f"@{file}"])
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_are_looked_up_and_bad_ones_told(tmp_path):
    """A file has its size; a folder, an empty file and an unknown kind of address are problems of their own."""
    good, empty = tmp_path / "a.warc", tmp_path / "empty.warc"
    good.write_bytes(b"12345")
    empty.write_bytes(b"")

    found = find_inputs([str(good), str(empty), str(tmp_path), "what://is/this"])

    assert isinstance(found[0], InputFile)
    assert 5 == found[0].size
    problems = [item.problem for item in found[1:] if isinstance(item, InputProblem)]
    assert ["the file is empty", "cannot be read: Is a directory"] == problems[:2]
    assert "unknown kind of address" in problems[2]


def test_what_a_server_does_not_give_is_told_in_its_words(tmp_path):
    """A file that is not on a server, and a server that is not there, are told apart in one line each."""
    (tmp_path / "a.warc").write_bytes(b"12345")
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site = f"http://127.0.0.1:{server.server_port}"
        found = find_inputs([f"{site}/a.warc", f"{site}/b.warc", "http://127.0.0.1:9/a.warc"])
        server.shutdown()

    assert InputFile(f"{site}/a.warc", 5) == replace(found[0], etag="")
    assert InputProblem(f"{site}/b.warc", "no such file") == found[1]
    assert isinstance(found[2], InputProblem)
    assert found[2].problem.startswith("Cannot connect to host 127.0.0.1:9")


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve files without a line for each."""

    def log_message(self, *_):
        """Print nothing."""
