"""Names of captures files never lead out of the folder of captures."""

import pytest

from archive.captures.names import confined_path, is_own_name
from archive.errors import ArchiveError

BAD_NAMES = [
    "../x.warc",
    "a/../../x.warc",
    "/etc/passwd",
    "",
    ".",
    "..",
    "a//b",
    "a/./b",
    ".hidden",
    "a\x00b",
    "a\n",
    "từ",
]


@pytest.mark.parametrize("name", ["khobao-20260204-00000.warc", "from-0123456789ab/khobao-20260204-00012.warc"])
def test_own_names_are_known(name, tmp_path):
    """Names of files that khobao wrote, or that a merge copied, are accepted."""
    assert is_own_name(name)
    assert tmp_path / name == confined_path(tmp_path, name)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_leads_elsewhere_is_refused(name, tmp_path):
    """The name in a row cannot lead to a file outside the folder."""
    assert not is_own_name(name)
    with pytest.raises(ArchiveError, match="not the name of a captures file"):
        confined_path(tmp_path, name)


def test_a_symbolic_link_is_refused(tmp_path):
    """A file or folder among the captures must not be a symbolic link."""
    folder = tmp_path / "captures"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "khobao-20260204-00000.warc").write_bytes(b"secret")
    folder.mkdir()
    (folder / "khobao-20260204-00000.warc").symlink_to(tmp_path / "elsewhere" / "khobao-20260204-00000.warc")
    (folder / "from-0123456789ab").symlink_to(tmp_path / "elsewhere")

    for name in ("khobao-20260204-00000.warc", "from-0123456789ab/khobao-20260204-00000.warc"):
        with pytest.raises(ArchiveError, match="a symbolic link"):
            confined_path(folder, name)


def test_the_folder_itself_may_be_a_link(tmp_path):
    """The captures folder itself may be a link, for example to another disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "captures").symlink_to(tmp_path / "disk")

    assert tmp_path / "captures" / "a.warc" == confined_path(tmp_path / "captures", "a.warc")
