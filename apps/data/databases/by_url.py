"""Databases that are no kind of their own, through SQLAlchemy and a dialect that an administrator has allowed.

Nothing is known of such a driver, so what is promised of the other kinds is done around it, as far as that goes:

- Where it goes: the host was looked at, but the driver resolves its name itself.
- Read only: statements that do not begin as questions are refused, and nothing is ever committed.
- Time limit and cancel: by the driver's own `cancel`, or else by shutting its connection, of which the server learns.
- Memory: rows are fetched some thousands at a time; a driver may have read all of them by then.
"""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from socket import socket
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, quote_plus

import pyarrow as pa
import sqlalchemy
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from apps.data.databases.by_url_columns import columns_of
from apps.data.databases.database import CANCELLED, LOST, NO_STATEMENT, Answer, DatabaseError, Target
from apps.data.databases.dialect_packages import package_of
from apps.data.databases.own_sockets import inode_of, shut, sockets_to
from apps.data.databases.python_values import PythonColumn, column_of, text_column
from apps.data.statements import BEGINNING, Statement, is_query

FETCHED_ROWS = 5_000
# So many are looked at for a value in each column; one without becomes text.
LOOKED_AT_ROWS = 50_000

# Services that wake up when somebody comes need more than a database's second.
CONNECT_TIMEOUT_S = 30

_MAX_SAID_CHARS = 2_000

_MARKER = "tandem_value_"
_COLON = re.compile(rf":(?!{_MARKER}\d+\b)")
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

# Whose connections are being opened, so that it is known which sockets are new: one at a time to each server.
_opening = [threading.Lock() for _ in range(64)]


def marker(number: int) -> str:
    return f":{_MARKER}{number}"


class SqlalchemySession:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._connection: Any = None
        self._sockets: list[socket] = []
        self._is_cancelled = False
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        with self._told_to_people():
            engine = _engine(self._target)
            self._open(engine)
            if hasattr(engine.dialect, "set_readonly") and self._target.is_read_only:
                # PostgreSQL's relatives can be held to it.
                self._connection = self._connection.execution_options(postgresql_readonly=True)
        self._begun = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None and not self._target.is_read_only:
                with self._told_to_people():
                    self._connection.commit()
        finally:
            self._close()

    def execute(self, statement: Statement) -> "SqlalchemyAnswer":
        text = _END.sub("", statement.text)
        if not _BEGINNING.sub("", text, count=1):
            raise DatabaseError(NO_STATEMENT)
        if self._target.is_read_only:
            _check_only_asks(text)
        self._check_wanted()
        with self._told_to_people():
            values = [_bound(number, value) for number, value in enumerate(statement.values, 1)]
            asked = sqlalchemy.text(_COLON.sub(r"\\:", text)).bindparams(*values)
            options = {"stream_results": True, "max_row_buffer": FETCHED_ROWS}
            return SqlalchemyAnswer(self, self._connection.execute(asked, execution_options=options))

    def ping(self) -> "SqlalchemyAnswer":
        self._check_wanted()
        with self._told_to_people():
            # Some want a table even here; their dialects know which.
            return SqlalchemyAnswer(
                self, self._connection.execute(sqlalchemy.select(sqlalchemy.literal_column("1")))
            )

    def columns(self) -> Answer:
        self._check_wanted()
        with self._told_to_people():
            return columns_of(self._connection)

    def cancel(self) -> None:
        with self._lock:
            self._is_cancelled = True
            raw = getattr(self._connection, "connection", None)
            cancel = getattr(getattr(raw, "dbapi_connection", None), "cancel", None)
            for each in () if callable(cancel) else self._sockets:
                shut(each)
        if callable(cancel):
            cancel()

    def fetched(self, result: Any) -> list[Any]:
        """The next rows; none if there are no more. DatabaseError."""
        self._check_wanted()
        with self._told_to_people():
            rows: list[Any] = result.fetchmany(FETCHED_ROWS)
            return rows

    def _open(self, engine: Any) -> None:
        """In a thread of its own: not every driver gives up on a server that says nothing."""
        coming: Future[Any] = Future()
        threading.Thread(target=_connect, args=(engine, self._target, coming), daemon=True).start()
        try:
            connection, sockets = coming.result(CONNECT_TIMEOUT_S)
        except TimeoutError:
            coming.add_done_callback(_close_unwanted)
            raise DatabaseError(
                "There is no way into the database: its server does not answer, or does not let anybody in."
            ) from None
        with self._lock:
            self._connection, self._sockets = connection, sockets

    def _close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            sockets, self._sockets = self._sockets, []
        try:
            # Of whatever class: the driver may be in the middle of an answer that nobody wants.
            with suppress(Exception):
                connection.close()
        finally:
            for each in sockets:
                shut(each)
                each.close()

    def _check_wanted(self) -> None:
        with self._lock:
            if self._is_cancelled:
                raise DatabaseError(self._why_cancelled())

    def _why_cancelled(self) -> str:
        is_over = time.monotonic() - self._begun >= self._target.timeout_s
        return self._target.took_too_long if is_over else CANCELLED

    @contextmanager
    def _told_to_people(self) -> Iterator[None]:
        """Drivers raise whatever they like."""
        try:
            yield
        except DatabaseError:
            raise
        except Exception as error:
            raise DatabaseError(self._worded(error)) from None

    def _worded(self, error: Exception) -> str:
        if self._is_cancelled:
            return self._why_cancelled()
        dialect = _url(self._target).drivername
        if isinstance(error, NoSuchModuleError | ImportError):
            return package_of(dialect, error)
        cause = getattr(error, "orig", None) or error
        said = _without_secrets(str(cause), self._target)[:_MAX_SAID_CHARS]
        if self._connection is None:
            return f"There is no way into the database: {said}"
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return f"{LOST} ({said[-300:]})"
        return f"{dialect}: {said}"


