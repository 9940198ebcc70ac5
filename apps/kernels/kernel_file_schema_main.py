"""`python kernel_file_schema_main.py KIND PATH`: prints what tables there are in a database file, as JSON: {tables,
is_complete} as in kernel_file_schemas.py, or {error}.

Run by kernel_file_schemas.py in a process of its own, because the file may be made to break what reads it. It imports
nothing of ours.
"""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from typing import Any
from urllib.parse import quote

Table = tuple[str, str, bool, list[tuple[str, str]]]
"""Schema, name, whether it is a view, columns with their types."""

MAX_TABLES = 2_000
MAX_COLUMNS = 20_000
# A name that is longer is there to do harm.
MAX_NAME_CHARS = 1_000
MAX_TYPE_CHARS = 100
# Of what is printed, which goes through a queue of the server that takes two megabytes.
MAX_BYTES = 1_500_000

MEMORY_BYTES = 1024 * 2**20
CPU_S = 18
# While another writes.
LOCKED_S = 2.0

_SQLITE_TABLES = """
SELECT name, type = 'view' FROM sqlite_schema
WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
"""
# Hidden ones are arguments of virtual tables; those that are computed count as 2 and 3.
_SQLITE_COLUMNS = "SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid"

_DUCKDB = """
WITH found AS (
  SELECT schema_name, table_name AS name, table_oid AS oid, false AS is_view FROM duckdb_tables()
  WHERE database_name = current_database() AND NOT internal
  UNION ALL
  SELECT schema_name, view_name, view_oid, true FROM duckdb_views()
  WHERE database_name = current_database() AND NOT internal
  ORDER BY schema_name <> 'main', schema_name, name
  LIMIT ?
)
SELECT schema_name, name, is_view, column_name, data_type
FROM found LEFT JOIN (
  SELECT schema_name, table_name AS name, column_name, data_type, column_index FROM duckdb_columns()
  WHERE database_name = current_database() AND NOT internal
) USING (schema_name, name)
ORDER BY schema_name <> 'main', schema_name, name, column_index
"""


def main(kind: str, place: str) -> None:
    for limit, value in ((resource.RLIMIT_DATA, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_S)):
        _, most = resource.getrlimit(limit)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))
    with open(place, "rb") as file:
        head = file.read(16)
    found = "sqlite" if head.startswith(b"SQLite format 3") else "duckdb" if head[8:12] == b"DUCK" else kind
    if found != kind:
        told: dict[str, Any] = {
            "error": f"This is a file of kind {found}. Correct the kind of the connection."
        }
    else:
        told = _of_sqlite(place) if kind == "sqlite" else _of_duckdb(place)
    sys.stdout.write(json.dumps(told))


def _of_sqlite(place: str) -> dict[str, Any]:
    import sqlite3  # noqa: PLC0415  (one of the two is needed)

    try:
        database = sqlite3.connect(f"file:{quote(place)}?mode=ro", uri=True, timeout=LOCKED_S)
        with closing(database):
            database.text_factory = lambda text: text.decode(errors="replace")
            database.execute("PRAGMA trusted_schema = OFF")
            return _told(_tables_of_sqlite(database))
    except sqlite3.Error as error:
        return {"error": f"SQLite: {error}."}


def _tables_of_sqlite(database: Any) -> Iterator[Table]:
    for name, is_view in database.execute(_SQLITE_TABLES):
        yield "main", name, bool(is_view), _columns_of_sqlite(database, name)


def _columns_of_sqlite(database: Any, name: str) -> list[tuple[str, str]]:
    """None of a view whose tables are gone, or of a table of a module that is not here."""
    import sqlite3  # noqa: PLC0415

    try:
        return list(database.execute(_SQLITE_COLUMNS, [name]))
    except sqlite3.Error:
        return []


def _of_duckdb(place: str) -> dict[str, Any]:
    import duckdb  # noqa: PLC0415

    options: dict[str, Any] = {"threads": 1, "memory_limit": f"{MEMORY_BYTES // 2**21}MiB"}
    options["enable_external_access"] = False
    try:
        with duckdb.connect(place, read_only=True, config=options) as database:
            return _told(_tables_of_duckdb(database.execute(_DUCKDB, [MAX_TABLES + 1])))
    except (duckdb.Error, UnicodeDecodeError) as error:
        return {"error": f"DuckDB: {str(error).strip()[:MAX_NAME_CHARS]}"}


def _tables_of_duckdb(answer: Any) -> Iterator[Table]:
    rows = iter(answer.fetchone, None)
    for (schema, name, is_view), columns in groupby(rows, key=lambda row: row[:3]):
        yield schema, name, is_view, [each[3:] for each in columns if each[3] is not None]


def _told(tables: Iterator[Table]) -> dict[str, Any]:
    """As many of them as there may be."""
    told: list[Table] = []
    is_complete = True
    columns_left, bytes_left = MAX_COLUMNS, MAX_BYTES
    for schema, name, is_view, columns in tables:
        names = [schema, name, *(column for column, _ in columns)]
        if any(len(each) > MAX_NAME_CHARS for each in names):
            is_complete = False
            continue
        table = (schema, name, is_view, [(column, kind[:MAX_TYPE_CHARS]) for column, kind in columns])
        columns_left -= len(columns)
        bytes_left -= len(json.dumps(table)) + 2
        if len(told) == MAX_TABLES or columns_left < 0 or bytes_left < 0:
            return {"tables": told, "is_complete": False}
        told.append(table)
    return {"tables": told, "is_complete": is_complete}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
