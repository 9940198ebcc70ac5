"""The process that asks one database by its URL: see by_url.py, which starts it, and by_url_wire.py for what is said.

Rows are fetched some thousands at a time. A driver that has read all of an answer by then does so within the limit of
this process.
"""

import ctypes
import os
import pickle
import queue
import re
import resource
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO
from urllib.parse import quote, quote_plus

import pyarrow as pa
import sqlalchemy
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.types import NullType

from apps.data.databases.by_url_columns import columns_of
from apps.data.databases.by_url_wire import (
    BATCH,
    CANCEL,
    DONE,
    FAILED,
    MARKER,
    OPENED,
    SCHEMA,
    Opening,
    Question,
    write_frame,
)
from apps.data.databases.database import LOST, NO_STATEMENT, Answer, DatabaseError
from apps.data.databases.dialect_packages import package_of
from apps.data.databases.python_values import PythonColumn, column_of, text_column
from apps.data.statements import BEGINNING, is_query

FETCHED_ROWS = 5_000
# So many are looked at for a value in each column; one without becomes text.
LOOKED_AT_ROWS = 50_000

MAX_MEMORY_BYTES = 2**30
_MAX_SAID_CHARS = 2_000

_PR_SET_PDEATHSIG = 1

_COLON = re.compile(rf":(?!{MARKER}\d+\b)")
_END = re.compile(r"[\s;]+\Z")
_BEGINNING = re.compile(rf"\A{BEGINNING}", re.DOTALL)
_LOOKS = re.compile(rf"{BEGINNING}(show|describe|desc|explain)\b(?!.*\banalyze\b)", re.IGNORECASE | re.DOTALL)

ONLY_ASKS = (
    "The connection is read-only, so a statement begins with SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN, "
    "and changes nothing."
)
ONE_STATEMENT = (
    "A read-only connection takes one statement, so there can be no semicolon within it. A value that has one can "
    "stand in braces."
)
TOO_MUCH = (
    "The database's driver wants more memory than it may have: it seems to read all of the answer at once. Ask for "
    "less: aggregate, or add LIMIT."
)


class Asking:
    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._url = sqlalchemy.make_url(opening.url)
        self._connection: Any = None

    def open(self) -> None:
        engine = sqlalchemy.create_engine(self._url, poolclass=sqlalchemy.NullPool, hide_parameters=True)
        if engine.dialect.is_async:
            raise DatabaseError(
                "The URL names an asynchronous driver. Name one of the others of its dialect."
            )
        connection = engine.connect()
        if self._opening.is_read_only and hasattr(engine.dialect, "set_readonly"):
            # PostgreSQL's relatives can be held to it.
            connection = connection.execution_options(postgresql_readonly=True)
        self._connection = connection

    def answer(self, question: Question) -> Answer:
        match question.kind:
            case "columns":
                return columns_of(self._connection)
            case "ping":
                # Some want a table even here; their dialects know which.
                return RowsAnswer(self._connection.execute(sqlalchemy.select(sqlalchemy.literal_column("1"))))
            case "execute":
                return self._executed(question)

    def commit(self) -> None:
        self._connection.commit()

    def cancel(self) -> None:
        """From another thread, by the driver's own way if it has one."""
        raw = getattr(self._connection, "connection", None)
        cancel = getattr(getattr(raw, "dbapi_connection", None), "cancel", None)
        if callable(cancel):
            cancel()

    def worded(self, error: Exception) -> str:
        """For people, without anything that is in the URL alone."""
        if isinstance(error, DatabaseError):
            return str(error)
        dialect = self._url.drivername
        if isinstance(error, NoSuchModuleError | ImportError):
            return package_of(dialect, error)
        cause = getattr(error, "orig", None) or error
        if isinstance(cause, MemoryError):
            return TOO_MUCH
        said = self._without_secrets(str(cause) or type(cause).__name__)[:_MAX_SAID_CHARS]
        if self._connection is None:
            return f"There is no way into the database: {said}"
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return f"{LOST} ({said[-300:]})"
        return f"{dialect}: {said}"

    def _executed(self, question: Question) -> "RowsAnswer":
        text = _END.sub("", question.text)
        if not _BEGINNING.sub("", text, count=1):
            raise DatabaseError(NO_STATEMENT)
        if self._opening.is_read_only:
            _check_only_asks(text)
        values = [_bound(number, value) for number, value in enumerate(question.values, 1)]
        asked = sqlalchemy.text(_COLON.sub(r"\\:", text)).bindparams(*values)
        options = {"stream_results": True, "max_row_buffer": FETCHED_ROWS}
        return RowsAnswer(self._connection.execute(asked, execution_options=options))

    def _without_secrets(self, said: str) -> str:
        password = str(self._url.password or "")
        texts = [self._opening.url, password, quote(password, safe=""), quote_plus(password)]
        texts += [value for value in self._url.query.values() if isinstance(value, str) and len(value) > 3]
        for text in texts:
            said = said.replace(text, "…") if text else said
        return said


