"""WARC files and lakes in an object store, served by moto."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing

import pytest
from lakefiles import page, records

pytestmark = pytest.mark.slow
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def store():
    """A server that speaks S3, with a bucket."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                put(f"{address}/press", b"")
                break
            except (ConnectionError, urllib.error.URLError):
                time.sleep(0.1)
        yield address
    finally:
        server.kill()
        server.wait()


def put(url: str, content: bytes) -> None:
    """Put an object, or make a bucket."""
    kind = {"Content-Type": "application/octet-stream"}
    with urllib.request.urlopen(urllib.request.Request(url, content, kind, method="PUT"), timeout=30):
        pass


@pytest.fixture
def at(inline, monkeypatch):
    """Return a function that runs the program in this process, with the keys of a store."""
    s3fs = pytest.importorskip("s3fs")

    def use(address: str):
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": address, "AWS_MAX_ATTEMPTS": "1"}.items():
            monkeypatch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()  # it would go on with the address of the test before
        return inline

    yield use
    s3fs.S3FileSystem.clear_instance_cache()


def test_files_and_lake_may_be_in_an_object_store(store, at, tmp_path):
    """A file of a bucket is read into a lake of a bucket, once, with the bytes of a lake in a folder."""
    khobao = at(store)
    content = b"".join(records([page(n) for n in range(3)]))
    put(f"{store}/press/a.warc.gz", content)
    put(f"{store}/press/empty.warc.gz", b"")
    files = (
        "s3://press/a.warc.gz",
        "s3://press/empty.warc.gz",
        "s3://press/missing.warc.gz",
        "s3://press",
        "s3://none/a.warc.gz",
    )

    first = khobao("lake", "read", *files, "--to", "s3://press/lake", "--json")
    again = khobao("lake", "read", files[0], "--to", "s3://press/lake", "--json")
    here = khobao("lake", "read", files[0], "--to", "lake", "--json")
    nowhere = khobao("lake", "read", files[0], "--to", "s3://none/lake")
    status = khobao("lake", "status", "s3://press/lake", "--json")
    check = khobao("lake", "check", "s3://press/lake")

    told = json.loads(first.out)
    assert (1, 1, 3) == (first.code, told["read"], told["articles"]), first.err
    assert {files[1]: "the file is empty", files[2]: "no such file", files[3]: "a folder and not a file"}.items() <= (
        told["failed"].items()
    )
    assert {*files[1:]} == told["failed"].keys()
    assert "The specified bucket does not exist" in told["failed"][files[4]]
    assert (3, 1) == (nowhere.code, len(nowhere.err.splitlines())), nowhere.err
    assert "Traceback" not in first.err
    assert (0, 0, 1) == (again.code, json.loads(again.out)["read"], json.loads(again.out)["finished"])
    assert (1, 3) == (status.code, json.loads(status.out)["captures"])
    assert (0, "no problems\n") == (check.code, check.out), check.err
    part = next((tmp_path / "lake" / "parts").iterdir())
    signed = {"Authorization": "AWS key:signature"}
    asked = urllib.request.Request(f"{store}/press/lake/parts/{part.name}", headers=signed)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert part.read_bytes() == answer.read()
    assert 0 == here.code


def test_a_store_that_is_not_there_is_one_line(at):
    """A server that does not answer ends the command with one line and nothing done."""
    khobao = at("http://127.0.0.1:9")
    ran = khobao("lake", "read", "s3://press/a.warc.gz", "--to", "lake")
    lake = khobao("lake", "status", "s3://press/lake")

    assert 1 == ran.code
    assert "s3://press/a.warc.gz: " in ran.err
    assert (3, 1) == (lake.code, len(lake.err.splitlines())), lake.err
    assert "Traceback" not in ran.err + lake.err
