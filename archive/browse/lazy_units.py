"""Let Datasette import its library of physical units only when a table has units.

Datasette 0.65 imports pint and builds a registry of all units at start, which takes 13 MB and a tenth of a second. No
table of an archive has units, but a database that is served beside it may. Import this module before
`datasette.views.base`. Datasette 1.0 has no units.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_PINT = "datasette.vendored.pint"
_USER = "datasette.views.base"


@cache
def _registry() -> Any:
    return import_module(_PINT).UnitRegistry()


class LazyRegistry:
    """Do what Datasette asks of a registry of units, and build it at the first call."""

    def __call__(self, value: Any) -> Any:
        """Parse a quantity or a unit."""
        return _registry()(value)

    def define(self, unit: str) -> None:
        """Add a unit."""
        _registry().define(unit)


def defer_units() -> None:
    """Import Datasette's views with a lazy registry, unless they are imported already or need none."""
    if _USER in sys.modules or _PINT in sys.modules or find_spec("datasette.vendored") is None or not find_spec(_PINT):
        return
    substitute = ModuleType(_PINT)
    substitute.__dict__["UnitRegistry"] = LazyRegistry
    sys.modules[_PINT] = substitute
    try:
        import_module(_USER)
    finally:
        del sys.modules[_PINT]


defer_units()
