"""Disks that fill up while a lake is read or compacted: nothing half-written counts, and a rerun completes it."""

import subprocess
import tempfile

import pytest
from disks import disk, mount
from lakefiles import add_part, page, read_lake, tree, write_warc

from archive.errors import ArchiveFull, first_of
from archive.lake import row_sorting
from archive.lake.checking import check_lake
from archive.lake.compaction import compact_lake
from archive.lake.layout import all_readings, open_lake
from archive.lake.manifest import read_manifest

pytestmark = pytest.mark.slow
SMALL, LARGE = 96 * 1024, 32 * 1024 * 1024


def test_a_reading_on_a_full_disk_is_continued(tmp_path):
    """Files that do not fit are not done; with more space the next run reads them, and gives the same bytes."""
    files = [write_warc(tmp_path / f"{n}.warc.gz", [page(100 * n + k) for k in range(4)]) for n in range(8)]
    read_lake(tmp_path / "whole", *files)
    with disk(tmp_path / "disk", SMALL) as small:
        lake = small / "lake"
        with pytest.raises((ArchiveFull, ExceptionGroup)) as caught:
            read_lake(lake, *files)
        assert isinstance(first_of(caught.value), ArchiveFull)  # which the program tells in one line
        done = len(all_readings(open_lake(str(lake))))
        subprocess.run(mount(small, f"remount,size={LARGE}"), check=True)
        assert 0 < done < len(files)
        assert [] == [line for line in check_lake(open_lake(str(lake))) if "was not finished" not in line]

        result = read_lake(lake, *files)

        assert (done, len(files) - done) == (result.finished, result.read)
        assert tree(tmp_path / "whole") == tree(lake)


@pytest.mark.parametrize("place", ["lake", "scratch"])
def test_a_compaction_on_a_full_disk_changes_nothing(tmp_path, monkeypatch, place):
    """Whether the lake or the temporary folder is full, one clear line says so and the old manifest stays."""
    monkeypatch.setattr(row_sorting, "_BUDGET", 0)
    words = " ".join(f"{number:x}" for number in range(0, 2_000_000, 7))
    with disk(tmp_path / "disk", LARGE) as small:
        lake = (small if place == "lake" else tmp_path) / "lake"
        add_part(lake, "a", ("1", 0, {"outlet": "zz"}))  # the last row, so those of the other part wait for it
        compact_lake(open_lake(str(lake)))
        before = (lake / "manifest.json").read_bytes()
        add_part(lake, "b", *((str(number), 1, {"text": words[number:]}) for number in range(2, 6)))
        used = sum(path.stat().st_size for path in small.rglob("*") if path.is_file())
        subprocess.run(mount(small, f"remount,size={used + SMALL}"), check=True)
        if place == "scratch":
            monkeypatch.setattr(tempfile, "tempdir", str(small))

        with pytest.raises(ArchiveFull, match="disk is full"):
            compact_lake(open_lake(str(lake)))

        assert before == (lake / "manifest.json").read_bytes()
        assert 1 == sum(file.rows for file in read_manifest(open_lake(str(lake))).files)
        subprocess.run(mount(small, f"remount,size={LARGE}"), check=True)
        assert 5 == compact_lake(open_lake(str(lake))).articles
        assert [] == list(check_lake(open_lake(str(lake))))
