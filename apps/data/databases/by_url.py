"""Databases that are no kind of their own, through SQLAlchemy and a dialect that an administrator has allowed.

Nothing is known of such a driver: it may crash, wait for ever or take all memory. So each query has a process of its
own (by_url_process.py), which a worker can end, and which gets the URL through a pipe and nothing of the worker's
environment. What else is promised of other kinds is done as far as that goes:

- Where it goes: the host was looked at, but the driver resolves its name itself.
- Read only: statements that do not begin as questions are refused, and nothing is ever committed.
- Cancel: by the driver's own `cancel` if it has one; then its process is ended, of which the server learns.
"""

import os
import pickle
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from django.conf import settings

from apps.data.databases.by_url_wire import BATCH as ONE_BATCH
from apps.data.databases.by_url_wire import (
    CANCEL,
    COMMIT,
    FAILED,
    SCHEMA,
    Opening,
    Question,
    marker,
    read_frame,
)
from apps.data.databases.database import CANCELLED, LOST, DatabaseError, Target
from apps.data.statements import Statement

__all__ = ["UrlSession", "marker"]

# Services that wake up when somebody comes need more than a database's second.
OPEN_TIMEOUT_S = 45

# For a driver's own way to cancel, before its process is ended.
CANCEL_S = 3.0

_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "TZ")


class UrlSession:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._is_cancelled = False
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "apps.data.databases.by_url_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # drivers write there what they like, also URLs
            cwd=settings.BASE_DIR,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        try:
            self._send(Opening(is_read_only=self._target.is_read_only, url=self._target.secret))
            self._wait_until_open()
        except BaseException:
            self._close()
            raise
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
                self._send(COMMIT)
                self.received()
        finally:
            self._close()

    def execute(self, statement: Statement) -> "UrlAnswer":
        return self._asked(Question("execute", statement.text, statement.values))

    def ping(self) -> "UrlAnswer":
        return self._asked(Question("ping"))

    def columns(self) -> "UrlAnswer":
        return self._asked(Question("columns"))

    def cancel(self) -> None:
        self._is_cancelled = True
        with suppress(DatabaseError):
            self._send(CANCEL)
        try:
            self._process.wait(CANCEL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def received(self) -> tuple[bytes, bytes]:
        """The next frame, which is none that says FAILED. DatabaseError."""
        assert self._process.stdout is not None
        try:
            kind, content = read_frame(self._process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, ValueError):
            kind, content = FAILED, LOST.encode()
        if self._is_cancelled:
            is_over = time.monotonic() - self._begun >= self._target.timeout_s
            raise DatabaseError(self._target.took_too_long if is_over else CANCELLED)
        if kind == FAILED:
            raise DatabaseError(content.decode())
        return kind, content

    def _wait_until_open(self) -> None:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], OPEN_TIMEOUT_S)[0]:
            raise DatabaseError(
                "There is no way into the database: its server does not answer, or lets nobody in."
            )
        self.received()

    def _asked(self, question: Question) -> "UrlAnswer":
        self._send(question)
        return UrlAnswer(self)

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pickle.dumps(message))
            self._process.stdin.flush()
        except (OSError, ValueError):
            if message == CANCEL:
                return
            # It says why, unless it has crashed.
            self.received()
            raise DatabaseError(LOST) from None

    def _close(self) -> None:
        """Ends the process, and with it the way to the database and what was not committed."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        self._process.wait()


class UrlAnswer:
    def __init__(self, session: UrlSession) -> None:
        self._session = session
        kind, content = session.received()
        assert kind == SCHEMA
        self.schema = pa.ipc.read_schema(pa.py_buffer(content))

    def batches(self) -> Iterator[Any]:
        while True:
            kind, content = self._session.received()
            if kind != ONE_BATCH:
                return
            yield pa.ipc.read_record_batch(pa.py_buffer(content), self.schema)
