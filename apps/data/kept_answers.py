"""Answers of databases as Arrow files: written beside what the kernel gets, and read in place of asking again.

They are never written from what lies in a notebook's folder, where code in cells may have changed it.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import pyarrow as pa
from django.conf import settings

from apps.base.ids import new_id
from apps.data.answer_store import sweep_answers
from apps.data.databases.database import Answer

logger = logging.getLogger(__name__)


class KeptAnswer:
    """An `Answer` that the database gave to whoever asked at `as_of`."""

    def __init__(self, reader: Any, as_of: datetime) -> None:
        self._reader = reader
        self.schema = reader.schema
        self.as_of = as_of

    def batches(self) -> Iterator[Any]:
        return map(self._reader.get_batch, range(self._reader.num_record_batches))


@contextmanager
def kept_answer(path: Path, max_age_s: int) -> Iterator[KeptAnswer | None]:
    """What is kept there and not older; None if there is nothing that can be read."""
    with ExitStack() as stack:
        yield _opened(stack, path, max_age_s)


class Keeper:
    """An `Answer` that is that of a database (`take`), and is kept when all of it was read and no exception has left
    the block. One that is too large, or cannot be written, is not kept; whoever reads it does not notice.
    """

    schema: Any
    _answer: Answer
    _file: BinaryIO
    _writer: Any

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.name}.{new_id().hex}")
        self._asked_at = time.time()
        self._writing = ExitStack()
        self._is_given_up = False
        self._is_whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None and self._is_whole:
            self._try(self._keep)
        with suppress(OSError, pa.ArrowException):
            self._writing.close()
        self._partial.unlink(missing_ok=True)

    def take(self, answer: Answer) -> Self:
        self.schema, self._answer = answer.schema, answer
        return self

    def batches(self) -> Iterator[Any]:
        self._try(self._begin)
        for batch in self._answer.batches():
            self._try(partial(self._write, batch))
            yield batch
        self._try(self._end)

    # Private

    def _try(self, step: Callable[[], None]) -> None:
        """A step of keeping it, unless one before has failed: the answer counts, not that it is kept."""
        if self._is_given_up:
            return
        try:
            step()
        except (OSError, pa.ArrowException):
            # There is no room, or the connection was changed meanwhile and its folder is gone.
            logger.warning("The answer of a database could not be kept.", exc_info=True)
            self._is_given_up = True

    def _begin(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = self._writing.enter_context(os.fdopen(descriptor, "wb"))
        self._writer = self._writing.enter_context(pa.ipc.new_file(self._file, self.schema))

    def _write(self, batch: Any) -> None:
        self._is_given_up = self._file.tell() + batch.nbytes > settings.QUERY_CACHE_ANSWER_BYTES
        if not self._is_given_up:
            self._writer.write_batch(batch)

    def _end(self) -> None:
        self._writing.close()
        self._is_whole = True

    def _keep(self) -> None:
        os.utime(self._partial, (self._asked_at, self._asked_at))
        self._partial.replace(self._path)
        sweep_answers()


def _opened(stack: ExitStack, path: Path, max_age_s: int) -> KeptAnswer | None:
    try:
        file = stack.enter_context(path.open("rb"))
        asked_at = os.fstat(file.fileno()).st_mtime
        if time.time() - asked_at >= max_age_s:
            return None
        reader = stack.enter_context(pa.ipc.open_file(file))
    except (OSError, pa.ArrowException):
        return None
    return KeptAnswer(reader, datetime.fromtimestamp(asked_at, UTC))
