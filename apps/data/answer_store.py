"""The answers of databases that are kept for a time, as files in the server's own data folder: no kernel reaches them.

Each connection has a folder, so that all it answered goes with one step. In it a file holds what one question was
answered with (kept_answers.py); its name is a keyed hash of the question, and its time is when it was asked. There are
no rows of them: a file that is gone, or on another host, is a question that is asked again.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from apps.data.models import Connection
from apps.notebooks.checks import MAX_CACHE_SECONDS

# However small they are: the folder is looked through each time that one comes.
MAX_ANSWERS = 10_000


def answer_path(notebook_id: UUID, connection: Connection, statement: str, values: object) -> Path:
    """Where the answer is, if it is kept. `values` are JSON: types and texts, as the kernel sends them.

    A connection that was changed in any way is another one. Whoever sees the name learns nothing of the question.
    """
    question = [str(notebook_id), connection.changed_at.isoformat(), statement, values]
    name = salted_hmac("apps.data.answer_store", json.dumps(question), algorithm="sha256").hexdigest()
    return _folder_of(connection.id) / name


def forget_answers(connection_id: UUID) -> None:
    """All that the connection was answered. On other hosts the sweep comes; nobody finds it there."""
    shutil.rmtree(_folder_of(connection_id), ignore_errors=True)


def sweep_answers() -> int:
    """Remove those that are older than any cell may want, and the oldest of too many; how many went."""
    found = sorted(_answers(), reverse=True)
    expired_at = time.time() - MAX_CACHE_SECONDS
    size = removed = 0
    for number, (asked_at, bytes_, path) in enumerate(found, 1):
        size += bytes_
        if asked_at < expired_at or size > settings.QUERY_CACHE_BYTES or number > MAX_ANSWERS:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _folder_of(connection_id: UUID) -> Path:
    return settings.QUERY_CACHE_DIR / str(connection_id)


def _answers() -> Iterator[tuple[float, int, Path]]:
    """Time, size and path of each, also of those that are still being written."""
    for path in settings.QUERY_CACHE_DIR.glob("*/*"):
        with suppress(FileNotFoundError):
            found = path.stat()
            yield found.st_mtime, found.st_size, path
