"""Databases that are files of the workspace. Imported by kernel_query.py, and imports nothing of the server.

They are opened here, in the sandbox, and not by the worker: code in a cell, or a stranger, may have made the file.
"""

import datetime
import decimal
import os
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import kernel_sql
from kernel_sql import Placeholder, SqlError

# SQLite looks up after so many of its steps, which is many times in a second.
STEPS = 10_000


def file_result(
    names: Mapping[str, Any],
    pieces: Sequence[str | Placeholder],
    *,
    workspace: int,
    kind: str,
    path: str,
    is_read_only: bool,
) -> Any:
    """The result of the statement as a pandas dataframe. `workspace` is a descriptor of the folder that has `path`."""
    place = place_of(workspace, path)
    statement, parameters = kernel_sql.bound(names, pieces)
    if kind == "sqlite":
        return _of_sqlite(place, str(statement), parameters, is_read_only=is_read_only)
    return kernel_sql.duckdb_file_result(place, statement, parameters, is_read_only=is_read_only)


def place_of(workspace: int, path: str) -> str:
    """The absolute path of the file. SqlError if there is none."""
    place = os.path.join(os.readlink(f"/proc/self/fd/{workspace}"), path)
    if not os.path.isfile(place):
        raise SqlError(
            f"There is no file {path} in the notebook's folder. Upload it, or correct the connection."
        )
    return place


def _of_sqlite(place: str, statement: str, parameters: Mapping[str, Any], *, is_read_only: bool) -> Any:
    import pandas as pd  # noqa: PLC0415  (as in kernel_sql.py)

    values = {name: _value(value) for name, value in parameters.items()}
    mode = "ro" if is_read_only else "rw"
    database = sqlite3.connect(f"file:{quote(place)}?mode={mode}", uri=True, isolation_level=None)
    try:
        # What is called now and then gives an interrupt a place to be raised in.
        database.set_progress_handler(lambda: 0, STEPS)
        cursor = database.execute(statement, values)
        rows = cursor.fetchall()
        if cursor.description is None:
            return pd.DataFrame({"Count": [max(cursor.rowcount, 0)]})
        frame = pd.DataFrame(rows, columns=range(len(cursor.description)))
        frame.columns = [column[0] for column in cursor.description]
    except sqlite3.OperationalError as error:
        if str(error) == "interrupted":
            raise KeyboardInterrupt from None
        raise SqlError(f"SQLite: {error}") from None
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        raise SqlError(f"SQLite: {error}") from None
    finally:
        database.close()
    return frame


def _value(value: Any) -> Any:
    """What SQLite can bind: it has no dates, and stores them as text."""
    match value:
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case decimal.Decimal() | uuid.UUID():
            return str(value)
        case list() | datetime.timedelta():
            raise SqlError(
                f"SQLite has no type for a {type(value).__name__}. A list can stand after IN; put other values "
                "into numbers or texts."
            )
        case _:
            return value
