"""ADBC without its DB-API layer, which imports pandas and more: 70 MB that a worker needs for nothing."""

from typing import Any

import adbc_driver_postgresql
import pyarrow as pa
from adbc_driver_manager import AdbcConnection, AdbcStatement, Error

__all__ = ["AdbcCursor", "AdbcWay", "Error"]


class AdbcWay:
    """A connection to a PostgreSQL. Error if there is none."""

    def __init__(self, conninfo: str) -> None:
        self._database = adbc_driver_postgresql.connect(conninfo)
        try:
            self._connection = AdbcConnection(self._database)
        except BaseException:
            self._database.close()
            raise

    def cursor(self, **options: str) -> "AdbcCursor":
        return AdbcCursor(AdbcStatement(self._connection), options)

    def close(self) -> None:
        """When its cursors are closed."""
        try:
            self._connection.close()
        finally:
            self._database.close()


class AdbcCursor:
    """For one statement at a time, which is prepared, so it is one. All but `cancel` is for one thread."""

    def __init__(self, statement: Any, options: dict[str, str]) -> None:
        self._statement = statement
        self._reader: Any = None
        self.changed_rows = -1
        """By the last statement, if the database says it; -1 otherwise."""
        if options:
            self._statement.set_options(**options)

    def execute(self, text: str, values: tuple[Any, ...] = ()) -> Any:
        """A pyarrow RecordBatchReader, which has no columns if the statement answers nothing. Error."""
        self._prepare(text)
        if values:
            names = [str(number) for number in range(len(values))]
            self._statement.bind(pa.record_batch([[value] for value in values], names=names))
        stream, self.changed_rows = self._statement.execute_query()
        self._reader = pa.RecordBatchReader.from_stream(stream)
        return self._reader

    def described(self, text: str) -> Any:
        """The schema of the answer to a statement without values, which is not executed. Error."""
        self._prepare(text)
        return pa.schema(self._statement.execute_schema())

    def cancel(self) -> None:
        self._statement.cancel()

    def close(self) -> None:
        self._end_reading()
        self._statement.close()

    def _prepare(self, text: str) -> None:
        self._end_reading()
        self._statement.set_sql_query(text)
        self._statement.prepare()

    def _end_reading(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
