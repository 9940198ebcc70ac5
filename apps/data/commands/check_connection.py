from uuid import UUID

from apps.accounts.actors import Actor
from apps.base.errors import Invalid, Unavailable
from apps.data.connections import get_connection_for
from apps.data.databases.database import DatabaseError
from apps.data.models import Connection
from apps.data.small_answers import small_answer
from apps.kernels.workspace_files import file_in, opened_folder, place_of

TIMEOUT_S = 10


def check_connection(*, actor: Actor, connection_id: UUID) -> None:
    """Go there and ask the simplest thing. By its owner. Invalid, Unavailable or TooMany if that fails, and why."""
    connection = get_connection_for(actor=actor, connection_id=connection_id)
    if connection.is_file:
        _check_file(connection)
        return
    try:
        small_answer(connection, lambda session: session.ping(), timeout_s=TIMEOUT_S, max_rows=1)
    except DatabaseError as error:
        raise Unavailable(str(error)) from None


def _check_file(connection: Connection) -> None:
    """In the folder of each notebook that may use it. Nothing of it is read here: it may be anything."""
    notebooks = connection.notebooks.filter(deleted_at=None)
    if not notebooks:
        raise Invalid("Share it with a notebook first: the file is looked for in the folder of that.")
    folders, name = place_of(connection.database)
    for notebook in notebooks:
        with opened_folder(notebook.id, folders) as folder, file_in(folder, name):
            pass
