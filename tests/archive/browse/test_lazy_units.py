"""Units of tables, which Datasette reads only when a table has them."""

import subprocess
import sys

import pytest

from archive.browse.lazy_units import LazyRegistry


def test_the_lazy_registry_does_what_datasette_asks():
    """It parses quantities, multiplies values by units, and knows units that were added."""
    units = LazyRegistry()
    units.define("bao = 3 * meter")

    assert 3000 == units("3 km").to("m").magnitude
    assert 6 == (2 * units("bao")).to("m").magnitude


@pytest.mark.slow
def test_serving_an_archive_imports_no_units():
    """The library of units is not imported when an archive is served, because no table has units."""
    code = "import archive.browse.serve, sys; print(*(name for name in sys.modules if 'pint' in name))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=True)

    assert "" == done.stdout.strip()
