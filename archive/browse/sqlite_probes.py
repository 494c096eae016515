"""Answer Datasette's questions about SQLite without leaving a connection open.

Datasette 0.65 opens a database in memory to read the version, and another one for each table page to check for the
JSON functions. It never closes them. Import this module before `datasette.facets` and `datasette.filters`, because
they import the second function by name.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache

from datasette import utils
from datasette.utils import sqlite

_detect = utils.detect_json1


@cache
def has_json() -> bool:
    """Return whether SQLite has its JSON functions."""
    with closing(sqlite3.connect(":memory:")) as connection:
        return bool(_detect(connection))


utils.detect_json1 = has_json
sqlite._cached_sqlite_version = sqlite3.sqlite_version_info  # noqa: SLF001 - what it would find out itself