class SqlalchemyAnswer:
    def __init__(self, session: SqlalchemySession, result: Any) -> None:
        self._session = session
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
        while rows := self._session.fetched(self._result):
            yield self._batch(rows)

    def _looked_at(self) -> list[PythonColumn]:
        """By the first rows, which are kept for `batches`."""
        names = [str(name) for name in self._result.keys()]  # noqa: SIM118  (no dictionary: it may have one name twice)
        found: list[PythonColumn | None] = [None] * len(names)
        while len(self._rows) < LOOKED_AT_ROWS and (rows := self._session.fetched(self._result)):
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


def _engine(target: Target) -> Any:
    engine = sqlalchemy.create_engine(_url(target), poolclass=sqlalchemy.NullPool, hide_parameters=True)
    if engine.dialect.is_async:
        raise DatabaseError("The URL names an asynchronous driver. Name one of the others of its dialect.")
    return engine


def _url(target: Target) -> Any:
    return sqlalchemy.make_url(target.secret)


def _connect(engine: Any, target: Target, coming: "Future[Any]") -> None:
    port = _url(target).port
    try:
        with _opening[hash((target.address, port)) % len(_opening)]:
            before = sockets_to(target.address, port) if port else []
            known = {inode_of(each) for each in before}
            for each in before:
                each.close()
            connection = engine.connect()
            sockets = sockets_to(target.address, port) if port else []
        new = [each for each in sockets if inode_of(each) not in known]
        for each in sockets:
            if each not in new:
                each.close()
        coming.set_result((connection, new))
    except BaseException as error:
        coming.set_exception(error)


def _close_unwanted(coming: "Future[Any]") -> None:
    if coming.exception() is None:
        connection, sockets = coming.result()
        connection.close()
        for each in sockets:
            each.close()


def _check_only_asks(text: str) -> None:
    if not is_query(text) and not _LOOKS.match(text):
        raise DatabaseError(ONLY_ASKS)
    # Also in quotes: each database has its own idea of where these end.
    if ";" in text:
        raise DatabaseError(ONE_STATEMENT)


def _bound(number: int, value: Any) -> Any:
    name = f"{_MARKER}{number}"
    if isinstance(value, list):
        raise DatabaseError("A list can stand after IN; use its values one by one elsewhere.")
    is_decimal = type(value).__name__ == "Decimal"
    # As it is: dialects that do not say that they know decimals would get a float.
    return sqlalchemy.bindparam(name, value, sqlalchemy.types.NullType() if is_decimal else None)


def _without_secrets(said: str, target: Target) -> str:
    url = _url(target)
    password = str(url.password or "")
    texts = [target.secret, password, quote(password, safe=""), quote_plus(password)]
    options = [value for value in url.query.values() if isinstance(value, str) and len(value) > 3]
    for text in [*texts, *options]:
        said = said.replace(text, "…") if text else said
    return said