class RowsAnswer:
    def __init__(self, result: Any) -> None:
        self._result = result
        self._rows: list[Any] = []
        self._columns = self._looked_at() if result.returns_rows else [PythonColumn("Count", "int")]
        self.schema = pa.schema([column.field for column in self._columns])

    def batches(self) -> Iterator[Any]:
        if not self._result.returns_rows:
            count = self._result.rowcount
            yield self._batch([(count if count >= 0 else None,)])
            return
        rows, self._rows = self._rows, []
        for start in range(0, max(len(rows), 1), FETCHED_ROWS):
            yield self._batch(rows[start : start + FETCHED_ROWS])
        while rows := self._result.fetchmany(FETCHED_ROWS):
            yield self._batch(rows)

    def _looked_at(self) -> list[PythonColumn]:
        """By the first rows, which are kept for `batches`."""
        names = [str(name) for name in self._result.keys()]  # noqa: SIM118  (no dictionary: it may have one name twice)
        found: list[PythonColumn | None] = [None] * len(names)
        while len(self._rows) < LOOKED_AT_ROWS and (rows := self._result.fetchmany(FETCHED_ROWS)):
            self._rows += rows
            values = zip(*self._rows, strict=True)
            found = [column_of(name, each) for name, each in zip(names, values, strict=True)]
            if all(found):
                break
        return [column or text_column(name) for column, name in zip(found, names, strict=True)]

    def _batch(self, rows: Sequence[Any]) -> Any:
        values = zip(*rows, strict=True) if rows else ([] for _ in self._columns)
        arrays = [column.array(each) for column, each in zip(self._columns, values, strict=True)]
        return pa.record_batch(arrays, schema=self.schema)


def main() -> None:
    # Nobody wants the answer of a worker that is gone.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # what a driver prints is no answer
    opening = pickle.load(sys.stdin.buffer)  # noqa: S301  (of the worker's own, by a pipe)
    asking = Asking(opening)
    told: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asking, told), daemon=True).start()
    try:
        asking.open()
        write_frame(out, OPENED)
        _tell(out, asking.answer(told.get()))
        told.get()
        asking.commit()
        write_frame(out, DONE)
    except Exception as error:
        # Drivers raise whatever they like.
        with suppress(OSError):
            write_frame(out, FAILED, asking.worded(error).encode(errors="replace"))
    finally:
        # Without a driver's last words: some crash, some wait. The server ends what is open when nobody is there.
        os._exit(0)


def _listen(asking: Asking, told: "queue.SimpleQueue[Any]") -> None:
    while True:
        try:
            message = pickle.load(sys.stdin.buffer)  # noqa: S301  (as above)
        except (EOFError, OSError):
            os._exit(1)
        if message == CANCEL:
            with suppress(Exception):
                asking.cancel()
            os._exit(1)
        told.put(message)


def _tell(out: BinaryIO, answer: Answer) -> None:
    write_frame(out, SCHEMA, answer.schema.serialize().to_pybytes())
    for batch in answer.batches():
        write_frame(out, BATCH, batch.serialize().to_pybytes())
    write_frame(out, DONE)


def _check_only_asks(text: str) -> None:
    if not is_query(text) and not _LOOKS.match(text):
        raise DatabaseError(ONLY_ASKS)
    # Also in quotes: each database has its own idea of where these end.
    if ";" in text:
        raise DatabaseError(ONE_STATEMENT)


def _bound(number: int, value: Any) -> Any:
    if isinstance(value, list):
        raise DatabaseError("A list can stand after IN; use its values one by one elsewhere.")
    is_decimal = type(value).__name__ == "Decimal"
    # As it is: dialects that do not say that they know decimals would get a float.
    return sqlalchemy.bindparam(f"{MARKER}{number}", value, NullType() if is_decimal else None)


if __name__ == "__main__":
    main()
