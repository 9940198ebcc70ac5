"""The answer of a database as an Arrow file in the notebook's folder, for the kernel to read and remove.

It is hidden, as a file that is still arriving, and it is written batch by batch, so that the worker never holds more
than a few of them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO
from uuid import UUID

import pyarrow as pa
from django.conf import settings

from apps.base.errors import NoSpace, TooLarge
from apps.base.ids import new_id
from apps.data.commands.store_file import NEW_FILE, remove_leftovers, room_of
from apps.data.databases.database import Answer
from apps.data.troubles import told_to_people
from apps.kernels.limits import in_mebibytes
from apps.kernels.workspace_files import ARRIVING, opened_folder


@contextmanager
def result_file(notebook_id: UUID, answer: Answer) -> Iterator[str]:
    """The name of the file, which has all of the answer. It goes if an exception leaves the block.

    TooLarge or NoSpace, in words for people.
    """
    name = f"{ARRIVING}{new_id().hex}.arrow"
    with opened_folder(notebook_id, []) as folder:
        remove_leftovers(folder)
        with told_to_people("The result"):
            descriptor = os.open(name, NEW_FILE, 0o600, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                _write(file, answer, room_of(notebook_id))
            yield name
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
            raise


def _write(file: BinaryIO, answer: Answer, room: int) -> None:
    rows = 0
    with told_to_people("The result"), pa.ipc.new_file(file, answer.schema) as writer:
        for batch in answer.batches():
            rows += batch.num_rows
            _check(rows, file.tell() + batch.nbytes, room)
            writer.write_batch(batch)


def _check(rows: int, size: int, room: int) -> None:
    if rows > settings.QUERY_MAX_ROWS:
        raise TooLarge(
            f"The result has more than {settings.QUERY_MAX_ROWS:,} rows. Ask for less: aggregate, or add LIMIT."
        )
    if size > settings.QUERY_MAX_BYTES:
        raise TooLarge(
            f"The result has more than {in_mebibytes(settings.QUERY_MAX_BYTES)}. Ask for less: fewer columns, "
            "aggregate, or add LIMIT."
        )
    if size > room:
        raise NoSpace(
            f"There is no room for the result: the files of a notebook may have "
            f"{in_mebibytes(settings.WORKSPACE_BYTES)} together. Delete some of them."
        )
