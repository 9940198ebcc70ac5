import threading
from dataclasses import replace
from uuid import UUID

from apps.accounts.actors import Actor
from apps.base.errors import Invalid, TooMany, Unavailable
from apps.data.connections import get_connection_for
from apps.data.databases.database import DatabaseError
from apps.data.databases.kinds import database_kind
from apps.data.models import Connection
from apps.data.statements import Statement
from apps.data.targets import target_of
from apps.kernels.workspace_files import file_in, opened_folder, place_of

TIMEOUT_S = 10

# Of one process: each holds a thread that requests need too.
MAX_AT_ONCE = 4

_places = threading.BoundedSemaphore(MAX_AT_ONCE)


def check_connection(*, actor: Actor, connection_id: UUID) -> None:
    """Go there and ask the simplest thing. By its owner. Invalid or Unavailable if that fails, and why."""
    connection = get_connection_for(actor=actor, connection_id=connection_id)
    if connection.is_file:
        _check_file(connection)
        return
    if not _places.acquire(blocking=False):
        raise TooMany("Several connections are being tested now. Try again in a moment.", retry_after_s=5)
    try:
        with database_kind(connection.kind).open(
            replace(target_of(connection), is_read_only=True, timeout_s=TIMEOUT_S)
        ) as session:
            for _ in session.execute(Statement("SELECT 1")).batches():
                pass
    except DatabaseError as error:
        raise Unavailable(str(error)) from None
    finally:
        _places.release()


def _check_file(connection: Connection) -> None:
    """In the folder of each notebook that may use it. Nothing of it is read here: it may be anything."""
    notebooks = connection.notebooks.filter(deleted_at=None)
    if not notebooks:
        raise Invalid("Share it with a notebook first: the file is looked for in the folder of that.")
    folders, name = place_of(connection.database)
    for notebook in notebooks:
        with opened_folder(notebook.id, folders) as folder, file_in(folder, name):
            pass
