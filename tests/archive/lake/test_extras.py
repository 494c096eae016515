"""Without the extras of the lake, each command says what to install."""

import sys

import pytest
from lakefiles import add_part

from archive.errors import UsageError
from archive.lake.layout import open_lake
from archive.lake.queries import run_query
from archive.lake.remote import open_remote
from archive.lake.schema import article_schema
from schedules.lake.dask_engine import require_dask


def query(tmp_path):
    """Ask a lake."""
    with run_query(open_lake(str(tmp_path)), "SELECT 1"):
        pass


@pytest.mark.parametrize(
    ("module", "use", "extra"),
    [
        ("duckdb", query, "lake"),
        ("pyarrow", lambda _: article_schema(), "lake"),
        ("fsspec", lambda _: open_remote("https://example.vn/a.warc"), "lake"),
        ("s3fs", lambda _: open_remote("s3://press/a.warc"), "s3"),
        ("distributed", lambda _: require_dask(), "cluster"),
    ],
    ids=["duckdb", "pyarrow", "fsspec", "s3fs", "distributed"],
)
def test_a_missing_library_is_named_with_its_extra(tmp_path, monkeypatch, module, use, extra):
    """What needs a library of an extra ends with one line that installs it."""
    add_part(tmp_path, "a", ("1", 0, {}))
    if module == "s3fs" and "fsspec.registry" in sys.modules:  # fsspec may have loaded it for another test
        monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    for name in [name for name in sys.modules if name.startswith(f"{module}.")]:
        monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(UsageError, match=rf"install .khobao\[{extra}\]'"):
        use(tmp_path)
